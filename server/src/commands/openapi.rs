//! `turnwise openapi`: prints the document that describes the REST API.

use std::io::Write as _;

use crate::failure::Failure;
use crate::http::api;

/// Prints it as JSON.
///
/// # Errors
/// When it cannot be written.
pub fn run() -> Result<(), Failure> {
    let document =
        api::document().to_pretty_json().map_err(|error| Failure::unexpected("the document cannot be made", error))?;
    writeln!(std::io::stdout(), "{document}")
        .map_err(|error| Failure::unexpected("standard output cannot be written", error))
}
