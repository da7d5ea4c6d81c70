//! The pattern of a route's path.

use super::Access;

/// A segment of a path. Literals sort first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment<'a> {
    Literal(&'a str),
    Parameter,
}

/// The segments of a path, without the names of parameters.
pub(super) fn segments(path: &str) -> impl Iterator<Item = Segment<'_>> {
    path.split('/').skip(1).map(|text| {
        if text.starts_with('{') {
            Segment::Parameter
        } else {
            Segment::Literal(text)
        }
    })
}

/// # Panics
/// When the path is malformed, or contradicts its access.
pub(super) fn check(path: &str, access: Access) {
    assert!(path.starts_with('/'), "{path} must start with a slash");
    assert!(
        path == "/" || !path.ends_with('/'),
        "{path} must not end with a slash"
    );
    // If the organization in the path were ignored, a member of one could act under the id of another.
    assert_eq!(
        path.contains("/{organization_id}"),
        access.needs_organization_in_path(),
        "{path}: {{organization_id}} in a path and Access::path_organization go together"
    );
    assert_eq!(
        path.contains("/{slug}"),
        access.needs_slug_in_path(),
        "{path}: {{slug}} in a path and Access::slug_organization go together"
    );
}
