//! From tokens to expressions, by recursive descent: `or` of `and` of `not` of conditions and parentheses.

use super::ast::{Comparison, Condition, Expression, Subject, Test, Value};
use super::check;
use super::error::FilterError;
use super::field::Field;
use super::token::{Span, Spanned, Token, tokenize};

/// Deepest nesting of parentheses and `not`.
const DEEPEST: usize = 50;
/// Most conditions in one filter.
const MOST_CONDITIONS: usize = 200;
/// Most values in one `in (…)`.
const MOST_VALUES: usize = 500;

/// Words that mean themselves only in quotes.
const RESERVED: [&str; 5] = ["and", "or", "not", "in", "exists"];

pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(word))
}

pub(super) fn parse(text: &str) -> Result<Option<Expression>, FilterError> {
    let read = tokenize(text);
    if read.tokens.is_empty() && read.error.is_none() {
        return Ok(None);
    }
    let mut parser = Parser { text, tokens: read.tokens, unreadable: read.error, at: 0, conditions: 0 };
    let expression = parser.disjunction(0)?;
    if parser.at < parser.tokens.len() || parser.unreadable.is_some() {
        return Err(parser.after_condition(&["\"and\"", "\"or\"", "the end"]));
    }
    Ok(Some(expression))
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Spanned>,
    /// What stopped the reading of tokens; it is what is wrong once they are used up.
    unreadable: Option<FilterError>,
    at: usize,
    conditions: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|spanned| &spanned.token)
    }

    /// Takes the next token if it is this one.
    fn take(&mut self, wanted: &Token) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(found);
        found
    }

    /// Takes whatever comes next; the error says what should have.
    fn next(&mut self, missing: impl FnOnce(FilterError) -> FilterError) -> Result<Spanned, FilterError> {
        match self.tokens.get(self.at) {
            Some(token) => {
                self.at += 1;
                Ok(token.clone())
            }
            None => Err(self.wrong(missing)),
        }
    }

    /// The next token is not what it should be.
    fn wrong(&self, describe: impl FnOnce(FilterError) -> FilterError) -> FilterError {
        match (self.tokens.get(self.at), &self.unreadable) {
            (None, Some(unreadable)) => unreadable.clone(),
            (next, _) => {
                let end = self.text.trim_end().len();
                let span = next.map_or(Span::new(end, end), |token| token.span);
                describe(FilterError::new(self.text, span, ""))
            }
        }
    }

    fn disjunction(&mut self, depth: usize) -> Result<Expression, FilterError> {
        let first = self.conjunction(depth)?;
        let mut parts = vec![first];
        while self.take_word("or") {
            parts.push(self.conjunction(depth)?);
        }
        self.whole(Expression::any(parts))
    }

    fn conjunction(&mut self, depth: usize) -> Result<Expression, FilterError> {
        let first = self.negation(depth)?;
        let mut parts = vec![first];
        while self.take_word("and") {
            parts.push(self.negation(depth)?);
        }
        self.whole(Expression::all(parts))
    }

    /// There was at least one part, so there is a whole.
    fn whole(&self, expression: Option<Expression>) -> Result<Expression, FilterError> {
        expression.ok_or_else(|| self.wrong(|error| error.one_of(["a field"])))
    }

    fn negation(&mut self, depth: usize) -> Result<Expression, FilterError> {
        let nests = matches!(self.peek(), Some(Token::Open))
            || matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case("not"));
        if nests && depth == DEEPEST {
            return Err(self.wrong(|error| error.one_of([format!("at most {DEEPEST} levels of parentheses and not")])));
        }
        if self.take_word("not") {
            return Ok(Expression::Not(Box::new(self.negation(depth + 1)?)));
        }
        if self.take(&Token::Open) {
            let inner = self.disjunction(depth + 1)?;
            if !self.take(&Token::Close) {
                return Err(self.after_condition(&["\"and\"", "\"or\"", "\")\""]));
            }
            return Ok(inner);
        }
        self.condition()
    }

    fn condition(&mut self) -> Result<Expression, FilterError> {
        if self.conditions == MOST_CONDITIONS {
            return Err(self.wrong(|error| error.one_of([format!("at most {MOST_CONDITIONS} conditions")])));
        }
        self.conditions += 1;
        let after = self.at.checked_sub(1).and_then(|before| self.tokens.get(before)).map(|token| token.span);
        let named = self.next(|error| {
            let error = error.one_of(["a field"]);
            match after {
                Some(span) => error.after(&self.text[span.range()]),
                None => error,
            }
        });
        let subject = check::subject(self.text, &named?)?;
        // Only tests that are words can be turned round in place.
        let negated = subject != Subject::Field(Field::Text) && self.take_word("not");
        let test = self.test(&subject, negated)?;
        let condition = Expression::Condition(Condition { subject, test });
        Ok(if negated { Expression::Not(Box::new(condition)) } else { condition })
    }

    fn test(&mut self, subject: &Subject, negated: bool) -> Result<Test, FilterError> {
        let mut allowed = check::tests(subject);
        let mut after = subject.to_string();
        let mut hint = None;
        if negated {
            allowed.retain(|test| test.starts_with(|c: char| c.is_ascii_alphabetic()));
            "not".clone_into(&mut after);
            hint = Some(format!("write not before the whole condition: not {subject} …"));
        }
        let written = match self.peek() {
            Some(Token::Comparison(comparison)) => comparison.as_str().to_owned(),
            Some(Token::Contains) => "~".to_owned(),
            Some(Token::Word(word)) => word.to_lowercase(),
            _ => String::new(),
        };
        if !allowed.contains(&written.as_str()) {
            let hint = hint.or_else(|| test_advice(subject, &written));
            return Err(self.wrong(|error| error.one_of(allowed).after(after).hint(hint)));
        }
        let operator = self.next(|error| error)?;
        match operator.token {
            Token::Comparison(comparison) => {
                Ok(Test::Compare(comparison, self.value(subject, Some(comparison), comparison.as_str())?))
            }
            Token::Contains => {
                let searched = self.next(|error| error.one_of(["words to look for"]).after("~"))?;
                Ok(Test::Contains(check::search(self.text, &searched)?))
            }
            _ if written == "in" => Ok(Test::In(self.values(subject)?)),
            _ if written == "passed" => Ok(Test::Passed),
            _ if written == "failed" => Ok(Test::Failed),
            _ => Ok(Test::Exists),
        }
    }

    fn value(&mut self, subject: &Subject, comparison: Option<Comparison>, after: &str) -> Result<Value, FilterError> {
        let token = self.next(|error| error.one_of([check::expected(subject, comparison)]).after(after))?;
        check::value(self.text, subject, comparison, after, &token)
    }

    fn values(&mut self, subject: &Subject) -> Result<Vec<Value>, FilterError> {
        if !self.take(&Token::Open) {
            return Err(self.wrong(|error| {
                error.one_of(["\"(\""]).after("in").hint("several values are written in (a, b)".to_owned())
            }));
        }
        let mut values = vec![self.value(subject, None, "(")?];
        loop {
            if self.take(&Token::Close) {
                return Ok(values);
            }
            if values.len() == MOST_VALUES {
                return Err(self.wrong(|error| error.one_of([format!("at most {MOST_VALUES} values")])));
            }
            if !self.take(&Token::Comma) {
                return Err(self.wrong(|error| error.one_of(["\",\"", "\")\""])));
            }
            values.push(self.value(subject, None, ",")?);
        }
    }

    /// A complete condition is followed by something that does not continue it.
    fn after_condition(&self, expected: &[&str]) -> FilterError {
        let hint = match (self.at.checked_sub(1).and_then(|before| self.peek_at(before)), self.peek()) {
            (_, Some(Token::Close)) => Some("there is no ( that it closes".to_owned()),
            (_, Some(Token::Word(word))) if word == "&&" || word == "&" => Some("write and".to_owned()),
            (_, Some(Token::Word(word))) if word == "||" || word == "|" => Some("write or".to_owned()),
            (Some(Token::Word(before)), Some(Token::Word(next))) if !is_reserved(before) => {
                Some(format!("put several words in quotes, \"{before} {next} …\", and join conditions by and"))
            }
            _ => None,
        };
        self.wrong(|error| error.one_of(expected.iter().copied()).hint(hint))
    }

    fn peek_at(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at).map(|spanned| &spanned.token)
    }
}

