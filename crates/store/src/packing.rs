//! Payloads in little space: zstd with a dictionary, because most of them are small and look alike.
//!
//! A packed payload is one byte that names the dictionary, then a zstd frame. What was packed with a dictionary needs it
//! for ever: a better one is a new file and a new number, and the old ones stay.

use std::cell::RefCell;
use std::io;
use std::sync::LazyLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// The dictionary in use: the shape of our documents with field names and common values. No zstd header: raw content.
const DICTIONARY: &[u8] = include_bytes!("packing.dictionary.1.json");
const DICTIONARY_NUMBER: u8 = 1;
/// Level at which packing costs less than writing what it saves.
const LEVEL: i32 = 1;
/// The largest payload that is unpacked.
const MOST_BYTES: u64 = 1 << 30;

static TO_PACK: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
static TO_UNPACK: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

thread_local! {
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Packs a payload. CPU work: keep it off the async threads when there is much of it.
///
/// # Errors
/// When zstd has no memory.
pub(crate) fn pack(payload: &[u8]) -> io::Result<Vec<u8>> {
    PACKER.with_borrow_mut(|packer| {
        let packer = match packer {
            Some(packer) => packer,
            None => packer.insert(Compressor::with_prepared_dictionary(&TO_PACK)?),
        };
        let mut packed = Vec::with_capacity(1 + zstd::zstd_safe::compress_bound(payload.len()));
        packed.push(DICTIONARY_NUMBER);
        let mut rest = io::Cursor::new(packed);
        rest.set_position(1);
        packer.compress_to_buffer(payload, &mut rest)?;
        let mut packed = rest.into_inner();
        packed.shrink_to_fit();
        Ok(packed)
    })
}

/// What was packed.
///
/// # Errors
/// When the bytes were not packed by this program or an earlier version of it.
pub(crate) fn unpack(packed: &[u8]) -> io::Result<Vec<u8>> {
    let wrong = |reason: &str| io::Error::new(io::ErrorKind::InvalidData, reason.to_owned());
    let Some((&DICTIONARY_NUMBER, frame)) = packed.split_first() else {
        return Err(wrong("packed with a dictionary that this version does not have"));
    };
    let size = match zstd::zstd_safe::get_frame_content_size(frame) {
        Ok(Some(size)) if size <= MOST_BYTES => usize::try_from(size).unwrap_or(usize::MAX),
        _ => return Err(wrong("not a zstd frame of a known and reasonable size")),
    };
    UNPACKER.with_borrow_mut(|unpacker| {
        let unpacker = match unpacker {
            Some(unpacker) => unpacker,
            None => unpacker.insert(Decompressor::with_prepared_dictionary(&TO_UNPACK)?),
        };
        unpacker.decompress(frame, size)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_packed_is_unpacked(payload in proptest::collection::vec(any::<u8>(), 0..5_000)) {
            prop_assert_eq!(unpack(&pack(&payload).unwrap()).unwrap(), payload);
        }

        #[test]
        fn broken_bytes_are_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpack(&bytes);
            let mut named = vec![DICTIONARY_NUMBER];
            named.extend(bytes);
            let _ = unpack(&named);
        }
    }

    #[test]
    fn a_small_document_becomes_smaller() {
        let document = br#"{"role":"assistant","parts":[{"type":"text","text":"Good morning"}]}"#;
        let packed = pack(document).unwrap();
        assert!(packed.len() < document.len() * 3 / 4, "{} of {}", packed.len(), document.len());
    }
}
