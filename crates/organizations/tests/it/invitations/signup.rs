//! Signing up with an invitation.

use tenantry_core::access::{RequiredContext, Role};
use tenantry_organizations::{InvitationSecret, InvitationStatus, OrganizationsError};
use tenantry_testkit::each_database;
use tenantry_users::{ClientInfo, NewAccount, NewSession};

use super::{Scene, code, email, secret};
use crate::support::{Stage, ask, name};

async fn sign_up(
    scene: &Scene,
    person: &str,
    invitation: Option<InvitationSecret>,
) -> Result<NewSession, OrganizationsError> {
    let account = NewAccount {
        email: email(person),
        name: name(person),
        password: "correct horse battery".parse().expect("valid"),
    };
    let organizations = &scene.stage.organizations;
    organizations
        .sign_up(account, invitation, ClientInfo::default())
        .await
}

/// How many rows there are of what a signup makes.
async fn made(scene: &Scene) -> i64 {
    let count = "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM sessions)
                 + (SELECT count(*) FROM organization_members) AS n";
    scene.stage.world.raw.number(count).await
}

each_database! {
    async fn an_account_a_session_and_a_membership_are_made_together(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let sent = scene.invite("ada", Role::Admin).await;
        let before = scene.stage.world.events.names().len();
        let ada = sign_up(&scene, "ada", Some(secret(&sent))).await.expect("signed up");
        let names = scene.stage.world.events.names();
        assert_eq!(names[before..], [
            "users.user_registered", "organizations.member_joined", "organizations.invitation_accepted",
        ]);
        let question = ask(ada.key.expose(), RequiredContext::ActiveTenant, None);
        let admission = scene.stage.organizations.resolve(question).await.expect("let in");
        let tenant = admission.tenant.expect("a tenant");
        assert_eq!((tenant.organization(), tenant.role()), (scene.acme, Role::Admin));
        assert_eq!(tenant.user(), ada.user.id);
        assert_eq!(scene.listed().await[0].status, InvitationStatus::Accepted);
    }

    async fn an_invitation_that_is_not_good_makes_no_account_and_no_event(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let organizations = &scene.stage.organizations;
        let other = scene.invite("bob", Role::Member).await;
        let revoked = scene.link(1).await;
        organizations.revoke(&scene.owner, revoked.invitation.id).await.expect("withdrawn");
        let used = scene.link(1).await;
        sign_up(&scene, "eve", Some(secret(&used))).await.expect("signed up");
        let full = scene.link(5).await;
        let expired = scene.link(1).await;
        let sql = "UPDATE invitations SET expires_at = created_at WHERE max_uses = 1 AND uses = 0
                   AND email IS NULL AND revoked_at IS NULL";
        scene.sql(sql).await;
        scene.limit_seats(2).await;

        let (before, told) = (made(&scene).await, scene.stage.world.events.names());
        for (invitation, expected) in [
            ("tnti_unknown".parse().expect("short"), "invitation_not_found"),
            (secret(&other), "invitation_email_mismatch"),
            (secret(&revoked), "invitation_revoked"),
            (secret(&used), "invitation_used"),
            (secret(&expired), "invitation_expired"),
            (secret(&full), "seat_limit_reached"),
        ] {
            assert_eq!(code(sign_up(&scene, "ada", Some(invitation)).await), expected);
        }
        assert_eq!(made(&scene).await, before);
        assert_eq!(scene.stage.world.events.names(), told);
    }

    async fn a_taken_address_consumes_no_invitation(db: TestDatabase) {
        let scene = Scene::new(db).await;
        scene.person("ada").await;
        let sent = scene.invite("ada", Role::Member).await;
        assert_eq!(code(sign_up(&scene, "ada", Some(secret(&sent))).await), "email_taken");
        assert_eq!(scene.listed().await[0].status, InvitationStatus::Pending);
    }

    async fn of_two_who_sign_up_by_the_last_use_of_a_link_one_gets_an_account(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let sent = scene.link(1).await;
        let found = scene.stage.world.gates.close("invitations.found");
        let open = async {
            found.reached(2).await;
            found.open();
        };
        let sign_up = |name| sign_up(&scene, name, Some(secret(&sent)));
        let (one, other, ()) = tokio::join!(sign_up("ada"), sign_up("bob"), open);
        let mut codes = [code(one), code(other)];
        codes.sort_unstable();
        assert_eq!(codes, ["done", "invitation_used"]);
        let accounts = "SELECT count(*) FROM users WHERE name IN ('ada', 'bob')";
        assert_eq!(scene.stage.world.raw.number(accounts).await, 1);
    }

    async fn where_only_the_invited_sign_up_nobody_else_does(db: TestDatabase) {
        let scene = Scene::on(Stage::by_invitation(db).await).await;
        let before = made(&scene).await;
        assert_eq!(code(sign_up(&scene, "ada", None).await), "signup_by_invitation_only");
        assert_eq!(made(&scene).await, before);
        let sent = scene.invite("ada", Role::Member).await;
        sign_up(&scene, "ada", Some(secret(&sent))).await.expect("signed up");
    }

    async fn in_a_dedicated_deployment_the_invitations_role_wins(db: TestDatabase) {
        let scene = Scene::on(Stage::dedicated(db, "acme").await).await;
        for (name, role) in [("ada", Role::Admin), ("bob", Role::Viewer)] {
            let sent = scene.invite(name, role).await;
            let user = sign_up(&scene, name, Some(secret(&sent))).await.expect("signed up").user;
            let members = scene.stage.organizations.members(&scene.owner, &Default::default()).await;
            let members = members.expect("listed").items;
            let joined: Vec<_> = members.iter().filter(|m| m.user == user.id).map(|m| m.role).collect();
            assert_eq!(joined, [role]);
        }
        assert_eq!(scene.told("organizations.member_joined"), 2);
    }
}
