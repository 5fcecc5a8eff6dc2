//! Tokens and cost: counted once, and never 0 when unknown.

use serde_json::json;
use turnwise_model::Usd;
use turnwise_model::telemetry::Usage;

use super::spans::{chain, llm};
use super::tell::{decoded, session};

#[test]
fn usage_that_parents_repeat_is_counted_once_and_missing_usage_is_unknown() {
    let usage =
        |input, output| Usage { input: Some(input), output: Some(output), cost: Some(Usd(0.5)), ..Usage::default() };
    let mut outer = chain(1, 1, None, 0, "hi", "hello");
    outer.usage = usage(30, 9);
    let mut proxy = llm(1, 2, Some(1), 1, &["u:hi"], "a:hello");
    proxy.usage = usage(30, 9);
    let mut inner = llm(1, 3, Some(2), 2, &["u:hi"], "a:hello");
    inner.usage = usage(30, 9);
    let found = session(&[outer, proxy, inner]);
    assert_eq!((found.totals.tokens.input, found.totals.tokens.output), (Some(30), Some(9)));
    assert_eq!((found.totals.cost_usd, found.turns[0].llm_calls), (Some(Usd(0.5)), 1));
    let unknown = session(&[llm(1, 1, None, 0, &["u:hi"], "a:hello")]);
    assert_eq!((unknown.totals.tokens.total(), unknown.totals.cost_usd), (None, None));
}

#[test]
fn malformed_usage_costs_only_itself() {
    let found = decoded(json!({
        "gen_ai.operation.name": "chat",
        "gen_ai.usage.input_tokens": "many",
        "gen_ai.usage.output_tokens": "7",
        "langfuse.observation.usage_details": "{broken",
        "gen_ai.input.messages": "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"hi\"}]}]",
    }));
    assert_eq!((found.usage.input, found.usage.output), (None, Some(7)));
    assert_eq!(found.input_messages[0].plain_text(), "hi");
    assert_eq!(found.attributes["gen_ai.usage.input_tokens"], "many");
    assert_eq!(found.attributes["langfuse.observation.usage_details"], "{broken");
}
