//! Reads OTLP protobuf without copying: keys and texts stay borrowed from the body until a record keeps them.
//!
//! The generated types of `opentelemetry-proto` own every string, which for the 60 attributes of an LLM span costs more
//! than everything else in ingestion. Reading by hand also lets one malformed span be refused while its neighbours are
//! kept: its length is known even when its content is broken. Field numbers are those of opentelemetry-proto 1.x;
//! a property test compares this reader with the generated types.

use std::borrow::Cow;

use super::DecodeError;
use super::raw::{Origin, RawEvent, RawLink, RawLog, RawSpan, Refusal, Taken, id_from_bytes};
use crate::value::{Any, Attribute};

/// How deep values may nest; deeper ones are refused, as every recursive reader must.
const MAX_DEPTH: u8 = 64;

/// What is wrong with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Broken {
    #[error("it ends in the middle of a field")]
    Truncated,
    #[error("it holds a malformed field tag or length")]
    Malformed,
    #[error("a text in it is not UTF-8")]
    NotUtf8,
    #[error("its values are nested more than 64 deep")]
    TooDeep,
}

/// A field's value on the wire.
enum Field<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32,
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    fn bytes(self) -> Result<&'a [u8], Broken> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err(Broken::Malformed),
        }
    }

    fn text(self) -> Result<Cow<'a, str>, Broken> {
        std::str::from_utf8(self.bytes()?).map(Cow::Borrowed).map_err(|_| Broken::NotUtf8)
    }

    fn number(self) -> Result<u64, Broken> {
        match self {
            Self::Varint(number) | Self::Fixed64(number) => Ok(number),
            _ => Err(Broken::Malformed),
        }
    }
}

/// A cursor over a message's fields.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Result<u64, Broken> {
        let mut value = 0_u64;
        for (position, byte) in self.0.iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7f).checked_shl(7 * u32::try_from(position).unwrap_or(u32::MAX)).unwrap_or(0);
            if byte & 0x80 == 0 {
                self.0 = &self.0[position + 1..];
                return Ok(value);
            }
        }
        Err(if self.0.len() < 10 { Broken::Truncated } else { Broken::Malformed })
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Broken> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Broken::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    fn next(&mut self) -> Result<Option<(u32, Field<'a>)>, Broken> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).map_err(|_| Broken::Malformed)?;
        if number == 0 {
            return Err(Broken::Malformed);
        }
        let field = match tag & 7 {
            0 => Field::Varint(self.varint()?),
            1 => {
                let bytes: [u8; 8] = self.take(8)?.try_into().map_err(|_| Broken::Truncated)?;
                Field::Fixed64(u64::from_le_bytes(bytes))
            }
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| Broken::Truncated)?;
                Field::Bytes(self.take(length)?)
            }
            5 => {
                self.take(4)?;
                Field::Fixed32
            }
            _ => return Err(Broken::Malformed),
        };
        Ok(Some((number, field)))
    }
}

/// Hands every span of an `ExportTraceServiceRequest` to `take`, a refused one as its refusal.
///
/// # Errors
/// When the request's own framing is broken: then no span of it can be trusted.
pub fn spans<'a>(body: &'a [u8], take: &mut dyn FnMut(&Origin<'a>, Taken<RawSpan<'a>>)) -> Result<(), DecodeError> {
    records(body, &mut |origin, bytes| {
        let mut span = RawSpan::default();
        match read_span(bytes, &mut span) {
            Ok(()) => take(origin, Ok(span)),
            Err(refusal) => take(origin, Err(((!span.span_id.is_empty()).then_some(span.span_id), refusal))),
        }
    })
}

/// Hands every log record of an `ExportLogsServiceRequest` to `take`, a refused one as its refusal.
///
/// # Errors
/// When the request's own framing is broken.
pub fn logs<'a>(body: &'a [u8], take: &mut dyn FnMut(&Origin<'a>, Taken<RawLog<'a>>)) -> Result<(), DecodeError> {
    records(body, &mut |origin, bytes| {
        let mut log = RawLog::default();
        match read_log(bytes, &mut log) {
            Ok(()) => take(origin, Ok(log)),
            Err(refusal) => take(origin, Err((log.span_id, refusal))),
        }
    })
}

