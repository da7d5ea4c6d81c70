//! API tokens: bound to one organization, worth what their owner is at this moment.

use std::sync::Arc;

use chrono::TimeDelta;
use tenantry_core::{
    access::{Actor, RequiredContext, Role, SessionCaller, TenantContext},
    error::DomainError as _,
    id::{OrganizationId, UserId},
    page::PageRequest,
};
use tenantry_domain_events::events::organizations::{TokenCreated, TokenRevoked};
use tenantry_organizations::{IssuedToken, NewToken, OrganizationsError};
use tenantry_testkit::{TestDatabase, each_database, statements};

use crate::support::{Stage, ask_with, name};

/// Ada, a member of `acme`, signed in.
struct Ada {
    stage: Stage,
    acme: OrganizationId,
    user: UserId,
    caller: SessionCaller,
}

impl Ada {
    async fn new(db: TestDatabase) -> Self {
        let stage = Stage::saas(db).await;
        let user = stage.world.user("ada").await;
        let acme = stage.world.organization("acme").await;
        stage.world.join(acme, user, Role::Member).await;
        let caller = stage.session(user, "key").await;
        Self {
            stage,
            acme,
            user,
            caller,
        }
    }

    fn wish(&self) -> NewToken {
        NewToken {
            name: name("CI"),
            organization: self.acme,
            expires_at: None,
        }
    }

    async fn token(&self) -> IssuedToken {
        let made = self
            .stage
            .organizations
            .create_token(&self.caller, self.wish());
        made.await.expect("made")
    }

    /// Where a request with the token acts, or why it doesn't.
    async fn tenant(&self, made: &IssuedToken) -> Result<TenantContext, &'static str> {
        let question = ask_with(made.secret.expose(), RequiredContext::ActiveTenant, None);
        let admission = self.stage.organizations.resolve(question).await;
        let admission = admission.map_err(|refusal| refusal.code())?;
        Ok(admission.tenant.expect("wanted"))
    }

    async fn assert_dead(&self, made: &IssuedToken) {
        assert_eq!(self.tenant(made).await, Err("invalid_credential"));
    }

    async fn sql(&self, sql: &str) {
        assert!(self.stage.world.raw.execute(sql).await > 0, "{sql}");
    }

    async fn names(&self) -> Vec<String> {
        let request = PageRequest::default();
        let page = self
            .stage
            .organizations
            .tokens(&self.caller, &request)
            .await;
        let items = page.expect("listed").items.into_iter();
        items.map(|token| token.name.to_string()).collect()
    }
}

