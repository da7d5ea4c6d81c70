//! Tokens revoked with a membership or with credentials, and views of operators: recorded once in each
//! organization concerned.

use chrono::TimeDelta;
use tenantry_core::{
    access::{Actor, Operator, Role, SessionCaller},
    clock::Timestamp,
    id::{OrganizationId, UserId},
    page::PageRequest,
};
use tenantry_domain_events::events::organizations::{
    MemberReinstated, MemberSuspended, OperatorViewed, TokenRevocationReason, TokenRevoked,
    ViewedResource,
};
use tenantry_organizations::{
    NewToken, OrganizationChange, OrganizationFilter, OrganizationState, OrganizationsError,
};
use tenantry_testkit::{TestDatabase, each_database};
use tenantry_users::{PasswordChange, UserFilter};

use crate::support::{Fixture, name};

/// Ada, a member of `acme` and of `globex`, with an active token for each and an expired one for
/// `acme`.
struct Ada {
    fixture: Fixture,
    acme: OrganizationId,
    globex: OrganizationId,
    user: UserId,
    caller: SessionCaller,
}

impl Ada {
    async fn new(db: TestDatabase) -> Self {
        let fixture = Fixture::saas(db).await;
        let user = fixture.world.user("ada").await;
        let acme = fixture.world.organization("acme").await;
        // Ids begin with the time: tests list organizations in this order.
        fixture.world.clock.advance(TimeDelta::milliseconds(1));
        let globex = fixture.world.organization("globex").await;
        for organization in [acme, globex] {
            fixture.world.join(organization, user, Role::Member).await;
        }
        let caller = fixture.session(user, "key").await;
        let ada = Self {
            fixture,
            acme,
            globex,
            user,
            caller,
        };
        let soon = ada.fixture.world.runtime().now() + TimeDelta::hours(1);
        for (organization, expires_at) in [(acme, None), (acme, Some(soon)), (globex, None)] {
            ada.token(organization, expires_at).await;
        }
        ada.fixture.world.clock.advance(TimeDelta::hours(2));
        ada
    }

    async fn token(&self, organization: OrganizationId, expires_at: Option<Timestamp>) {
        let new_token = NewToken {
            name: name("CI"),
            organization,
            expires_at,
        };
        let made = self
            .fixture
            .organizations
            .tokens
            .create_token(&self.caller, new_token);
        made.await.expect("made");
    }

    /// The recorded revocations, by organization.
    fn revoked(&self) -> Vec<(OrganizationId, TokenRevocationReason)> {
        let events = self.fixture.world.events.of::<TokenRevoked>();
        let mut revoked: Vec<_> = events
            .iter()
            .map(|event| (event.organization_id, event.cause))
            .collect();
        revoked.sort_by_key(|(organization, _)| *organization);
        revoked
    }
}

