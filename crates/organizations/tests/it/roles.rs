//! Roles change, and memberships end, and everybody hears of it once.

use tenantry_core::{
    access::{Actor, Role},
    error::DomainError as _,
};
use tenantry_domain_events::events::organizations::{
    LeaveReason, MemberRoleChanged, OwnershipTransferred, UserLeftOrganization,
};
use tenantry_testkit::each_database;

use crate::support::Stage;

each_database! {
    async fn a_changed_role_is_told_once_with_what_it_was(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let acme = stage.world.organization("acme").await;
        let owner = stage.world.member(acme, Role::Owner).await;
        let ada = stage.world.user("ada").await;
        stage.world.join(acme, ada, Role::Viewer).await;
        let id = stage.member_id(acme, ada).await;

        let changed = stage.organizations.set_role(&owner, id, Role::Admin).await.expect("changed");
        assert_eq!((changed.id, changed.user, changed.role), (id, ada, Role::Admin));
        let told = stage.world.events.of::<MemberRoleChanged>();
        let expected = MemberRoleChanged {
            organization_id: acme, user_id: ada, old_role: Role::Viewer, new_role: Role::Admin,
        };
        assert_eq!(told, [expected]);
        assert_eq!(stage.world.events.told()[0].actor_id, Some(owner.user()));
        assert_eq!(stage.world.events.told().len(), 1);
    }

    async fn the_same_role_again_changes_nothing_and_tells_nothing(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let acme = stage.world.organization("acme").await;
        let owner = stage.world.member(acme, Role::Owner).await;
        // Not even for the last owner, to whom nothing happens by it.
        let own = stage.member_id(acme, owner.user()).await;
        let same = stage.organizations.set_role(&owner, own, Role::Owner).await.expect("the same");
        assert_eq!(same.role, Role::Owner);
        assert_eq!(stage.world.events.names(), Vec::<String>::new());
    }

    async fn leaving_and_being_removed_are_told_apart(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let acme = stage.world.organization("acme").await;
        let admin = stage.world.member(acme, Role::Admin).await;
        let viewer = stage.world.member(acme, Role::Viewer).await;
        let member = stage.world.member(acme, Role::Member).await;

        stage.organizations.leave(&viewer).await.expect("left");
        let id = stage.member_id(acme, member.user()).await;
        stage.organizations.remove(&admin, id).await.expect("removed");
        let told = stage.world.events.of::<UserLeftOrganization>();
        let told: Vec<_> = told.iter().map(|left| (left.user_id, left.reason)).collect();
        let expected = [(viewer.user(), LeaveReason::Left), (member.user(), LeaveReason::Removed)];
        assert_eq!(told, expected);
        assert_eq!(stage.world.events.told().len(), 2);

        // What they were let in with is worth nothing any more.
        for gone in [&viewer, &member] {
            let again = stage.organizations.leave(gone).await.expect_err("gone");
            assert_eq!(again.code(), "organization_not_found");
        }
        let again = stage.organizations.remove(&admin, id).await.expect_err("gone");
        assert_eq!(again.code(), "member_not_found");
    }

    async fn a_transfer_is_one_event_and_both_change(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let acme = stage.world.organization("acme").await;
        let [ada, bob] = [stage.world.user("ada").await, stage.world.user("bob").await];
        let owner = stage.world.join(acme, ada, Role::Owner).await;
        stage.world.join(acme, bob, Role::Viewer).await;
        let to = stage.member_id(acme, bob).await;

        let made = stage.organizations.transfer(&owner, to).await.expect("handed over");
        assert_eq!((made.user, made.role), (bob, Role::Owner));
        let roles = [("ada".to_owned(), Role::Admin), ("bob".to_owned(), Role::Owner)];
        assert_eq!(stage.roles(acme).await, roles);
        let expected = OwnershipTransferred {
            organization_id: acme, from_user_id: ada, to_user_id: bob, to_user_was: Role::Viewer,
        };
        assert_eq!(stage.world.events.of::<OwnershipTransferred>(), [expected]);
        assert_eq!(stage.world.events.told().len(), 1);
        // He is admin now, whatever he was when he was let in.
        let again = stage.organizations.transfer(&owner, to).await.expect_err("no owner");
        assert_eq!(again.code(), "permission_denied");
    }

    async fn nobody_hands_over_to_himself_or_to_a_stranger(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let acme = stage.world.organization("acme").await;
        let owner = stage.world.member(acme, Role::Owner).await;
        let globex = stage.world.organization("globex").await;
        let foreign = stage.world.member(globex, Role::Owner).await;
        let targets = [
            (stage.member_id(acme, owner.user()).await, "transfer_to_oneself"),
            (stage.member_id(globex, foreign.user()).await, "member_not_found"),
            (stage.world.runtime().new_id(), "member_not_found"),
        ];
        for (to, code) in targets {
            let refused = stage.organizations.transfer(&owner, to).await.expect_err(code);
            assert_eq!(refused.code(), code);
        }
        assert_eq!(stage.world.events.names(), Vec::<String>::new());
    }

    async fn an_operator_hands_over_for_the_one_owner_or_for_the_one_he_names(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let acme = stage.world.organization("acme").await;
        let mut users = Vec::new();
        for (name, role) in [("ada", Role::Owner), ("bob", Role::Member), ("cy", Role::Owner)] {
            let user = stage.world.user(name).await;
            stage.world.join(acme, user, role).await;
            users.push(user);
        }
        let [ada, bob, cy] = users[..] else { unreachable!("three") };
        let transfer = |from, to| stage.organizations.transfer_for(acme, from, to, Actor::system());

        let unclear = transfer(None, bob).await.expect_err("two owners");
        assert_eq!(unclear.code(), "several_owners");
        let no_owner = transfer(Some(bob), ada).await.expect_err("no owner");
        assert_eq!(no_owner.code(), "member_not_found");
        transfer(Some(cy), ada).await.expect("handed over");
        transfer(None, bob).await.expect("handed over");
        let roles = [("ada", Role::Admin), ("bob", Role::Owner), ("cy", Role::Admin)];
        assert_eq!(stage.roles(acme).await, roles.map(|(name, role)| (name.to_owned(), role)));
    }
}
