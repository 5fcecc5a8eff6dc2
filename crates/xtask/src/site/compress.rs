//! Every asset beside its brotli and gzip forms. Compressing well takes seconds, so results are kept by content.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

use crate::client::{Quality, forget_old};
use crate::fingerprint;
use crate::place::Place;

use super::assemble::{Assets, MANIFEST};

/// Name and content.
type File = (String, Vec<u8>);

/// So many earlier results are kept.
const KEPT: usize = 600;

/// Adds `.br` and `.gz` forms beside every asset but the manifest, which only the server reads.
pub fn compress(place: &Place, assets: &Assets, quality: Quality) -> Result<Assets> {
    let brotli_quality = if quality == Quality::Release { 11 } else { 5 };
    let kept = place.kept("compressed");
    fs::create_dir_all(&kept).with_context(|| format!("`{}` cannot be made", kept.display()))?;
    let mut files: Assets = assets.clone();
    let compressed: Result<Vec<[File; 2]>> = std::thread::scope(|scope| {
        let work: Vec<_> = assets
            .iter()
            .filter(|(name, _)| name.as_str() != MANIFEST)
            .map(|(name, content)| {
                let kept = kept.as_path();
                scope.spawn(move || forms(kept, name, content, brotli_quality))
            })
            .collect();
        work.into_iter().map(|thread| thread.join().unwrap_or_else(|_| anyhow::bail!("compressing panicked"))).collect()
    });
    files.extend(compressed?.into_iter().flatten());
    forget_old(&kept, KEPT);
    Ok(files)
}

fn forms(kept: &Path, name: &str, content: &[u8], brotli_quality: u32) -> Result<[File; 2]> {
    let hash = fingerprint::of(content);
    let brotli = remembered(&kept.join(format!("{hash}.q{brotli_quality}.br")), || brotli(content, brotli_quality))?;
    let gzip = remembered(&kept.join(format!("{hash}.gz")), || gzip(content))?;
    Ok([(format!("{name}.br"), brotli), (format!("{name}.gz"), gzip)])
}

fn remembered(file: &Path, make: impl FnOnce() -> Result<Vec<u8>>) -> Result<Vec<u8>> {
    if let Ok(found) = fs::read(file) {
        return Ok(found);
    }
    let made = make()?;
    let mut beside = tempfile::NamedTempFile::new_in(file.parent().unwrap_or(file))?;
    beside.write_all(&made)?;
    beside.persist(file).with_context(|| format!("`{}` cannot be written", file.display()))?;
    Ok(made)
}

fn brotli(content: &[u8], quality: u32) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: quality as i32,
        lgwin: 22,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn both_forms_give_the_content_back() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = Place { root: folder.path().into(), target: folder.path().join("target") };
        let content = "the same line again\n".repeat(500).into_bytes();
        let assets = Assets::from([("a.css".to_owned(), content.clone()), (MANIFEST.to_owned(), b"{}".to_vec())]);
        for _again in 0..2 {
            let files = compress(&place, &assets, Quality::Release).expect("compressed");
            let names: Vec<&str> = files.keys().map(String::as_str).collect();
            assert_eq!(names, ["a.css", "a.css.br", "a.css.gz", "manifest.json"]);

            let mut from_gzip = Vec::new();
            flate2::read::GzDecoder::new(&files["a.css.gz"][..]).read_to_end(&mut from_gzip).expect("gzip");
            let mut from_brotli = Vec::new();
            brotli::BrotliDecompress(&mut &files["a.css.br"][..], &mut from_brotli).expect("brotli");
            assert_eq!(from_gzip, content);
            assert_eq!(from_brotli, content);
        }
    }
}
