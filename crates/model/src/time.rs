//! Instants and durations as integers: [`Micros`] for records, [`Nanos`] for spans.
//!
//! They never pass through a float, which loses nanoseconds. As text they are RFC 3339 in UTC.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant in microseconds since 1970 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Micros(pub i64);

/// An instant in nanoseconds since 1970 UTC, as OpenTelemetry sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nanos(pub i64);

/// A text that is no instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an instant, expected RFC 3339 such as 2026-11-21T09:30:00Z")]
pub struct InvalidInstant(pub String);

impl Micros {
    /// Reads RFC 3339.
    ///
    /// # Errors
    /// When the text is no instant, with the form that was expected.
    pub fn parse(text: &str) -> Result<Self, InvalidInstant> {
        DateTime::parse_from_rfc3339(text)
            .map(|instant| Self(instant.timestamp_micros()))
            .map_err(|_| InvalidInstant(text.to_owned()))
    }

    /// Microseconds from `earlier` to this instant, never negative.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::from_timestamp_micros(self.0) {
            Some(instant) => f.write_str(&instant.to_rfc3339_opts(SecondsFormat::Micros, true)),
            None => write!(f, "{}µs", self.0),
        }
    }
}

impl Add<Duration> for Micros {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Micros {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Serialize for Micros {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Micros {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Text(String),
            Micros(i64),
        }
        match Either::deserialize(deserializer)? {
            Either::Text(text) => Self::parse(&text).map_err(de::Error::custom),
            Either::Micros(micros) => Ok(Self(micros)),
        }
    }
}

impl Nanos {
    /// The instant to the microsecond.
    #[must_use]
    pub const fn micros(self) -> Micros {
        Micros(self.0.div_euclid(1_000))
    }
}

impl From<Micros> for Nanos {
    fn from(micros: Micros) -> Self {
        Self(micros.0.saturating_mul(1_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_keeps_its_microseconds_as_text() {
        let instant = Micros(1_795_222_634_123_456);
        let text = serde_json::to_string(&instant).unwrap();
        assert_eq!(text, "\"2026-11-21T00:57:14.123456Z\"");
        assert_eq!(serde_json::from_str::<Micros>(&text).unwrap(), instant);
    }

    #[test]
    fn an_offset_is_taken_into_account() {
        assert_eq!(Micros::parse("2026-11-21T02:57:14+02:00"), Micros::parse("2026-11-21T00:57:14Z"));
        assert!(Micros::parse("yesterday").is_err());
    }
}
