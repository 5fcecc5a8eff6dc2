//! Turns a second for each check and for all of them together, on conversations with tools and documents.

use divan::counter::ItemsCount;
use serde_json::json;
use turnwise_evaluators::{CheckEvaluator, Context, Reading, checks};
use turnwise_model::conversation::Conversation;

fn main() {
    divan::main();
}

const SESSIONS: usize = 50;
const TURNS: usize = 8;

fn turn(session: usize, position: usize) -> serde_json::Value {
    let order = format!("LF-{}", 50_000 + session * 10 + position);
    let policy = "Unused items can be returned within 45 days of delivery. The label costs $6.50, taken off the refund; for Summit \
        members it is free. Refunds are issued within 5 business days of arrival at the warehouse, to the original payment method. \
        Gift cards and Final Sale items cannot be returned. Exchanges for another size or colour are free once per item. ";
    let items: Vec<_> = (0..4)
        .map(|n| json!({"sku": format!("TN-{n}"), "name": "Heron 2 tent", "qty": 1, "price": 329.0 + n as f64}))
        .collect();
    json!({
        "id": "00000000-0000-8000-8000-000000000000", "position": position, "started_at": 0, "latency_ms": 1_800,
        "user": {"text": format!("Hello, I'd like to return the tent from order {order}, it is too heavy for me. What does the label cost, and when do I get my money back?")},
        "assistant": {"text": format!("Of course. I've checked order {order}: the Heron 2 tent was delivered on 2 May, so you can return it until 16 June. The label costs $6.50, which we take off the refund, so you would get $322.50 back within 5 business days of its arrival. Shall I start the return?")},
        "tool_calls": [
            {"name": "get_order", "arguments": {"order_id": order}, "result": {"order_id": order, "status": "delivered", "delivered_on": "2026-05-02", "items": items, "total": 329.0, "payment": "visa"}},
            {"name": "quote_return", "arguments": {"order_id": order}, "result": {"refund_expected": 322.5, "label_cost": 6.5, "return_until": "2026-06-16"}}
        ],
        "retrievals": [{"query": "return window label", "documents": [{"id": "kb-returns", "text": format!("{order} {policy}{policy}")}, {"id": "kb-refunds", "text": format!("{policy} {order}")}]}],
        "errors": [], "tokens": {}, "llm_calls": 2,
    })
}

fn conversations() -> Vec<Conversation> {
    let conversation = |session: usize| {
        let turns: Vec<_> = (1..=TURNS).map(|position| turn(session, position)).collect();
        json!({
            "id": "00000000-0000-8000-8000-000000000000", "external_id": session.to_string(), "status": "closed", "revision": 1,
            "tags": [], "metadata": {}, "started_at": 0, "last_activity_at": 0, "turn_count": TURNS, "span_count": 0,
            "tool_call_count": 0, "error_count": 0, "tokens": {}, "warnings": [], "turns": turns,
        })
    };
    (0..SESSIONS).map(|session| serde_json::from_value(conversation(session)).expect("a conversation")).collect()
}

fn names() -> Vec<String> {
    checks::BUILT_IN.iter().map(|make| make().definition().name).collect()
}

#[divan::bench(args = names())]
fn one(bencher: divan::Bencher<'_, '_>, name: &String) {
    let conversations = conversations();
    let make = checks::BUILT_IN.iter().find(|make| make().definition().name == *name).expect("a check");
    let check = CheckEvaluator::new(make());
    bencher.counter(ItemsCount::new(SESSIONS * TURNS)).bench_local(|| {
        for conversation in &conversations {
            divan::black_box(check.judge(&Reading::new(conversation), Context::SESSION));
        }
    });
}

/// Sessions are independent, so two cores judge twice as many.
#[divan::bench(threads = [1, 2])]
fn all(bencher: divan::Bencher<'_, '_>) {
    let conversations = conversations();
    let all: Vec<CheckEvaluator> = checks::BUILT_IN.iter().map(|make| CheckEvaluator::new(make())).collect();
    bencher.counter(ItemsCount::new(SESSIONS * TURNS)).bench(|| {
        for conversation in &conversations {
            let reading = Reading::new(conversation);
            for check in &all {
                divan::black_box(check.judge(&reading, Context::SESSION));
            }
        }
    });
}
