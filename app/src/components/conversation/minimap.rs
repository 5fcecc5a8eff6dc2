//! All turns of a conversation in one strip, each with a mark that says by shape and colour how it stands.
//!
//! A long conversation is told in at most [`MOST`] steps of several turns, so that every mark stays large enough to hit.

use leptos::prelude::*;
use turnwise_model::view::session_page::{OutlinedTurn, TurnState};

/// The most marks in the strip.
const MOST: usize = 28;

/// The strip. Each mark is a link to its turn.
#[component]
pub fn Minimap(
    /// The turns in order.
    turns: Vec<OutlinedTurn>,
    /// The address of a turn, given its position.
    #[prop(into)]
    href: Callback<u32, String>,
) -> impl IntoView {
    let steps = steps(&turns).into_iter().map(|step| {
        let said = said(&step);
        let (class, shape) = match step.state {
            TurnState::Flagged => ("minimap__mark minimap__mark--flagged", "M5 0 10 5 5 10 0 5Z"),
            TurnState::Error => ("minimap__mark minimap__mark--error", "M5 .5 10 9.5H0Z"),
            TurnState::Passed => ("minimap__mark minimap__mark--passed", "M5 1a4 4 0 1 0 .001 0Z"),
            TurnState::Unscored => ("minimap__mark", "M2 4h6v2H2Z"),
        };
        view! {
            <li>
                <a class=class href=href.run(step.to) title=said.clone() aria-label=said>
                    <span class="minimap__number" aria-hidden="true">{step.first}</span>
                    <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true"><path d=shape /></svg>
                </a>
            </li>
        }
    });
    view! {
        <nav class="minimap" aria-label="Turns">
            <ol>{steps.collect_view()}</ol>
        </nav>
    }
    .into_any()
}

/// One mark.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    first: u32,
    last: u32,
    /// Where it leads: to the first turn that is in its state.
    to: u32,
    state: TurnState,
    flagged: usize,
}

fn steps(turns: &[OutlinedTurn]) -> Vec<Step> {
    turns
        .chunks(turns.len().div_ceil(MOST).max(1))
        .filter_map(|chunk| {
            let worst = chunk.iter().map(|turn| turn.state).max()?;
            Some(Step {
                first: chunk.first()?.position,
                last: chunk.last()?.position,
                to: chunk.iter().find(|turn| turn.state == worst)?.position,
                state: worst,
                flagged: chunk.iter().filter(|turn| turn.state == worst).count(),
            })
        })
        .collect()
}

fn said(step: &Step) -> String {
    let state = match step.state {
        TurnState::Flagged => "below a threshold",
        TurnState::Error => "with an error",
        TurnState::Passed => "passed",
        TurnState::Unscored => "not scored",
    };
    match (step.first == step.last, step.state) {
        (true, _) => format!("Turn {}, {state}", step.first),
        (false, TurnState::Flagged | TurnState::Error) => {
            format!("Turns {} to {}, {} {state}", step.first, step.last, step.flagged)
        }
        (false, _) => format!("Turns {} to {}, {state}", step.first, step.last),
    }
}

#[cfg(test)]
mod tests {
    use turnwise_model::{SessionId, TurnId};

    use super::*;

    fn turns(count: u32, flagged: u32) -> Vec<OutlinedTurn> {
        let state = |position| if position == flagged { TurnState::Flagged } else { TurnState::Passed };
        let session = SessionId::derive("0198c0de-1111-7000-8000-000000000000".parse().unwrap(), "chat-1");
        let id = |position: u32| TurnId::derive(session, &position.to_string());
        (1..=count).map(|position| OutlinedTurn { id: id(position), position, state: state(position) }).collect()
    }

    #[test]
    fn a_short_conversation_has_a_mark_for_each_turn() {
        let steps = steps(&turns(5, 3));
        assert_eq!(steps.len(), 5);
        assert_eq!(said(&steps[2]), "Turn 3, below a threshold");
    }

    #[test]
    fn a_long_one_is_told_in_steps_that_lead_to_what_is_flagged() {
        let steps = steps(&turns(1_000, 517));
        assert!(steps.len() <= MOST);
        let flagged = steps.iter().find(|step| step.state == TurnState::Flagged).unwrap();
        assert_eq!(flagged.to, 517);
        assert_eq!(said(flagged), "Turns 505 to 540, 1 below a threshold");
        assert_eq!(steps.last().unwrap().last, 1_000);
    }

    #[test]
    fn nothing_has_no_marks() {
        assert!(steps(&[]).is_empty());
    }
}
