//! Every row of the documented order, and every way in which it fails.

use tenantry_core::id::Uuid;

use super::*;

fn slug(text: &str) -> Slug {
    text.parse().expect("valid")
}

fn id(n: u128) -> OrganizationId {
    Uuid::from_u128(n).into()
}

fn dedicated() -> Deployment {
    Deployment::Dedicated {
        organization: slug("acme"),
    }
}

fn request(wanted: RequiredContext, header: Option<&str>) -> ContextRequest {
    ContextRequest {
        credential: None,
        header: header.map(slug),
        wanted,
        request: None,
    }
}

fn by_token(
    deployment: &Deployment,
    wanted: RequiredContext,
    header: Option<&str>,
) -> TenantSource {
    let credential = Some(Credential::Bearer(None));
    let base = request(wanted, header);
    source(deployment, &ContextRequest { credential, ..base })
}

/// The outcome of a request with a token of this organization.
fn token_outcome(source: &TenantSource, bound: u128, slug_of_it: &str) -> &'static str {
    let is_allowed = source.allows(id(bound), &slug(slug_of_it));
    outcome(source, None, is_allowed.then_some(slug_of_it))
}

fn saas(wanted: RequiredContext, header: Option<&str>) -> TenantSource {
    source(&Deployment::Saas, &request(wanted, header))
}

fn outcome(source: &TenantSource, selected: Option<u128>, member_of: Option<&str>) -> &'static str {
    use tenantry_core::error::DomainError as _;

    let member_of = member_of.map(slug);
    let found = LookupResult {
        selected: selected.map(id),
        member_of: member_of.as_ref(),
    };
    match check(source, &found) {
        Ok(()) => "accepted",
        Err(error) => error.code(),
    }
}

#[test]
fn the_header_beats_the_session_and_the_session_beats_the_default() {
    assert_eq!(
        saas(RequiredContext::ActiveTenant, Some("acme")),
        TenantSource::Slug(slug("acme"))
    );
    assert_eq!(
        saas(RequiredContext::ActiveTenant, None),
        TenantSource::SessionOrDefault
    );
}

#[test]
fn a_header_without_a_match_never_falls_back_to_the_session() {
    let source = saas(RequiredContext::ActiveTenant, Some("acme"));
    assert_eq!(outcome(&source, Some(1), None), "organization_not_found");
    assert_eq!(outcome(&source, None, None), "organization_not_found");
}

#[test]
fn a_session_whose_selected_organization_is_gone_never_falls_back() {
    let source = TenantSource::SessionOrDefault;
    assert_eq!(
        outcome(&source, Some(1), None),
        "active_organization_unavailable"
    );
    assert_eq!(outcome(&source, Some(1), Some("acme")), "accepted");
}

#[test]
fn a_caller_without_any_membership_has_no_organization() {
    let source = TenantSource::SessionOrDefault;
    assert_eq!(outcome(&source, None, None), "organization_required");
    assert_eq!(outcome(&source, None, Some("acme")), "accepted");
}

#[test]
fn the_path_names_the_organization_and_the_header_may_only_repeat_it() {
    let agreeing = saas(RequiredContext::PathTenant(Some(id(1))), Some("acme"));
    assert_eq!(outcome(&agreeing, None, Some("acme")), "accepted");
    assert_eq!(
        outcome(&agreeing, None, Some("globex")),
        "organization_context_conflict"
    );
    let silent = saas(RequiredContext::PathTenant(Some(id(1))), None);
    assert_eq!(outcome(&silent, Some(2), Some("globex")), "accepted");
}

#[test]
fn a_foreign_path_is_not_found_whatever_the_header() {
    for header in [None, Some("acme")] {
        let source = saas(RequiredContext::PathTenant(Some(id(1))), header);
        assert_eq!(outcome(&source, None, None), "organization_not_found");
    }
}

#[test]
fn a_path_without_a_valid_id_is_not_found() {
    let source = saas(RequiredContext::PathTenant(None), None);
    assert_eq!(outcome(&source, None, None), "organization_not_found");
}