/// Requests of both signals have the same shape: resources (1) hold a resource (1) and scopes (2), those hold a
/// scope (1) and records (2).
fn records<'a>(body: &'a [u8], take: &mut dyn FnMut(&Origin<'a>, &'a [u8])) -> Result<(), DecodeError> {
    let framing = |broken: Broken| match broken {
        Broken::Truncated => DecodeError::Truncated,
        other => DecodeError::Malformed(other.to_string()),
    };
    let mut request = Fields(body);
    while let Some((number, field)) = request.next().map_err(framing)? {
        if number != 1 {
            continue;
        }
        let group = field.bytes().map_err(framing)?;
        let mut origin = Origin::of(read_resource(group).map_err(framing)?);
        let mut fields = Fields(group);
        while let Some((number, field)) = fields.next().map_err(framing)? {
            if number != 2 {
                continue;
            }
            let scope = field.bytes().map_err(framing)?;
            origin.scope = read_scope_name(scope).map_err(framing)?;
            let mut fields = Fields(scope);
            while let Some((number, field)) = fields.next().map_err(framing)? {
                if number == 2 {
                    take(&origin, field.bytes().map_err(framing)?);
                }
            }
        }
    }
    Ok(())
}

fn read_resource(group: &[u8]) -> Result<Vec<Attribute<'_>>, Broken> {
    let mut attributes = Vec::new();
    let mut fields = Fields(group);
    while let Some((number, field)) = fields.next()? {
        if number == 1 {
            let mut resource = Fields(field.bytes()?);
            while let Some((number, field)) = resource.next()? {
                if number == 1 {
                    attributes.push(read_attribute(field.bytes()?, MAX_DEPTH)?);
                }
            }
        }
    }
    Ok(attributes)
}

fn read_scope_name(scope: &[u8]) -> Result<Cow<'_, str>, Broken> {
    let mut fields = Fields(scope);
    while let Some((number, field)) = fields.next()? {
        if number == 1 {
            let mut scope = Fields(field.bytes()?);
            while let Some((number, field)) = scope.next()? {
                if number == 1 {
                    return field.text();
                }
            }
        }
    }
    Ok(Cow::Borrowed(""))
}

fn read_span<'a>(bytes: &'a [u8], span: &mut RawSpan<'a>) -> Result<(), Refusal> {
    let (mut trace, mut own, mut parent): (&[u8], &[u8], &[u8]) = (&[], &[], &[]);
    let mut read = || -> Result<(), Broken> {
        let mut fields = Fields(bytes);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => trace = field.bytes()?,
                2 => own = field.bytes()?,
                3 => span.trace_state = field.text()?,
                4 => parent = field.bytes()?,
                5 => span.name = field.text()?,
                7 => span.start = nanoseconds(field.number()?),
                8 => span.end = nanoseconds(field.number()?),
                9 => span.attributes.push(read_attribute(field.bytes()?, MAX_DEPTH)?),
                11 => span.events.push(read_event(field.bytes()?)?),
                13 => span.links.push(read_link(field.bytes()?)?),
                15 => {
                    let mut status = Fields(field.bytes()?);
                    while let Some((number, field)) = status.next()? {
                        match number {
                            2 => span.status_message = field.text()?,
                            3 => span.status = i64::try_from(field.number()?).unwrap_or(0),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    };
    let outcome = read();
    // The id is read even from a broken span, so that the refusal can name it.
    let own_id = id_from_bytes(own, 8, "span id");
    if let Ok(id) = &own_id {
        span.span_id.clone_from(id);
    }
    outcome.map_err(|broken| broken.to_string())?;
    own_id?;
    span.trace_id = id_from_bytes(trace, 16, "trace id")?;
    // Some clients write "no parent" as eight zero bytes.
    if parent.iter().any(|byte| *byte != 0) {
        span.parent_span_id = Some(id_from_bytes(parent, 8, "parent span id")?);
    }
    Ok(())
}

fn read_log<'a>(bytes: &'a [u8], log: &mut RawLog<'a>) -> Result<(), Refusal> {
    let (mut trace, mut span): (&[u8], &[u8]) = (&[], &[]);
    let mut observed = 0;
    let mut read = || -> Result<(), Broken> {
        let mut fields = Fields(bytes);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => log.time = nanoseconds(field.number()?),
                5 => log.body = read_value(field.bytes()?, MAX_DEPTH)?,
                6 => log.attributes.push(read_attribute(field.bytes()?, MAX_DEPTH)?),
                9 => trace = field.bytes()?,
                10 => span = field.bytes()?,
                11 => observed = nanoseconds(field.number()?),
                12 => log.event_name = field.text()?,
                _ => {}
            }
        }
        Ok(())
    };
    read().map_err(|broken| broken.to_string())?;
    if log.time == 0 {
        log.time = observed;
    }
    if trace.iter().any(|byte| *byte != 0) {
        log.trace_id = Some(id_from_bytes(trace, 16, "trace id")?);
    }
    if span.iter().any(|byte| *byte != 0) {
        log.span_id = Some(id_from_bytes(span, 8, "span id")?);
    }
    Ok(())
}

