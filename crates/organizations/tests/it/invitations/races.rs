//! Concurrent operations, held between their check and their write.

use std::time::Duration;

use tenantry_core::access::{Role, SessionCaller};
use tenantry_organizations::{InvitationSecret, Membership, OrganizationsError};
use tenantry_testkit::{Failpoint, each_database};
use tokio::{task::JoinHandle, time::timeout};

use super::{InvitationFixture, code, secret};

type Accepted = JoinHandle<Result<Membership, OrganizationsError>>;

fn accept(
    fixture: &InvitationFixture,
    caller: &SessionCaller,
    secret: &InvitationSecret,
) -> Accepted {
    let organizations = fixture.base.organizations.clone();
    let (caller, secret) = (caller.clone(), secret.clone());
    tokio::spawn(async move { organizations.invitations.accept(&caller, &secret).await })
}

/// Opens the failpoint when that many tasks reached it, or when a lock evidently keeps them from
/// it. The rules hold either way.
async fn meet(gate: Failpoint, times: usize) {
    let waited = timeout(Duration::from_millis(300), gate.reached(times)).await;
    drop(waited);
    gate.open();
}

/// The number of each outcome, by name.
async fn outcomes(accepted: Vec<Accepted>) -> Vec<(&'static str, usize)> {
    let mut counted = std::collections::BTreeMap::new();
    for one in accepted {
        *counted
            .entry(code(one.await.expect("no panic")))
            .or_default() += 1;
    }
    counted.into_iter().collect()
}

each_database! {
    async fn accepting_one_invitation_100_times_concurrently_adds_one_member(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let sent = fixture.invite("ada", Role::Member).await;
        let ada = fixture.person("ada").await;
        let (found, judged) = (
            fixture.base.world.failpoints.close("invitations.found"),
            fixture.base.world.failpoints.close("invitations.judged"),
        );
        let accepted = (0..100).map(|_| accept(&fixture, &ada, &secret(&sent))).collect();
        // All of them found it pending.
        found.reached(100).await;
        found.open();
        meet(judged, 4).await;
        assert_eq!(outcomes(accepted).await, [("done", 1), ("invitation_used", 99)]);
        assert_eq!(fixture.members().await, 2);
        assert_eq!(fixture.count_events("organizations.member_joined"), 1);
        assert_eq!(fixture.count_events("organizations.invitation_accepted"), 1);
    }

    async fn ten_concurrent_acceptances_of_a_link_for_three_add_three_members(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let sent = fixture.link(3).await;
        let mut people = Vec::new();
        for n in 0..10 {
            people.push(fixture.person(&format!("p{n}")).await);
        }
        let found = fixture.base.world.failpoints.close("invitations.found");
        let judged = fixture.base.world.failpoints.close("invitations.judged");
        let accepted = people.iter().map(|person| accept(&fixture, person, &secret(&sent))).collect();
        found.reached(10).await;
        found.open();
        meet(judged, 4).await;
        assert_eq!(outcomes(accepted).await, [("done", 3), ("invitation_used", 7)]);
        assert_eq!(fixture.members().await, 4);
        assert_eq!(fixture.count_events("organizations.member_joined"), 3);
    }

    async fn an_invitation_revoked_after_its_lookup_is_not_accepted(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let sent = fixture.invite("ada", Role::Member).await;
        let ada = fixture.person("ada").await;
        let found = fixture.base.world.failpoints.close("invitations.found");
        let accepted = accept(&fixture, &ada, &secret(&sent));
        found.reached(1).await;
        let id = sent.invitation.id;
        fixture.base.organizations.invitations.revoke(&fixture.owner, id).await.expect("withdrawn");
        found.open();
        assert_eq!(outcomes(vec![accepted]).await, [("invitation_revoked", 1)]);
        assert_eq!(fixture.members().await, 1);
    }

    async fn revoking_and_accepting_never_both_succeed(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let sent = fixture.invite("ada", Role::Member).await;
        let ada = fixture.person("ada").await;
        let judged = fixture.base.world.failpoints.close("invitations.judged");
        let revoking = fixture.base.world.failpoints.close("invitations.revoking");
        let accepted = accept(&fixture, &ada, &secret(&sent));
        judged.reached(1).await;
        let organizations = fixture.base.organizations.clone();
        let (owner, id) = (fixture.owner.clone(), sent.invitation.id);
        let revoked = tokio::spawn(async move { organizations.invitations.revoke(&owner, id).await });
        meet(revoking, 1).await;
        judged.open();
        let revoked = code(revoked.await.expect("no panic"));
        let accepted = outcomes(vec![accepted]).await;
        assert_eq!((revoked, accepted), ("invitation_used", vec![("done", 1)]));
        assert_eq!(fixture.count_events("organizations.invitation_revoked"), 0);
        assert_eq!(fixture.members().await, 2);
    }

    async fn an_old_secret_is_invalid_after_resending(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let first = fixture.invite("ada", Role::Member).await;
        let ada = fixture.person("ada").await;
        let found = fixture.base.world.failpoints.close("invitations.found");
        let accepted = accept(&fixture, &ada, &secret(&first));
        found.reached(1).await;
        let organizations = &fixture.base.organizations;
        let second = organizations.invitations.resend(&fixture.owner, first.invitation.id).await.expect("sent");
        found.open();
        assert_eq!(outcomes(vec![accepted]).await, [("invitation_not_found", 1)]);
        assert_eq!(fixture.members().await, 1);
        organizations.invitations.accept(&ada, &secret(&second)).await.expect("joined");
    }

    async fn two_concurrent_invitations_to_one_address_leave_one_pending(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let (one, other) = tokio::join!(fixture.invite("ada", Role::Member), fixture.invite("ada", Role::Viewer));
        let organizations = &fixture.base.organizations;
        let mut codes = [
            code(organizations.invitations.preview(&secret(&one)).await),
            code(organizations.invitations.preview(&secret(&other)).await),
        ];
        codes.sort_unstable();
        assert_eq!(codes, ["done", "invitation_revoked"]);
    }

    async fn eight_concurrent_acceptances_for_one_seat_add_one_member(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        fixture.limit_seats(2).await;
        let mut sent = Vec::new();
        for n in 0..8 {
            let name = format!("p{n}");
            sent.push((fixture.invite(&name, Role::Member).await, fixture.person(&name).await));
        }
        let found = fixture.base.world.failpoints.close("invitations.found");
        let counted = fixture.base.world.failpoints.close("seats.counted");
        let accepted = sent.iter().map(|(sent, person)| accept(&fixture, person, &secret(sent))).collect();
        found.reached(8).await;
        found.open();
        meet(counted, 4).await;
        assert_eq!(outcomes(accepted).await, [("done", 1), ("seat_limit_reached", 7)]);
        assert_eq!(fixture.members().await, 2);
        assert_eq!(fixture.count_events("organizations.member_joined"), 1);
    }
}
