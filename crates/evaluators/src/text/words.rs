//! Words and numbers of a text, hashed so that texts are compared without allocating strings.
//!
//! A word is folded to lowercase and stripped of common English endings; a number is brought to one form
//! (`1,203.50` and `1203.5` are equal). Digits glued to a unit are two tokens: `7pm` is 7 and `pm`.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

/// A word or number and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Hash of its folded form; equal words and equal numbers have equal hashes.
    pub hash: u64,
    /// What it is.
    pub kind: Kind,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A word that carries meaning.
    Content,
    /// A number, written in digits.
    Number,
    /// A word that carries little meaning by itself, such as `the`.
    Function,
}

impl Token {
    /// Whether it carries meaning.
    #[must_use]
    pub fn is_content(&self) -> bool {
        self.kind != Kind::Function
    }
}

/// A set of token hashes.
pub type Hashes = HashSet<u64, BuildHasherDefault<Identity>>;
/// Something known by token hash.
pub type ByHash<T> = HashMap<u64, T, BuildHasherDefault<Identity>>;

/// Hashes are already well mixed.
#[derive(Debug, Default, Clone, Copy)]
pub struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| mix(hash, *byte));
    }
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

const fn mix(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(0x0100_0000_01b3)
}

/// Spreads the bits of a running hash over the whole word.
const fn finish(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}

fn hash_bytes(bytes: &[u8]) -> u64 {
    finish(bytes.iter().fold(SEED, |hash, byte| mix(hash, *byte)))
}

/// One hash of two, in order.
#[must_use]
pub const fn pair(first: u64, second: u64) -> u64 {
    finish(first.rotate_left(23) ^ second)
}

/// The hash a word has as a token.
#[must_use]
pub fn word_hash(word: &str) -> u64 {
    tokens(word).first().map_or(0, |token| token.hash)
}

/// The hash a number has as a token, given in its one form (see [`plain_number`]).
#[must_use]
pub fn number_hash(plain: &str) -> u64 {
    hash_bytes(plain.as_bytes())
}

/// The words and numbers of a text in order.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 5 + 1);
    each_token(text, &mut |token| tokens.push(token));
    tokens
}

/// Calls `take` with each word and number of a text in order.
pub fn each_token(text: &str, take: &mut impl FnMut(Token)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut folded = [0_u8; 48];
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii_digit() {
            let end = number_end(bytes, at);
            take(Token { start: at, end, hash: number_hash_of(&text[at..end]), kind: Kind::Number });
            at = end;
        } else if byte.is_ascii_alphabetic() || !byte.is_ascii() {
            at = word(text, at, &mut folded, take);
        } else {
            at += 1;
        }
    }
}

/// Takes the word that begins at `at`, and gives the byte after it (or after a character that begins no word).
fn word(text: &str, at: usize, folded: &mut [u8; 48], take: &mut impl FnMut(Token)) -> usize {
    let bytes = text.as_bytes();
    let mut end = at;
    let mut length = 0;
    let mut ascii = true;
    while end < bytes.len() {
        let byte = bytes[end];
        if byte.is_ascii_alphanumeric() {
            if length < folded.len() {
                folded[length] = byte.to_ascii_lowercase();
                length += 1;
            }
            end += 1;
        } else if byte.is_ascii() {
            let inner = byte == b'\'' && end > at && bytes.get(end + 1).is_some_and(u8::is_ascii_alphabetic);
            if !inner {
                break;
            }
            end += 1;
        } else {
            let Some(character) = text[end..].chars().next() else { break };
            if character == '’' && end > at && bytes.get(end + 3).is_some_and(u8::is_ascii_alphabetic) {
                end += 3;
                continue;
            }
            if !character.is_alphanumeric() {
                break;
            }
            let syllabic = u32::from(character) >= 0x2e80;
            if syllabic && end > at {
                break;
            }
            ascii = false;
            for lower in character.to_lowercase() {
                let mut buffer = [0; 4];
                for byte in lower.encode_utf8(&mut buffer).bytes() {
                    if length < folded.len() {
                        folded[length] = byte;
                        length += 1;
                    }
                }
            }
            end += character.len_utf8();
            if syllabic {
                break;
            }
        }
    }
    if end == at {
        return at + text[at..].chars().next().map_or(1, char::len_utf8);
    }
    let whole = hash_bytes(&folded[..length]);
    let function = FUNCTION_WORDS.contains(&whole) || (ascii && length < 2);
    let (hash, kind) = if function {
        (whole, Kind::Function)
    } else if ascii {
        (hash_bytes(&folded[..stem(&folded[..length])]), Kind::Content)
    } else {
        (whole, Kind::Content)
    };
    take(Token { start: at, end, hash, kind });
    end
}

fn number_end(bytes: &[u8], start: usize) -> usize {
    let mut end = start;
    while end < bytes.len() {
        let joins = matches!(bytes[end], b'.' | b',' | b':') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if !bytes[end].is_ascii_digit() && !joins {
            break;
        }
        end += 1;
    }
    end
}

