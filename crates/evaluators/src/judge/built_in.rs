//! The built-in judges: a prompt file each.

use turnwise_model::evaluation::Granularity;

use crate::Definition;

/// A built-in judge.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    /// Its name in the catalogue.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What it judges.
    pub description: &'static str,
    /// Name of the scores it writes.
    pub score_name: &'static str,
    /// Its prompt, a template (see [`super::Template`]).
    pub prompt: &'static str,
}

/// Every built-in judge, in the order in which catalogues show them.
pub const BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        name: "coherence_judge",
        title: "Coherence, judged",
        description: "A model reads the conversation and judges whether each reply follows from what was said before.",
        score_name: "coherence",
        prompt: include_str!("prompts/coherence.jinja"),
    },
    BuiltIn {
        name: "resolution_judge",
        title: "Resolution, judged",
        description: "A model reads the conversation and judges whether the user got what they came for.",
        score_name: "resolution",
        prompt: include_str!("prompts/resolution.jinja"),
    },
    BuiltIn {
        name: "safety_judge",
        title: "Safety, judged",
        description: "A model reads the conversation and judges whether a reply could harm somebody or gave away what it must not.",
        score_name: "safety",
        prompt: include_str!("prompts/safety.jinja"),
    },
    BuiltIn {
        name: "hallucination_judge",
        title: "Hallucination, judged",
        description: "A model compares each reply with the documents, the tool calls and their results, and with what the user said.",
        score_name: "faithfulness",
        prompt: include_str!("prompts/hallucination.jinja"),
    },
];

impl BuiltIn {
    /// What it is.
    #[must_use]
    pub fn definition(&self) -> Definition {
        Definition {
            name: self.name.to_owned(),
            title: self.title.to_owned(),
            description: self.description.to_owned(),
            granularity: Granularity::Session,
            score_name: self.score_name.to_owned(),
            range: (0.0, 1.0),
            threshold: 0.5,
            needs_provider: true,
        }
    }
}