fn read_event(bytes: &[u8]) -> Result<RawEvent<'_>, Broken> {
    let mut event = RawEvent::default();
    let mut fields = Fields(bytes);
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => event.time = nanoseconds(field.number()?),
            2 => event.name = field.text()?,
            3 => event.attributes.push(read_attribute(field.bytes()?, MAX_DEPTH)?),
            _ => {}
        }
    }
    Ok(event)
}

fn read_link(bytes: &[u8]) -> Result<RawLink<'_>, Broken> {
    let mut link = RawLink::default();
    let mut fields = Fields(bytes);
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => link.trace_id = hex::encode(field.bytes()?),
            2 => link.span_id = hex::encode(field.bytes()?),
            4 => link.attributes.push(read_attribute(field.bytes()?, MAX_DEPTH)?),
            _ => {}
        }
    }
    Ok(link)
}

fn read_attribute(bytes: &[u8], depth: u8) -> Result<Attribute<'_>, Broken> {
    let mut attribute = Attribute::default();
    let mut fields = Fields(bytes);
    while let Some((number, field)) = fields.next()? {
        match number {
            1 => attribute.key = field.text()?,
            2 => attribute.value = read_value(field.bytes()?, depth)?,
            _ => {}
        }
    }
    Ok(attribute)
}

fn read_value(bytes: &[u8], depth: u8) -> Result<Any<'_>, Broken> {
    let deeper = depth.checked_sub(1).ok_or(Broken::TooDeep)?;
    let mut value = Any::Null;
    let mut fields = Fields(bytes);
    while let Some((number, field)) = fields.next()? {
        value = match number {
            1 => Any::Text(field.text()?),
            2 => Any::Bool(field.number()? != 0),
            3 => Any::Int(field.number()?.cast_signed()),
            4 => Any::Double(f64::from_bits(field.number()?)),
            5 => {
                let mut items = Vec::new();
                let mut list = Fields(field.bytes()?);
                while let Some((number, field)) = list.next()? {
                    if number == 1 {
                        items.push(read_value(field.bytes()?, deeper)?);
                    }
                }
                Any::List(items)
            }
            6 => {
                let mut entries = Vec::new();
                let mut map = Fields(field.bytes()?);
                while let Some((number, field)) = map.next()? {
                    if number == 1 {
                        entries.push(read_attribute(field.bytes()?, deeper)?);
                    }
                }
                Any::Map(entries)
            }
            7 => Any::Bytes(Cow::Borrowed(field.bytes()?)),
            _ => value,
        };
    }
    Ok(value)
}

/// Instants after the year 2262 do not fit and are cut to the last one that does.
fn nanoseconds(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
