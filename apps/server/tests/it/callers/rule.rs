//! What the answer to a call has to be.

use tenantry_http::RouteInfo;

use super::cast::{Caller, Credential};

/// Whose a named thing is, seen from the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Of the organization that the caller belongs to, belonged to, or tries to get into; or his
    /// own session.
    Own,
    /// Of another.
    Foreign,
    /// Nobody's.
    Random,
}

/// What a call names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    /// The organization in the header.
    pub(super) header: Option<Whose>,
    /// The ids in the path, then those in the body.
    pub(super) ids: &'static [Whose],
}

/// What has to come of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// What the route's row says.
    Done,
    /// This status and this code.
    Refused(u16, &'static str),
    /// 404: what the caller named is not in his reach.
    Missing,
}

/// The rule.
pub(super) fn verdict(route: &RouteInfo, caller: &Caller, target: Target) -> Verdict {
    if !route.path.starts_with("/api/") {
        return Verdict::Done;
    }
    match caller.credential {
        Credential::SessionAndBearer => return Verdict::Refused(400, "conflicting_credentials"),
        _ if route.access.is_anyone() => return Verdict::Done,
        _ if !may_operate(route, caller) => return Verdict::Refused(404, "not_found"),
        Credential::Nothing => return Verdict::Refused(401, "not_authenticated"),
        Credential::Bearer | Credential::Session => {}
    }
    let by_token = caller.credential == Credential::Bearer;
    let mut ids = target.ids;
    if route.access.is_for_operators() {
        // Superusers reach everything that there is, whoever it belongs to.
        return if ids.contains(&Whose::Random) {
            Verdict::Missing
        } else {
            Verdict::Done
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
            Some(Whose::Own) => caller.role.ok_or((404, "organization_not_found")),
            // The token has named another one already.
            Some(_) if by_token && !names_organization(route) => {
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
            Err((status, code)) => return Verdict::Refused(status, code),
            Ok(found) => role = Some(found),
        }
    }
    if by_token && route.access.is_session_only() {
        return Verdict::Refused(403, "session_required");
    }
    // Before the lookup: whatever id he names.
    if let (Some(role), Some(permission)) = (role, route.access.permission())
        && role < permission.min_role
    {
        return Verdict::Refused(403, "permission_denied");
    }
    // Who belongs nowhere has no token, and gets none.
    let about_tokens = route.path.starts_with("/api/tokens") && !ids.is_empty();
    if about_tokens && caller.role.is_none() {
        return Verdict::Missing;
    }
    if ids.iter().all(|whose| *whose == Whose::Own) {
        Verdict::Done
    } else {
        Verdict::Missing
    }
}

/// Whether the route exists for the caller: those of operators don't for others.
fn may_operate(route: &RouteInfo, caller: &Caller) -> bool {
    match caller.kind {
        _ if !route.access.is_for_operators() => true,
        "superuser" => true,
        "staff" => !route.access.is_for_superusers(),
        _ => false,
    }
}

/// Whether the caller may see everything that the route shows.
pub(super) fn sees_all(route: &RouteInfo, caller: &Caller) -> bool {
    route.access.is_for_operators() && caller.kind == "superuser"
}

/// Whether the path names the organization.
pub(super) fn names_organization(route: &RouteInfo) -> bool {
    route.path.contains("{organization_id}")
}
