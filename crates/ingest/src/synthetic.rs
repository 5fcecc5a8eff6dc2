//! Ids for spans that no client numbered: derived from what they stand for, so that importing twice changes nothing.

/// A trace id, 32 hex digits, from the parts of its identity.
#[must_use]
pub fn trace_id(parts: &[&[u8]]) -> String {
    hex::encode(&derived(b"turnwise trace", parts)[..16])
}

/// A span id, 16 hex digits, from the parts of its identity.
#[must_use]
pub fn span_id(parts: &[&[u8]]) -> String {
    hex::encode(&derived(b"turnwise span", parts)[..8])
}

fn derived(kind: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for part in std::iter::once(&kind).chain(parts) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}
