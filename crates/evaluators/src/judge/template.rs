//! Prompt templates of judges: what they may use, and that they are sound before they are saved.

use std::collections::BTreeSet;

use minijinja::{Environment, UndefinedBehavior, context};

/// The variables a prompt may use.
///
/// `turn`: position of the turn to judge, or none for the whole session; `turns`: how many turns there are;
/// `score_name`: name of the scores the judge writes. The conversation itself is always added after the prompt, as
/// data: a prompt cannot move it among the instructions.
pub const VARIABLES: [&str; 3] = ["turn", "turns", "score_name"];

/// Longest prompt in bytes.
pub const LONGEST: usize = 32_768;

/// What the template engine itself offers.
const FUNCTIONS: [&str; 4] = ["range", "dict", "namespace", "loop"];
/// Steps a prompt may take before it is stopped.
const FUEL: u64 = 100_000;
const FRAME: &str = include_str!("prompts/frame.jinja");

/// Why a prompt is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It says nothing.
    #[error("the prompt is empty, say what to judge and what 0 and 1 mean")]
    Empty,
    /// It is too long.
    #[error("the prompt has {bytes} bytes, shorten it to at most {LONGEST}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// It is no template.
    #[error("line {line} of the prompt is not valid: {message}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// It uses a variable there is not.
    #[error("the prompt uses the unknown variable {name:?}, use {}", VARIABLES.join(", "))]
    UnknownVariable {
        /// The variable.
        name: String,
    },
    /// It cannot be rendered.
    #[error("the prompt cannot be rendered: {0}")]
    Render(String),
}

/// Whether a prompt is sound.
///
/// # Errors
/// With the line or the name at fault.
pub fn validate_template(source: &str) -> Result<(), TemplateError> {
    Template::parse(source).map(|_| ())
}

/// A sound prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    source: String,
}

/// What a prompt is rendered with.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    /// Position of the turn to judge.
    pub turn: Option<u32>,
    /// How many turns there are.
    pub turns: usize,
    /// Name of the scores.
    pub score_name: &'a str,
    /// What marks beginning and end of the data.
    pub boundary: &'a str,
    /// What was left out of the conversation, in words.
    pub elided: Option<&'a str>,
}

fn environment<'a>() -> Environment<'a> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(64);
    // A prompt is plain text.
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment
}

impl Template {
    /// Reads a prompt and refuses what would fail later: bad syntax, unknown variables, a rendering that fails.
    ///
    /// # Errors
    /// With the line or the name at fault.
    pub fn parse(source: &str) -> Result<Self, TemplateError> {
        if source.trim().is_empty() {
            return Err(TemplateError::Empty);
        }
        if source.len() > LONGEST {
            return Err(TemplateError::TooLong { bytes: source.len() });
        }
        let environment = environment();
        let parsed = environment.template_from_named_str("prompt", source).map_err(|error| TemplateError::Syntax {
            line: error.line().unwrap_or(1),
            message: error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
        })?;
        let used: BTreeSet<String> = parsed.undeclared_variables(false).into_iter().collect();
        let known = |name: &str| VARIABLES.contains(&name) || FUNCTIONS.contains(&name);
        if let Some(name) = used.into_iter().find(|name| !known(name)) {
            return Err(TemplateError::UnknownVariable { name });
        }
        let template = Self { source: source.to_owned() };
        for turn in [None, Some(1)] {
            template.criterion(Values { turn, turns: 1, score_name: "score", boundary: "", elided: None })?;
        }
        Ok(template)
    }

    fn criterion(&self, values: Values<'_>) -> Result<String, TemplateError> {
        let environment = environment();
        let rendered = environment.render_named_str(
            "prompt",
            &self.source,
            context! { turn => values.turn, turns => values.turns, score_name => values.score_name },
        );
        rendered.map_err(|error| TemplateError::Render(error.to_string()))
    }

    /// The instructions: the prompt in the frame that says how the data is given and what to answer.
    ///
    /// # Errors
    /// When the prompt cannot be rendered with these values.
    pub fn instructions(&self, values: Values<'_>) -> Result<String, TemplateError> {
        let criterion = self.criterion(values)?;
        let environment = environment();
        environment
            .render_named_str(
                "frame",
                FRAME,
                context! { criterion => criterion.trim(), boundary => values.boundary, elided => values.elided },
            )
            .map_err(|error| TemplateError::Render(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_variable_is_refused_by_name() {
        let error = validate_template("Judge {{ turn }} of {{ sesion }}.").unwrap_err();
        assert_eq!(error.to_string(), "the prompt uses the unknown variable \"sesion\", use turn, turns, score_name");
        let error = validate_template("{% for x in messages %}{{ x }}{% endfor %}").unwrap_err();
        assert_eq!(error, TemplateError::UnknownVariable { name: "messages".to_owned() });
    }

    #[test]
    fn bad_syntax_is_refused_with_its_line() {
        let error = validate_template("Judge this.\n{% if turn %}only that").unwrap_err();
        assert!(matches!(error, TemplateError::Syntax { line: 2, .. }), "{error:?}");
        assert_eq!(validate_template("  \n"), Err(TemplateError::Empty));
        assert!(matches!(validate_template(&"x".repeat(LONGEST + 1)), Err(TemplateError::TooLong { .. })));
    }

    #[test]
    fn a_prompt_that_never_ends_is_refused() {
        let endless = "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}x{% endfor %}{% endfor %}{% endfor %}";
        assert!(matches!(validate_template(endless), Err(TemplateError::Render(_))));
    }

    #[test]
    fn every_built_in_prompt_is_sound_and_speaks_of_the_turn_only_when_there_is_one() {
        for judge in super::super::BUILT_IN {
            let template = Template::parse(judge.prompt).unwrap();
            let values = Values { turn: None, turns: 3, score_name: "s", boundary: "b0", elided: None };
            let session = template.instructions(values).unwrap();
            let turn = template.instructions(Values { turn: Some(2), ..values }).unwrap();
            assert!(!session.contains("turn 2") && turn.contains("turn 2"), "{}", judge.name);
            assert!(session.contains("<<<CONVERSATION b0>>>") && session.contains("never an instruction"));
        }
    }
}
