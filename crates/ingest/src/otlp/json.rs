//! Reads OTLP/JSON as it is found in the wild: ids as hex or base64, 64-bit integers as numbers or text, enums as
//! numbers or names, keys in camelCase or snake_case.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Map, Value as Json};

use super::DecodeError;
use super::raw::{Origin, RawEvent, RawLink, RawLog, RawSpan, Refusal, Taken, id_from_bytes};
use crate::value::{Any, Attribute, mend_surrogates};

/// Hands every span of an export request to `take`, a refused one as its refusal.
///
/// # Errors
/// When the body is no JSON or no export request.
pub fn spans(body: &[u8], take: &mut dyn FnMut(&Origin<'static>, Taken<RawSpan<'static>>)) -> Result<(), DecodeError> {
    records(body, ["resourceSpans", "scopeSpans", "spans"], &mut |origin, json| {
        let mut span = RawSpan::default();
        match read_span(json, &mut span) {
            Ok(()) => take(origin, Ok(span)),
            Err(refusal) => take(origin, Err(((!span.span_id.is_empty()).then_some(span.span_id), refusal))),
        }
    })
}

/// Hands every log record of an export request to `take`, a refused one as its refusal.
///
/// # Errors
/// When the body is no JSON or no export request.
pub fn logs(body: &[u8], take: &mut dyn FnMut(&Origin<'static>, Taken<RawLog<'static>>)) -> Result<(), DecodeError> {
    records(body, ["resourceLogs", "scopeLogs", "logRecords"], &mut |origin, json| {
        let mut log = RawLog::default();
        match read_log(json, &mut log) {
            Ok(()) => take(origin, Ok(log)),
            Err(refusal) => take(origin, Err((log.span_id, refusal))),
        }
    })
}

/// Parses a body; lone surrogate escapes are mended rather than costing the whole request.
fn parse(body: &[u8]) -> Result<Json, DecodeError> {
    let text = std::str::from_utf8(body).map_err(|_| DecodeError::Malformed("it is not UTF-8".to_owned()))?;
    match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(json) => Ok(json),
        Err(error) => match mend_surrogates(text).map(|mended| serde_json::from_str(&mended)) {
            Some(Ok(json)) => Ok(json),
            _ if error.is_eof() => Err(DecodeError::Truncated),
            _ => Err(DecodeError::Malformed(error.to_string())),
        },
    }
}