each_database! {
    async fn a_token_is_worth_what_its_owner_is_at_this_moment(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let made = ada.token().await;
        for role in Role::ALL {
            ada.sql(&format!("UPDATE organization_members SET role = '{role}'")).await;
            let tenant = ada.tenant(&made).await.expect("let in");
            assert_eq!((tenant.organization(), tenant.role()), (ada.acme, role));
        }
    }

    async fn a_token_dies_with_the_membership_and_joining_again_does_not_revive_it(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let made = ada.token().await;
        ada.tenant(&made).await.expect("let in");
        ada.sql("DELETE FROM organization_members").await;
        ada.assert_dead(&made).await;
        ada.stage.world.join(ada.acme, ada.user, Role::Owner).await;
        ada.assert_dead(&made).await;
        assert_eq!(ada.names().await, [""; 0]);
    }

    async fn a_token_ends_at_its_time_and_not_before(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let now = ada.stage.world.runtime().now();
        for past in [now, now - TimeDelta::days(1)] {
            let wish = NewToken { expires_at: Some(past), ..ada.wish() };
            let refused = ada.stage.organizations.create_token(&ada.caller, wish).await;
            let refused = refused.expect_err("refused");
            assert!(matches!(refused, OrganizationsError::TokenExpiryPast), "{refused}");
        }
        let wish = NewToken { expires_at: Some(now + TimeDelta::hours(1)), ..ada.wish() };
        let made = ada.stage.organizations.create_token(&ada.caller, wish).await.expect("made");
        ada.stage.world.clock.advance(TimeDelta::hours(1) - TimeDelta::microseconds(1));
        ada.tenant(&made).await.expect("let in");
        ada.stage.world.clock.advance(TimeDelta::microseconds(1));
        ada.assert_dead(&made).await;
        // Its owner sees that it ended; the next one that he makes clears it away.
        assert_eq!(ada.names().await, ["CI"]);
        ada.token().await;
        assert_eq!(ada.stage.world.raw.number("SELECT count(*) FROM api_tokens").await, 1);
    }

    async fn whatever_ends_all_credentials_ends_tokens_for_good(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let users = &ada.stage.users;
        let actor = Actor::system();

        let made = ada.token().await;
        let password = "correct horse battery".parse().expect("valid");
        users.reset_password(ada.user, password, actor).await.expect("reset");
        ada.assert_dead(&made).await;

        let ada = Ada { caller: ada.stage.session(ada.user, "second").await, ..ada };
        assert_eq!(ada.names().await, [""; 0]);
        let made = ada.token().await;
        for active in [false, true] {
            let users = &ada.stage.users;
            let mut work = ada.stage.world.database.begin(actor);
            users.set_active(&mut work, ada.user, active).await.expect("set");
            work.commit().await.expect("committed");
            ada.assert_dead(&made).await;
        }
    }

    async fn a_disabled_organization_takes_its_tokens_along_and_brings_them_back(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let made = ada.token().await;
        ada.sql("UPDATE organizations SET is_active = FALSE").await;
        ada.assert_dead(&made).await;
        assert_eq!(ada.names().await, [""; 0]);
        let revoked = ada.stage.organizations.revoke_token(&ada.caller, made.token.id).await;
        assert!(matches!(revoked, Err(OrganizationsError::TokenNotFound)));
        let refused = ada.stage.organizations.create_token(&ada.caller, ada.wish()).await;
        assert!(matches!(refused, Err(OrganizationsError::NotFound)), "{refused:?}");
        ada.sql("UPDATE organizations SET is_active = TRUE").await;
        ada.tenant(&made).await.expect("let in");
    }

    async fn a_member_has_at_most_fifty_tokens_and_dead_ones_do_not_count(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let end = ada.stage.world.runtime().now() + TimeDelta::hours(1);
        let organizations = &ada.stage.organizations;
        for _ in 0..50 {
            let wish = NewToken { expires_at: Some(end), ..ada.wish() };
            organizations.create_token(&ada.caller, wish).await.expect("made");
        }
        let refused = organizations.create_token(&ada.caller, ada.wish()).await;
        assert!(matches!(refused, Err(OrganizationsError::TooManyTokens)), "{refused:?}");
        ada.stage.world.clock.advance(TimeDelta::hours(2));
        ada.token().await;
    }

    async fn the_fiftieth_token_is_made_once(db: TestDatabase) {
        let ada = Ada::new(db).await;
        for _ in 0..49 {
            ada.token().await;
        }
        let gate = ada.stage.world.gates.close("tokens.create");
        let wishes = (0..4).map(|_| {
            let (organizations, caller) = (Arc::clone(&ada.stage.organizations), ada.caller.clone());
            let wish = ada.wish();
            tokio::spawn(async move { organizations.create_token(&caller, wish).await.is_ok() })
        });
        let wishes: Vec<_> = wishes.collect();
        gate.reached(4).await;
        gate.open();
        let mut made = 0;
        for wish in wishes {
            made += usize::from(wish.await.expect("no panic"));
        }
        assert_eq!(made, 1);
    }

    async fn whoever_is_put_out_while_he_makes_a_token_gets_none(db: TestDatabase) {
        for (what, refusal) in [
            ("DELETE FROM organization_members", "organization_not_found"),
            ("UPDATE organizations SET is_active = FALSE", "organization_not_found"),
            ("DELETE FROM sessions", "invalid_credential"),
            ("UPDATE users SET is_active = FALSE", "invalid_credential"),
        ] {
            let db = TestDatabase::new(db.backend()).await;
            let ada = Ada::new(db).await;
            let gate = ada.stage.world.gates.close("tokens.create");
            let organizations = Arc::clone(&ada.stage.organizations);
            let (caller, wish) = (ada.caller.clone(), ada.wish());
            let made = tokio::spawn(async move { organizations.create_token(&caller, wish).await });
            gate.reached(1).await;
            ada.sql(what).await;
            gate.open();
            let refused = made.await.expect("no panic").expect_err(what);
            assert_eq!(refused.code(), refusal, "{what}");
            let left = ada.stage.world.raw.number("SELECT count(*) FROM api_tokens").await;
            assert_eq!(left, 0, "{what}");
        }
    }

    async fn a_use_is_noted_now_and_then_and_changes_nothing_else(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let made = ada.token().await;
        let used = async || {
            let request = PageRequest::default();
            let page = ada.stage.organizations.tokens(&ada.caller, &request).await;
            page.expect("listed").items[0].last_used_at
        };
        assert_eq!(used().await, None);
        let clock = &ada.stage.world.clock;
        let start = ada.stage.world.runtime().now();
        ada.tenant(&made).await.expect("let in");
        assert_eq!(used().await, Some(start));

        clock.advance(TimeDelta::minutes(5));
        let (_, sent) = statements(ada.tenant(&made)).await;
        assert_eq!((used().await, sent.len()), (Some(start), 1), "{sent:#?}");
        clock.advance(TimeDelta::microseconds(1));
        ada.tenant(&made).await.expect("let in");
        assert_eq!(used().await, Some(ada.stage.world.runtime().now()));
    }

    async fn tokens_of_others_are_unknown(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let stage = &ada.stage;
        let made = ada.token().await;
        let bob = stage.world.user("bob").await;
        stage.world.join(ada.acme, bob, Role::Owner).await;
        let bob = stage.session(bob, "his").await;
        let listed = stage.organizations.tokens(&bob, &PageRequest::default()).await;
        assert!(listed.expect("listed").items.is_empty());
        let refused = stage.organizations.revoke_token(&bob, made.token.id).await;
        assert!(matches!(refused, Err(OrganizationsError::TokenNotFound)));
        ada.tenant(&made).await.expect("let in");
        let foreign = stage.world.organization("globex").await;
        let wish = NewToken { organization: foreign, ..ada.wish() };
        let refused = stage.organizations.create_token(&ada.caller, wish).await;
        assert!(matches!(refused, Err(OrganizationsError::NotFound)), "{refused:?}");
    }

    async fn making_and_revoking_are_told_without_the_secret(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let made = ada.token().await;
        ada.stage.organizations.revoke_token(&ada.caller, made.token.id).await.expect("revoked");
        ada.assert_dead(&made).await;
        let again = ada.stage.organizations.revoke_token(&ada.caller, made.token.id).await;
        assert!(matches!(again, Err(OrganizationsError::TokenNotFound)));

        let events = &ada.stage.world.events;
        let (created, revoked) = (events.of::<TokenCreated>(), events.of::<TokenRevoked>());
        assert_eq!((created.len(), revoked.len()), (1, 1));
        assert_eq!(created[0].token_id, made.token.id);
        assert_eq!(created[0].last_four, made.secret.last_four());
        let told = format!("{:?} {made:?}", events.told());
        assert!(!told.contains(made.secret.expose()), "{told}");
        assert!(!told.contains(made.secret.digest().as_str()), "{told}");
    }

    async fn a_dedicated_deployment_has_tokens_for_its_one_organization(db: TestDatabase) {
        let stage = Stage::dedicated(db, "acme").await;
        let user = stage.world.user("ada").await;
        let caller = stage.session(user, "key").await;
        let mut made = Vec::new();
        for slug in ["acme", "globex"] {
            let organization = stage.world.organization(slug).await;
            stage.world.join(organization, user, Role::Member).await;
            let wish = NewToken { name: name(slug), organization, expires_at: None };
            made.push(stage.organizations.create_token(&caller, wish).await);
        }
        assert!(matches!(made.pop(), Some(Err(OrganizationsError::NotFound))));
        let made = made.pop().expect("asked").expect("made");
        let question = ask_with(made.secret.expose(), RequiredContext::ActiveTenant, None);
        stage.organizations.resolve(question).await.expect("let in");
        let question = ask_with(made.secret.expose(), RequiredContext::ActiveTenant, Some("globex"));
        let refused = stage.organizations.resolve(question).await.expect_err("refused");
        assert_eq!(refused.code(), "organization_not_found");
        // As if the deployment had been one for many before.
        stage.world.raw.execute(
            "UPDATE api_tokens SET
             organization_id = (SELECT id FROM organizations WHERE slug = 'globex'),
             membership_id = (SELECT m.id FROM organization_members m
                              JOIN organizations o ON o.id = m.organization_id WHERE o.slug = 'globex')",
        ).await;
        let question = ask_with(made.secret.expose(), RequiredContext::ActiveTenant, None);
        let refused = stage.organizations.resolve(question).await.expect_err("refused");
        assert_eq!(refused.code(), "organization_not_found");
        let listed = stage.organizations.tokens(&caller, &PageRequest::default()).await;
        assert!(listed.expect("listed").items.is_empty());
    }
}
