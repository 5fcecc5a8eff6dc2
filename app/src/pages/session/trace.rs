//! The tab with the session's spans as a waterfall. Only a window of rows is on the page: where scripts run it follows the
//! scrolling, without them there are links to the rows before and after.

use leptos::prelude::*;
use turnwise_model::telemetry::{SpanKind, SpanStatus};
use turnwise_model::view::trace::{Trace, TraceRow};

use super::address::use_address;
use super::asked::{Asked, use_asked};
use super::span::OpenSpan;
use crate::components::{Icon, IconName, Shape, loaded_when};
use crate::state::figures::{duration, plural, short_count, usd};

/// How high a row is, in pixels; the style says the same.
const ROW: i32 = 28;
/// The widest that a name is pushed to the right, in steps.
const DEEPEST: u32 = 12;

/// The waterfall, and the open span below it.
#[component]
pub fn TraceTab() -> impl IntoView {
    let address = use_address();
    let Asked { trace, row, scrolled, .. } = use_asked();
    let follow = move |event: leptos::ev::Event| {
        let top = u32::try_from(crate::browser::scroll_top(&event) / ROW).unwrap_or(0);
        let here = row.get_untracked();
        // A window reaches well over the edges of the screen, so that it need not be asked for at every step.
        let near_top = top < here + 40 && here > 0;
        let near_end = top + 90 > here + Trace::WINDOW;
        if near_top || near_end {
            scrolled.set(Some(top.saturating_sub(Trace::WINDOW / 2 - 25) / 10 * 10));
        }
    };
    let open = Memo::new(move |_| address.place.read().span.is_some());
    view! {
        <div class="trace" class:trace--open=move || open.get()>
            <div class="trace__rows" tabindex="0" role="group" aria-label="Spans" on:scroll=follow>
                {loaded_when(trace, Shape::Table(8), move |trace| view! { <Rows trace /> })}
            </div>
            {move || open.get().then(|| view! { <OpenSpan /> })}
        </div>
    }
    .into_any()
}

#[component]
fn Rows(trace: Trace) -> impl IntoView {
    let address = use_address();
    let (from, visible) = (trace.from, trace.visible);
    let shown = u32::try_from(trace.rows.len()).unwrap_or(u32::MAX);
    let after = visible.saturating_sub(from.saturating_add(shown));
    if visible == 0 {
        return view! { <p class="nothing">"No span of this session is stored."</p> }.into_any();
    }
    let hidden = trace.spans.saturating_sub(visible);
    let words = match hidden {
        0 => plural(i64::from(trace.spans), "span", "spans"),
        hidden => format!("{}, {hidden} folded", plural(i64::from(trace.spans), "span", "spans")),
    };
    let pixels = |rows: u32| i64::from(rows).saturating_mul(i64::from(ROW));
    let jump = move |to: u32, title: &'static str| {
        view! { <a class="button" href=move || address.but(|place| place.row = to)>{title}</a> }
    };
    let rows = StoredValue::new(trace.rows);
    view! {
        <p class="trace__words">{words}</p>
        <div class="without-js">
            {(from > 0).then(|| jump(from.saturating_sub(Trace::WINDOW), "Spans before"))}
        </div>
        <svg class="trace__space needs-js" width="1" height=pixels(from) aria-hidden="true"></svg>
        <ol class="trace__list" start=from + 1>
            <For each=move || rows.get_value() key=|row| (row.span.trace_id.clone(), row.span.span_id.clone(), row.folded) let:row>
                <Row row />
            </For>
        </ol>
        <svg class="trace__space needs-js" width="1" height=pixels(after) aria-hidden="true"></svg>
        <div class="without-js">
            {(after > 0).then(|| jump(from.saturating_add(shown), "More spans"))}
        </div>
    }
    .into_any()
}

#[component]
fn Row(row: TraceRow) -> impl IntoView {
    let address = use_address();
    let (start, length) = row.bar();
    let TraceRow { span, depth, within, folded, .. } = row;
    let failed = span.status == SpanStatus::Error;
    let unfolded = within > 0 && !folded;
    let took = span.ended_at.map(|ended| duration(ended.0.saturating_sub(span.started_at.0) / 1_000_000));
    let tokens = span.tokens.total().map(short_count);
    let cost = span.cost_usd.map(|cost| usd(cost.0));
    let title = [Some(span.name.clone()), span.model.clone(), took.clone(), cost.clone()];
    let title = title.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let (key, id) = ((span.trace_id.clone(), span.span_id.clone()), span.span_id.clone());
    let here = key.clone();
    let is_open = move || address.place.read().span.as_ref() == Some(&here);
    let open = move || address.but(|place| place.span = Some(key.clone()));
    let fold = move || {
        address.but(|place| {
            if folded {
                place.folded.retain(|other| *other != id);
            } else {
                place.folded.push(id.clone());
            }
        })
    };
    let what = if folded { format!("Unfold {within} spans in {}", span.name) } else { format!("Fold {}", span.name) };
    view! {
        <li class="span-row" class:span-row--failed=failed class:span-row--unfolded=unfolded>
            <svg class="span-row__indent" width=depth.min(DEEPEST) * 12 height="1" aria-hidden="true"></svg>
            {if within > 0 {
                view! { <a class="span-row__fold" href=fold aria-label=what data-noscroll><Icon name=IconName::ChevronRight /></a> }
                    .into_any()
            } else {
                view! { <span class="span-row__fold"></span> }.into_any()
            }}
            <a class="span-row__open" href=open title=title aria-current=move || is_open().then_some("true") data-noscroll>
                <span class=kind_class(span.kind)>{span.kind.as_str()}</span>
                <span class="span-row__name">{span.name}</span>
                {failed.then(|| view! { <span class="visually-hidden">", failed"</span> })}
            </a>
            <span class="span-row__figure span-row__figure--extra" title="Tokens">{tokens}</span>
            <span class="span-row__figure span-row__figure--extra" title="Cost">{cost}</span>
            <svg class="span-row__bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
                <rect x=start y="0" width=length height="10" />
            </svg>
            <span class="span-row__figure">{took}</span>
        </li>
    }
    .into_any()
}

const fn kind_class(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Llm => "kind kind--llm",
        SpanKind::Tool => "kind kind--tool",
        SpanKind::Retriever | SpanKind::Reranker | SpanKind::Embedding => "kind kind--retriever",
        SpanKind::Agent => "kind kind--agent",
        SpanKind::Guardrail | SpanKind::Evaluator => "kind kind--guard",
        SpanKind::Chain | SpanKind::Event => "kind",
    }
}
