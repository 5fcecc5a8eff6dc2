//! The judge as an evaluator: asks, checks the answer, asks once more where it cannot be used, verifies every quote.

use std::fmt::Write as _;
use std::sync::Arc;

use async_trait::async_trait;
use turnwise_model::Ambient;
use turnwise_model::conversation::Conversation;
use turnwise_model::evaluation::{EvaluatorVersion, Granularity, Method};
use turnwise_model::score::{Evidence, Part};

use super::answer::{self, Answer, Claimed};
use super::provider::{Completion, Message, Provider, ProviderError, Request, Speaker};
use super::template::{Template, TemplateError, Values};
use super::transcript::transcript;
use crate::checks::refusal::DECLINES;
use crate::evidence::{cut, locate};
use crate::{Abstained, Context, Definition, Evaluator, EvaluatorError, Exchange, Outcome, Scored, Usage, Verdict};

/// How much a judge is given to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Tokens of conversation, at about four bytes each.
    pub conversation_tokens: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { conversation_tokens: 24_000 }
    }
}

/// Longest part of a raw answer kept in an error.
const RAW: usize = 400;

/// Asks a model to judge.
#[derive(Debug)]
pub struct Judge {
    definition: Definition,
    template: Template,
    provider: Option<Arc<dyn Provider>>,
    model: Option<String>,
    temperature: Option<f64>,
    limits: Limits,
    ambient: Ambient,
}

impl Judge {
    /// From a stored version. Without a provider it answers [`EvaluatorError::NoProvider`].
    ///
    /// # Errors
    /// When the version is no judge's, or its prompt is no valid template.
    pub fn from_version(
        version: &EvaluatorVersion,
        provider: Option<Arc<dyn Provider>>,
        ambient: Ambient,
    ) -> Result<Self, TemplateError> {
        let Method::Judge { prompt, model, temperature } = &version.method else { return Err(TemplateError::Empty) };
        let definition = Definition {
            name: version.name.clone(),
            title: version.name.clone(),
            description: String::new(),
            granularity: version.granularity,
            score_name: version.score_name.clone(),
            range: (0.0, 1.0),
            threshold: version.threshold,
            needs_provider: true,
        };
        let template = Template::parse(prompt)?;
        let (model, temperature) = (model.clone(), *temperature);
        Ok(Self { definition, template, provider, model, temperature, limits: Limits::default(), ambient })
    }

    /// With other limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What is said to the model: instructions, and the conversation between marks made for this request alone.
    ///
    /// # Errors
    /// When the prompt cannot be rendered.
    pub fn messages(&self, conversation: &Conversation, context: Context) -> Result<Vec<Message>, EvaluatorError> {
        let boundary = self.ambient.bytes::<12>().iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let budget = self.limits.conversation_tokens.saturating_mul(4);
        let data = transcript(conversation, context.turn, &boundary, budget);
        let values = Values {
            turn: context.turn,
            turns: conversation.turns.len(),
            score_name: &self.definition.score_name,
            boundary: &boundary,
            elided: data.elided.as_deref(),
        };
        let system = self.template.instructions(values).map_err(|error| EvaluatorError::Prompt(error.to_string()))?;
        let prompt = format!("{}\n\nGive your verdict on the conversation above as one JSON object.", data.text);
        Ok(vec![Message { speaker: Speaker::System, text: system }, Message { speaker: Speaker::User, text: prompt }])
    }

    /// Asks, and once more with what was wrong where the answer cannot be used.
    async fn ask(
        &self,
        provider: &dyn Provider,
        messages: Vec<Message>,
    ) -> Result<(Answer, String, Usage), ProviderError> {
        let mut usage = Usage::default();
        let mut request =
            Request { messages, model: self.model.clone(), temperature: self.temperature, schema: answer::schema() };
        let mut asked_again = false;
        loop {
            let completion = provider.complete(&request).await?;
            add(&mut usage, &completion);
            let text = completion.text;
            let problem = match answer::read(&text) {
                Ok(answer) => return Ok((answer, text, usage)),
                Err(problem) => problem,
            };
            if !text.contains('{') && DECLINES.is_match(&text) {
                return Err(ProviderError::Refused { reason: cut(&text, RAW).to_owned() });
            }
            if asked_again {
                return Err(ProviderError::InvalidOutput { problem, raw: cut(&text, RAW).to_owned() });
            }
            asked_again = true;
            let again = format!(
                "Your answer cannot be used: {problem}. Answer again with the one JSON object asked for and nothing else."
            );
            request.messages.push(Message { speaker: Speaker::Assistant, text });
            request.messages.push(Message { speaker: Speaker::User, text: again });
        }
    }

