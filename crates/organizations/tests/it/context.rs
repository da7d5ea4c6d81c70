//! Which organization a request acts in, with the database in play.

use chrono::TimeDelta;
use tenantry_core::{
    access::{RequiredContext, Role},
    error::DomainError as _,
    id::{OrganizationId, UserId},
};
use tenantry_organizations::NewToken;
use tenantry_testkit::{Backend, each_database, statements};

use crate::support::{Stage, ask, ask_with, name};

async fn person_in_two(stage: &Stage) -> (UserId, OrganizationId, OrganizationId) {
    let user = stage.world.user("ada").await;
    let first = stage.world.organization("first").await;
    let second = stage.world.organization("second").await;
    stage.world.join(first, user, Role::Viewer).await;
    stage.world.clock.advance(TimeDelta::hours(1));
    stage.world.join(second, user, Role::Admin).await;
    (user, first, second)
}

async fn code(stage: &Stage, wanted: RequiredContext, header: Option<&str>) -> &'static str {
    match stage
        .organizations
        .resolve(ask("key", wanted, header))
        .await
    {
        Ok(_) => "let in",
        Err(refusal) => refusal.code(),
    }
}

each_database! {
    async fn the_header_beats_the_session_and_the_session_beats_the_oldest_membership(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let (user, first, second) = person_in_two(&stage).await;
        let caller = stage.session(user, "key").await;

        let resolve = async |header| {
            let question = ask("key", RequiredContext::ActiveTenant, header);
            let admission = stage.organizations.resolve(question).await.expect("let in");
            let tenant = admission.tenant.expect("a tenant");
            (tenant.organization(), tenant.role())
        };
        assert_eq!(resolve(None).await, (first, Role::Viewer));
        stage.users.select_organization(&caller, second).await.expect("selected");
        assert_eq!(resolve(None).await, (second, Role::Admin));
        assert_eq!(resolve(Some("first")).await, (first, Role::Viewer));
    }

    async fn foreign_unknown_and_disabled_organizations_are_alike(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let (user, first, _) = person_in_two(&stage).await;
        stage.session(user, "key").await;
        let foreign = stage.world.organization("foreign").await;
        stage.world.raw.execute("UPDATE organizations SET is_active = FALSE WHERE slug = 'first'").await;

        for header in ["foreign", "unknown", "first"] {
            assert_eq!(code(&stage, RequiredContext::ActiveTenant, Some(header)).await, "organization_not_found");
        }
        for path in [Some(foreign), Some(first), None] {
            assert_eq!(code(&stage, RequiredContext::PathTenant(path), None).await, "organization_not_found");
        }
        // The default is the oldest membership that is still active.
        assert_eq!(code(&stage, RequiredContext::ActiveTenant, None).await, "let in");
    }

    async fn a_lost_organization_is_not_replaced_by_another(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let (user, first, _) = person_in_two(&stage).await;
        let caller = stage.session(user, "key").await;
        stage.users.select_organization(&caller, first).await.expect("selected");
        stage.world.raw.execute("DELETE FROM organization_members WHERE role = 'viewer'").await;

        assert_eq!(code(&stage, RequiredContext::ActiveTenant, None).await, "active_organization_unavailable");
        assert_eq!(code(&stage, RequiredContext::Caller, None).await, "let in");
        let me = stage.organizations.me(&caller).await.expect("me");
        assert_eq!(me.current_organization, None);
        assert_eq!(me.memberships.len(), 1);
    }

    async fn a_removed_member_is_out_in_his_next_request(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let (user, ..) = person_in_two(&stage).await;
        stage.session(user, "key").await;
        assert_eq!(code(&stage, RequiredContext::ActiveTenant, Some("second")).await, "let in");
        stage.world.raw.execute("DELETE FROM organization_members WHERE role = 'admin'").await;
        assert_eq!(code(&stage, RequiredContext::ActiveTenant, Some("second")).await, "organization_not_found");
    }

    async fn a_session_dies_of_idleness_of_age_and_with_its_account(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let (user, ..) = person_in_two(&stage).await;
        stage.session(user, "key").await;

        stage.world.clock.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
        // Being let in counts as use, so the week begins anew.
        assert_eq!(code(&stage, RequiredContext::ActiveTenant, None).await, "let in");
        stage.world.clock.advance(TimeDelta::days(6));
        assert_eq!(code(&stage, RequiredContext::ActiveTenant, None).await, "let in");
        stage.world.clock.advance(TimeDelta::days(7));
        assert_eq!(code(&stage, RequiredContext::ActiveTenant, None).await, "invalid_credential");

        stage.session(user, "other").await;
        stage.world.raw.execute("UPDATE users SET is_active = FALSE").await;
        let question = ask("other", RequiredContext::Caller, None);
        let refusal = stage.organizations.resolve(question).await.expect_err("refused");
        assert_eq!(refusal.code(), "invalid_credential");
    }

    async fn a_session_in_use_ends_at_its_greatest_age(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let (user, ..) = person_in_two(&stage).await;
        stage.session(user, "key").await;
        for _ in 0..5 {
            stage.world.clock.advance(TimeDelta::days(5));
            assert_eq!(code(&stage, RequiredContext::ActiveTenant, None).await, "let in");
        }
        stage.world.clock.advance(TimeDelta::days(5));
        assert_eq!(code(&stage, RequiredContext::ActiveTenant, None).await, "invalid_credential");
    }

    async fn an_unknown_key_is_refused_before_any_organization_is_looked_at(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        person_in_two(&stage).await;
        for header in [None, Some("first"), Some("unknown")] {
            assert_eq!(code(&stage, RequiredContext::ActiveTenant, header).await, "invalid_credential");
        }
    }

    async fn one_indexed_query_resolves_every_context(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let (user, first, _) = person_in_two(&stage).await;
        stage.session(user, "key").await;
        fill(&stage).await;

        for (wanted, header) in [
            (RequiredContext::Caller, None),
            (RequiredContext::ActiveTenant, None),
            (RequiredContext::ActiveTenant, Some("first")),
            (RequiredContext::PathTenant(Some(first)), None),
        ] {
            let question = ask("key", wanted, header);
            let (admission, sent) = statements(stage.organizations.resolve(question)).await;
            admission.expect("let in");
            assert_eq!(sent.len(), 1, "{sent:#?}");
            let plan = stage.world.raw.plan(&sent[0]).await;
            // `SCAN` is SQLite's word for reading a whole table, `Seq Scan` is Postgres's.
            assert!(!plan.contains("SCAN") && !plan.contains("Seq Scan"), "{plan}");
            assert!(plan.contains("sessions_key_hash_key"), "{plan}");
        }
    }

    async fn one_indexed_query_resolves_every_context_of_a_token(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let (user, first, _) = person_in_two(&stage).await;
        let caller = stage.session(user, "key").await;
        let new = NewToken { name: name("CI"), organization: first, expires_at: None };
        let made = stage.organizations.create_token(&caller, new).await.expect("made");
        let token = made.secret.expose();
        fill(&stage).await;
        // The first use is noted, which takes more.
        let first_use = ask_with(token, RequiredContext::Caller, None);
        stage.organizations.resolve(first_use).await.expect("let in");

        for (wanted, header) in [
            (RequiredContext::Caller, None),
            (RequiredContext::ActiveTenant, None),
            (RequiredContext::ActiveTenant, Some("first")),
            (RequiredContext::PathTenant(Some(first)), None),
        ] {
            let question = ask_with(token, wanted, header);
            let (admission, sent) = statements(stage.organizations.resolve(question)).await;
            admission.expect("let in");
            assert_eq!(sent.len(), 1, "{sent:#?}");
            let plan = stage.world.raw.plan(&sent[0]).await;
            assert!(!plan.contains("SCAN") && !plan.contains("Seq Scan"), "{plan}");
            assert!(plan.contains("api_tokens_secret_hash_idx"), "{plan}");
        }

        let wrong = format!("{}0", &token[..token.len() - 1]);
        for text in [&token[1..], &wrong, "tnt_made-up", ""] {
            let question = ask_with(text, RequiredContext::ActiveTenant, None);
            let (refused, sent) = statements(stage.organizations.resolve(question)).await;
            assert_eq!(refused.expect_err("refused").code(), "invalid_credential");
            assert_eq!(sent, [""; 0], "asked the database for {text}");
        }
    }
}

/// Enough rows that reading a whole table would not pay.
async fn fill(stage: &Stage) {
    let (id, pair, now) = match stage.world.raw.backend() {
        Backend::Sqlite => (
            "randomblob(16)",
            "randomblob(16)",
            "'2026-01-05T09:00:00+00:00'",
        ),
        Backend::Postgres => ("gen_random_uuid()", "gen_random_uuid()", "now()"),
    };
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)";
    stage
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
