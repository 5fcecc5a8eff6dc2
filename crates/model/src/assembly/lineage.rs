//! The exchanges within one trace: which LLM calls answer the same user message, and which of them are the conversation
//! rather than work on the side (rewriting a query, naming the chat, planning).

use std::collections::HashMap;

use super::forest::Forest;
use super::plain;
use super::speech::{Speech, fingerprint};
use crate::telemetry::MessageRole;

/// LLM calls that answer one user message.
#[derive(Debug)]
pub(super) struct Exchange {
    /// The calls, in order of time, as places in the list of speeches.
    pub speeches: Vec<usize>,
    /// How many user messages there are up to the one answered.
    pub users: usize,
    lineage: usize,
}

/// The exchanges of the conversation among these speeches, in order of time. `roots` are the places of the trace's
/// topmost spans, whose inputs tell which user message is the real one.
///
/// A call continues an exchange when its history holds the user message which that exchange answered. The lineage with
/// a root's input in it is the conversation; failing that, the longest.
pub(super) fn conversation(
    forest: &Forest<'_>,
    speeches: &[Speech<'_>],
    among: &[usize],
    roots: &[usize],
) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    let mut latest_of: HashMap<Option<u64>, usize> = HashMap::new();
    let mut lineages = 0;
    for &index in among {
        let speech = &speeches[index];
        let answered = speech.last_hash();
        if let Some(&held) = latest_of.get(&answered)
            // A history may shrink when it is pruned; when it has grown, the user said the same again.
            && speech.users.len() <= exchanges[held].users
        {
            exchanges[held].speeches.push(index);
            continue;
        }
        let earlier = if latest_of.is_empty() { 0 } else { speech.users.len().saturating_sub(1) };
        let continued = (0..earlier).rev().find_map(|number| latest_of.get(&speech.user_hash(number)));
        let lineage = match continued {
            Some(&held) => exchanges[held].lineage,
            None => {
                lineages += 1;
                lineages - 1
            }
        };
        latest_of.insert(answered, exchanges.len());
        exchanges.push(Exchange { speeches: vec![index], users: speech.users.len(), lineage });
    }
    if lineages > 1 {
        let asked: Vec<String> = roots.iter().flat_map(|root| plain::asked(forest.spans[*root])).collect();
        let main = main_lineage(&exchanges, lineages, speeches, &asked);
        adopt_greeting(&mut exchanges, speeches, main);
        exchanges.retain(|exchange| exchange.lineage == main);
    }
    exchanges
}

fn main_lineage(exchanges: &[Exchange], lineages: usize, speeches: &[Speech<'_>], asked: &[String]) -> usize {
    let mut best = (0, (false, false, 0, 0));
    for lineage in 0..lineages {
        let of_lineage = || exchanges.iter().filter(|exchange| exchange.lineage == lineage);
        let says = |test: &dyn Fn(&str, &str) -> bool| {
            of_lineage().any(|exchange| {
                let user = exchange.speeches.first().and_then(|speech| speeches[*speech].user());
                user.is_some_and(|user| {
                    let text = user.plain_text();
                    asked.iter().any(|asked| test(text.trim(), asked.trim()))
                })
            })
        };
        let merit = (
            says(&|text, asked| text == asked),
            says(&|text, asked| asked.len() >= 4 && text.contains(asked)),
            of_lineage().map(|exchange| exchange.users).max().unwrap_or(0),
            of_lineage().count(),
        );
        // The first of equals: the user's words reach the first call, later ones rework them.
        if lineage == 0 || merit > best.1 {
            best = (lineage, merit);
        }
    }
    best.0
}

/// A call without any user message, whose answer stands at the head of the conversation's history, is its greeting.
fn adopt_greeting(exchanges: &mut [Exchange], speeches: &[Speech<'_>], main: usize) {
    let Some(first) = exchanges.iter().find(|exchange| exchange.lineage == main) else {
        return;
    };
    let opening: Vec<u64> = speeches[first.speeches[0]]
        .input
        .from(0)
        .take_while(|message| message.role != MessageRole::User)
        .filter(|message| message.role == MessageRole::Assistant)
        .map(fingerprint)
        .collect();
    if opening.is_empty() {
        return;
    }
    for exchange in exchanges.iter_mut().filter(|exchange| exchange.users == 0) {
        let greets = exchange
            .speeches
            .iter()
            .any(|speech| speeches[*speech].reply().is_some_and(|reply| opening.contains(&fingerprint(reply))));
        if greets {
            exchange.lineage = main;
        }
    }
}