each_database! {
    async fn ending_a_membership_revokes_its_tokens_with_one_event_each(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let owner = ada.fixture.world.member(ada.acme, Role::Owner).await;
        let member = ada.fixture.member_id(ada.acme, ada.user).await;
        ada.fixture.organizations.members.remove(&owner, member).await.expect("removed");
        // Neither the expired token nor the one of another organization is revoked.
        assert_eq!(ada.revoked(), [(ada.acme, TokenRevocationReason::MembershipEnded)]);
        let recorded = ada.fixture.world.events.published();
        let last = recorded.last().expect("an event");
        assert_eq!((last.name.as_str(), last.actor_id), ("organizations.token_revoked", Some(owner.user())));

        let globex = ada.fixture.world.issuer.tenant(ada.globex, ada.user, Role::Member, Actor::system());
        ada.fixture.organizations.members.leave(&globex).await.expect("left");
        assert_eq!(ada.revoked(), [
            (ada.acme, TokenRevocationReason::MembershipEnded),
            (ada.globex, TokenRevocationReason::MembershipEnded),
        ]);
    }

    async fn a_refused_removal_revokes_no_tokens(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let owner = ada.fixture.world.member(ada.acme, Role::Owner).await;
        let own = ada.fixture.member_id(ada.acme, owner.user()).await;
        ada.fixture.organizations.members.remove(&owner, own).await.expect_err("the last owner");
        assert_eq!(ada.revoked(), []);
    }

    async fn a_new_password_revokes_tokens_in_all_organizations(db: TestDatabase) {
        let ada = Ada::new(db).await;
        // Tokens of a disabled organization are revoked too.
        ada.fixture.world.raw.execute("UPDATE organizations SET is_active = FALSE WHERE slug = 'globex'").await;
        let password = || "correct horse battery".parse().expect("valid");
        let users = &ada.fixture.users;
        users.reset_password(ada.user, password(), Actor::system()).await.expect("reset");
        users.reset_password(ada.user, password(), Actor::system()).await.expect("reset again");
        assert_eq!(ada.revoked(), [
            (ada.acme, TokenRevocationReason::PasswordReset),
            (ada.globex, TokenRevocationReason::PasswordReset),
        ]);

        let ada = Ada { caller: ada.fixture.session(ada.user, "second").await, ..ada };
        ada.token(ada.acme, None).await;
        let change = PasswordChange {
            current: "correct horse battery".parse().expect("short enough"),
            new: "another horse battery".parse().expect("valid"),
        };
        let wrong = PasswordChange {
            current: "another".parse().expect("short enough"),
            ..change.clone()
        };
        ada.fixture.users.change_password(&ada.caller, wrong).await.expect_err("wrong");
        assert_eq!(ada.revoked().len(), 2);
        ada.fixture.users.change_password(&ada.caller, change).await.expect("changed");
        let revoked = ada.revoked();
        assert_eq!(revoked.len(), 3, "{revoked:?}");
        assert!(revoked.contains(&(ada.acme, TokenRevocationReason::PasswordChanged)), "{revoked:?}");
    }

    async fn disabling_a_user_is_recorded_once_per_organization(db: TestDatabase) {
        let ada = Ada::new(db).await;
        ada.fixture.world.raw.execute("UPDATE organizations SET is_active = FALSE WHERE slug = 'globex'").await;
        let set = async |is_active| {
            let actor = Actor::system();
            ada.fixture.organizations.members.set_user_active(ada.user, is_active, actor).await.expect("set");
        };
        for is_active in [true, false, false, true, true] {
            set(is_active).await;
        }
        let both = [ada.acme, ada.globex];
        let events = &ada.fixture.world.events;
        let mut suspended: Vec<_> = events.of::<MemberSuspended>().iter().map(|it| it.organization_id).collect();
        suspended.sort();
        assert_eq!(suspended, both);
        let mut reinstated: Vec<_> = events.of::<MemberReinstated>().iter().map(|it| it.organization_id).collect();
        reinstated.sort();
        assert_eq!(reinstated, both);
        assert_eq!(ada.revoked(), both.map(|organization| (organization, TokenRevocationReason::UserDisabled)));
    }

    async fn a_refused_disabling_records_nothing(db: TestDatabase) {
        let ada = Ada::new(db).await;
        ada.fixture.world.raw.execute("UPDATE organization_members SET role = 'owner'").await;
        let before = ada.fixture.world.events.names();
        let refused = ada.fixture.organizations.members.set_user_active(ada.user, false, Actor::system()).await;
        assert!(matches!(refused, Err(OrganizationsError::SoleOwner(_))), "{refused:?}");
        assert_eq!(ada.fixture.world.events.names(), before);
    }

    async fn a_token_that_is_revoked_twice_concurrently_has_one_event(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let page = ada.fixture.organizations.tokens.tokens(&ada.caller, &PageRequest::default()).await;
        let token = page.expect("listed").items.into_iter()
            .find(|token| token.organization_id == ada.globex).expect("one for globex").id;
        let gate = ada.fixture.world.failpoints.close("tokens.revoke");
        let (organizations, caller) = (ada.fixture.organizations.clone(), ada.caller.clone());
        let revoking = tokio::spawn(async move { organizations.tokens.revoke_token(&caller, token).await });
        gate.reached(1).await;
        let password = "correct horse battery".parse().expect("valid");
        ada.fixture.users.reset_password(ada.user, password, Actor::system()).await.expect("reset");
        gate.open();
        let refused = revoking.await.expect("no panic");
        assert!(matches!(refused, Err(OrganizationsError::TokenNotFound)), "{refused:?}");
        assert_eq!(ada.revoked(), [
            (ada.acme, TokenRevocationReason::PasswordReset),
            (ada.globex, TokenRevocationReason::PasswordReset),
        ]);
    }

    async fn every_view_of_an_operator_is_recorded_once_per_organization(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let fixture = &ada.fixture;
        let second = fixture.world.member(ada.acme, Role::Member).await.user();
        let root = fixture.world.user("root").await;
        let root = fixture.session(root, "root").await;
        let root: Operator = fixture.world.issuer.operator((*root).clone(), true);
        let mut seen = 0;
        let mut since = || {
            let all = fixture.world.events.of::<OperatorViewed>();
            let new: Vec<_> = all[seen..].iter().map(|look| (look.organization_id, look.at, look.members)).collect();
            seen = all.len();
            new
        };
        let request = PageRequest::default();
        let organizations = &fixture.organizations;
        organizations.operators.search_organizations(&root, &OrganizationFilter::default(), &request).await.expect("seen");
        assert_eq!(since(), [(ada.acme, ViewedResource::Organization, 0), (ada.globex, ViewedResource::Organization, 0)]);
        organizations.operators.report(&root, &request).await.expect("seen");
        assert_eq!(since(), [(ada.acme, ViewedResource::Report, 0), (ada.globex, ViewedResource::Report, 0)]);
        organizations.operators.search_users(&root, &UserFilter::default(), &request).await.expect("seen");
        assert_eq!(since(), [(ada.acme, ViewedResource::Accounts, 2), (ada.globex, ViewedResource::Accounts, 1)]);
        organizations.operators.view_user(&root, second).await.expect("seen");
        assert_eq!(since(), [(ada.acme, ViewedResource::Accounts, 1)]);
        // A change without effect is still a view.
        let actor = Actor::from(&root);
        let change = OrganizationChange { state: Some(OrganizationState::Active), ..OrganizationChange::default() };
        organizations.operators.change_organization(ada.acme, change, actor.clone()).await.expect("as it was");
        assert_eq!(since(), [(ada.acme, ViewedResource::Organization, 0)]);
        organizations.members.set_user_active(second, true, actor).await.expect("as it was");
        assert_eq!(since(), [(ada.acme, ViewedResource::Accounts, 1)]);
        let nowhere = OrganizationFilter { text: Some("nothing".to_owned()), ..OrganizationFilter::default() };
        organizations.operators.search_organizations(&root, &nowhere, &request).await.expect("nothing seen");
        assert_eq!(since(), []);
    }
}