    fn verdicts(&self, conversation: &Conversation, context: Context, answer: &Answer, score: f64) -> Vec<Verdict> {
        let threshold = self.definition.threshold;
        let mut dropped = 0;
        let evidence: Vec<(Evidence, &Claimed)> = answer
            .findings
            .iter()
            .filter(|claimed| context.turn.is_none_or(|turn| claimed.turn <= turn))
            .filter_map(|claimed| verify(conversation, claimed, &mut dropped).map(|evidence| (evidence, claimed)))
            .collect();
        let mut explanation = answer.explanation.trim().to_owned();
        if dropped > 0 {
            let _ = write!(
                explanation,
                " [{dropped} of the judge's quotes do not stand in the conversation and were left out]"
            );
        }
        let all = evidence.iter().map(|(evidence, _)| evidence.clone()).collect();
        let mut verdicts = vec![Verdict {
            position: context.turn,
            value: score,
            passed: score >= threshold,
            explanation: (!explanation.is_empty()).then_some(explanation),
            evidence: all,
        }];
        if context.turn.is_some() {
            return verdicts;
        }
        let mut turns: Vec<u32> = evidence.iter().map(|(evidence, _)| evidence.position).collect();
        turns.sort_unstable();
        turns.dedup();
        for position in turns {
            let of_turn = || evidence.iter().filter(move |(evidence, _)| evidence.position == position);
            // Only a score that the judge gave becomes a score.
            let Some(value) = of_turn().filter_map(|(_, claimed)| claimed.score).min_by(f64::total_cmp) else {
                continue;
            };
            let problems: Vec<&str> = of_turn().filter_map(|(_, claimed)| claimed.problem.as_deref()).collect();
            verdicts.push(Verdict {
                position: Some(position),
                value,
                passed: value >= threshold,
                explanation: (!problems.is_empty()).then(|| problems.join("; ")),
                evidence: of_turn().map(|(evidence, _)| evidence.clone()).collect(),
            });
        }
        verdicts
    }
}

fn add(usage: &mut Usage, completion: &Completion) {
    let first = usage.calls == 0;
    usage.tokens = usage.tokens.plus(completion.tokens);
    usage.cost = match (usage.cost, completion.cost) {
        (Some(sum), Some(cost)) => Some(sum + cost),
        (None, cost) if first => cost,
        // One call without a price makes the sum unknown.
        _ => None,
    };
    usage.latency_ms = Some(usage.latency_ms.unwrap_or(0).saturating_add(completion.latency_ms));
    usage.calls += completion.calls;
    usage.model.clone_from(&completion.model);
}

/// The finding as evidence whose quote stands in the conversation. A finding on a turn there is not is dropped; a quote
/// nobody said is left out, and the note says so.
fn verify(conversation: &Conversation, claimed: &Claimed, dropped: &mut usize) -> Option<Evidence> {
    let Some(turn) = conversation.turns.iter().find(|turn| turn.position == claimed.turn) else {
        *dropped += 1;
        return None;
    };
    let part = claimed.part.as_deref().and_then(|part| part.parse::<Part>().ok());
    let wanted = claimed.quote.as_deref().unwrap_or_default();
    let problem = claimed.problem.clone().filter(|problem| !problem.trim().is_empty());
    if let Some((part, quote)) = locate(turn, part, wanted) {
        return Some(Evidence { position: claimed.turn, part, quote, note: problem });
    }
    let note = if wanted.trim().is_empty() {
        problem
    } else {
        *dropped += 1;
        Some(
            format!("{} (the judge's quote does not stand in this turn)", problem.unwrap_or_default())
                .trim()
                .to_owned(),
        )
    };
    Some(Evidence { position: claimed.turn, part: part.unwrap_or(Part::Assistant), quote: String::new(), note })
}

#[async_trait]
impl Evaluator for Judge {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    async fn evaluate(&self, conversation: &Conversation, context: Context) -> Result<Outcome, EvaluatorError> {
        if let Some(position) = context.turn
            && !conversation.turns.iter().any(|turn| turn.position == position)
        {
            return Err(EvaluatorError::NoSuchTurn { position });
        }
        if conversation.turns.is_empty() {
            return Ok(Outcome::abstained("there is no turn"));
        }
        let provider = self.provider.as_deref().ok_or(EvaluatorError::NoProvider)?;
        let messages = self.messages(conversation, context)?;
        let (system, prompt) = (messages[0].text.clone(), messages[1].text.clone());
        let (answer, text, usage) = self.ask(provider, messages).await?;
        let exchange = Some(Exchange { system, prompt, answer: text });
        Ok(match &answer.score {
            Ok(score) => {
                let verdicts = self.verdicts(conversation, context, &answer, *score);
                Outcome::Scored(Scored { verdicts, usage, exchange })
            }
            Err(reason) => Outcome::Abstained(Abstained { reason: reason.clone(), usage, exchange }),
        })
    }
}

impl super::BuiltIn {
    /// This judge with a provider, as a version of its own would run.
    ///
    /// # Errors
    /// When its prompt is no valid template, which a test rules out.
    pub fn judge(&self, provider: Option<Arc<dyn Provider>>, ambient: Ambient) -> Result<Judge, TemplateError> {
        let definition = self.definition();
        let limits = Limits::default();
        let template = Template::parse(self.prompt)?;
        debug_assert_eq!(definition.granularity, Granularity::Session);
        Ok(Judge { definition, template, provider, model: None, temperature: Some(0.0), limits, ambient })
    }
}
