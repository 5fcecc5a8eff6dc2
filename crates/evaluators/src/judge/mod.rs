//! LLM judges: a prompt, a provider, and an answer that is believed only as far as it can be checked.
//!
//! To add a built-in judge: a prompt in `prompts/` that says what to judge and what 0 and 1 mean, and one line in
//! [`BUILT_IN`]. Teams write their own in the same form.

mod answer;
mod built_in;
mod evaluate;
mod openai;
mod provider;
mod sleeper;
mod template;
mod transcript;

pub use built_in::{BUILT_IN, BuiltIn};
pub use evaluate::{Judge, Limits};
pub use openai::{OpenAi, Price, Retries, Settings};
pub use provider::{Completion, Message, Provider, ProviderError, Request, Speaker};
pub use sleeper::{Sleeper, TokioSleeper};
pub use template::{LONGEST, Template, TemplateError, VARIABLES, validate_template};