/// A number in its one form: no grouping, a point before decimals, no needless zeros. `373,10` is 373.1, `1,203` is 1203.
#[must_use]
pub fn plain_number(written: &str) -> String {
    let mut plain = String::with_capacity(written.len());
    let bytes = written.as_bytes();
    let commas = bytes.iter().filter(|byte| **byte == b',').count();
    let points = bytes.iter().filter(|byte| **byte == b'.').count();
    for (at, byte) in bytes.iter().enumerate() {
        let digits_after = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        match byte {
            b',' if commas == 1 && digits_after != 3 && points == 0 => plain.push('.'),
            b',' => {}
            b'.' if points > 1 && digits_after == 3 => {}
            other => plain.push(char::from(*other)),
        }
    }
    if plain.contains('.') && !plain.contains(':') {
        plain.truncate(plain.trim_end_matches('0').trim_end_matches('.').len());
    }
    let significant = plain.trim_start_matches('0');
    if significant.is_empty() || !significant.starts_with(|c: char| c.is_ascii_digit()) {
        return format!("0{significant}");
    }
    significant.to_owned()
}

fn number_hash_of(written: &str) -> u64 {
    let plain_already = written.bytes().all(|byte| byte.is_ascii_digit()) && !written.starts_with('0');
    if plain_already { hash_bytes(written.as_bytes()) } else { number_hash(&plain_number(written)) }
}

/// Length of the stem: strips one common English ending where at least three letters stay.
fn stem(word: &[u8]) -> usize {
    const ENDINGS: [&[u8]; 23] = [
        b"ization", b"ational", b"ations", b"ation", b"ingly", b"ments", b"ment", b"ness", b"ities", b"ity", b"ings",
        b"ing", b"edly", b"ies", b"ied", b"ers", b"er", b"ed", b"es", b"ly", b"'s", b"s", b"y",
    ];
    let mut length = word.len();
    if let Some(ending) = ENDINGS.iter().find(|ending| length >= ending.len() + 3 && word.ends_with(ending)) {
        length -= ending.len();
    }
    if length > 4 && word[length - 1] == b'e' {
        length -= 1;
    }
    length
}

static FUNCTION_WORDS: LazyLock<Hashes> = LazyLock::new(|| {
    let words = "a an the and or but if then than that this these those is are was were be been being am do does did \
        doing have has had having i you he she it we they me him her us them my your his its our their of in on at by \
        for with about against between into through during before after above below to from up down out off over \
        under again further once here there when where why how all any both each few more most other some such no nor \
        not only own same so too very can will just should now could would may might must also as which who whom what \
        while because until within however therefore thus etc im ive ill id youre youve youll its dont cant wont isnt \
        arent wasnt didnt doesnt hes shes weve were theyre thats theres lets \
        der die das den dem des ein eine einen einem einer eines und oder aber ist sind war waren bin ich du er sie es \
        wir ihr mir dir ihm ihn uns euch mein dein sein nicht kein keine auf aus bei mit nach von zu zum zur für über \
        dass wenn als auch noch nur schon so wie was wo wer hat habe haben wird werden kann können sich im am \
        le la les un une des du de et ou mais est sont je tu il elle nous vous ils elles mon ma mes votre vos notre nos \
        son sa ses ne pas plus que qui quoi dans sur sous par pour avec sans au aux ce cette ces se si y en à été être \
        el los las una unos unas y o pero es son yo tú él ella nosotros ustedes mi mis su sus lo no sí que qué por para \
        con sin del al en como más muy ya está están ser \
        i w z na do to jest są nie się że jak co czy ale lub oraz po od za dla ten ta te tym ja ty on ona my wy oni";
    words.split_whitespace().map(|word| hash_bytes(word.as_bytes())).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    fn same(left: &str, right: &str) -> bool {
        let hashes = |text: &str| tokens(text).iter().map(|token| token.hash).collect::<Vec<_>>();
        hashes(left) == hashes(right)
    }

    #[test]
    fn a_number_has_one_form() {
        for (written, plain) in [
            ("1,203.50", "1203.5"),
            ("373,10", "373.1"),
            ("1,203", "1203"),
            ("007", "7"),
            ("0", "0"),
            ("0.50", "0.5"),
            ("1.234.567", "1234567"),
            ("20.00", "20"),
            ("07:00", "7:00"),
            ("1,234,567.0", "1234567"),
            ("00", "0"),
        ] {
            assert_eq!(plain_number(written), plain, "{written}");
        }
        assert!(same("$1,203.50", "1203.5"));
        assert!(!same("1203.5", "12035"));
    }

    #[test]
    fn words_are_equal_in_any_case_and_form() {
        assert!(same("Refunds", "refund"));
        assert!(same("CANCELLATION", "cancell"));
        assert!(same("don’t", "don't"));
        assert!(!same("order", "refund"));
    }

    #[test]
    fn a_unit_is_apart_from_its_number_and_an_id_in_one_piece() {
        let pieces = |text: &str| tokens(text).iter().map(|t| text[t.start..t.end].to_owned()).collect::<Vec<_>>();
        assert_eq!(
            pieces("7pm, HAT034; LF-51190 für 3,5kg."),
            ["7", "pm", "HAT034", "LF", "51190", "für", "3,5", "kg"]
        );
        assert_eq!(pieces("東京へ🙂x"), ["東", "京", "へ", "x"]);
    }

    #[test]
    fn function_words_carry_no_meaning() {
        let content = tokens("What is the refund of my 2 orders?").iter().filter(|token| token.is_content()).count();
        assert_eq!(content, 3);
    }
}
