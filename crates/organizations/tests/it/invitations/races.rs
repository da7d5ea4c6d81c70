//! What happens at once, with the check and the write forced apart.

use std::{sync::Arc, time::Duration};

use tenantry_core::access::{Role, SessionCaller};
use tenantry_organizations::{
    InvitationSecret, Membership, OrganizationsError, OrganizationsService,
};
use tenantry_testkit::{Failpoint, each_database};
use tokio::{task::JoinHandle, time::timeout};

use super::{Scene, code, secret};

type Accepted = JoinHandle<Result<Membership, OrganizationsError>>;

fn accept(scene: &Scene, caller: &SessionCaller, secret: &InvitationSecret) -> Accepted {
    let organizations: Arc<dyn OrganizationsService> = Arc::clone(&scene.stage.organizations);
    let (caller, secret) = (caller.clone(), secret.clone());
    tokio::spawn(async move { organizations.accept(&caller, &secret).await })
}

/// Waits until so many have come to the gate, or until it is clear that a lock keeps them away;
/// then opens it. What has to hold, holds either way.
async fn meet(gate: Failpoint, times: usize) {
    let kept_away = timeout(Duration::from_millis(300), gate.reached(times)).await;
    drop(kept_away);
    gate.open();
}

/// How often each outcome came, in the order of their names.
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
    async fn one_invitation_accepted_100_times_at_once_makes_one_member(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let sent = scene.invite("ada", Role::Member).await;
        let ada = scene.person("ada").await;
        let (found, judged) = (
            scene.stage.world.gates.close("invitations.found"),
            scene.stage.world.gates.close("invitations.judged"),
        );
        let accepted = (0..100).map(|_| accept(&scene, &ada, &secret(&sent))).collect();
        // All of them saw that it is pending.
        found.reached(100).await;
        found.open();
        meet(judged, 4).await;
        assert_eq!(outcomes(accepted).await, [("done", 1), ("invitation_used", 99)]);
        assert_eq!(scene.members().await, 2);
        assert_eq!(scene.told("organizations.member_joined"), 1);
        assert_eq!(scene.told("organizations.invitation_accepted"), 1);
    }

    async fn a_link_for_three_accepted_by_ten_at_once_makes_three_members(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let sent = scene.link(3).await;
        let mut people = Vec::new();
        for n in 0..10 {
            people.push(scene.person(&format!("p{n}")).await);
        }
        let found = scene.stage.world.gates.close("invitations.found");
        let judged = scene.stage.world.gates.close("invitations.judged");
        let accepted = people.iter().map(|person| accept(&scene, person, &secret(&sent))).collect();
        found.reached(10).await;
        found.open();
        meet(judged, 4).await;
        assert_eq!(outcomes(accepted).await, [("done", 3), ("invitation_used", 7)]);
        assert_eq!(scene.members().await, 4);
        assert_eq!(scene.told("organizations.member_joined"), 3);
    }

    async fn what_was_withdrawn_after_it_was_found_is_not_accepted(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let sent = scene.invite("ada", Role::Member).await;
        let ada = scene.person("ada").await;
        let found = scene.stage.world.gates.close("invitations.found");
        let accepted = accept(&scene, &ada, &secret(&sent));
        found.reached(1).await;
        let id = sent.invitation.id;
        scene.stage.organizations.revoke(&scene.owner, id).await.expect("withdrawn");
        found.open();
        assert_eq!(outcomes(vec![accepted]).await, [("invitation_revoked", 1)]);
        assert_eq!(scene.members().await, 1);
    }

    async fn withdrawing_and_accepting_never_both_succeed(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let sent = scene.invite("ada", Role::Member).await;
        let ada = scene.person("ada").await;
        let judged = scene.stage.world.gates.close("invitations.judged");
        let revoking = scene.stage.world.gates.close("invitations.revoking");
        let accepted = accept(&scene, &ada, &secret(&sent));
        judged.reached(1).await;
        let organizations = Arc::clone(&scene.stage.organizations);
        let (owner, id) = (scene.owner.clone(), sent.invitation.id);
        let revoked = tokio::spawn(async move { organizations.revoke(&owner, id).await });
        meet(revoking, 1).await;
        judged.open();
        let revoked = code(revoked.await.expect("no panic"));
        let accepted = outcomes(vec![accepted]).await;
        assert_eq!((revoked, accepted), ("invitation_used", vec![("done", 1)]));
        assert_eq!(scene.told("organizations.invitation_revoked"), 0);
        assert_eq!(scene.members().await, 2);
    }

    async fn an_old_secret_never_works_once_the_new_one_was_answered(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let first = scene.invite("ada", Role::Member).await;
        let ada = scene.person("ada").await;
        let found = scene.stage.world.gates.close("invitations.found");
        let accepted = accept(&scene, &ada, &secret(&first));
        found.reached(1).await;
        let organizations = &scene.stage.organizations;
        let second = organizations.resend(&scene.owner, first.invitation.id).await.expect("sent");
        found.open();
        assert_eq!(outcomes(vec![accepted]).await, [("invitation_not_found", 1)]);
        assert_eq!(scene.members().await, 1);
        organizations.accept(&ada, &secret(&second)).await.expect("joined");
    }

    async fn two_invitations_to_one_address_at_once_leave_one_pending(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let (one, other) = tokio::join!(scene.invite("ada", Role::Member), scene.invite("ada", Role::Viewer));
        let organizations = &scene.stage.organizations;
        let mut codes = [
            code(organizations.preview(&secret(&one)).await),
            code(organizations.preview(&secret(&other)).await),
        ];
        codes.sort_unstable();
        assert_eq!(codes, ["done", "invitation_revoked"]);
    }

    async fn eight_acceptances_at_once_for_one_seat_make_one_member(db: TestDatabase) {
        let scene = Scene::new(db).await;
        scene.limit_seats(2).await;
        let mut sent = Vec::new();
        for n in 0..8 {
            let name = format!("p{n}");
            sent.push((scene.invite(&name, Role::Member).await, scene.person(&name).await));
        }
        let found = scene.stage.world.gates.close("invitations.found");
        let counted = scene.stage.world.gates.close("seats.counted");
        let accepted = sent.iter().map(|(sent, person)| accept(&scene, person, &secret(sent))).collect();
        found.reached(8).await;
        found.open();
        meet(counted, 4).await;
        assert_eq!(outcomes(accepted).await, [("done", 1), ("seat_limit_reached", 7)]);
        assert_eq!(scene.members().await, 2);
        assert_eq!(scene.told("organizations.member_joined"), 1);
    }
}
