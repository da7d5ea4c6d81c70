//! Changes of roles and ends of memberships, each recorded once.

use tenantry_core::{
    access::{Actor, Role},
    error::DomainError as _,
};
use tenantry_domain_events::events::organizations::{
    LeaveReason, MemberRoleChanged, OwnershipTransferred, UserLeftOrganization,
};
use tenantry_testkit::each_database;

use crate::support::Fixture;

each_database! {
    async fn a_role_change_is_recorded_once_with_the_old_role(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let owner = fixture.world.member(acme, Role::Owner).await;
        let ada = fixture.world.user("ada").await;
        fixture.world.join(acme, ada, Role::Viewer).await;
        let id = fixture.member_id(acme, ada).await;

        let changed = fixture.organizations.members.set_role(&owner, id, Role::Admin).await.expect("changed");
        assert_eq!((changed.id, changed.user, changed.role), (id, ada, Role::Admin));
        let recorded = fixture.world.events.of::<MemberRoleChanged>();
        let expected = MemberRoleChanged {
            organization_id: acme, user_id: ada, old_role: Role::Viewer, new_role: Role::Admin,
        };
        assert_eq!(recorded, [expected]);
        assert_eq!(fixture.world.events.published()[0].actor_id, Some(owner.user()));
        assert_eq!(fixture.world.events.published().len(), 1);
    }

    async fn the_same_role_changes_nothing_and_records_nothing(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let owner = fixture.world.member(acme, Role::Owner).await;
        // Not even the rule of the last owner applies.
        let own = fixture.member_id(acme, owner.user()).await;
        let same = fixture.organizations.members.set_role(&owner, own, Role::Owner).await.expect("the same");
        assert_eq!(same.role, Role::Owner);
        assert_eq!(fixture.world.events.names(), Vec::<String>::new());
    }

    async fn leaving_and_being_removed_have_different_reasons(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let admin = fixture.world.member(acme, Role::Admin).await;
        let viewer = fixture.world.member(acme, Role::Viewer).await;
        let member = fixture.world.member(acme, Role::Member).await;

        fixture.organizations.members.leave(&viewer).await.expect("left");
        let id = fixture.member_id(acme, member.user()).await;
        fixture.organizations.members.remove(&admin, id).await.expect("removed");
        let recorded = fixture.world.events.of::<UserLeftOrganization>();
        let recorded: Vec<_> = recorded.iter().map(|left| (left.user_id, left.reason)).collect();
        let expected = [(viewer.user(), LeaveReason::Left), (member.user(), LeaveReason::Removed)];
        assert_eq!(recorded, expected);
        assert_eq!(fixture.world.events.published().len(), 2);

        // Their contexts are stale now.
        for gone in [&viewer, &member] {
            let again = fixture.organizations.members.leave(gone).await.expect_err("gone");
            assert_eq!(again.code(), "organization_not_found");
        }
        let again = fixture.organizations.members.remove(&admin, id).await.expect_err("gone");
        assert_eq!(again.code(), "member_not_found");
    }

    async fn a_transfer_is_one_event_and_both_change(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let [ada, bob] = [fixture.world.user("ada").await, fixture.world.user("bob").await];
        let owner = fixture.world.join(acme, ada, Role::Owner).await;
        fixture.world.join(acme, bob, Role::Viewer).await;
        let to = fixture.member_id(acme, bob).await;

        let made = fixture.organizations.members.transfer(&owner, to).await.expect("handed over");
        assert_eq!((made.user, made.role), (bob, Role::Owner));
        let roles = [("ada".to_owned(), Role::Admin), ("bob".to_owned(), Role::Owner)];
        assert_eq!(fixture.roles(acme).await, roles);
        let expected = OwnershipTransferred {
            organization_id: acme, from_user_id: ada, to_user_id: bob, to_user_was: Role::Viewer,
        };
        assert_eq!(fixture.world.events.of::<OwnershipTransferred>(), [expected]);
        assert_eq!(fixture.world.events.published().len(), 1);
        // The former owner's context is stale.
        let again = fixture.organizations.members.transfer(&owner, to).await.expect_err("no owner");
        assert_eq!(again.code(), "permission_denied");
    }

    async fn a_transfer_to_oneself_or_to_a_non_member_is_refused(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let owner = fixture.world.member(acme, Role::Owner).await;
        let globex = fixture.world.organization("globex").await;
        let foreign = fixture.world.member(globex, Role::Owner).await;
        let targets = [
            (fixture.member_id(acme, owner.user()).await, "transfer_to_oneself"),
            (fixture.member_id(globex, foreign.user()).await, "member_not_found"),
            (fixture.world.runtime().new_id(), "member_not_found"),
        ];
        for (to, code) in targets {
            let refused = fixture.organizations.members.transfer(&owner, to).await.expect_err(code);
            assert_eq!(refused.code(), code);
        }
        assert_eq!(fixture.world.events.names(), Vec::<String>::new());
    }

    async fn an_operator_transfers_for_the_only_or_the_named_owner(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let mut users = Vec::new();
        for (name, role) in [("ada", Role::Owner), ("bob", Role::Member), ("cy", Role::Owner)] {
            let user = fixture.world.user(name).await;
            fixture.world.join(acme, user, role).await;
            users.push(user);
        }
        let [ada, bob, cy] = users[..] else { unreachable!("three") };
        let transfer = |from, to| fixture.organizations.members.transfer_for(acme, from, to, Actor::system());

        let unclear = transfer(None, bob).await.expect_err("two owners");
        assert_eq!(unclear.code(), "several_owners");
        let no_owner = transfer(Some(bob), ada).await.expect_err("no owner");
        assert_eq!(no_owner.code(), "member_not_found");
        transfer(Some(cy), ada).await.expect("handed over");
        transfer(None, bob).await.expect("handed over");
        let roles = [("ada", Role::Admin), ("bob", Role::Owner), ("cy", Role::Admin)];
        assert_eq!(fixture.roles(acme).await, roles.map(|(name, role)| (name.to_owned(), role)));
    }
}
