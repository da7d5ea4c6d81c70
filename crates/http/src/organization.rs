//! What names the organization of a request: its header, or the slug in its path.

use actix_web::{
    HttpRequest,
    http::header::{HeaderMap, HeaderName},
};

use tenantry_core::{
    access::{AccessError, RequiredContext},
    value::Slug,
};

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

/// The organization in the path of a page, and what the resolver must find for it. An invalid slug is
/// treated like an unknown one.
///
/// A header is for programs; a page has one only by mistake, and then it must name the same
/// organization.
pub(super) fn in_path(
    request: &HttpRequest,
    header: Option<Slug>,
    wanted: RequiredContext,
) -> Result<(Option<Slug>, RequiredContext), AccessError> {
    let segment = request.match_info().get("slug");
    let Some(slug) = segment.and_then(|text| text.parse::<Slug>().ok()) else {
        return Ok((None, RequiredContext::PathTenant(None)));
    };
    if header.is_some_and(|header| header != slug) {
        return Err(AccessError::OrganizationContextConflict);
    }
    Ok((Some(slug), wanted))
}
