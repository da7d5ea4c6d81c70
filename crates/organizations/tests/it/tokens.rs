//! API tokens: limited to one organization, with their owner's current role.

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

use crate::support::{Fixture, name, token_request};

/// Ada, a member of `acme`, signed in.
struct Ada {
    fixture: Fixture,
    acme: OrganizationId,
    user: UserId,
    caller: SessionCaller,
}

impl Ada {
    async fn new(db: TestDatabase) -> Self {
        let fixture = Fixture::saas(db).await;
        let user = fixture.world.user("ada").await;
        let acme = fixture.world.organization("acme").await;
        fixture.world.join(acme, user, Role::Member).await;
        let caller = fixture.session(user, "key").await;
        Self {
            fixture,
            acme,
            user,
            caller,
        }
    }

    fn new_token(&self) -> NewToken {
        NewToken {
            name: name("CI"),
            organization: self.acme,
            expires_at: None,
        }
    }

    async fn token(&self) -> IssuedToken {
        let made = self
            .fixture
            .organizations
            .tokens
            .create_token(&self.caller, self.new_token());
        made.await.expect("made")
    }

    /// The context of a request with the token, or the error code.
    async fn tenant(&self, made: &IssuedToken) -> Result<TenantContext, &'static str> {
        let request = token_request(made.secret.expose(), RequiredContext::ActiveTenant, None);
        let resolved = self.fixture.organizations.resolver.resolve(request).await;
        let resolved = resolved.map_err(|refusal| refusal.code())?;
        Ok(resolved.tenant.expect("wanted"))
    }

    async fn assert_invalid(&self, made: &IssuedToken) {
        assert_eq!(self.tenant(made).await, Err("invalid_credential"));
    }

    async fn sql(&self, sql: &str) {
        assert!(self.fixture.world.raw.execute(sql).await > 0, "{sql}");
    }

    async fn names(&self) -> Vec<String> {
        let request = PageRequest::default();
        let page = self
            .fixture
            .organizations
            .tokens
            .tokens(&self.caller, &request)
            .await;
        let items = page.expect("listed").items.into_iter();
        items.map(|token| token.name.to_string()).collect()
    }
}

