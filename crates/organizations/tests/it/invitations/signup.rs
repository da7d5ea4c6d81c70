//! Signing up with an invitation.

use tenantry_core::access::{RequiredContext, Role};
use tenantry_organizations::{InvitationSecret, InvitationStatus, OrganizationsError, SignedUp};
use tenantry_testkit::each_database;
use tenantry_users::{ClientInfo, NewAccount, NewSession};

use super::{InvitationFixture, code, email, secret};
use crate::support::{Fixture, name, session_request};

async fn sign_up(
    fixture: &InvitationFixture,
    person: &str,
    invitation: Option<InvitationSecret>,
) -> Result<NewSession, OrganizationsError> {
    let account = NewAccount {
        email: email(person),
        name: name(person),
        password: "correct horse battery".parse().expect("valid"),
    };
    let organizations = &fixture.base.organizations;
    let signed_up = organizations
        .signup
        .sign_up(account, invitation, ClientInfo::default());
    match signed_up.await? {
        SignedUp::SignedIn(session) => Ok(session),
        SignedUp::VerificationSent => panic!("no confirmed address is required"),
    }
}

/// How many rows there are of what a signup makes.
async fn made(fixture: &InvitationFixture) -> i64 {
    let count = "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM sessions)
                 + (SELECT count(*) FROM organization_members) AS n";
    fixture.base.world.raw.number(count).await
}

each_database! {
    async fn account_session_and_membership_are_created_together(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let sent = fixture.invite("ada", Role::Admin).await;
        let before = fixture.base.world.events.names().len();
        let ada = sign_up(&fixture, "ada", Some(secret(&sent))).await.expect("signed up");
        let names = fixture.base.world.events.names();
        assert_eq!(names[before..], [
            "users.user_registered", "organizations.member_joined", "organizations.invitation_accepted",
        ]);
        let request = session_request(ada.key.expose(), RequiredContext::ActiveTenant, None);
        let resolved = fixture.base.organizations.resolver.resolve(request).await.expect("accepted");
        let tenant = resolved.tenant.expect("a tenant");
        assert_eq!((tenant.organization(), tenant.role()), (fixture.acme, Role::Admin));
        assert_eq!(tenant.user(), ada.user.id);
        assert_eq!(fixture.listed().await[0].status, InvitationStatus::Accepted);
    }

    async fn an_invalid_invitation_creates_no_account_and_no_event(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let organizations = &fixture.base.organizations;
        let other = fixture.invite("bob", Role::Member).await;
        let revoked = fixture.link(1).await;
        organizations.invitations.revoke(&fixture.owner, revoked.invitation.id).await.expect("withdrawn");
        let used = fixture.link(1).await;
        sign_up(&fixture, "eve", Some(secret(&used))).await.expect("signed up");
        let full = fixture.link(5).await;
        let expired = fixture.link(1).await;
        let sql = "UPDATE invitations SET expires_at = created_at WHERE max_uses = 1 AND uses = 0
                   AND email IS NULL AND revoked_at IS NULL";
        fixture.sql(sql).await;
        fixture.limit_seats(2).await;

        let (before, recorded) = (made(&fixture).await, fixture.base.world.events.names());
        for (invitation, expected) in [
            ("tnti_unknown".parse().expect("short"), "invitation_not_found"),
            (secret(&other), "invitation_email_mismatch"),
            (secret(&revoked), "invitation_revoked"),
            (secret(&used), "invitation_used"),
            (secret(&expired), "invitation_expired"),
            (secret(&full), "seat_limit_reached"),
        ] {
            assert_eq!(code(sign_up(&fixture, "ada", Some(invitation)).await), expected);
        }
        assert_eq!(made(&fixture).await, before);
        assert_eq!(fixture.base.world.events.names(), recorded);
    }

    async fn a_taken_address_uses_no_invitation(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        fixture.person("ada").await;
        let sent = fixture.invite("ada", Role::Member).await;
        assert_eq!(code(sign_up(&fixture, "ada", Some(secret(&sent))).await), "email_taken");
        assert_eq!(fixture.listed().await[0].status, InvitationStatus::Pending);
    }

    async fn two_concurrent_signups_with_the_last_use_of_a_link_create_one_account(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let sent = fixture.link(1).await;
        let found = fixture.base.world.failpoints.close("invitations.found");
        let open = async {
            found.reached(2).await;
            found.open();
        };
        let sign_up = |name| sign_up(&fixture, name, Some(secret(&sent)));
        let (one, other, ()) = tokio::join!(sign_up("ada"), sign_up("bob"), open);
        let mut codes = [code(one), code(other)];
        codes.sort_unstable();
        assert_eq!(codes, ["done", "invitation_used"]);
        let accounts = "SELECT count(*) FROM users WHERE name IN ('ada', 'bob')";
        assert_eq!(fixture.base.world.raw.number(accounts).await, 1);
    }

    async fn signing_up_without_a_required_invitation_is_refused(db: TestDatabase) {
        let fixture = InvitationFixture::on(Fixture::by_invitation(db).await).await;
        let before = made(&fixture).await;
        assert_eq!(code(sign_up(&fixture, "ada", None).await), "signup_by_invitation_only");
        assert_eq!(made(&fixture).await, before);
        let sent = fixture.invite("ada", Role::Member).await;
        sign_up(&fixture, "ada", Some(secret(&sent))).await.expect("signed up");
    }

    async fn an_invitations_role_beats_the_role_of_a_dedicated_deployment(db: TestDatabase) {
        let fixture = InvitationFixture::on(Fixture::dedicated(db, "acme").await).await;
        for (name, role) in [("ada", Role::Admin), ("bob", Role::Viewer)] {
            let sent = fixture.invite(name, role).await;
            let user = sign_up(&fixture, name, Some(secret(&sent))).await.expect("signed up").user;
            let members = fixture.base.organizations.members.members(&fixture.owner, &Default::default()).await;
            let members = members.expect("listed").items;
            let joined: Vec<_> = members.iter().filter(|m| m.user == user.id).map(|m| m.role).collect();
            assert_eq!(joined, [role]);
        }
        assert_eq!(fixture.count_events("organizations.member_joined"), 2);
    }
}
