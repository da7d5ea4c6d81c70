//! The header that names the organization of a request.

use actix_web::http::header::{HeaderMap, HeaderName};

use tenantry_core::{access::AccessError, value::Slug};

const X_ORGANIZATION_SLUG: HeaderName = HeaderName::from_static("x-organization-slug");

/// The slug in the header, compared as written.
///
/// An invalid header is an error, never ignored: a typo would otherwise send a write to another
/// tenant.
pub(super) fn named(headers: &HeaderMap) -> Result<Option<Slug>, AccessError> {
    let mut values = headers.get_all(X_ORGANIZATION_SLUG);
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value,
        _ => return Err(AccessError::InvalidOrganizationHeader),
    };
    let slug = value.to_str().ok().and_then(|text| text.parse().ok());
    slug.map(Some).ok_or(AccessError::InvalidOrganizationHeader)
}
