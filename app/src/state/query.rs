//! The query of an address, read and written exactly: the router's own map decodes twice, so that a filter with a
//! percent sign would come back changed.

use leptos::prelude::*;
use leptos_router::hooks::use_url;

/// Names with their values, in order; a name may occur several times.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads what follows the `?` of an address. `+` is a space, as forms write it.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let pairs = text.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self(pairs.collect())
    }

    /// The value of this name; empty when there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Every value of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// With one more pair at the end, unless its value is empty.
    #[must_use]
    pub fn and(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.0.push((name.to_owned(), value));
        }
        self
    }

    /// The address `path` with this query.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        let mut address = path.to_owned();
        for (index, (name, value)) in self.0.iter().enumerate() {
            address.push(if index == 0 { '?' } else { '&' });
            encode(name, &mut address);
            address.push('=');
            encode(value, &mut address);
        }
        address
    }
}

/// The query of the present address, followed as it changes.
#[must_use]
pub fn use_query() -> Memo<Query> {
    // That of the page's own route: a page that is being left must not ask for what the next address means.
    let url = use_url();
    Memo::new(move |_| Query::parse(url.read().search()))
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |at: usize| tail.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        rest = match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                &tail[2..]
            }
            (b'+', ..) => {
                bytes.push(b' ');
                tail
            }
            _ => {
                bytes.push(*first);
                tail
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encode(text: &str, into: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            into.push(char::from(byte));
        } else if byte == b' ' {
            into.push('+');
        } else {
            into.push('%');
            into.push(char::from(DIGITS[usize::from(byte >> 4)]));
            into.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back_as_it_went() {
        for value in ["text ~ \"100%25 café\" and turns >= 4", "a&b=c#d?e+f", "日本 \u{0}", "%", "%4", "%zz"] {
            let address = Query::default().and("filter", value).and("sort", "turns").address("/p/x/sessions");
            let (_, search) = address.split_once('?').unwrap();
            assert!(search.is_ascii(), "{search}");
            let read = Query::parse(search);
            assert_eq!((read.get("filter"), read.get("sort")), (value, "turns"));
        }
    }

    #[test]
    fn forms_write_spaces_as_plus_and_repeat_names() {
        let query = Query::parse("?columns=turns&filter=turns+%3E+4&columns=cost&empty=&flag");
        assert_eq!(query.get("filter"), "turns > 4");
        assert_eq!(query.all("columns").collect::<Vec<_>>(), ["turns", "cost"]);
        assert_eq!((query.get("flag"), query.get("missing")), ("", ""));
    }

    #[test]
    fn without_a_query_the_address_is_the_path() {
        assert_eq!(Query::default().and("filter", "").address("/p/x/sessions"), "/p/x/sessions");
    }
}
