//! What the creation and the inspection of the demo data share.

use crate::Failure;

/// Parses a value of the demo data, which is known to be valid.
pub(super) fn valid<T: std::str::FromStr>(text: &str) -> T {
    let parsed = text.parse().ok();
    parsed.expect("the values of the demo world are valid")
}

pub(super) fn failed(error: &dyn std::error::Error) -> Failure {
    Failure::caused_by("the demo world can't be made", error)
}
