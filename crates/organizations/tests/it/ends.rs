//! What ends with something else is told where it happened, each thing once and with its cause.

use std::sync::Arc;

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
    LimitsChange, NewToken, OrganizationChange, OrganizationFilter, OrganizationsError,
};
use tenantry_testkit::{TestDatabase, each_database};
use tenantry_users::{PasswordChange, UserFilter};

use crate::support::{Stage, name};

/// Ada, a member of `acme` and of `globex`, with a token for each that lives and one for `acme`
/// whose time is over.
struct Ada {
    stage: Stage,
    acme: OrganizationId,
    globex: OrganizationId,
    user: UserId,
    caller: SessionCaller,
}

impl Ada {
    async fn new(db: TestDatabase) -> Self {
        let stage = Stage::saas(db).await;
        let user = stage.world.user("ada").await;
        let acme = stage.world.organization("acme").await;
        // Ids begin with the time: tests list organizations in this order.
        stage.world.clock.advance(TimeDelta::milliseconds(1));
        let globex = stage.world.organization("globex").await;
        for organization in [acme, globex] {
            stage.world.join(organization, user, Role::Member).await;
        }
        let caller = stage.session(user, "key").await;
        let ada = Self {
            stage,
            acme,
            globex,
            user,
            caller,
        };
        let soon = ada.stage.world.runtime().now() + TimeDelta::hours(1);
        for (organization, expires_at) in [(acme, None), (acme, Some(soon)), (globex, None)] {
            ada.token(organization, expires_at).await;
        }
        ada.stage.world.clock.advance(TimeDelta::hours(2));
        ada
    }

    async fn token(&self, organization: OrganizationId, expires_at: Option<Timestamp>) {
        let wish = NewToken {
            name: name("CI"),
            organization,
            expires_at,
        };
        let made = self.stage.organizations.create_token(&self.caller, wish);
        made.await.expect("made");
    }

    /// Where tokens ended, and why, by organization.
    fn ended(&self) -> Vec<(OrganizationId, TokenRevocationReason)> {
        let events = self.stage.world.events.of::<TokenRevoked>();
        let mut ended: Vec<_> = events
            .iter()
            .map(|event| (event.organization_id, event.cause))
            .collect();
        ended.sort_by_key(|(organization, _)| *organization);
        ended
    }
}