each_database! {
    async fn a_token_has_its_owners_current_role(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let made = ada.token().await;
        for role in Role::ALL {
            ada.sql(&format!("UPDATE organization_members SET role = '{role}'")).await;
            let tenant = ada.tenant(&made).await.expect("accepted");
            assert_eq!((tenant.organization(), tenant.role()), (ada.acme, role));
        }
    }

    async fn a_token_ends_with_the_membership_and_joining_again_does_not_revive_it(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let made = ada.token().await;
        ada.tenant(&made).await.expect("accepted");
        ada.sql("DELETE FROM organization_members").await;
        ada.assert_invalid(&made).await;
        ada.fixture.world.join(ada.acme, ada.user, Role::Owner).await;
        ada.assert_invalid(&made).await;
        assert_eq!(ada.names().await, [""; 0]);
    }

    async fn a_token_ends_exactly_at_its_expiry(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let now = ada.fixture.world.runtime().now();
        for past in [now, now - TimeDelta::days(1)] {
            let new_token = NewToken { expires_at: Some(past), ..ada.new_token() };
            let refused = ada.fixture.organizations.tokens.create_token(&ada.caller, new_token).await;
            let refused = refused.expect_err("refused");
            assert!(matches!(refused, OrganizationsError::TokenExpiryPast), "{refused}");
        }
        let new_token = NewToken { expires_at: Some(now + TimeDelta::hours(1)), ..ada.new_token() };
        let made = ada.fixture.organizations.tokens.create_token(&ada.caller, new_token).await.expect("made");
        ada.fixture.world.clock.advance(TimeDelta::hours(1) - TimeDelta::microseconds(1));
        ada.tenant(&made).await.expect("accepted");
        ada.fixture.world.clock.advance(TimeDelta::microseconds(1));
        ada.assert_invalid(&made).await;
        // Its owner still sees it; creating another token deletes it.
        assert_eq!(ada.names().await, ["CI"]);
        ada.token().await;
        assert_eq!(ada.fixture.world.raw.number("SELECT count(*) FROM api_tokens").await, 1);
    }

    async fn revoking_all_credentials_revokes_tokens_for_good(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let users = &ada.fixture.users;
        let actor = Actor::system();

        let made = ada.token().await;
        let password = "correct horse battery".parse().expect("valid");
        users.reset_password(ada.user, password, actor.clone()).await.expect("reset");
        ada.assert_invalid(&made).await;

        let ada = Ada { caller: ada.fixture.session(ada.user, "second").await, ..ada };
        assert_eq!(ada.names().await, [""; 0]);
        let made = ada.token().await;
        for active in [false, true] {
            let users = &ada.fixture.users;
            let mut work = ada.fixture.world.database.begin(&actor);
            users.set_active(&mut work, ada.user, active).await.expect("set");
            work.commit().await.expect("committed");
            ada.assert_invalid(&made).await;
        }
    }

    async fn tokens_are_invalid_while_their_organization_is_disabled(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let made = ada.token().await;
        ada.sql("UPDATE organizations SET is_active = FALSE").await;
        ada.assert_invalid(&made).await;
        assert_eq!(ada.names().await, [""; 0]);
        let revoked = ada.fixture.organizations.tokens.revoke_token(&ada.caller, made.token.id).await;
        assert!(matches!(revoked, Err(OrganizationsError::TokenNotFound)));
        let refused = ada.fixture.organizations.tokens.create_token(&ada.caller, ada.new_token()).await;
        assert!(matches!(refused, Err(OrganizationsError::NotFound)), "{refused:?}");
        ada.sql("UPDATE organizations SET is_active = TRUE").await;
        ada.tenant(&made).await.expect("accepted");
    }

    async fn a_member_has_at_most_fifty_tokens_and_invalid_ones_do_not_count(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let end = ada.fixture.world.runtime().now() + TimeDelta::hours(1);
        let organizations = &ada.fixture.organizations;
        for _ in 0..50 {
            let new_token = NewToken { expires_at: Some(end), ..ada.new_token() };
            organizations.tokens.create_token(&ada.caller, new_token).await.expect("made");
        }
        let refused = organizations.tokens.create_token(&ada.caller, ada.new_token()).await;
        assert!(matches!(refused, Err(OrganizationsError::TooManyTokens)), "{refused:?}");
        ada.fixture.world.clock.advance(TimeDelta::hours(2));
        ada.token().await;
    }

    async fn the_fiftieth_token_is_created_once(db: TestDatabase) {
        let ada = Ada::new(db).await;
        for _ in 0..49 {
            ada.token().await;
        }
        let gate = ada.fixture.world.failpoints.close("tokens.create");
        let new_tokens = (0..4).map(|_| {
            let (organizations, caller) = (ada.fixture.organizations.clone(), ada.caller.clone());
            let new_token = ada.new_token();
            tokio::spawn(async move { organizations.tokens.create_token(&caller, new_token).await.is_ok() })
        });
        let new_tokens: Vec<_> = new_tokens.collect();
        gate.reached(4).await;
        gate.open();
        let mut made = 0;
        for new_token in new_tokens {
            made += usize::from(new_token.await.expect("no panic"));
        }
        assert_eq!(made, 1);
    }

    async fn a_user_who_loses_access_while_creating_a_token_gets_none(db: TestDatabase) {
        for (what, refusal) in [
            ("DELETE FROM organization_members", "organization_not_found"),
            ("UPDATE organizations SET is_active = FALSE", "organization_not_found"),
            ("DELETE FROM sessions", "invalid_credential"),
            ("UPDATE users SET is_active = FALSE", "invalid_credential"),
        ] {
            let db = TestDatabase::new(db.backend()).await;
            let ada = Ada::new(db).await;
            let gate = ada.fixture.world.failpoints.close("tokens.create");
            let organizations = ada.fixture.organizations.clone();
            let (caller, new_token) = (ada.caller.clone(), ada.new_token());
            let made = tokio::spawn(async move { organizations.tokens.create_token(&caller, new_token).await });
            gate.reached(1).await;
            ada.sql(what).await;
            gate.open();
            let refused = made.await.expect("no panic").expect_err(what);
            assert_eq!(refused.code(), refusal, "{what}");
            let left = ada.fixture.world.raw.number("SELECT count(*) FROM api_tokens").await;
            assert_eq!(left, 0, "{what}");
        }
    }

    async fn a_use_is_recorded_at_most_every_five_minutes(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let made = ada.token().await;
        let used = async || {
            let request = PageRequest::default();
            let page = ada.fixture.organizations.tokens.tokens(&ada.caller, &request).await;
            page.expect("listed").items[0].last_used_at
        };
        assert_eq!(used().await, None);
        let clock = &ada.fixture.world.clock;
        let start = ada.fixture.world.runtime().now();
        ada.tenant(&made).await.expect("accepted");
        assert_eq!(used().await, Some(start));

        clock.advance(TimeDelta::minutes(5));
        let (_, sent) = statements(ada.tenant(&made)).await;
        assert_eq!((used().await, sent.len()), (Some(start), 1), "{sent:#?}");
        clock.advance(TimeDelta::microseconds(1));
        ada.tenant(&made).await.expect("accepted");
        assert_eq!(used().await, Some(ada.fixture.world.runtime().now()));
    }

    async fn tokens_of_others_are_unknown(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let fixture = &ada.fixture;
        let made = ada.token().await;
        let bob = fixture.world.user("bob").await;
        fixture.world.join(ada.acme, bob, Role::Owner).await;
        let bob = fixture.session(bob, "bob").await;
        let listed = fixture.organizations.tokens.tokens(&bob, &PageRequest::default()).await;
        assert!(listed.expect("listed").items.is_empty());
        let refused = fixture.organizations.tokens.revoke_token(&bob, made.token.id).await;
        assert!(matches!(refused, Err(OrganizationsError::TokenNotFound)));
        ada.tenant(&made).await.expect("accepted");
        let foreign = fixture.world.organization("globex").await;
        let new_token = NewToken { organization: foreign, ..ada.new_token() };
        let refused = fixture.organizations.tokens.create_token(&ada.caller, new_token).await;
        assert!(matches!(refused, Err(OrganizationsError::NotFound)), "{refused:?}");
    }

    async fn creation_and_revocation_are_recorded_without_the_secret(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let made = ada.token().await;
        ada.fixture.organizations.tokens.revoke_token(&ada.caller, made.token.id).await.expect("revoked");
        ada.assert_invalid(&made).await;
        let again = ada.fixture.organizations.tokens.revoke_token(&ada.caller, made.token.id).await;
        assert!(matches!(again, Err(OrganizationsError::TokenNotFound)));

        let events = &ada.fixture.world.events;
        let (created, revoked) = (events.of::<TokenCreated>(), events.of::<TokenRevoked>());
        assert_eq!((created.len(), revoked.len()), (1, 1));
        assert_eq!(created[0].token_id, made.token.id);
        assert_eq!(created[0].last_four, made.secret.last_four());
        let recorded = format!("{:?} {made:?}", events.published());
        assert!(!recorded.contains(made.secret.expose()), "{recorded}");
        assert!(!recorded.contains(made.secret.digest().as_str()), "{recorded}");
    }

    async fn a_dedicated_deployment_has_tokens_for_its_one_organization(db: TestDatabase) {
        let fixture = Fixture::dedicated(db, "acme").await;
        let user = fixture.world.user("ada").await;
        let caller = fixture.session(user, "key").await;
        let mut made = Vec::new();
        for slug in ["acme", "globex"] {
            let organization = fixture.world.organization(slug).await;
            fixture.world.join(organization, user, Role::Member).await;
            let new_token = NewToken { name: name(slug), organization, expires_at: None };
            made.push(fixture.organizations.tokens.create_token(&caller, new_token).await);
        }
        assert!(matches!(made.pop(), Some(Err(OrganizationsError::NotFound))));
        let made = made.pop().expect("queried").expect("made");
        let request = token_request(made.secret.expose(), RequiredContext::ActiveTenant, None);
        fixture.organizations.resolver.resolve(request).await.expect("accepted");
        let request = token_request(made.secret.expose(), RequiredContext::ActiveTenant, Some("globex"));
        let refused = fixture.organizations.resolver.resolve(request).await.expect_err("refused");
        assert_eq!(refused.code(), "organization_not_found");
        // A token from before the deployment was dedicated.
        fixture.world.raw.execute(
            "UPDATE api_tokens SET
             organization_id = (SELECT id FROM organizations WHERE slug = 'globex'),
             membership_id = (SELECT m.id FROM organization_members m
                              JOIN organizations o ON o.id = m.organization_id WHERE o.slug = 'globex')",
        ).await;
        let request = token_request(made.secret.expose(), RequiredContext::ActiveTenant, None);
        let refused = fixture.organizations.resolver.resolve(request).await.expect_err("refused");
        assert_eq!(refused.code(), "organization_not_found");
        let listed = fixture.organizations.tokens.tokens(&caller, &PageRequest::default()).await;
        assert!(listed.expect("listed").items.is_empty());
    }
}
