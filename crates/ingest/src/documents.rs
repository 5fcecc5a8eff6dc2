//! Documents out of JSON, as retrievers of many makes return them.

use serde_json::{Map, Value as Json};
use turnwise_model::conversation::Document;

const TEXT_KEYS: [&str; 6] = ["text", "content", "page_content", "pageContent", "chunk", "body"];
const ID_KEYS: [&str; 5] = ["id", "doc_id", "document_id", "documentId", "chunk_id"];
const SCORE_KEYS: [&str; 4] = ["score", "relevance_score", "similarity", "_score"];

/// Documents out of a list, or an object that holds one as `documents`, `docs`, `results` or `matches`; `None` where
/// some element of it is no document.
#[must_use]
pub fn from_json(json: Json) -> Option<Vec<Document>> {
    match json {
        Json::Array(items) if !items.is_empty() => items.into_iter().map(document).collect(),
        Json::Object(mut map) => {
            let key = ["documents", "docs", "results", "matches"].into_iter().find(|key| map.contains_key(*key))?;
            match map.remove(key)? {
                Json::Array(items) if !items.is_empty() => items.into_iter().map(document).collect(),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Documents out of a list that is known to hold documents; elements may be bare texts.
#[must_use]
pub fn from_known_json(json: Json) -> Vec<Document> {
    match json {
        Json::Array(items) => items
            .into_iter()
            .filter_map(|item| match item {
                Json::String(text) => Some(Document { text: Some(text), ..Document::default() }),
                other => document(other),
            })
            .collect(),
        other => from_json(other).unwrap_or_default(),
    }
}

fn document(json: Json) -> Option<Document> {
    let Json::Object(mut map) = json else {
        return None;
    };
    // LangChain and LlamaIndex wrap the document beside its score.
    for wrapper in ["document", "node"] {
        if let Some(Json::Object(inner)) = map.remove(wrapper) {
            map.extend(inner);
        }
    }
    let text = take_text(&mut map, &TEXT_KEYS);
    let id = take_text(&mut map, &ID_KEYS);
    let score = take_number(&mut map, &SCORE_KEYS);
    if text.is_none() && (id.is_none() || score.is_none()) {
        return None;
    }
    let mut metadata = match map.remove("metadata") {
        Some(Json::Object(metadata)) => metadata,
        Some(Json::Null) | None => Map::new(),
        Some(other) => Map::from_iter([("metadata".to_owned(), other)]),
    };
    metadata.extend(map);
    let metadata = (!metadata.is_empty()).then_some(Json::Object(metadata));
    Some(completed(Document { id, text, score, metadata }))
}

/// The document with id and score looked up in its metadata where it does not tell them itself.
#[must_use]
pub fn completed(mut document: Document) -> Document {
    if let Some(Json::Object(metadata)) = &document.metadata {
        if document.id.is_none() {
            document.id = ID_KEYS.iter().find_map(|key| as_text(metadata.get(*key)?));
        }
        if document.score.is_none() {
            document.score = SCORE_KEYS.iter().find_map(|key| metadata.get(*key)?.as_f64());
        }
    }
    document
}

fn take_text(map: &mut Map<String, Json>, keys: &[&str]) -> Option<String> {
    let key = keys.iter().find(|key| map.get(**key).is_some_and(|value| as_text(value).is_some()))?;
    as_text(&map.remove(*key)?)
}

fn take_number(map: &mut Map<String, Json>, keys: &[&str]) -> Option<f64> {
    let key = keys.iter().find(|key| map.get(**key).is_some_and(Json::is_number))?;
    map.remove(*key)?.as_f64()
}

fn as_text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_are_known_by_their_text_or_by_id_and_score() {
        let found = from_json(json!([{"id": "a", "text": "x", "score": 0.5, "source": "a.md"}])).unwrap();
        assert_eq!(found[0].id.as_deref(), Some("a"));
        assert_eq!(found[0].score, Some(0.5));
        assert_eq!(found[0].metadata, Some(json!({"source": "a.md"})));
        assert_eq!(from_json(json!({"docs": []})), None);
        assert_eq!(from_json(json!([{"copies": 1}])), None);
    }

    #[test]
    fn what_a_document_does_not_tell_is_found_in_its_metadata() {
        let found = from_json(json!([{"page_content": "x", "metadata": {"doc_id": "d", "score": 0.25}}])).unwrap();
        assert_eq!((found[0].id.as_deref(), found[0].score), (Some("d"), Some(0.25)));
    }
}
