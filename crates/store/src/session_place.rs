//! A place in a sorted list of sessions, and the cursor that it is told by.

use turnwise_model::SessionId;
use turnwise_model::conversation::Session;
use turnwise_model::view::session::SessionSort;

/// A place in a sorted list of sessions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SessionPlace {
    /// What the list is sorted by, at this place.
    pub value: SortValue,
    /// The session there.
    pub session: SessionId,
}

/// A value that a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SortValue {
    /// A count or an instant.
    Integer(i64),
    /// An amount.
    Real(f64),
}

impl SessionPlace {
    /// Where a session stands in a list sorted by `sort`.
    #[must_use]
    pub fn of(session: &Session, sort: SessionSort) -> Self {
        let value = match sort {
            SessionSort::LastActivity => session.last_activity_at.0,
            SessionSort::Started => session.started_at.0,
            SessionSort::Turns => session.turn_count,
            SessionSort::Errors => session.error_count,
            SessionSort::ToolCalls => session.tool_call_count,
            SessionSort::Tokens => session.tokens.total().unwrap_or(0),
            SessionSort::Latency => session.latency_ms.unwrap_or(0),
            SessionSort::Duration => turnwise_model::filter::duration_ms(session),
            SessionSort::Cost => {
                return Self {
                    value: SortValue::Real(session.cost_usd.map_or(0.0, |cost| cost.0)),
                    session: session.id,
                };
            }
        };
        Self { value: SortValue::Integer(value), session: session.id }
    }
}

/// The place as a cursor, and back.
impl std::fmt::Display for SessionPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.value {
            SortValue::Integer(value) => write!(f, "i{value}~{}", self.session),
            // The shortest text that is read back as the same number.
            SortValue::Real(value) => write!(f, "r{value:?}~{}", self.session),
        }
    }
}

/// A text that is no cursor of a list of sessions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a cursor of this list, take `next_cursor` of the page before as it is")]
pub struct InvalidCursor(pub String);

impl std::str::FromStr for SessionPlace {
    type Err = InvalidCursor;
    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let read = || {
            let (value, session) = text.split_once('~')?;
            let value = match value.split_at_checked(1)? {
                ("i", value) => SortValue::Integer(value.parse().ok()?),
                ("r", value) => SortValue::Real(value.parse().ok().filter(|value: &f64| value.is_finite())?),
                _ => return None,
            };
            Some(Self { value, session: session.parse().ok()? })
        };
        read().ok_or_else(|| InvalidCursor(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use turnwise_model::{Id, ProjectId};

    use super::*;

    #[test]
    fn a_cursor_is_read_back_exactly() {
        let session = SessionId::derive(ProjectId::from_uuid(uuid::Uuid::nil()), "chat-7");
        for value in
            [SortValue::Integer(-3), SortValue::Integer(i64::MAX), SortValue::Real(0.1 + 0.2), SortValue::Real(1e-300)]
        {
            let place = SessionPlace { value, session };
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for wrong in ["", "i", "x1~a", "i1~chat", "rNaN~0198c0de-1111-7000-8000-000000000000"] {
            assert!(wrong.parse::<SessionPlace>().is_err(), "{wrong}");
        }
    }
}
