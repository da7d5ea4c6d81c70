//! Every role of a caller with every role of an invitation, on every path that grants one.

use tenantry_core::{
    access::{Permission as _, Role, TenantContext},
    id::InvitationId,
};
use tenantry_organizations::{InviteMembers, NewInvitation};
use tenantry_testkit::each_database;

use super::{InvitationFixture, code, email, secret};

/// The expected outcome.
fn expected(own: Role, given: Role) -> &'static str {
    if own >= InviteMembers::MIN_ROLE && own.is_at_least(given) {
        "done"
    } else {
        "permission_denied"
    }
}

/// Every pair of a member's context and an invitation's role.
async fn pairs(fixture: &InvitationFixture) -> Vec<(TenantContext, Role)> {
    let mut pairs = Vec::new();
    for own in Role::ALL {
        let ctx = fixture.base.world.member(fixture.acme, own).await;
        pairs.extend(Role::ALL.map(|given| (ctx.clone(), given)));
    }
    pairs
}

async fn invited(fixture: &InvitationFixture, given: Role) -> InvitationId {
    fixture.invite("ada", given).await.invitation.id
}

each_database! {
    async fn inviting_to_a_higher_role_is_refused(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        for (ctx, given) in pairs(&fixture).await {
            let new = NewInvitation::addressed(email(&format!("{}-{given}", ctx.role())), given);
            let invited = fixture.base.organizations.invitations.invite(&ctx, new).await;
            assert_eq!(code(invited), expected(ctx.role(), given), "{ctx:?} {given}");
        }
    }

    async fn resending_an_invitation_to_a_higher_role_is_refused(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        for (ctx, given) in pairs(&fixture).await {
            let id = invited(&fixture, given).await;
            let again = fixture.base.organizations.invitations.resend(&ctx, id).await;
            assert_eq!(code(again), expected(ctx.role(), given), "{ctx:?} {given}");
        }
    }

    async fn revoking_or_replacing_an_invitation_to_a_higher_role_is_refused(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        for (ctx, given) in pairs(&fixture).await {
            invited(&fixture, given).await;
            let other = NewInvitation::addressed(email("ada"), Role::Viewer);
            let replaced = fixture.base.organizations.invitations.invite(&ctx, other).await;
            assert_eq!(code(replaced), expected(ctx.role(), given), "{ctx:?} {given}");

            let id = invited(&fixture, given).await;
            let withdrawn = fixture.base.organizations.invitations.revoke(&ctx, id).await;
            assert_eq!(code(withdrawn), expected(ctx.role(), given), "{ctx:?} {given}");
        }
    }

    async fn the_inviters_role_is_checked_when_an_invitation_is_accepted(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        for own in Role::ALL {
            for given in Role::ALL {
                let inviter = fixture.base.world.member(fixture.acme, Role::Owner).await;
                let name = format!("{own}-{given}");
                let new = NewInvitation::addressed(email(&name), given);
                let sent = fixture.base.organizations.invitations.invite(&inviter, new).await.expect("invited");
                // The inviter's role changes before acceptance.
                fixture.sql(&format!(
                    "UPDATE organization_members SET role = '{own}'
                     WHERE user_id = (SELECT invited_by FROM invitations WHERE email = '{name}@example.com')"
                )).await;
                let invited = fixture.person(&name).await;
                let accepted = fixture.base.organizations.invitations.accept(&invited, &secret(&sent)).await;
                let expected = match expected(own, given) {
                    "permission_denied" => "invitation_revoked",
                    done => done,
                };
                assert_eq!(code(accepted), expected, "{own} {given}");
            }
        }
    }

    async fn a_permission_lost_since_the_request_started_is_refused(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        for lost in ["UPDATE organization_members SET role = 'member' WHERE role = 'admin'",
                     "DELETE FROM organization_members WHERE role = 'admin'"] {
            let admin = fixture.base.world.member(fixture.acme, Role::Admin).await;
            let id = invited(&fixture, Role::Member).await;
            fixture.sql(lost).await;
            let organizations = &fixture.base.organizations;
            let new = NewInvitation::addressed(email("bob"), Role::Viewer);
            let refused = [
                code(organizations.invitations.invite(&admin, new).await),
                code(organizations.invitations.resend(&admin, id).await),
                code(organizations.invitations.revoke(&admin, id).await),
            ];
            let why = if lost.starts_with('U') { "permission_denied" } else { "organization_not_found" };
            assert_eq!(refused, [why; 3]);
        }
    }
}
