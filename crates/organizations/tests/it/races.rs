//! Two at once, held up between what they checked and what they write.
//!
//! `TENANTRY_RACE_ROUNDS` says how often each race is run; `just races` runs each 500 times.

use std::time::Duration;

use tenantry_core::{
    access::{Actor, Role, TenantContext},
    id::MembershipId,
};
use tenantry_organizations::OrganizationsError;
use tenantry_testkit::each_database;
use tokio::time::timeout;

use crate::support::Stage;

fn rounds() -> usize {
    let rounds = std::env::var("TENANTRY_RACE_ROUNDS").ok();
    rounds.map_or(10, |text| text.parse().expect("a number"))
}

/// Long enough for two who are not kept apart to meet; nothing is said about the time.
const PATIENCE: Duration = Duration::from_millis(5);

/// Does both, and lets nobody write before both have checked, if both come to checking.
async fn at_once<A, B>(
    stage: &Stage,
    one: impl Future<Output = A>,
    two: impl Future<Output = B>,
) -> (A, B) {
    let gate = stage.world.gates.close("organizations.members");
    let open = async {
        // Where a lock keeps the second away, he never comes.
        drop(timeout(PATIENCE, gate.reached(2)).await);
        gate.open();
    };
    let (one, two, ()) = tokio::join!(one, two, open);
    (one, two)
}

/// What one of two owners does.
#[derive(Clone, Copy, Debug)]
enum Move {
    Demote,
    Remove,
    StepDown,
    Leave,
    IsDisabled,
}

const MOVES: [Move; 5] = [
    Move::Demote,
    Move::Remove,
    Move::StepDown,
    Move::Leave,
    Move::IsDisabled,
];

/// An owner, and the membership of him.
struct Owner {
    ctx: TenantContext,
    id: MembershipId,
}

impl Owner {
    async fn new(stage: &Stage, slug: &str) -> [Self; 2] {
        let organization = stage.world.organization(slug).await;
        let mut owners = Vec::new();
        for _ in 0..2 {
            let ctx = stage.world.member(organization, Role::Owner).await;
            let id = stage.member_id(organization, ctx.user()).await;
            owners.push(Self { ctx, id });
        }
        owners.try_into().unwrap_or_else(|_| unreachable!("two"))
    }

    async fn makes(
        &self,
        what: Move,
        other: &Self,
        stage: &Stage,
    ) -> Result<(), OrganizationsError> {
        let organizations = &stage.organizations;
        let (ctx, lower) = (&self.ctx, Role::Member);
        match what {
            Move::Demote => organizations.set_role(ctx, other.id, lower).await.map(drop),
            Move::Remove => organizations.remove(ctx, other.id).await,
            Move::StepDown => organizations.set_role(ctx, self.id, lower).await.map(drop),
            Move::Leave => organizations.leave(ctx).await,
            Move::IsDisabled => {
                let disabled = organizations.set_user_active(ctx.user(), false, Actor::system());
                disabled.await.map(drop)
            }
        }
    }
}

async fn active_owners(stage: &Stage, of: &TenantContext) -> i64 {
    let id = stage.literal(of.organization().uuid());
    let count = format!("SELECT count(*) FROM active_owners WHERE organization_id = {id}");
    stage.world.raw.number(&count).await
}

each_database! {
    async fn two_owners_who_demote_each_other_leave_one(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        for round in 0..rounds() {
            let [one, two] = Owner::new(&stage, &format!("demote-{round}")).await;
            let both = at_once(
                &stage,
                one.makes(Move::Demote, &two, &stage),
                two.makes(Move::Demote, &one, &stage),
            ).await;
            assert_eq!(active_owners(&stage, &one.ctx).await, 1, "round {round}: {both:?}");
            let done = [both.0.is_ok(), both.1.is_ok()];
            assert!(done[0] != done[1], "round {round}: {both:?}");
        }
        println!("{} rounds", rounds());
    }

    async fn no_two_moves_at_once_leave_an_organization_without_an_owner(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let mut figures = [0; 3];
        for (n, first) in MOVES.into_iter().enumerate() {
            for second in &MOVES[n..] {
                for round in 0..rounds() {
                    let slug = format!("{first:?}-{second:?}-{round}").to_lowercase();
                    let [one, two] = Owner::new(&stage, &slug).await;
                    let both = at_once(
                        &stage,
                        one.makes(first, &two, &stage),
                        two.makes(*second, &one, &stage),
                    ).await;
                    let left = active_owners(&stage, &one.ctx).await;
                    assert!(left > 0, "{slug}: {both:?}");
                    figures[usize::from(both.0.is_ok()) + usize::from(both.1.is_ok())] += 1;
                }
            }
        }
        let [none, one, both] = figures;
        println!("none of the two was done {none} times, one {one} times, both {both} times");
        assert!(one > 0);
    }

    async fn nobody_becomes_the_only_owner_while_he_is_locked_out(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let mut figures = [0; 2];
        for round in 0..rounds() {
            let acme = stage.world.organization(&format!("transfer-{round}")).await;
            let owner = stage.world.member(acme, Role::Owner).await;
            let heir = stage.world.member(acme, Role::Member).await;
            let to = stage.member_id(acme, heir.user()).await;
            let both = at_once(
                &stage,
                stage.organizations.transfer(&owner, to),
                stage.organizations.set_user_active(heir.user(), false, Actor::system()),
            ).await;
            assert_eq!(active_owners(&stage, &owner).await, 1, "round {round}: {both:?}");
            assert!(both.0.is_ok() != both.1.is_ok(), "round {round}: {both:?}");
            figures[usize::from(both.0.is_ok())] += 1;
        }
        let [locked_out, handed_over] = figures;
        println!("locked out {locked_out} times, handed over {handed_over} times");
    }

    async fn whoever_is_made_owner_and_locked_out_at_once_is_no_reason_to_let_the_other_go(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        for round in 0..rounds() {
            let acme = stage.world.organization(&format!("promote-{round}")).await;
            let owner = stage.world.member(acme, Role::Owner).await;
            let heir = stage.world.member(acme, Role::Member).await;
            let id = stage.member_id(acme, heir.user()).await;
            let both = at_once(
                &stage,
                stage.organizations.set_role(&owner, id, Role::Owner),
                stage.organizations.set_user_active(heir.user(), false, Actor::system()),
            ).await;
            both.1.expect("another owner is there");
            // He is no active owner, whichever came first.
            assert_eq!(active_owners(&stage, &owner).await, 1, "round {round}");
            let left = stage.organizations.leave(&owner).await;
            assert!(matches!(left, Err(OrganizationsError::LastOwner)), "round {round}: {left:?}");
        }
    }
}