#[test]
fn a_route_without_an_organization_ignores_the_header() {
    for header in [None, Some("acme")] {
        assert_eq!(saas(RequiredContext::Caller, header), TenantSource::None);
    }
    let caller = request(RequiredContext::Caller, Some("globex"));
    assert_eq!(source(&dedicated(), &caller), TenantSource::None);
    assert_eq!(outcome(&TenantSource::None, None, None), "accepted");
}

#[test]
fn a_dedicated_deployment_has_its_one_organization_with_and_without_the_header() {
    for header in [None, Some("acme")] {
        let source = source(
            &dedicated(),
            &request(RequiredContext::ActiveTenant, header),
        );
        assert_eq!(source, TenantSource::Slug(slug("acme")));
        assert_eq!(outcome(&source, Some(2), Some("acme")), "accepted");
        assert_eq!(outcome(&source, None, None), "organization_not_found");
    }
}

#[test]
fn a_dedicated_deployment_has_no_other_organization() {
    for wanted in [
        RequiredContext::ActiveTenant,
        RequiredContext::PathTenant(Some(id(1))),
    ] {
        let source = source(&dedicated(), &request(wanted, Some("globex")));
        assert_eq!(source, TenantSource::Unmatched);
    }
    let path = source(
        &dedicated(),
        &request(RequiredContext::PathTenant(Some(id(1))), None),
    );
    let only = slug("acme");
    assert_eq!(path, TenantSource::DedicatedPath { id: id(1), only });
    assert_eq!(outcome(&path, None, None), "organization_not_found");
}

#[test]
fn a_token_acts_in_its_organization_and_the_header_may_only_repeat_it() {
    for (header, expected) in [
        (None, "accepted"),
        (Some("acme"), "accepted"),
        (Some("globex"), "organization_context_conflict"),
    ] {
        let source = by_token(&Deployment::Saas, RequiredContext::ActiveTenant, header);
        assert_eq!(token_outcome(&source, 1, "acme"), expected, "{header:?}");
    }
}

#[test]
fn for_a_token_every_other_organization_is_unknown() {
    for (path, header, expected) in [
        (Some(1), None, "accepted"),
        (Some(1), Some("acme"), "accepted"),
        (Some(1), Some("globex"), "organization_context_conflict"),
        (Some(2), None, "organization_not_found"),
        (Some(2), Some("acme"), "organization_not_found"),
        (Some(2), Some("globex"), "organization_not_found"),
        (None, None, "organization_not_found"),
    ] {
        let wanted = RequiredContext::PathTenant(path.map(id));
        let source = by_token(&Deployment::Saas, wanted, header);
        let outcome = token_outcome(&source, 1, "acme");
        assert_eq!(outcome, expected, "{path:?} {header:?}");
    }
}

#[test]
fn a_dedicated_deployment_decides_before_the_token() {
    for (wanted, header, bound, expected) in [
        (RequiredContext::ActiveTenant, None, "acme", "accepted"),
        (
            RequiredContext::ActiveTenant,
            Some("acme"),
            "acme",
            "accepted",
        ),
        (
            RequiredContext::ActiveTenant,
            Some("globex"),
            "acme",
            "organization_not_found",
        ),
        (
            RequiredContext::ActiveTenant,
            None,
            "globex",
            "organization_not_found",
        ),
        (
            RequiredContext::ActiveTenant,
            Some("globex"),
            "globex",
            "organization_not_found",
        ),
        (
            RequiredContext::PathTenant(Some(id(1))),
            None,
            "acme",
            "accepted",
        ),
        (
            RequiredContext::PathTenant(Some(id(2))),
            None,
            "acme",
            "organization_not_found",
        ),
        (
            RequiredContext::PathTenant(Some(id(1))),
            None,
            "globex",
            "organization_not_found",
        ),
    ] {
        let source = by_token(&dedicated(), wanted, header);
        let outcome = token_outcome(&source, 1, bound);
        assert_eq!(outcome, expected, "{wanted:?} {header:?} {bound}");
    }
}

#[test]
fn a_token_allows_no_organization_on_a_route_without_one() {
    for wanted in [RequiredContext::Caller, RequiredContext::Operator] {
        let source = by_token(&Deployment::Saas, wanted, Some("globex"));
        assert_eq!(source, TenantSource::None);
        assert!(!source.allows(id(1), &slug("acme")));
    }
}