each_database! {
    async fn a_membership_that_ends_ends_its_tokens_and_each_is_told_once(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let owner = ada.stage.world.member(ada.acme, Role::Owner).await;
        let member = ada.stage.member_id(ada.acme, ada.user).await;
        ada.stage.organizations.remove(&owner, member).await.expect("removed");
        // What was over by itself ended long ago, and what she has elsewhere lives.
        assert_eq!(ada.ended(), [(ada.acme, TokenRevocationReason::MembershipEnded)]);
        let told = ada.stage.world.events.told();
        let last = told.last().expect("told");
        assert_eq!((last.name.as_str(), last.actor_id), ("organizations.token_revoked", Some(owner.user())));

        let globex = ada.stage.world.issuer.tenant(ada.globex, ada.user, Role::Member, Actor::system());
        ada.stage.organizations.leave(&globex).await.expect("left");
        assert_eq!(ada.ended(), [
            (ada.acme, TokenRevocationReason::MembershipEnded),
            (ada.globex, TokenRevocationReason::MembershipEnded),
        ]);
    }

    async fn a_member_who_stays_keeps_his_tokens(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let owner = ada.stage.world.member(ada.acme, Role::Owner).await;
        let own = ada.stage.member_id(ada.acme, owner.user()).await;
        ada.stage.organizations.remove(&owner, own).await.expect_err("the last owner");
        assert_eq!(ada.ended(), []);
    }

    async fn a_password_ends_tokens_in_all_organizations_and_each_is_told_there(db: TestDatabase) {
        let ada = Ada::new(db).await;
        // Nobody can come in by it, and it is dead for good all the same.
        ada.stage.world.raw.execute("UPDATE organizations SET is_active = FALSE WHERE slug = 'globex'").await;
        let password = || "correct horse battery".parse().expect("valid");
        let users = &ada.stage.users;
        users.reset_password(ada.user, password(), Actor::system()).await.expect("reset");
        users.reset_password(ada.user, password(), Actor::system()).await.expect("reset again");
        assert_eq!(ada.ended(), [
            (ada.acme, TokenRevocationReason::PasswordReset),
            (ada.globex, TokenRevocationReason::PasswordReset),
        ]);

        let ada = Ada { caller: ada.stage.session(ada.user, "second").await, ..ada };
        ada.token(ada.acme, None).await;
        let change = PasswordChange {
            current: "correct horse battery".parse().expect("short enough"),
            new: "another horse battery".parse().expect("valid"),
        };
        let wrong = PasswordChange {
            current: "another".parse().expect("short enough"),
            ..change.clone()
        };
        ada.stage.users.change_password(&ada.caller, wrong).await.expect_err("wrong");
        assert_eq!(ada.ended().len(), 2);
        ada.stage.users.change_password(&ada.caller, change).await.expect("changed");
        let ended = ada.ended();
        assert_eq!(ended.len(), 3, "{ended:?}");
        assert!(ended.contains(&(ada.acme, TokenRevocationReason::PasswordChanged)), "{ended:?}");
    }

    async fn who_is_locked_out_is_told_in_each_of_his_organizations_once(db: TestDatabase) {
        let ada = Ada::new(db).await;
        ada.stage.world.raw.execute("UPDATE organizations SET is_active = FALSE WHERE slug = 'globex'").await;
        let set = async |is_active| {
            let actor = Actor::system();
            ada.stage.organizations.set_user_active(ada.user, is_active, actor).await.expect("set");
        };
        for is_active in [true, false, false, true, true] {
            set(is_active).await;
        }
        let both = [ada.acme, ada.globex];
        let events = &ada.stage.world.events;
        let mut suspended: Vec<_> = events.of::<MemberSuspended>().iter().map(|it| it.organization_id).collect();
        suspended.sort();
        assert_eq!(suspended, both);
        let mut reinstated: Vec<_> = events.of::<MemberReinstated>().iter().map(|it| it.organization_id).collect();
        reinstated.sort();
        assert_eq!(reinstated, both);
        assert_eq!(ada.ended(), both.map(|organization| (organization, TokenRevocationReason::UserDisabled)));
    }

    async fn a_lock_out_that_is_refused_is_told_nowhere(db: TestDatabase) {
        let ada = Ada::new(db).await;
        ada.stage.world.raw.execute("UPDATE organization_members SET role = 'owner'").await;
        let before = ada.stage.world.events.names();
        let refused = ada.stage.organizations.set_user_active(ada.user, false, Actor::system()).await;
        assert!(matches!(refused, Err(OrganizationsError::LastOwner)), "{refused:?}");
        assert_eq!(ada.stage.world.events.names(), before);
    }

    async fn a_token_that_ends_twice_at_once_is_told_once(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let page = ada.stage.organizations.tokens(&ada.caller, &PageRequest::default()).await;
        let token = page.expect("listed").items.into_iter()
            .find(|token| token.organization_id == ada.globex).expect("one for globex").id;
        let gate = ada.stage.world.gates.close("tokens.revoke");
        let (organizations, caller) = (Arc::clone(&ada.stage.organizations), ada.caller.clone());
        let revoking = tokio::spawn(async move { organizations.revoke_token(&caller, token).await });
        gate.reached(1).await;
        let password = "correct horse battery".parse().expect("valid");
        ada.stage.users.reset_password(ada.user, password, Actor::system()).await.expect("reset");
        gate.open();
        let refused = revoking.await.expect("no panic");
        assert!(matches!(refused, Err(OrganizationsError::TokenNotFound)), "{refused:?}");
        assert_eq!(ada.ended(), [
            (ada.acme, TokenRevocationReason::PasswordReset),
            (ada.globex, TokenRevocationReason::PasswordReset),
        ]);
    }

    async fn every_look_of_an_operator_is_told_once_to_each_organization_he_saw(db: TestDatabase) {
        let ada = Ada::new(db).await;
        let stage = &ada.stage;
        let second = stage.world.member(ada.acme, Role::Member).await.user();
        let root = stage.world.user("root").await;
        let root = stage.session(root, "root").await;
        let root: Operator = stage.world.issuer.operator((*root).clone(), true);
        let mut seen = 0;
        let mut since = || {
            let all = stage.world.events.of::<OperatorViewed>();
            let new: Vec<_> = all[seen..].iter().map(|look| (look.organization_id, look.at, look.members)).collect();
            seen = all.len();
            new
        };
        let request = PageRequest::default();
        let organizations = &stage.organizations;
        organizations.search_organizations(&root, &OrganizationFilter::default(), &request).await.expect("seen");
        assert_eq!(since(), [(ada.acme, ViewedResource::Organization, 0), (ada.globex, ViewedResource::Organization, 0)]);
        organizations.report(&root, &request).await.expect("seen");
        assert_eq!(since(), [(ada.acme, ViewedResource::Report, 0), (ada.globex, ViewedResource::Report, 0)]);
        organizations.search_users(&root, &UserFilter::default(), &request).await.expect("seen");
        assert_eq!(since(), [(ada.acme, ViewedResource::Accounts, 2), (ada.globex, ViewedResource::Accounts, 1)]);
        organizations.view_user(&root, second).await.expect("seen");
        assert_eq!(since(), [(ada.acme, ViewedResource::Accounts, 1)]);
        // What changes nothing still shows it.
        let actor = Actor::from(&root);
        let change = OrganizationChange { is_active: Some(true), limits: LimitsChange::default() };
        organizations.change_organization(ada.acme, change, actor).await.expect("as it was");
        assert_eq!(since(), [(ada.acme, ViewedResource::Organization, 0)]);
        organizations.set_user_active(second, true, actor).await.expect("as it was");
        assert_eq!(since(), [(ada.acme, ViewedResource::Accounts, 1)]);
        let nowhere = OrganizationFilter { text: Some("nothing".to_owned()), ..OrganizationFilter::default() };
        organizations.search_organizations(&root, &nowhere, &request).await.expect("nothing seen");
        assert_eq!(since(), []);
    }
}
