//! Which organization a request acts in, with the database.

use chrono::TimeDelta;
use tenantry_core::{
    access::{RequiredContext, Role},
    error::DomainError as _,
    id::{OrganizationId, UserId},
};
use tenantry_organizations::NewToken;
use tenantry_testkit::{Backend, each_database, statements};

use crate::support::{Fixture, name, session_request, token_request};

async fn person_in_two(fixture: &Fixture) -> (UserId, OrganizationId, OrganizationId) {
    let user = fixture.world.user("ada").await;
    let first = fixture.world.organization("first").await;
    let second = fixture.world.organization("second").await;
    fixture.world.join(first, user, Role::Viewer).await;
    fixture.world.clock.advance(TimeDelta::hours(1));
    fixture.world.join(second, user, Role::Admin).await;
    (user, first, second)
}

async fn code(fixture: &Fixture, wanted: RequiredContext, header: Option<&str>) -> &'static str {
    match fixture
        .organizations
        .resolver
        .resolve(session_request("key", wanted, header))
        .await
    {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

each_database! {
    async fn the_header_beats_the_session_and_the_session_beats_the_oldest_membership(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (user, first, second) = person_in_two(&fixture).await;
        let caller = fixture.session(user, "key").await;

        let resolve = async |header| {
            let request = session_request("key", RequiredContext::ActiveTenant, header);
            let resolved = fixture.organizations.resolver.resolve(request).await.expect("accepted");
            let tenant = resolved.tenant.expect("a tenant");
            (tenant.organization(), tenant.role())
        };
        assert_eq!(resolve(None).await, (first, Role::Viewer));
        fixture.users.select_organization(&caller, second).await.expect("selected");
        assert_eq!(resolve(None).await, (second, Role::Admin));
        assert_eq!(resolve(Some("first")).await, (first, Role::Viewer));
    }

    async fn foreign_unknown_and_disabled_organizations_are_alike(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (user, first, _) = person_in_two(&fixture).await;
        fixture.session(user, "key").await;
        let foreign = fixture.world.organization("foreign").await;
        fixture.world.raw.execute("UPDATE organizations SET is_active = FALSE WHERE slug = 'first'").await;

        for header in ["foreign", "unknown", "first"] {
            assert_eq!(code(&fixture, RequiredContext::ActiveTenant, Some(header)).await, "organization_not_found");
        }
        for path in [Some(foreign), Some(first), None] {
            assert_eq!(code(&fixture, RequiredContext::PathTenant(path), None).await, "organization_not_found");
        }
        // The default is the oldest membership that is still active.
        assert_eq!(code(&fixture, RequiredContext::ActiveTenant, None).await, "accepted");
    }

    async fn a_lost_organization_has_no_fallback(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (user, first, _) = person_in_two(&fixture).await;
        let caller = fixture.session(user, "key").await;
        fixture.users.select_organization(&caller, first).await.expect("selected");
        fixture.world.raw.execute("DELETE FROM organization_members WHERE role = 'viewer'").await;

        assert_eq!(code(&fixture, RequiredContext::ActiveTenant, None).await, "active_organization_unavailable");
        assert_eq!(code(&fixture, RequiredContext::Caller, None).await, "accepted");
        let me = fixture.organizations.organizations.me(&caller).await.expect("me");
        assert_eq!(me.current_organization, None);
        assert_eq!(me.memberships.len(), 1);
    }

    async fn a_removed_member_has_no_access_in_the_next_request(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (user, ..) = person_in_two(&fixture).await;
        fixture.session(user, "key").await;
        assert_eq!(code(&fixture, RequiredContext::ActiveTenant, Some("second")).await, "accepted");
        fixture.world.raw.execute("DELETE FROM organization_members WHERE role = 'admin'").await;
        assert_eq!(code(&fixture, RequiredContext::ActiveTenant, Some("second")).await, "organization_not_found");
    }

    async fn a_session_ends_by_idleness_by_age_and_with_its_account(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (user, ..) = person_in_two(&fixture).await;
        fixture.session(user, "key").await;

        fixture.world.clock.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
        // An accepted request counts as use, so the week starts again.
        assert_eq!(code(&fixture, RequiredContext::ActiveTenant, None).await, "accepted");
        fixture.world.clock.advance(TimeDelta::days(6));
        assert_eq!(code(&fixture, RequiredContext::ActiveTenant, None).await, "accepted");
        fixture.world.clock.advance(TimeDelta::days(7));
        assert_eq!(code(&fixture, RequiredContext::ActiveTenant, None).await, "invalid_credential");

        fixture.session(user, "other").await;
        fixture.world.raw.execute("UPDATE users SET is_active = FALSE").await;
        let request = session_request("other", RequiredContext::Caller, None);
        let refusal = fixture.organizations.resolver.resolve(request).await.expect_err("refused");
        assert_eq!(refusal.code(), "invalid_credential");
    }

    async fn a_session_in_use_ends_at_its_maximum_age(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (user, ..) = person_in_two(&fixture).await;
        fixture.session(user, "key").await;
        for _ in 0..5 {
            fixture.world.clock.advance(TimeDelta::days(5));
            assert_eq!(code(&fixture, RequiredContext::ActiveTenant, None).await, "accepted");
        }
        fixture.world.clock.advance(TimeDelta::days(5));
        assert_eq!(code(&fixture, RequiredContext::ActiveTenant, None).await, "invalid_credential");
    }

    async fn an_unknown_key_is_refused_before_any_organization_is_checked(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        person_in_two(&fixture).await;
        for header in [None, Some("first"), Some("unknown")] {
            assert_eq!(code(&fixture, RequiredContext::ActiveTenant, header).await, "invalid_credential");
        }
    }

    async fn one_indexed_query_resolves_every_context(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (user, first, _) = person_in_two(&fixture).await;
        fixture.session(user, "key").await;
        fill(&fixture).await;

        for (wanted, header) in [
            (RequiredContext::Caller, None),
            (RequiredContext::ActiveTenant, None),
            (RequiredContext::ActiveTenant, Some("first")),
            (RequiredContext::PathTenant(Some(first)), None),
        ] {
            let request = session_request("key", wanted, header);
            let (resolved, sent) = statements(fixture.organizations.resolver.resolve(request)).await;
            resolved.expect("accepted");
            assert_eq!(sent.len(), 1, "{sent:#?}");
            let plan = fixture.world.raw.plan(&sent[0]).await;
            // `SCAN` is SQLite's word for reading a whole table, `Seq Scan` is Postgres's.
            assert!(!plan.contains("SCAN") && !plan.contains("Seq Scan"), "{plan}");
            assert!(plan.contains("sessions_key_hash_key"), "{plan}");
        }
    }

    async fn one_indexed_query_resolves_every_context_of_a_token(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (user, first, _) = person_in_two(&fixture).await;
        let caller = fixture.session(user, "key").await;
        let new = NewToken { name: name("CI"), organization: first, expires_at: None };
        let made = fixture.organizations.tokens.create_token(&caller, new).await.expect("made");
        let token = made.secret.expose();
        fill(&fixture).await;
        // The first use is recorded by another statement.
        let first_use = token_request(token, RequiredContext::Caller, None);
        fixture.organizations.resolver.resolve(first_use).await.expect("accepted");

        for (wanted, header) in [
            (RequiredContext::Caller, None),
            (RequiredContext::ActiveTenant, None),
            (RequiredContext::ActiveTenant, Some("first")),
            (RequiredContext::PathTenant(Some(first)), None),
        ] {
            let request = token_request(token, wanted, header);
            let (resolved, sent) = statements(fixture.organizations.resolver.resolve(request)).await;
            resolved.expect("accepted");
            assert_eq!(sent.len(), 1, "{sent:#?}");
            let plan = fixture.world.raw.plan(&sent[0]).await;
            assert!(!plan.contains("SCAN") && !plan.contains("Seq Scan"), "{plan}");
            assert!(plan.contains("api_tokens_secret_hash_idx"), "{plan}");
        }

        let wrong = format!("{}0", &token[..token.len() - 1]);
        for text in [&token[1..], &wrong, "tnt_made-up", ""] {
            let request = token_request(text, RequiredContext::ActiveTenant, None);
            let (refused, sent) = statements(fixture.organizations.resolver.resolve(request)).await;
            assert_eq!(refused.expect_err("refused").code(), "invalid_credential");
            assert_eq!(sent, [""; 0], "a query for {text}");
        }
    }
}

/// Enough rows that reading a whole table would not pay.
async fn fill(fixture: &Fixture) {
    let (id, pair, now) = match fixture.world.raw.backend() {
        Backend::Sqlite => (
            "randomblob(16)",
            "randomblob(16)",
            "'2026-01-05T09:00:00+00:00'",
        ),
        Backend::Postgres => ("gen_random_uuid()", "gen_random_uuid()", "now()"),
    };
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)";
    fixture
        .world
        .raw
        .execute(&format!(
            "INSERT INTO users (id, email, name, password_hash, is_active, is_staff, is_superuser, created_at, updated_at)
             {numbers} SELECT {id}, 'u' || i, 'u', 'x', TRUE, FALSE, FALSE, {now}, {now} FROM n;
             INSERT INTO organizations (id, name, name_key, slug, is_active, created_at, updated_at)
             {numbers} SELECT {id}, 'o', 'o', 'o' || i, TRUE, {now}, {now} FROM n;
             INSERT INTO organization_members (organization_id, id, user_id, role, joined_at)
             SELECT o.id, {pair}, u.id, 'member', {now} FROM organizations o
             JOIN users u ON u.email = 'u' || substr(o.slug, 2);
             INSERT INTO api_tokens (organization_id, id, membership_id, user_id, credential_epoch,
                                     name, secret_hash, last_four, created_at)
             SELECT organization_id, {id}, id, user_id, 1, 't', 'hash ' || user_id, 'x', {now}
             FROM organization_members WHERE role = 'member';
             INSERT INTO sessions (id, key_hash, user_id, created_at, last_seen_at, expires_at)
             SELECT {id}, 'hash ' || email, id, {now}, {now}, {now} FROM users;
             ANALYZE"
        ))
        .await;
}