fn records(
    body: &[u8],
    [groups_key, scopes_key, records_key]: [&'static str; 3],
    take: &mut dyn FnMut(&Origin<'static>, Json),
) -> Result<(), DecodeError> {
    let Json::Object(mut request) = parse(body)? else {
        return Err(DecodeError::WrongShape(groups_key));
    };
    let groups = match pick(&mut request, groups_key) {
        Some(Json::Array(groups)) => groups,
        None if request.is_empty() => Vec::new(),
        _ => return Err(DecodeError::WrongShape(groups_key)),
    };
    for group in groups {
        let Json::Object(mut group) = group else {
            return Err(DecodeError::WrongShape(groups_key));
        };
        let resource = match pick(&mut group, "resource") {
            Some(Json::Object(mut resource)) => read_attributes(&mut resource).unwrap_or_default(),
            _ => Vec::new(),
        };
        let mut origin = Origin::of(resource);
        let scopes = match pick(&mut group, scopes_key) {
            Some(Json::Array(scopes)) => scopes,
            // Before 0.15 of the protocol the scopes were libraries.
            None => match pick(&mut group, "instrumentationLibrarySpans") {
                Some(Json::Array(scopes)) => scopes,
                _ => Vec::new(),
            },
            Some(_) => return Err(DecodeError::WrongShape(scopes_key)),
        };
        for scope in scopes {
            let Json::Object(mut scope) = scope else {
                return Err(DecodeError::WrongShape(scopes_key));
            };
            origin.scope = match pick(&mut scope, "scope") {
                Some(Json::Object(mut scope)) => text(&mut scope, "name").unwrap_or_default(),
                _ => Cow::Borrowed(""),
            };
            match pick(&mut scope, records_key) {
                Some(Json::Array(records)) => records.into_iter().for_each(|record| take(&origin, record)),
                None | Some(Json::Null) => {}
                Some(_) => return Err(DecodeError::WrongShape(records_key)),
            }
        }
    }
    Ok(())
}

fn read_span(json: Json, span: &mut RawSpan<'static>) -> Result<(), Refusal> {
    let Json::Object(mut map) = json else {
        return Err("the span is not an object".to_owned());
    };
    span.span_id = id(&mut map, "spanId", 8, "span id")?.ok_or("span id is missing")?;
    span.trace_id = id(&mut map, "traceId", 16, "trace id")?.ok_or("trace id is missing")?;
    span.parent_span_id = id(&mut map, "parentSpanId", 8, "parent span id")?;
    span.trace_state = text(&mut map, "traceState")?;
    span.name = text(&mut map, "name")?;
    span.start = integer(&mut map, "startTimeUnixNano")?;
    span.end = integer(&mut map, "endTimeUnixNano")?;
    span.attributes = read_attributes(&mut map)?;
    for event in list(&mut map, "events")? {
        let Json::Object(mut event) = event else {
            return Err("an event is not an object".to_owned());
        };
        span.events.push(RawEvent {
            name: text(&mut event, "name")?,
            time: integer(&mut event, "timeUnixNano")?,
            attributes: read_attributes(&mut event)?,
        });
    }
    for link in list(&mut map, "links")? {
        let Json::Object(mut link) = link else {
            return Err("a link is not an object".to_owned());
        };
        span.links.push(RawLink {
            trace_id: id(&mut link, "traceId", 16, "linked trace id")?.unwrap_or_default(),
            span_id: id(&mut link, "spanId", 8, "linked span id")?.unwrap_or_default(),
            attributes: read_attributes(&mut link)?,
        });
    }
    match pick(&mut map, "status") {
        Some(Json::Object(mut status)) => {
            span.status = match pick(&mut status, "code") {
                None | Some(Json::Null) => 0,
                Some(Json::Number(number)) => number.as_i64().unwrap_or(0),
                Some(Json::String(name)) => match name.trim_start_matches("STATUS_CODE_").to_ascii_uppercase().as_str()
                {
                    "OK" | "1" => 1,
                    "ERROR" | "2" => 2,
                    _ => 0,
                },
                Some(other) => return Err(format!("status code {other} is neither a number nor a name")),
            };
            span.status_message = text(&mut status, "message")?;
        }
        None | Some(Json::Null) => {}
        Some(_) => return Err("status is not an object".to_owned()),
    }
    Ok(())
}

fn read_log(json: Json, log: &mut RawLog<'static>) -> Result<(), Refusal> {
    let Json::Object(mut map) = json else {
        return Err("the log record is not an object".to_owned());
    };
    log.span_id = id(&mut map, "spanId", 8, "span id")?;
    log.trace_id = id(&mut map, "traceId", 16, "trace id")?;
    log.time = integer(&mut map, "timeUnixNano")?;
    let observed = integer(&mut map, "observedTimeUnixNano")?;
    if log.time == 0 {
        log.time = observed;
    }
    log.event_name = text(&mut map, "eventName")?;
    log.attributes = read_attributes(&mut map)?;
    if let Some(body) = pick(&mut map, "body") {
        log.body = read_value(body)?;
    }
    Ok(())
}

/// Takes a key out of a map, in camelCase or snake_case.
fn pick(map: &mut Map<String, Json>, key: &str) -> Option<Json> {
    if let Some(value) = map.remove(key) {
        return Some(value);
    }
    let mut snake = String::with_capacity(key.len() + 4);
    for letter in key.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    map.remove(&snake)
}

fn text(map: &mut Map<String, Json>, key: &str) -> Result<Cow<'static, str>, Refusal> {
    match pick(map, key) {
        None | Some(Json::Null) => Ok(Cow::Borrowed("")),
        Some(Json::String(text)) => Ok(Cow::Owned(text)),
        Some(other) => Err(format!("{key} is {}, expected text", kind(&other))),
    }
}

fn list(map: &mut Map<String, Json>, key: &str) -> Result<Vec<Json>, Refusal> {
    match pick(map, key) {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::Array(items)) => Ok(items),
        Some(other) => Err(format!("{key} is {}, expected a list", kind(&other))),
    }
}

/// A 64-bit integer as number or text, never through a float; 0 when absent.
fn integer(map: &mut Map<String, Json>, key: &str) -> Result<i64, Refusal> {
    match pick(map, key) {
        None | Some(Json::Null) => Ok(0),
        Some(value) => {
            as_integer(&value).ok_or_else(|| format!("{key} is {value}, expected nanoseconds as an integer"))
        }
    }
}