/// What to write instead of a test that the property does not allow.
fn test_advice(subject: &Subject, written: &str) -> Option<String> {
    let allowed = check::tests(subject);
    match written {
        "is" | "equals" | ":" if allowed.contains(&"=") => Some("write =".to_owned()),
        "contains" | "like" | "has" | "matches" if allowed.contains(&"~") => Some("write ~".to_owned()),
        "~" | "contains" | "like" | "has" | "matches" => {
            Some("words are looked for in the whole conversation: text ~ \"…\"".to_owned())
        }
        "=" if allowed.contains(&">=") => Some("ask for a span of time: >= and <".to_owned()),
        "not" => Some(format!("write not before the whole condition: not {subject} …")),
        "passed" | "failed" => Some("only scores pass or fail: score.NAME failed".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::filter::Filter;

    fn wrong(text: &str) -> String {
        Filter::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn the_example_of_the_documentation_is_read() {
        let text = r#"status = closed and (turns >= 4 or errors > 0) and not tag = "internal" and metadata.channel = "web"
            and text ~ "refund policy" and score.resolution < 0.5 and environment in (production, staging)
            and last_activity > -7d and cost > 0.05 and duration > 30s and user = "u_12" and end_reason = abandoned
            and model = "gpt-4o" and tool = get_order and score.coherence.human exists"#;
        assert_eq!(Filter::parse(text).unwrap().conjuncts().len(), 15);
    }

    #[test]
    fn blank_text_matches_everything() {
        assert!(Filter::parse(" \n\t ").unwrap().is_everything());
    }

    #[test]
    fn every_field_documents_itself_with_a_filter_that_is_read() {
        for field in crate::filter::Field::ALL {
            let filter = Filter::parse(field.example()).unwrap();
            assert_eq!(filter.to_string(), field.example(), "the example is canonical");
        }
    }

    #[test]
    fn a_literal_of_the_wrong_kind_is_named() {
        insta::assert_snapshot!(wrong("turns >= many"), @r#"at column 10: expected a number after >=, found "many""#);
        insta::assert_snapshot!(wrong("status = done"), @r#"at column 10: expected open or closed after =, found "done""#);
        insta::assert_snapshot!(wrong("cost > cheap"), @r#"at column 8: expected an amount such as 0.05 after >, found "cheap""#);
        insta::assert_snapshot!(wrong("duration > 30"), @r#"at column 12: expected a duration such as 30s after >, found "30"; write its unit: 30ms, 30s, 30m, 30h or 30d"#);
        insta::assert_snapshot!(wrong("last_activity > 7d"), @r#"at column 17: expected an instant such as -7d or 2026-11-21T09:30:00Z after >, found "7d"; write -7d for 7d ago"#);
        insta::assert_snapshot!(wrong("last_activity > yesterday"), @r#"at column 17: expected an instant such as -7d or 2026-11-21T09:30:00Z after >, found "yesterday""#);
        insta::assert_snapshot!(wrong("metadata.seats > \"many\""), @r#"at column 18: expected a number after >, found "many""#);
        insta::assert_snapshot!(wrong("score.tone < warm"), @r#"at column 14: expected a number after <, found "warm""#);
        insta::assert_snapshot!(wrong("text ~ \"?!\""), @r#"at column 8: expected at least one word of letters or digits after ~, found "?!""#);
        insta::assert_snapshot!(wrong("turns = 9999999999999999999x"), @r#"at column 9: expected a number after =, found "9999999999999999999x""#);
    }

    #[test]
    fn a_test_that_the_field_does_not_take_is_named() {
        insta::assert_snapshot!(wrong("status > closed"), @r#"at column 8: expected =, !=, in or exists after status, found ">""#);
        insta::assert_snapshot!(wrong("text = refund"), @r#"at column 6: expected ~ after text, found "=""#);
        insta::assert_snapshot!(wrong("user ~ ann"), @r#"at column 6: expected =, !=, in or exists after user, found "~"; words are looked for in the whole conversation: text ~ "…""#);
        insta::assert_snapshot!(wrong("started = 2026-11-21"), @r#"at column 9: expected <, <=, >, >= or exists after started, found "="; ask for a span of time: >= and <"#);
        insta::assert_snapshot!(wrong("tag failed"), @r#"at column 5: expected =, !=, in or exists after tag, found "failed"; only scores pass or fail: score.NAME failed"#);
        insta::assert_snapshot!(wrong("tag is vip"), @r#"at column 5: expected =, !=, in or exists after tag, found "is"; write ="#);
        insta::assert_snapshot!(wrong("tag not = vip"), @r#"at column 9: expected in or exists after not, found "="; write not before the whole condition: not tag …"#);
        insta::assert_snapshot!(wrong("text not ~ refund"), @r#"at column 6: expected ~ after text, found "not"; write not before the whole condition: not text …"#);
        insta::assert_snapshot!(wrong("turns 4"), @r#"at column 7: expected =, !=, <, <=, >, >=, in or exists after turns, found "4""#);
    }

    #[test]
    fn an_unknown_field_gets_a_suggestion() {
        insta::assert_snapshot!(wrong("trun >= 4"), @r#"at column 1: expected a field, found "trun"; did you mean turns?"#);
        insta::assert_snapshot!(wrong("turn >= 4"), @r#"at column 1: expected a field, found "turn"; did you mean turns?"#);
        insta::assert_snapshot!(wrong("latency_ms > 5s"), @r#"at column 1: expected a field, found "latency_ms"; did you mean latency?"#);
        insta::assert_snapshot!(wrong("user.tier = gold"), @r#"at column 1: expected a field, found "user.tier"; a metadata key is written metadata.user.tier"#);
        insta::assert_snapshot!(wrong("scores.tone < 1"), @r#"at column 1: expected a field, found "scores.tone"; did you mean score.tone?"#);
        insta::assert_snapshot!(wrong("status:closed"), @r#"at column 1: expected a field, found "status:closed"; write status = closed"#);
        insta::assert_snapshot!(wrong("refunds"), @r#"at column 1: expected a field, found "refunds"; to find words in the conversation, write text ~ "…"; for a metadata key, metadata.KEY"#);
        insta::assert_snapshot!(wrong("\"refund policy\""), @r#"at column 1: expected a field, found "refund policy"; to find words in the conversation, write text ~ "refund policy""#);
        insta::assert_snapshot!(wrong("metadata = 5"), @r#"at column 1: expected a metadata key, found "metadata"; write it after a dot: metadata.KEY"#);
        insta::assert_snapshot!(wrong("score.human"), @r#"at column 12: expected =, !=, <, <=, >, >=, in, exists, passed or failed after score."human", found the end"#);
        insta::assert_snapshot!(wrong("score..human exists"), @r#"at column 1: expected a score's name, found "score..human"; write it after a dot: score.NAME or score.NAME.human"#);
        insta::assert_snapshot!(wrong("metadata.\"a\"b = 1"), @r#"at column 1: expected metadata."KEY", score."NAME" or score."NAME".human, found "metadata."a"b""#);
    }

    #[test]
    fn what_is_missing_is_named() {
        insta::assert_snapshot!(wrong("turns"), @"at column 6: expected =, !=, <, <=, >, >=, in or exists after turns, found the end");
        insta::assert_snapshot!(wrong("turns >="), @"at column 9: expected a number after >=, found the end");
        insta::assert_snapshot!(wrong("turns >= and errors > 0"), @r#"at column 10: expected a number after >=, found "and"; if the word itself is meant, write "and""#);
        insta::assert_snapshot!(wrong("turns > 1 and"), @"at column 14: expected a field after and, found the end");
        insta::assert_snapshot!(wrong("and turns > 1"), @r#"at column 1: expected a field, found "and""#);
        insta::assert_snapshot!(wrong("(turns > 1"), @r#"at column 11: expected "and", "or" or ")", found the end"#);
        insta::assert_snapshot!(wrong("turns > 1)"), @r#"at column 10: expected "and", "or" or the end, found ")"; there is no ( that it closes"#);
        insta::assert_snapshot!(wrong("()"), @r#"at column 2: expected a field, found ")""#);
        insta::assert_snapshot!(wrong("not"), @"at column 4: expected a field after not, found the end");
        insta::assert_snapshot!(wrong("tag in"), @r#"at column 7: expected "(" after in, found the end; several values are written in (a, b)"#);
        insta::assert_snapshot!(wrong("tag in ()"), @r#"at column 9: expected a text after (, found ")""#);
        insta::assert_snapshot!(wrong("tag in (a b)"), @r#"at column 11: expected "," or ")", found "b""#);
        insta::assert_snapshot!(wrong("tag in (a,"), @"at column 11: expected a text after ,, found the end");
        insta::assert_snapshot!(wrong("tag = (a, b)"), @r#"at column 7: expected a text after =, found "("; for several values, write in (…)"#);
    }

    #[test]
    fn habits_from_other_languages_are_pointed_out() {
        insta::assert_snapshot!(wrong("status == closed"), @r#"at column 8: expected =, !=, <, <=, > or >=, found "=="; write ="#);
        insta::assert_snapshot!(wrong("status <> closed"), @r#"at column 8: expected =, !=, <, <=, > or >=, found "<>"; write !="#);
        insta::assert_snapshot!(wrong("turns > 1 && errors > 0"), @r#"at column 11: expected "and", "or" or the end, found "&&"; write and"#);
        insta::assert_snapshot!(wrong("!status"), @r#"at column 1: expected =, !=, <, <=, > or >=, found "!"; write not"#);
        insta::assert_snapshot!(wrong("text contains refund"), @r#"at column 6: expected ~ after text, found "contains"; write ~"#);
        insta::assert_snapshot!(wrong("text ~ refund policy"), @r#"at column 15: expected "and", "or" or the end, found "policy"; put several words in quotes, "refund policy …", and join conditions by and"#);
        insta::assert_snapshot!(wrong("tag = \"unclosed"), @r#"at column 7: expected a closing ", found "unclosed"#);
        insta::assert_snapshot!(wrong("tag = \"\\d\""), @r#"at column 8: expected \", \', \\, \n, \r, \t or \u{…}, found "\d"; a backslash itself is written \\"#);
        insta::assert_snapshot!(wrong("tag = \"\\u{110000}\""), @r#"at column 8: expected a character such as \u{1f642}, found "\u{110000}""#);
        insta::assert_snapshot!(wrong("tag = \"a\0b\""), @r#"at column 9: expected text without NUL characters, found "\u{0}""#);
    }

    #[test]
    fn columns_count_characters_and_the_span_is_the_word() {
        let text = "tag = \"🙂é\" and turns >= viele";
        let error = Filter::parse(text).unwrap_err();
        assert_eq!((error.column, &text[error.at.range()]), (25, "viele"));
    }

    #[test]
    fn a_filter_has_bounds() {
        let deep = format!("{}turns > 1{}", "(".repeat(60), ")".repeat(60));
        insta::assert_snapshot!(wrong(&deep), @r#"at column 51: expected at most 50 levels of parentheses and not, found "(""#);
        insta::assert_snapshot!(wrong(&"not ".repeat(60)), @r#"at column 201: expected at most 50 levels of parentheses and not, found "not""#);
        insta::assert_snapshot!(wrong(&vec!["turns > 1"; 201].join(" and ")), @r#"at column 2801: expected at most 200 conditions, found "turns""#);
        insta::assert_snapshot!(wrong(&format!("tag in ({})", vec!["a"; 501].join(","))), @r#"at column 1008: expected at most 500 values, found ",""#);
        insta::assert_snapshot!(wrong(&format!("text ~ \"{}\"", "a ".repeat(33))), @r#"at column 8: expected at most 32 words after ~, found "a a a a a a a a a a a a a a a a a a a …"#);
        assert!(wrong(&"x".repeat(20_001)).starts_with("at column 20001: expected at most 20000 bytes"));
    }
}
