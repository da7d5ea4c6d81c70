//! Who may invite whom as what: every caller's role with every role that is given, on every path
//! that gives one, from the same rule that the code has.

use tenantry_core::{
    access::{Permission as _, Role, TenantContext},
    id::InvitationId,
};
use tenantry_organizations::{InviteMembers, NewInvitation};
use tenantry_testkit::each_database;

use super::{Scene, code, email, secret};

/// What the rule says.
fn expected(own: Role, given: Role) -> &'static str {
    if own >= InviteMembers::MIN_ROLE && own.is_at_least(given) {
        "done"
    } else {
        "permission_denied"
    }
}

/// Every pair: a member with the first role, in his context, and the second.
async fn pairs(scene: &Scene) -> Vec<(TenantContext, Role)> {
    let mut pairs = Vec::new();
    for own in Role::ALL {
        let ctx = scene.stage.world.member(scene.acme, own).await;
        pairs.extend(Role::ALL.map(|given| (ctx.clone(), given)));
    }
    pairs
}

async fn invited(scene: &Scene, given: Role) -> InvitationId {
    scene.invite("ada", given).await.invitation.id
}

each_database! {
    async fn nobody_invites_to_more_than_he_holds(db: TestDatabase) {
        let scene = Scene::new(db).await;
        for (ctx, given) in pairs(&scene).await {
            let new = NewInvitation::addressed(email(&format!("{}-{given}", ctx.role())), given);
            let invited = scene.stage.organizations.invite(&ctx, new).await;
            assert_eq!(code(invited), expected(ctx.role(), given), "{ctx:?} {given}");
        }
    }

    async fn nobody_sends_again_what_he_could_not_send(db: TestDatabase) {
        let scene = Scene::new(db).await;
        for (ctx, given) in pairs(&scene).await {
            let id = invited(&scene, given).await;
            let again = scene.stage.organizations.resend(&ctx, id).await;
            assert_eq!(code(again), expected(ctx.role(), given), "{ctx:?} {given}");
        }
    }

    async fn nobody_withdraws_or_replaces_what_he_could_not_send(db: TestDatabase) {
        let scene = Scene::new(db).await;
        for (ctx, given) in pairs(&scene).await {
            invited(&scene, given).await;
            let other = NewInvitation::addressed(email("ada"), Role::Viewer);
            let replaced = scene.stage.organizations.invite(&ctx, other).await;
            assert_eq!(code(replaced), expected(ctx.role(), given), "{ctx:?} {given}");

            let id = invited(&scene, given).await;
            let withdrawn = scene.stage.organizations.revoke(&ctx, id).await;
            assert_eq!(code(withdrawn), expected(ctx.role(), given), "{ctx:?} {given}");
        }
    }

    async fn an_invitation_is_worth_what_its_inviter_may_give_when_it_is_accepted(db: TestDatabase) {
        let scene = Scene::new(db).await;
        for own in Role::ALL {
            for given in Role::ALL {
                let inviter = scene.stage.world.member(scene.acme, Role::Owner).await;
                let name = format!("{own}-{given}");
                let new = NewInvitation::addressed(email(&name), given);
                let sent = scene.stage.organizations.invite(&inviter, new).await.expect("invited");
                // He is something else by then.
                scene.sql(&format!(
                    "UPDATE organization_members SET role = '{own}'
                     WHERE user_id = (SELECT invited_by FROM invitations WHERE email = '{name}@example.com')"
                )).await;
                let invited = scene.person(&name).await;
                let accepted = scene.stage.organizations.accept(&invited, &secret(&sent)).await;
                let expected = match expected(own, given) {
                    "permission_denied" => "invitation_revoked",
                    done => done,
                };
                assert_eq!(code(accepted), expected, "{own} {given}");
            }
        }
    }

    async fn a_right_that_was_lost_since_the_request_began_is_lost(db: TestDatabase) {
        let scene = Scene::new(db).await;
        for lost in ["UPDATE organization_members SET role = 'member' WHERE role = 'admin'",
                     "DELETE FROM organization_members WHERE role = 'admin'"] {
            let admin = scene.stage.world.member(scene.acme, Role::Admin).await;
            let id = invited(&scene, Role::Member).await;
            scene.sql(lost).await;
            let organizations = &scene.stage.organizations;
            let new = NewInvitation::addressed(email("bob"), Role::Viewer);
            let refused = [
                code(organizations.invite(&admin, new).await),
                code(organizations.resend(&admin, id).await),
                code(organizations.revoke(&admin, id).await),
            ];
            let why = if lost.starts_with('U') { "permission_denied" } else { "organization_not_found" };
            assert_eq!(refused, [why; 3]);
        }
    }
}
