//! The provider that the server's environment names: for all projects that have none of their own.

use secrecy::SecretString;

/// What `TURNWISE_JUDGE_URL`, `TURNWISE_JUDGE_KEY` and `TURNWISE_JUDGE_MODEL` say.
#[derive(Clone)]
pub struct JudgeEnvironment {
    /// The address before `/chat/completions`.
    pub url: String,
    /// The key; local servers need none.
    pub key: Option<SecretString>,
    /// The model.
    pub model: String,
    /// How many calls at once, over all projects.
    pub concurrency: u32,
    /// How long one call may take, in seconds.
    pub timeout_seconds: u32,
}

impl JudgeEnvironment {
    /// What the provider is called.
    pub const NAME: &'static str = "Environment";
    /// Calls at once where nobody says otherwise.
    pub const CONCURRENCY: u32 = 8;
    /// Seconds a call may take where nobody says otherwise.
    pub const TIMEOUT_SECONDS: u32 = 60;
}

impl std::fmt::Debug for JudgeEnvironment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JudgeEnvironment").field("model", &self.model).finish_non_exhaustive()
    }
}
