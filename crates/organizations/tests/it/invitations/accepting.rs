//! Accepting invitations.

use chrono::TimeDelta;
use tenantry_core::access::Role;
use tenantry_domain_events::events::organizations::{InvitationAccepted, UserJoinedOrganization};
use tenantry_organizations::{InvitationStatus, NewInvitation};
use tenantry_testkit::{Backend, each_database, statements};

use super::{Scene, code, email, secret};
use crate::support::Stage;

each_database! {
    async fn accepting_makes_a_member_who_was_invited(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let sent = scene.invite("ada", Role::Admin).await;
        let invited_at = scene.stage.world.runtime().now();
        scene.stage.world.clock.advance(TimeDelta::hours(1));
        let ada = scene.person("ada").await;
        let organizations = &scene.stage.organizations;
        let joined = organizations.accept(&ada, &secret(&sent)).await.expect("joined");
        assert_eq!((joined.user, joined.role), (ada.user(), Role::Admin));
        assert_eq!((joined.organization.id, joined.organization.slug.as_str()), (scene.acme, "acme"));
        assert_eq!((joined.invited_by, joined.invited_at), (Some(scene.owner.user()), Some(invited_at)));

        let members = organizations.members(&scene.owner, &Default::default()).await.expect("listed");
        let member = &members.items[0];
        assert_eq!((member.id, member.role), (joined.id, Role::Admin));
        assert_eq!((member.invited_by, member.invited_at), (joined.invited_by, joined.invited_at));
        let told = scene.stage.world.events.of::<UserJoinedOrganization>();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].invited_by_user_id, Some(scene.owner.user()));
        let told = scene.stage.world.events.of::<InvitationAccepted>();
        assert_eq!((told.len(), told[0].user_id), (1, ada.user()));

        assert_eq!(code(organizations.accept(&ada, &secret(&sent)).await), "invitation_used");
        assert_eq!(scene.listed().await[0].status, InvitationStatus::Accepted);
    }

    async fn a_preview_consumes_nothing_and_writes_nothing(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let sent = scene.link(1).await;
        let organizations = &scene.stage.organizations;
        for _ in 0..3 {
            let (preview, sql) = statements(organizations.preview(&secret(&sent))).await;
            let preview = preview.expect("pending");
            assert_eq!((preview.organization_name.as_str(), preview.role), ("acme", Role::Member));
            assert_eq!(preview.expires_at, sent.invitation.expires_at);
            assert_eq!(sql.len(), 1, "{sql:#?}");
            assert!(sql[0].starts_with("SELECT"), "{sql:#?}");
        }
        assert_eq!(scene.listed().await[0].uses, 0);
    }

    async fn an_unknown_secret_is_unknown(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let sent = scene.link(1).await;
        let ada = scene.person("ada").await;
        let organizations = &scene.stage.organizations;
        let mut altered = secret(&sent).expose().to_owned();
        let last = if altered.ends_with('0') { "1" } else { "0" };
        altered.replace_range(altered.len() - 1.., last);
        for text in ["", "tnti_", &altered, &secret(&sent).expose().to_uppercase()] {
            let unknown = text.parse().expect("short");
            assert_eq!(code(organizations.preview(&unknown).await), "invitation_not_found");
            assert_eq!(code(organizations.accept(&ada, &unknown).await), "invitation_not_found");
        }
    }

    async fn an_addressed_invitation_is_for_its_address_alone(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let sent = scene.invite("ada", Role::Member).await;
        let bob = scene.person("bob").await;
        let organizations = &scene.stage.organizations;
        let refused = organizations.accept(&bob, &secret(&sent)).await;
        assert_eq!(code(refused), "invitation_email_mismatch");
        let ada = scene.person("ada").await;
        organizations.accept(&ada, &secret(&sent)).await.expect("still pending");
    }

    async fn accepting_never_changes_what_a_member_is(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let ada = scene.person("ada").await;
        let sent = scene.invite("ada", Role::Admin).await;
        let link = scene.link(3).await;
        scene.stage.world.join(scene.acme, ada.user(), Role::Viewer).await;
        let organizations = &scene.stage.organizations;
        for sent in [&sent, &link] {
            assert_eq!(code(organizations.accept(&ada, &secret(sent)).await), "already_member");
        }
        let viewers = "SELECT count(*) FROM organization_members WHERE role = 'viewer'";
        assert_eq!(scene.stage.world.raw.number(viewers).await, 1);
        assert!(scene.listed().await.iter().all(|i| i.status == InvitationStatus::Pending && i.uses == 0));
        assert_eq!(scene.told("organizations.member_joined"), 0);
    }

    async fn an_invitation_dies_with_its_inviters_right(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let organizations = &scene.stage.organizations;
        let ada = scene.person("ada").await;
        for wrong in [
            "DELETE FROM organization_members WHERE role = 'admin'",
            "UPDATE organization_members SET role = 'member' WHERE role = 'admin'",
            "UPDATE users SET is_active = FALSE WHERE name LIKE 'admin%'",
        ] {
            let admin = scene.stage.world.member(scene.acme, Role::Admin).await;
            let new = NewInvitation::addressed(email("ada"), Role::Admin);
            let sent = organizations.invite(&admin, new).await.expect("invited");
            organizations.preview(&secret(&sent)).await.expect("pending");
            scene.sql(wrong).await;
            assert_eq!(code(organizations.preview(&secret(&sent)).await), "invitation_revoked", "{wrong}");
            assert_eq!(code(organizations.accept(&ada, &secret(&sent)).await), "invitation_revoked");
        }
        assert_eq!(scene.told("organizations.member_joined"), 0);
    }

    async fn a_disabled_organizations_invitations_are_unknown(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let sent = scene.link(1).await;
        let ada = scene.person("ada").await;
        scene.sql("UPDATE organizations SET is_active = FALSE").await;
        let organizations = &scene.stage.organizations;
        assert_eq!(code(organizations.preview(&secret(&sent)).await), "invitation_not_found");
        assert_eq!(code(organizations.accept(&ada, &secret(&sent)).await), "invitation_not_found");
    }

    async fn an_account_that_was_disabled_joins_nothing(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let sent = scene.link(1).await;
        let ada = scene.person("ada").await;
        scene.sql("UPDATE users SET is_active = FALSE WHERE name = 'ada'").await;
        let refused = scene.stage.organizations.accept(&ada, &secret(&sent)).await;
        assert_eq!(code(refused), "invalid_credential");
        assert_eq!(scene.members().await, 1);
    }

    async fn a_dedicated_deployment_knows_its_own_invitations_alone(db: TestDatabase) {
        let scene = Scene::on(Stage::dedicated(db, "acme").await).await;
        let globex = scene.stage.world.organization("globex").await;
        let other = scene.stage.world.member(globex, Role::Owner).await;
        let organizations = &scene.stage.organizations;
        let foreign = NewInvitation::link(Role::Member, Default::default()).expect("valid");
        let foreign = organizations.invite(&other, foreign).await.expect("invited");
        let ada = scene.person("ada").await;
        assert_eq!(code(organizations.accept(&ada, &secret(&foreign)).await), "invitation_not_found");
        let own = scene.invite("ada", Role::Admin).await;
        assert_eq!(organizations.accept(&ada, &secret(&own)).await.expect("joined").role, Role::Admin);
    }

    async fn a_secret_is_found_through_an_index(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let sent = scene.link(1).await;
        let id = match scene.stage.world.raw.backend() {
            Backend::Sqlite => "randomblob(16)",
            Backend::Postgres => "gen_random_uuid()",
        };
        // Enough rows that reading the whole table would not pay.
        scene.sql(&format!(
            "INSERT INTO invitations (organization_id, id, role, secret_hash, invited_by, created_at,
                                      sent_at, expires_at, max_uses, uses)
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
             SELECT organization_id, {id}, role, 'hash ' || n.i, invited_by, created_at,
                    sent_at, expires_at, max_uses, uses
             FROM invitations, n"
        )).await;
        scene.stage.world.raw.execute("ANALYZE invitations").await;
        let (found, asked) = statements(scene.stage.organizations.preview(&secret(&sent))).await;
        found.expect("pending");
        let plan = scene.stage.world.raw.plan(&asked[0]).await;
        assert!(plan.contains("invitations_secret_hash_idx"), "{plan}");
    }
}
