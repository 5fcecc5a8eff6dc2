//! Which language a text is in, sure enough to say that two texts differ.
//!
//! A handful of function words settles most texts for a fraction of what trigrams cost; only texts they leave open go
//! to `whatlang`.

use std::sync::LazyLock;

use super::words::{ByHash, Token, word_hash};

/// A language by its ISO 639-3 code; for other scripts than Latin, the script by its name.
pub type Code = &'static str;

static MARKERS: LazyLock<ByHash<Code>> = LazyLock::new(|| {
    let lists: [(Code, &str); 6] = [
        ("eng", "the you your is are and for this that with have it of i my was can will please what how it's i'm"),
        ("deu", "der das und ist nicht ich sie mit ein eine für ihre wir haben auf bitte wird kann mein meine"),
        ("fra", "le les vous est une pour votre je nous pas avec dans sur mon merci bonjour c'est que"),
        ("spa", "el los una por para su que gracias está hola usted pero como con más mi"),
        ("pol", "nie jest się że proszę dziękuję czy jak pan pani mój dzień dobry już"),
        ("ita", "il che di per una sono grazie non è questo della mi ciao anche"),
    ];
    let mut markers = ByHash::default();
    let mut shared = Vec::new();
    for (code, words) in lists {
        for word in words.split_whitespace() {
            let hash = word_hash(word);
            if markers.insert(hash, code).is_some_and(|other| other != code) {
                shared.push(hash);
            }
        }
    }
    for hash in shared {
        markers.remove(&hash);
    }
    markers
});

/// The language of a text, or `None` where it is too short or mixed to say.
#[must_use]
pub fn language(text: &str, tokens: &[Token]) -> Option<Code> {
    if tokens.len() < 4 {
        return None;
    }
    let mut counts: [(Code, usize); 6] = [("", 0); 6];
    for code in tokens.iter().filter_map(|token| MARKERS.get(&token.hash)) {
        for slot in &mut counts {
            if slot.0 == *code || slot.0.is_empty() {
                *slot = (code, slot.1 + 1);
                break;
            }
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let [(code, first), (_, second), ..] = counts;
    if first >= 2 && first > 2 * second && first * 14 >= tokens.len() {
        return Some(code);
    }
    if let Some(script) = whatlang::detect_script(crate::evidence::cut(text, 200))
        && script != whatlang::Script::Latin
    {
        // Short texts in one script are mistaken for its other languages; the script itself is certain.
        return Some(script_name(script));
    }
    let letters = text.chars().filter(|character| character.is_alphabetic()).take(40).count();
    if letters < 24 {
        return None;
    }
    let info = whatlang::detect(crate::evidence::cut(text, 600))?;
    (info.is_reliable() && info.confidence() > 0.9).then(|| info.lang().code())
}

const fn script_name(script: whatlang::Script) -> Code {
    use whatlang::Script;
    match script {
        Script::Arabic => "Arabic",
        Script::Cyrillic => "Cyrillic",
        Script::Devanagari => "Devanagari",
        Script::Greek => "Greek",
        Script::Hangul => "Hangul",
        Script::Hebrew => "Hebrew",
        Script::Hiragana | Script::Katakana | Script::Mandarin => "Chinese or Japanese",
        Script::Thai => "Thai",
        _ => "another script",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words::tokens;

    fn of(text: &str) -> Option<Code> {
        language(text, &tokens(text))
    }

    #[test]
    fn common_languages_are_told_apart() {
        assert_eq!(of("Where is my parcel, and can you change the address?"), Some("eng"));
        assert_eq!(of("Ich möchte mein Zelt zurückgeben, es ist mir doch zu schwer."), Some("deu"));
        assert_eq!(of("Je voudrais savoir où est mon colis, merci pour votre aide"), Some("fra"));
        assert_eq!(of("Dziękuję za zdjęcia! Pęknięty segment masztu wymienimy w ramach gwarancji."), Some("pol"));
        assert_eq!(of("Здравствуйте, подскажите, пожалуйста, где находится мой заказ?"), Some("Cyrillic"));
    }

    #[test]
    fn a_few_words_or_codes_have_no_language() {
        assert_eq!(of("ok"), None);
        assert_eq!(of("LF-51190 HAT034 RT-5531 7:00"), None);
    }
}
