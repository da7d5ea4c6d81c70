//! The expected response to a call.

use tenantry_http::RouteInfo;

use super::fixture::{Caller, Credential};

/// Who owns a named resource, relative to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ownership {
    /// The caller's organization (a present, former or attempted one), or the caller's own session.
    Own,
    /// Another organization or user.
    Foreign,
    /// The id does not exist.
    Random,
}

/// The organization and ids that a call names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    /// The organization in the header.
    pub(super) header: Option<Ownership>,
    /// The ids in the path, then those in the body.
    pub(super) ids: &'static [Ownership],
}

/// The expected outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// The success status of the route's row.
    Success,
    /// This status and this code.
    Rejected(u16, &'static str),
    /// 303 to the login page.
    SignIn,
    /// 404: the caller has no access to the named resource.
    NotFound,
}

/// The rule.
pub(super) fn expected(route: &RouteInfo, caller: &Caller, target: Target) -> Expected {
    let is_file = !route.path.starts_with("/api/") && !route.is_page;
    // A page without a caller reads no credential.
    if is_file || (route.is_page && route.access.is_anyone() && route.method == "GET") {
        return Expected::Success;
    }
    match caller.credential {
        Credential::SessionAndBearer => return Expected::Rejected(400, "conflicting_credentials"),
        _ if route.access.is_anyone() => return Expected::Success,
        _ if !may_operate(route, caller) => return Expected::Rejected(404, "not_found"),
        Credential::Nothing if route.access.is_visitor() => return Expected::Success,
        Credential::Nothing if route.is_page => return Expected::SignIn,
        Credential::Nothing => return Expected::Rejected(401, "not_authenticated"),
        Credential::Bearer | Credential::Session => {}
    }
    let by_token = caller.credential == Credential::Bearer;
    let mut ids = target.ids;
    if route.access.is_for_operators() {
        // Superusers reach everything that exists.
        return if ids.contains(&Ownership::Random) {
            Expected::NotFound
        } else {
            Expected::Success
        };
    }
    let mut role = None;
    if route.access.permission().is_some() {
        let organization = if names_organization(route) {
            let (first, rest) = ids.split_first().expect("the path names it");
            ids = rest;
            Some(*first)
        } else {
            target.header
        };
        let found = match organization {
            Some(Ownership::Own) => caller.role.ok_or((404, "organization_not_found")),
            // The token names another organization.
            Some(_) if by_token && !route.path.contains("{organization_id}") => {
                Err((400, "organization_context_conflict"))
            }
            Some(_) => Err((404, "organization_not_found")),
            None => caller.role.ok_or(if caller.selected {
                (403, "active_organization_unavailable")
            } else {
                (400, "organization_required")
            }),
        };
        match found {
            Err((status, code)) => return Expected::Rejected(status, code),
            Ok(found) => role = Some(found),
        }
    }
    if by_token && route.access.is_session_only() {
        return Expected::Rejected(403, "session_required");
    }
    // Checked before the lookup, whatever the id.
    if let (Some(role), Some(permission)) = (role, route.access.permission())
        && role < permission.min_role
    {
        return Expected::Rejected(403, "permission_denied");
    }
    // A caller without a membership has no token.
    let about_tokens = route.path.contains("/tokens") && !ids.is_empty();
    if about_tokens && caller.role.is_none() {
        return Expected::NotFound;
    }
    if ids.iter().all(|ownership| *ownership == Ownership::Own) {
        Expected::Success
    } else {
        Expected::NotFound
    }
}

/// Whether the route exists for the caller: operator routes are hidden from others.
fn may_operate(route: &RouteInfo, caller: &Caller) -> bool {
    match caller.kind {
        _ if !route.access.is_for_operators() => true,
        "superuser" => true,
        "staff" => !route.access.is_for_superusers(),
        _ => false,
    }
}

/// Whether the caller may see everything that the route returns.
pub(super) fn sees_all(route: &RouteInfo, caller: &Caller) -> bool {
    route.access.is_for_operators() && caller.kind == "superuser"
}

/// Whether the path names the organization.
pub(super) fn names_organization(route: &RouteInfo) -> bool {
    route.path.contains("{organization_id}") || route.path.contains("{slug}")
}
