//! Two concurrent changes, held between tsuccessor check and tsuccessor write.
//!
//! `TENANTRY_RACE_ROUNDS` is the number of rounds; `just races` runs 500.

use std::time::Duration;

use tenantry_core::{
    access::{Actor, Role, TenantContext},
    id::MembershipId,
};
use tenantry_organizations::OrganizationsError;
use tenantry_testkit::each_database;
use tokio::time::timeout;

use crate::support::Fixture;

fn rounds() -> usize {
    let rounds = std::env::var("TENANTRY_RACE_ROUNDS").ok();
    rounds.map_or(10, |text| text.parse().expect("a number"))
}

/// How long the second task may take to the failpoint, if no lock keeps it from there.
const MEETING_TIMEOUT: Duration = Duration::from_millis(5);

/// Runs both; neither writes before both have checked, unless a lock prevents that.
async fn concurrently<A, B>(
    fixture: &Fixture,
    one: impl Future<Output = A>,
    two: impl Future<Output = B>,
) -> (A, B) {
    let gate = fixture.world.failpoints.close("organizations.members");
    let open = async {
        // With a lock the second task never reaches it.
        drop(timeout(MEETING_TIMEOUT, gate.reached(2)).await);
        gate.open();
    };
    let (one, two, ()) = tokio::join!(one, two, open);
    (one, two)
}

/// A change that one of two owners makes.
#[derive(Clone, Copy, Debug)]
enum Change {
    Demote,
    Remove,
    StepDown,
    Leave,
    IsDisabled,
}

const CHANGES: [Change; 5] = [
    Change::Demote,
    Change::Remove,
    Change::StepDown,
    Change::Leave,
    Change::IsDisabled,
];

/// An owner and the owner's membership.
struct Owner {
    ctx: TenantContext,
    id: MembershipId,
}

impl Owner {
    async fn new(fixture: &Fixture, slug: &str) -> [Self; 2] {
        let organization = fixture.world.organization(slug).await;
        let mut owners = Vec::new();
        for _ in 0..2 {
            let ctx = fixture.world.member(organization, Role::Owner).await;
            let id = fixture.member_id(organization, ctx.user()).await;
            owners.push(Self { ctx, id });
        }
        owners.try_into().unwrap_or_else(|_| unreachable!("two"))
    }

    async fn apply(
        &self,
        what: Change,
        other: &Self,
        fixture: &Fixture,
    ) -> Result<(), OrganizationsError> {
        let organizations = &fixture.organizations;
        let (ctx, lower) = (&self.ctx, Role::Member);
        match what {
            Change::Demote => organizations
                .members
                .set_role(ctx, other.id, lower)
                .await
                .map(drop),
            Change::Remove => organizations.members.remove(ctx, other.id).await,
            Change::StepDown => organizations
                .members
                .set_role(ctx, self.id, lower)
                .await
                .map(drop),
            Change::Leave => organizations.members.leave(ctx).await,
            Change::IsDisabled => {
                let disabled =
                    organizations
                        .members
                        .set_user_active(ctx.user(), false, Actor::system());
                disabled.await.map(drop)
            }
        }
    }
}

async fn active_owners(fixture: &Fixture, of: &TenantContext) -> i64 {
    let id = fixture.literal(of.organization().uuid());
    let count = format!("SELECT count(*) FROM active_owners WHERE organization_id = {id}");
    fixture.world.raw.number(&count).await
}

each_database! {
    async fn two_owners_who_demote_each_other_leave_one(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        for round in 0..rounds() {
            let [one, two] = Owner::new(&fixture, &format!("demote-{round}")).await;
            let both = concurrently(
                &fixture,
                one.apply(Change::Demote, &two, &fixture),
                two.apply(Change::Demote, &one, &fixture),
            ).await;
            assert_eq!(active_owners(&fixture, &one.ctx).await, 1, "round {round}: {both:?}");
            let done = [both.0.is_ok(), both.1.is_ok()];
            assert!(done[0] != done[1], "round {round}: {both:?}");
        }
        println!("{} rounds", rounds());
    }

    async fn no_two_concurrent_changes_leave_an_organization_without_an_owner(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let mut figures = [0; 3];
        for (n, first) in CHANGES.into_iter().enumerate() {
            for second in &CHANGES[n..] {
                for round in 0..rounds() {
                    let slug = format!("{first:?}-{second:?}-{round}").to_lowercase();
                    let [one, two] = Owner::new(&fixture, &slug).await;
                    let both = concurrently(
                        &fixture,
                        one.apply(first, &two, &fixture),
                        two.apply(*second, &one, &fixture),
                    ).await;
                    let left = active_owners(&fixture, &one.ctx).await;
                    assert!(left > 0, "{slug}: {both:?}");
                    figures[usize::from(both.0.is_ok()) + usize::from(both.1.is_ok())] += 1;
                }
            }
        }
        let [none, one, both] = figures;
        println!("none of the two was done {none} times, one {one} times, both {both} times");
        assert!(one > 0);
    }

    async fn a_user_who_is_being_disabled_never_becomes_the_only_owner(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let mut figures = [0; 2];
        for round in 0..rounds() {
            let acme = fixture.world.organization(&format!("transfer-{round}")).await;
            let owner = fixture.world.member(acme, Role::Owner).await;
            let successor = fixture.world.member(acme, Role::Member).await;
            let to = fixture.member_id(acme, successor.user()).await;
            let both = concurrently(
                &fixture,
                fixture.organizations.members.transfer(&owner, to),
                fixture.organizations.members.set_user_active(successor.user(), false, Actor::system()),
            ).await;
            assert_eq!(active_owners(&fixture, &owner).await, 1, "round {round}: {both:?}");
            assert!(both.0.is_ok() != both.1.is_ok(), "round {round}: {both:?}");
            figures[usize::from(both.0.is_ok())] += 1;
        }
        let [disabled, transferred] = figures;
        println!("disabled {disabled} times, transferred {transferred} times");
    }

    async fn a_concurrently_disabled_new_owner_does_not_count(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        for round in 0..rounds() {
            let acme = fixture.world.organization(&format!("promote-{round}")).await;
            let owner = fixture.world.member(acme, Role::Owner).await;
            let successor = fixture.world.member(acme, Role::Member).await;
            let id = fixture.member_id(acme, successor.user()).await;
            let both = concurrently(
                &fixture,
                fixture.organizations.members.set_role(&owner, id, Role::Owner),
                fixture.organizations.members.set_user_active(successor.user(), false, Actor::system()),
            ).await;
            both.1.expect("another owner is there");
            // The disabled user is no active owner in either order.
            assert_eq!(active_owners(&fixture, &owner).await, 1, "round {round}");
            let left = fixture.organizations.members.leave(&owner).await;
            assert!(matches!(left, Err(OrganizationsError::LastOwner)), "round {round}: {left:?}");
        }
    }
}
