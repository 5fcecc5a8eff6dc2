//! MLflow's spans as it exports them by OTLP: every value is JSON text, texts with their quotes.
//! Source: `SpanAttributeKey` and `TraceMetadataKey` in mlflow's tracing package.

use turnwise_model::telemetry::SpanKind;

use super::langfuse::unquoted;
use super::{Dialect, identity};
use crate::parts::{Field, Parts};
use crate::value::{Any, Attribute};

/// MLflow.
pub struct Mlflow;

impl Dialect for Mlflow {
    fn attribute<'a>(&self, attribute: Attribute<'a>, parts: &mut Parts<'a>) -> Option<Attribute<'a>> {
        if !attribute.key.starts_with("mlflow.") {
            return Some(attribute);
        }
        let attribute = Attribute { key: attribute.key, value: unquoted(attribute.value) };
        match attribute.key.as_ref() {
            "mlflow.trace.session" | "mlflow.trace.user" => return identity(attribute, parts),
            "mlflow.spanType" => match attribute.value.as_str().and_then(kind) {
                Some(kind) => parts.offer_kind(kind),
                None => return Some(attribute),
            },
            "mlflow.spanInputs" => parts.offer(Field::Input, attribute),
            "mlflow.spanOutputs" => parts.offer(Field::Output, attribute),
            "mlflow.llm.model" => parts.offer(Field::Model, attribute),
            "mlflow.llm.provider" => parts.offer(Field::Provider, attribute),
            "mlflow.chat.tokenUsage" => {
                let key = attribute.key.clone();
                let serde_json::Value::Object(usage) = attribute.value.clone().into_parsed_json() else {
                    return Some(attribute);
                };
                for (name, value) in usage {
                    let field = match name.as_str() {
                        "input_tokens" => Field::TokensInput,
                        "output_tokens" => Field::TokensOutput,
                        _ => continue,
                    };
                    parts.offer(field, Attribute::new(format!("{key}.{name}"), Any::from(value)));
                }
            }
            _ => return Some(attribute),
        }
        None
    }
}

fn kind(word: &str) -> Option<SpanKind> {
    Some(match word {
        "LLM" | "CHAT_MODEL" => SpanKind::Llm,
        "CHAIN" | "PARSER" | "WORKFLOW" | "TASK" => SpanKind::Chain,
        "AGENT" => SpanKind::Agent,
        "TOOL" => SpanKind::Tool,
        "RETRIEVER" => SpanKind::Retriever,
        "RERANKER" => SpanKind::Reranker,
        "EMBEDDING" => SpanKind::Embedding,
        "GUARDRAIL" => SpanKind::Guardrail,
        "EVALUATOR" => SpanKind::Evaluator,
        _ => return None,
    })
}
