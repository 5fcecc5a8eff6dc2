//! How rules, previews, backfills and explanations look in the API's document. They are sent as the model writes them.

#![expect(dead_code, reason = "these types describe; what is sent are the model's own")]

use utoipa::ToSchema;

/// A rule to be made, or the whole of one as it is to be.
#[derive(Debug, ToSchema)]
pub struct NewRule {
    /// Name, unique in the project.
    #[schema(example = "Review doubtful conversations")]
    name: String,
    /// Which sessions it looks at, in the filter language; empty means all.
    #[schema(example = "environment = production and turns >= 2")]
    filter: Option<String>,
    /// How many of them it takes.
    sampling: SamplingResource,
    /// Ids of the evaluators that judge the ones taken.
    evaluators: Option<Vec<String>>,
    /// Where doubtful targets go, with the probability of the rule.
    routes: Option<Vec<RouteResource>>,
    /// The part that is reviewed whatever the scores say, so that figures stay unbiased.
    audit: Option<AuditResource>,
    /// Whether it runs on sessions that close from now on; true when not given.
    enabled: Option<bool>,
}

/// The sampling design. A session is taken iff the 56-bit hash of salt and session id is below the rate.
#[derive(Debug, ToSchema)]
pub struct SamplingResource {
    /// Share of the sessions that pass the filter and no stratum, 0 to 1.
    #[schema(example = 0.2)]
    rate: f64,
    /// Salt of the draw; the same salt gives nested samples. Empty: one is chosen.
    salt: String,
    /// Parts with a rate of their own; the first whose filter passes decides.
    strata: Option<Vec<StratumResource>>,
}

/// A part of the sessions with its own rate.
#[derive(Debug, ToSchema)]
pub struct StratumResource {
    /// Its name.
    #[schema(example = "failures")]
    name: String,
    /// Which sessions, in the filter language.
    #[schema(example = "errors > 0")]
    filter: String,
    /// Share of them that is taken, 0 to 1.
    #[schema(example = 1.0)]
    rate: f64,
}

/// Sends what meets a condition to a queue.
#[derive(Debug, ToSchema)]
pub struct RouteResource {
    /// The condition on fresh scores.
    when: ConditionResource,
    /// Id of the queue.
    queue: String,
}

/// A condition on the fresh scores of one target.
#[derive(Debug, ToSchema)]
pub struct ConditionResource {
    /// Name of the score, or `*` for any of the rule's evaluators.
    #[schema(example = "*")]
    score: String,
    /// `{"is": "failed"}`, `{"is": "below", "than": 0.4}` or `{"is": "above", "than": 0.9}`.
    #[schema(value_type = Object, example = json!({"is": "failed"}))]
    test: serde_json::Value,
}

/// The audit arm.
#[derive(Debug, ToSchema)]
pub struct AuditResource {
    /// Share of the sampled sessions.
    #[schema(example = 0.1)]
    rate: f64,
    /// Salt of its draw, other than the rule's. Empty: one is chosen.
    salt: String,
    /// Id of the queue.
    queue: String,
}

/// A rule at one version.
#[derive(Debug, ToSchema)]
pub struct RuleResource {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Version number, from 1; every change makes a new one.
    version: i64,
    /// Its name.
    name: String,
    /// Which sessions it looks at.
    filter: String,
    /// How many of them it takes.
    sampling: SamplingResource,
    /// What evaluates them.
    evaluators: Vec<String>,
    /// Where doubtful targets go.
    routes: Vec<RouteResource>,
    /// The audit arm.
    audit: Option<AuditResource>,
    /// Whether it is on.
    enabled: bool,
    /// When this version was made.
    #[schema(format = DateTime)]
    created_at: String,
}

/// What a rule would do with the sessions that closed in the last days. What cannot be known is `null`, with the reason.
#[derive(Debug, ToSchema)]
pub struct PreviewResource {
    /// How many days back it looked.
    window_days: u32,
    /// Sessions that closed in that time.
    sessions: u64,
    /// Those that pass the filter.
    matched: u64,
    /// Those that the draw takes.
    sampled: u64,
    /// By stratum: `{name, rate, matched, sampled}`, the rest last, without a name.
    #[schema(value_type = Vec<Object>)]
    strata: Vec<serde_json::Value>,
    /// Rows that would be put on the ledger.
    evaluations: u64,
    /// Those of them that ask a model.
    judge_calls: u64,
    /// What these calls would cost, in US dollars.
    estimated_cost: Option<f64>,
    /// Why the cost is not known.
    cost_unknown: Option<String>,
    /// Tasks that the routes would make.
    routed: Option<u64>,
    /// From how many sessions with scores that was estimated.
    routed_from: u64,
    /// Why it is not known.
    routed_unknown: Option<String>,
    /// Sessions that the audit arm would send to its queue.
    audited: u64,
    /// Whether the figures are scaled up from the most recent 20,000 sessions.
    is_scaled: bool,
}

/// A rule being applied to sessions of the past.
#[derive(Debug, ToSchema)]
pub struct BackfillResource {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// The rule.
    #[schema(format = Uuid)]
    rule: String,
    /// The version applied.
    rule_version: i64,
    /// At most so many sessions are taken.
    cap: i64,
    /// running, done, cancelled or failed.
    state: String,
    /// Closed sessions that pass the filter; `null` until they were counted.
    total: Option<i64>,
    /// By which factor the cap lowers every rate.
    thinning: f64,
    /// Sessions decided about so far.
    matched: i64,
    /// Those that were taken.
    sampled: i64,
    /// Those that the cap left out.
    capped: i64,
    /// Rows put on the ledger to be evaluated.
    evaluations: i64,
    /// Why it failed.
    reason: Option<String>,
    /// When it was asked for.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last went on.
    #[schema(format = DateTime)]
    updated_at: String,
}

/// Why there is a score, or none, from one evaluator of one rule.
#[derive(Debug, ToSchema)]
pub struct ExplanationResource {
    /// The rule.
    #[schema(format = Uuid)]
    rule: String,
    /// Its name.
    rule_name: String,
    /// The version that decided, or that would decide now.
    rule_version: i64,
    /// The evaluator; `null` for a rule that has none.
    evaluator: Option<String>,
    /// Its name.
    evaluator_name: Option<String>,
    /// waiting, missed, filtered_out, sampled_out, capped, queued, running, done, failed or paused.
    fate: String,
    /// The same in words.
    #[schema(example = "The rule's filter asks for “turns >= 4”, which is not so for this session.")]
    text: String,
    /// The draw of the session, from 0 up to 1.
    draw: Option<f64>,
    /// The probability with which the rule takes such a session.
    probability: Option<f64>,
    /// The stratum it is in.
    stratum: Option<String>,
    /// The row of the ledger.
    evaluation: Option<String>,
}
