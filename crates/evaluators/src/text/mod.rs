//! Reading text cheaply: words, sentences, numbers, languages, personal data, phrases.

pub mod dates;
pub mod facts;
pub mod ground;
pub mod language;
pub mod negation;
pub mod personal;
pub mod phrases;
pub mod sentences;
pub mod similarity;
pub mod words;
