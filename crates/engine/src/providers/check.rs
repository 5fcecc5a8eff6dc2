//! What a provider's settings must be like.

use reqwest::Url;
use turnwise_model::view::evaluator::ProviderDraft;

use super::ProviderSettingError;

/// Refuses a draft that cannot work, naming the setting.
pub(super) fn check(draft: &ProviderDraft) -> Result<Url, ProviderSettingError> {
    let wrong = |field, what, expected| Err(ProviderSettingError::Setting { field, what, expected });
    let length = |text: &str| text.trim().chars().count();
    if !(1..=80).contains(&length(&draft.name)) {
        return wrong("name", "the name", "1 to 80 characters long");
    }
    if !(1..=200).contains(&length(&draft.model)) {
        return wrong("model", "the model", "1 to 200 characters long");
    }
    if draft.key.as_ref().is_some_and(|key| key.len() > 4_096 || key.chars().any(char::is_control)) {
        return wrong("key", "the key", "one line of at most 4,096 bytes");
    }
    let price = |price: Option<f64>| price.is_none_or(|price| (0.0..=100_000.0).contains(&price));
    if !price(draft.input_price) || !price(draft.output_price) {
        return wrong("input_price", "a price", "in US dollars per million tokens, from 0 to 100,000");
    }
    if draft.input_price.is_some() != draft.output_price.is_some() {
        return wrong("output_price", "the prices", "both given or both left out");
    }
    if !(1..=64).contains(&draft.concurrency) {
        return wrong("concurrency", "the number of calls at once", "from 1 to 64");
    }
    if !(1..=600).contains(&draft.timeout_seconds) {
        return wrong("timeout_seconds", "the time for one call", "from 1 to 600 seconds");
    }
    address(&draft.base_url).ok_or(ProviderSettingError::Setting {
        field: "base_url",
        what: "the address",
        expected: "http:// or https:// without user, query and fragment, such as https://api.example.com/v1",
    })
}

/// An address that a provider can have.
pub(super) fn address(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    let plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    (matches!(url.scheme(), "http" | "https") && url.has_host() && plain).then_some(url)
}