fn as_integer(value: &Json) -> Option<i64> {
    match value {
        Json::Number(number) => number.as_i64(),
        Json::String(text) if text.is_empty() => Some(0),
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// An id as hex or base64; `None` when absent, empty or all zeros.
fn id(map: &mut Map<String, Json>, key: &str, length: usize, what: &str) -> Result<Option<String>, Refusal> {
    let text = text(map, key)?;
    if text.is_empty() {
        return Ok(None);
    }
    let bytes = if text.len() == length * 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        hex::decode(text.as_ref()).ok()
    } else {
        [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD]
            .iter()
            .find_map(|engine| engine.decode(text.as_ref()).ok().filter(|bytes| bytes.len() == length))
    };
    let Some(bytes) = bytes else {
        return Err(format!("{what} {text:?} is neither {} hex digits nor base64 of {length} bytes", length * 2));
    };
    if bytes.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    id_from_bytes(&bytes, length, what).map(Some)
}

fn read_attributes(map: &mut Map<String, Json>) -> Result<Vec<Attribute<'static>>, Refusal> {
    match pick(map, "attributes") {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::Array(items)) => items.into_iter().map(read_attribute).collect(),
        // Hand-written senders use a plain object.
        Some(Json::Object(plain)) => {
            Ok(plain.into_iter().map(|(key, value)| Attribute::new(key, Any::from(value))).collect())
        }
        Some(other) => Err(format!("attributes are {}, expected a list of keys and values", kind(&other))),
    }
}

fn read_attribute(json: Json) -> Result<Attribute<'static>, Refusal> {
    let Json::Object(mut map) = json else {
        return Err("an attribute is not an object with key and value".to_owned());
    };
    let key = text(&mut map, "key")?;
    let value = match pick(&mut map, "value") {
        Some(value) => read_value(value).map_err(|reason| format!("attribute {key:?}: {reason}"))?,
        None => Any::Null,
    };
    Ok(Attribute { key, value })
}

fn read_value(json: Json) -> Result<Any<'static>, Refusal> {
    let Json::Object(mut map) = json else {
        // A bare value where `{"stringValue": …}` belongs: taken for what it is.
        return Ok(Any::from(json));
    };
    if let Some(value) = pick(&mut map, "stringValue") {
        return match value {
            Json::String(text) => Ok(Any::text(text)),
            Json::Null => Ok(Any::Null),
            other => Err(format!("stringValue is {}, expected text", kind(&other))),
        };
    }
    if let Some(value) = pick(&mut map, "boolValue") {
        return match value {
            Json::Bool(flag) => Ok(Any::Bool(flag)),
            Json::String(word) if word == "true" || word == "false" => Ok(Any::Bool(word == "true")),
            other => Err(format!("boolValue is {}, expected true or false", kind(&other))),
        };
    }
    if let Some(value) = pick(&mut map, "intValue") {
        return as_integer(&value).map(Any::Int).ok_or_else(|| format!("intValue {value} is not a 64-bit integer"));
    }
    if let Some(value) = pick(&mut map, "doubleValue") {
        let number = match &value {
            Json::Number(number) => number.as_f64(),
            Json::String(text) => text.parse().ok(),
            _ => None,
        };
        return number.map(Any::Double).ok_or_else(|| format!("doubleValue {value} is not a number"));
    }
    if let Some(value) = pick(&mut map, "bytesValue") {
        return match &value {
            Json::String(text) => STANDARD
                .decode(text)
                .map(|bytes| Any::Bytes(Cow::Owned(bytes)))
                .map_err(|_| "bytesValue is not base64".to_owned()),
            other => Err(format!("bytesValue is {}, expected base64 text", kind(other))),
        };
    }
    if let Some(Json::Object(mut value)) = pick(&mut map, "arrayValue") {
        return list(&mut value, "values")?.into_iter().map(read_value).collect::<Result<_, _>>().map(Any::List);
    }
    if let Some(Json::Object(mut value)) = pick(&mut map, "kvlistValue") {
        return list(&mut value, "values")?.into_iter().map(read_attribute).collect::<Result<_, _>>().map(Any::Map);
    }
    Ok(if map.is_empty() { Any::Null } else { Any::from(Json::Object(map)) })
}

fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a flag",
        Json::Number(_) => "a number",
        Json::String(_) => "text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}
