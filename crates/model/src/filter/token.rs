//! From text to tokens. Words are taken whole, so that `-7d`, `$0.05`, `gpt-4o` and `2026-11-21T09:30:00Z` need no
//! quotes; what a word means, [`super::check`] decides by the field it is compared with.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::ast::Comparison;
use super::error::FilterError;

/// Longest filter, in bytes.
pub(super) const LONGEST: usize = 20_000;

/// A range of bytes in the text of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    pub(super) fn new(start: usize, end: usize) -> Self {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: offset(start), end: offset(end) }
    }

    /// As a range for slicing; it always lies on character borders of the text it came from.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare word.
    Word(String),
    /// A field with a quoted part: `metadata."a key"`, `score."a name".human`.
    Path { head: String, quoted: String, tail: String },
    /// A quoted text.
    Quoted(String),
    /// `=`, `!=`, `<`, `<=`, `>`, `>=`.
    Comparison(Comparison),
    /// `~`.
    Contains,
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// `,`.
    Comma,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spanned {
    pub token: Token,
    pub span: Span,
}

/// The tokens up to the first thing that is none.
#[derive(Debug)]
pub(super) struct Tokens {
    pub tokens: Vec<Spanned>,
    pub error: Option<FilterError>,
}

/// Whether a character may stand in a bare word.
pub(super) fn is_word(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '(' | ')' | ',' | '=' | '!' | '<' | '>' | '~' | '"' | '\0')
}

pub(super) fn tokenize(text: &str) -> Tokens {
    let mut reader = Reader { text, at: 0 };
    let mut tokens = Vec::new();
    if text.len() > LONGEST {
        let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= LONGEST).last().unwrap_or(0);
        let error = FilterError::new(text, Span::new(end, text.len()), format!("at most {LONGEST} bytes"));
        return Tokens { tokens, error: Some(error) };
    }
    loop {
        match reader.next() {
            Ok(Some(token)) => tokens.push(token),
            Ok(None) => return Tokens { tokens, error: None },
            Err(error) => return Tokens { tokens, error: Some(error) },
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&wanted) {
            self.take();
        }
        self.text[start..self.at].to_owned()
    }

    fn wrong(&self, start: usize, expected: &str) -> FilterError {
        FilterError::new(self.text, Span::new(start, self.at), expected)
    }

    fn next(&mut self) -> Result<Option<Spanned>, FilterError> {
        self.take_while(char::is_whitespace);
        let start = self.at;
        let Some(first) = self.peek() else { return Ok(None) };
        let token = match first {
            '(' | ')' | ',' | '~' => {
                self.take();
                match first {
                    '(' => Token::Open,
                    ')' => Token::Close,
                    ',' => Token::Comma,
                    _ => Token::Contains,
                }
            }
            '=' | '!' | '<' | '>' => Token::Comparison(self.comparison()?),
            '"' | '\'' => Token::Quoted(self.quoted()?),
            '\0' => {
                self.take();
                return Err(self.wrong(start, "text without NUL characters"));
            }
            _ => self.word()?,
        };
        Ok(Some(Spanned { token, span: Span::new(start, self.at) }))
    }

    fn comparison(&mut self) -> Result<Comparison, FilterError> {
        let start = self.at;
        let written = self.take_while(|c| matches!(c, '=' | '!' | '<' | '>'));
        let meant = match written.as_str() {
            "=" => return Ok(Comparison::Equal),
            "!=" => return Ok(Comparison::NotEqual),
            "<" => return Ok(Comparison::Less),
            "<=" => return Ok(Comparison::LessOrEqual),
            ">" => return Ok(Comparison::Greater),
            ">=" => return Ok(Comparison::GreaterOrEqual),
            "==" | "===" => Some("="),
            "<>" | "!==" => Some("!="),
            "=<" => Some("<="),
            "=>" => Some(">="),
            "!" => Some("not"),
            _ => None,
        };
        let hint = meant.map(|meant| format!("write {meant}"));
        Err(self.wrong(start, "").one_of(Comparison::ALL.iter().map(|known| known.as_str())).hint(hint))
    }

    /// A text in double or single quotes, with escapes.
    fn quoted(&mut self) -> Result<String, FilterError> {
        let start = self.at;
        let quote = self.take().unwrap_or('"');
        let mut content = String::new();
        loop {
            let here = self.at;
            match self.take() {
                None => {
                    return Err(self.wrong(start, &format!("a closing {quote}")));
                }
                Some('\0') => return Err(self.wrong(here, "text without NUL characters")),
                Some('\\') => content.push(self.escape(here)?),
                Some(c) if c == quote => return Ok(content),
                Some(c) => content.push(c),
            }
        }
    }

    fn escape(&mut self, start: usize) -> Result<char, FilterError> {
        match self.take() {
            Some(same @ ('"' | '\'' | '\\')) => Ok(same),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('u') => {
                let digits = self.code();
                let code = digits.and_then(|digits| u32::from_str_radix(&digits, 16).ok());
                let c = code.and_then(char::from_u32).filter(|c| *c != '\0');
                c.ok_or_else(|| self.wrong(start, "a character such as \\u{1f642}"))
            }
            _ => {
                let expected = ["\\\"", "\\'", "\\\\", "\\n", "\\r", "\\t", "\\u{…}"];
                Err(self.wrong(start, "").one_of(expected).hint("a backslash itself is written \\\\".to_owned()))
            }
        }
    }

    /// The digits of `\u{…}`.
    fn code(&mut self) -> Option<String> {
        if self.peek() != Some('{') {
            return None;
        }
        self.take();
        let digits = self.take_while(|c| c.is_ascii_hexdigit());
        if self.peek() != Some('}') || !(1..=6).contains(&digits.len()) {
            return None;
        }
        self.take();
        Some(digits)
    }

    fn word(&mut self) -> Result<Token, FilterError> {
        let head = self.take_while(is_word);
        if self.peek() != Some('"') || !head.ends_with('.') {
            return Ok(Token::Word(head));
        }
        let quoted = self.quoted()?;
        let tail = self.take_while(is_word);
        Ok(Token::Path { head, quoted, tail })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<Token> {
        let read = tokenize(text);
        assert_eq!(read.error, None);
        read.tokens.into_iter().map(|spanned| spanned.token).collect()
    }

    fn word(text: &str) -> Token {
        Token::Word(text.to_owned())
    }

    #[test]
    fn words_are_taken_whole() {
        let at_least = Token::Comparison(Comparison::GreaterOrEqual);
        assert_eq!(tokens("turns>=4"), [word("turns"), at_least, word("4")]);
        for whole in ["-7d", "$0.05", "gpt-4o", "2026-11-21T09:30:00+02:00", "don't", "日本語", "a/b:c@d"] {
            assert_eq!(tokens(whole), [word(whole)]);
        }
    }

    #[test]
    fn quotes_hold_anything_and_escapes_are_read() {
        assert_eq!(tokens(r#""a \"b\" \\ \n \u{1f642} (,)""#), [Token::Quoted("a \"b\" \\ \n 🙂 (,)".to_owned())]);
        assert_eq!(tokens("'it\\'s'"), [Token::Quoted("it's".to_owned())]);
        let path = Token::Path { head: "score.".to_owned(), quoted: "a b".to_owned(), tail: ".human".to_owned() };
        assert_eq!(tokens(r#"score."a b".human"#), [path]);
    }
}
