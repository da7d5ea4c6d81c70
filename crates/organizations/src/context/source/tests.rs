//! Every row of the documented order and every way in which it fails.

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

fn ask(wanted: RequiredContext, header: Option<&str>) -> ContextRequest {
    ContextRequest {
        credential: None,
        header: header.map(slug),
        wanted,
        request: None,
    }
}

fn by_token(deployment: &Deployment, wanted: RequiredContext, header: Option<&str>) -> Source {
    let credential = Some(Credential::Bearer(None));
    let question = ask(wanted, header);
    source(
        deployment,
        &ContextRequest {
            credential,
            ..question
        },
    )
}

/// What becomes of a request with a token that is bound to this organization.
fn verdict_of_token(source: &Source, bound: u128, slug_of_it: &str) -> &'static str {
    let is_reached = source.reaches(id(bound), &slug(slug_of_it));
    verdict(source, None, is_reached.then_some(slug_of_it))
}

fn saas(wanted: RequiredContext, header: Option<&str>) -> Source {
    source(&Deployment::Saas, &ask(wanted, header))
}

fn verdict(source: &Source, selected: Option<u128>, member_of: Option<&str>) -> &'static str {
    use tenantry_core::error::DomainError as _;

    let member_of = member_of.map(slug);
    let found = Found {
        selected: selected.map(id),
        member_of: member_of.as_ref(),
    };
    match judge(source, &found) {
        Ok(()) => "let in",
        Err(refusal) => refusal.code(),
    }
}

#[test]
fn the_header_beats_the_session_and_the_session_beats_the_default() {
    assert_eq!(
        saas(RequiredContext::ActiveTenant, Some("acme")),
        Source::Slug(slug("acme"))
    );
    assert_eq!(
        saas(RequiredContext::ActiveTenant, None),
        Source::SessionOrDefault
    );
}

#[test]
fn a_header_that_leads_nowhere_never_falls_through_to_the_session() {
    let source = saas(RequiredContext::ActiveTenant, Some("acme"));
    assert_eq!(verdict(&source, Some(1), None), "organization_not_found");
    assert_eq!(verdict(&source, None, None), "organization_not_found");
}

#[test]
fn a_session_whose_organization_is_lost_never_falls_back_to_the_default() {
    let source = Source::SessionOrDefault;
    assert_eq!(
        verdict(&source, Some(1), None),
        "active_organization_unavailable"
    );
    assert_eq!(verdict(&source, Some(1), Some("acme")), "let in");
}

#[test]
fn a_caller_without_any_membership_has_no_organization() {
    let source = Source::SessionOrDefault;
    assert_eq!(verdict(&source, None, None), "organization_required");
    assert_eq!(verdict(&source, None, Some("acme")), "let in");
}

#[test]
fn the_path_names_the_organization_and_the_header_may_only_agree() {
    let agreeing = saas(RequiredContext::PathTenant(Some(id(1))), Some("acme"));
    assert_eq!(verdict(&agreeing, None, Some("acme")), "let in");
    assert_eq!(
        verdict(&agreeing, None, Some("globex")),
        "organization_context_conflict"
    );
    let silent = saas(RequiredContext::PathTenant(Some(id(1))), None);
    assert_eq!(verdict(&silent, Some(2), Some("globex")), "let in");
}

#[test]
fn a_foreign_path_is_not_found_whatever_the_header_says() {
    for header in [None, Some("acme")] {
        let source = saas(RequiredContext::PathTenant(Some(id(1))), header);
        assert_eq!(verdict(&source, None, None), "organization_not_found");
    }
}

#[test]
fn a_path_without_a_valid_id_is_not_found() {
    let source = saas(RequiredContext::PathTenant(None), None);
    assert_eq!(verdict(&source, None, None), "organization_not_found");
}

#[test]
fn no_organization_is_looked_for_where_none_is_wanted() {
    for header in [None, Some("acme")] {
        assert_eq!(saas(RequiredContext::Caller, header), Source::Nothing);
    }
    let question = ask(RequiredContext::Caller, Some("globex"));
    assert_eq!(source(&dedicated(), &question), Source::Nothing);
    assert_eq!(verdict(&Source::Nothing, None, None), "let in");
}

#[test]
fn a_dedicated_deployment_has_its_one_organization_with_and_without_the_header() {
    for header in [None, Some("acme")] {
        let source = source(&dedicated(), &ask(RequiredContext::ActiveTenant, header));
        assert_eq!(source, Source::Slug(slug("acme")));
        assert_eq!(verdict(&source, Some(2), Some("acme")), "let in");
        assert_eq!(verdict(&source, None, None), "organization_not_found");
    }
}

#[test]
fn a_dedicated_deployment_knows_no_other_organization() {
    for wanted in [
        RequiredContext::ActiveTenant,
        RequiredContext::PathTenant(Some(id(1))),
    ] {
        let source = source(&dedicated(), &ask(wanted, Some("globex")));
        assert_eq!(source, Source::Nowhere);
    }
    let path = source(
        &dedicated(),
        &ask(RequiredContext::PathTenant(Some(id(1))), None),
    );
    let only = slug("acme");
    assert_eq!(path, Source::DedicatedPath { id: id(1), only });
    assert_eq!(verdict(&path, None, None), "organization_not_found");
}

#[test]
fn a_token_acts_in_its_organization_and_the_header_may_only_agree() {
    for (header, expected) in [
        (None, "let in"),
        (Some("acme"), "let in"),
        (Some("globex"), "organization_context_conflict"),
    ] {
        let source = by_token(&Deployment::Saas, RequiredContext::ActiveTenant, header);
        assert_eq!(verdict_of_token(&source, 1, "acme"), expected, "{header:?}");
    }
}

#[test]
fn to_a_token_every_other_organization_is_unknown() {
    for (path, header, expected) in [
        (Some(1), None, "let in"),
        (Some(1), Some("acme"), "let in"),
        (Some(1), Some("globex"), "organization_context_conflict"),
        (Some(2), None, "organization_not_found"),
        (Some(2), Some("acme"), "organization_not_found"),
        (Some(2), Some("globex"), "organization_not_found"),
        (None, None, "organization_not_found"),
    ] {
        let wanted = RequiredContext::PathTenant(path.map(id));
        let source = by_token(&Deployment::Saas, wanted, header);
        let verdict = verdict_of_token(&source, 1, "acme");
        assert_eq!(verdict, expected, "{path:?} {header:?}");
    }
}

#[test]
fn a_dedicated_deployment_decides_before_the_token_does() {
    for (wanted, header, bound, expected) in [
        (RequiredContext::ActiveTenant, None, "acme", "let in"),
        (
            RequiredContext::ActiveTenant,
            Some("acme"),
            "acme",
            "let in",
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
            "let in",
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
        let verdict = verdict_of_token(&source, 1, bound);
        assert_eq!(verdict, expected, "{wanted:?} {header:?} {bound}");
    }
}

#[test]
fn a_token_reaches_no_organization_where_none_is_wanted() {
    for wanted in [RequiredContext::Caller, RequiredContext::Operator] {
        let source = by_token(&Deployment::Saas, wanted, Some("globex"));
        assert_eq!(source, Source::Nothing);
        assert!(!source.reaches(id(1), &slug("acme")));
    }
}
