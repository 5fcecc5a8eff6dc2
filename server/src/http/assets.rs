//! The built site, inside the binary: hashed names, compressed beforehand, kept by browsers for good.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, VARY,
};
use rust_embed::RustEmbed;
use std::sync::Arc;

/// What names the hashed files; it is read by the server and not served.
pub const MANIFEST: &str = "manifest.json";

/// A file whose name changes with its content.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

#[derive(RustEmbed)]
#[folder = "../target/site"]
#[allow_missing = true]
struct Embedded;

/// One file in up to three encodings.
struct Asset {
    content_type: &'static str,
    identity: Representation,
    brotli: Option<Representation>,
    gzip: Option<Representation>,
}

struct Representation {
    bytes: Bytes,
    etag: HeaderValue,
}

/// All files of the built site, by name.
#[derive(Default)]
pub struct Site {
    manifest: Option<Bytes>,
    assets: BTreeMap<String, Asset>,
}

impl Site {
    /// The site that was built before the server was; empty if there was none.
    #[must_use]
    pub fn embedded() -> Self {
        Self::of(Embedded::iter().filter_map(|name| {
            let bytes = match Embedded::get(&name)?.data {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => Bytes::from(bytes),
            };
            Some((name.into_owned(), bytes))
        }))
    }

    /// A site of these files; `x.br` and `x.gz` are encodings of `x`.
    pub fn of(files: impl IntoIterator<Item = (String, Bytes)>) -> Self {
        let mut files: BTreeMap<String, Bytes> = files.into_iter().collect();
        let manifest = files.remove(MANIFEST);
        let names: Vec<String> = files.keys().filter(|name| !is_encoding(name)).cloned().collect();
        let assets = names
            .into_iter()
            .filter_map(|name| {
                let identity = Representation::of(files.get(&name)?.clone());
                let encoded = |ending: &str| files.get(&format!("{name}.{ending}")).cloned().map(Representation::of);
                let (brotli, gzip) = (encoded("br"), encoded("gz"));
                Some((name.clone(), Asset { content_type: content_type(&name), identity, brotli, gzip }))
            })
            .collect();
        Self { manifest, assets }
    }

    /// The manifest as it was built.
    #[must_use]
    pub fn manifest(&self) -> Option<&[u8]> {
        self.manifest.as_deref()
    }
}

impl Representation {
    fn of(bytes: Bytes) -> Self {
        let hash = blake3::hash(&bytes).to_hex();
        let etag =
            HeaderValue::try_from(format!("\"{}\"", &hash.as_str()[..32])).unwrap_or(HeaderValue::from_static("\"\""));
        Self { bytes, etag }
    }
}

fn is_encoding(name: &str) -> bool {
    name.ends_with(".br") || name.ends_with(".gz")
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// `GET /assets/{name}`.
pub async fn serve(State(site): State<Arc<Site>>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = site.assets.get(&name) else {
        return (StatusCode::NOT_FOUND, [(CONTENT_TYPE, "text/plain; charset=utf-8")], "no such asset\n")
            .into_response();
    };
    let accepted =
        headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",");
    let brotli = asset.brotli.as_ref().filter(|_| accepts(&accepted, "br")).map(|found| (found, Some("br")));
    let gzip = || asset.gzip.as_ref().filter(|_| accepts(&accepted, "gzip")).map(|found| (found, Some("gzip")));
    let (chosen, encoding) = brotli.or_else(gzip).unwrap_or((&asset.identity, None));

    let known = headers.get_all(IF_NONE_MATCH).iter().any(|value| names(value, &chosen.etag));
    let mut response =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { Body::from(chosen.bytes.clone()).into_response() };
    let answer = response.headers_mut();
    answer.insert(CACHE_CONTROL, HeaderValue::from_static(FOR_GOOD));
    answer.insert(ETAG, chosen.etag.clone());
    answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if !known {
        answer.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
        if let Some(encoding) = encoding {
            answer.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
    }
    response
}

/// `GET /favicon.ico`: the mark, which browsers ask for under this name whatever a page says.
pub async fn favicon() -> Response {
    let headers = [(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "public, max-age=86400")];
    (headers, include_str!("favicon.svg")).into_response()
}

/// Whether an If-None-Match names this representation.
fn names(value: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(value), Ok(etag)) = (value.to_str(), etag.to_str()) else { return false };
    value.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// Whether an Accept-Encoding allows an encoding (RFC 9110, 12.5.3). One that is not named is allowed only by `*`.
fn accepts(header: &str, encoding: &str) -> bool {
    let mut by_star = false;
    for item in header.split(',') {
        let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
        let quality =
            parameters.trim().strip_prefix("q=").and_then(|quality| quality.trim().parse::<f32>().ok()).unwrap_or(1.0);
        let name = name.trim();
        if name.eq_ignore_ascii_case(encoding) {
            return quality > 0.0;
        }
        if name == "*" {
            by_star = quality > 0.0;
        }
    }
    by_star
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_used_only_where_it_is_accepted() {
        assert!(accepts("gzip, deflate, br, zstd", "br"));
        assert!(accepts("GZIP;q=0.5", "gzip"));
        assert!(accepts("*", "br"));
        assert!(!accepts("br;q=0, *", "br"));
        assert!(!accepts("br; q=0.0", "br"));
        assert!(!accepts("", "br"));
        assert!(!accepts("brotli", "br"));
    }

    #[test]
    fn a_representation_is_recognised_by_its_tag() {
        let tag = HeaderValue::from_static("\"abc\"");
        for (value, same) in [("\"abc\"", true), ("W/\"abc\", \"x\"", true), ("*", true), ("\"ab\"", false)] {
            assert_eq!(names(&HeaderValue::from_static(value), &tag), same, "{value}");
        }
    }
}
