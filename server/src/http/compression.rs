//! Compression of what is made on the spot; assets are compressed when the site is built.

use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::DefaultPredicate;

/// Quality at which brotli and gzip cost little next to making the page (brotli's own default, 11, takes seconds).
const QUALITY: i32 = 4;

/// Brotli or gzip by Accept-Encoding. Event streams, images and what is already encoded stay as they are.
pub fn layer() -> CompressionLayer<DefaultPredicate> {
    CompressionLayer::new().br(true).gzip(true).quality(CompressionLevel::Precise(QUALITY))
}
