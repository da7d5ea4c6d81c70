//! Accepting invitations.

use chrono::TimeDelta;
use tenantry_core::{access::Role, page::PageRequest};
use tenantry_domain_events::events::organizations::{InvitationAccepted, UserJoinedOrganization};
use tenantry_organizations::{InvitationStatus, NewInvitation};
use tenantry_testkit::{Backend, each_database, statements};

use super::{InvitationFixture, code, email, secret};
use crate::support::Fixture;

each_database! {
    async fn accepting_makes_a_member_who_was_invited(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let sent = fixture.invite("ada", Role::Admin).await;
        let invited_at = fixture.base.world.runtime().now();
        fixture.base.world.clock.advance(TimeDelta::hours(1));
        let ada = fixture.person("ada").await;
        let organizations = &fixture.base.organizations;
        let joined = organizations.invitations.accept(&ada, &secret(&sent)).await.expect("joined");
        assert_eq!((joined.user, joined.role), (ada.user(), Role::Admin));
        assert_eq!((joined.organization.id, joined.organization.slug.as_str()), (fixture.acme, "acme"));
        assert_eq!((joined.invited_by, joined.invited_at), (Some(fixture.owner.user()), Some(invited_at)));

        let members = organizations.members.members(&fixture.owner, &Default::default()).await.expect("listed");
        let member = &members.items[0];
        assert_eq!((member.id, member.role), (joined.id, Role::Admin));
        assert_eq!((member.invited_by, member.invited_at), (joined.invited_by, joined.invited_at));
        let recorded = fixture.base.world.events.of::<UserJoinedOrganization>();
        assert_eq!(recorded.len(), 1);
        assert_eq!(recorded[0].invited_by_user_id, Some(fixture.owner.user()));
        let recorded = fixture.base.world.events.of::<InvitationAccepted>();
        assert_eq!((recorded.len(), recorded[0].user_id), (1, ada.user()));

        assert_eq!(code(organizations.invitations.accept(&ada, &secret(&sent)).await), "invitation_used");
        assert_eq!(fixture.listed().await[0].status, InvitationStatus::Accepted);
    }

    async fn a_preview_consumes_nothing_and_writes_nothing(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let sent = fixture.link(1).await;
        let organizations = &fixture.base.organizations;
        for _ in 0..3 {
            let (preview, sql) = statements(organizations.invitations.preview(&secret(&sent))).await;
            let preview = preview.expect("pending");
            assert_eq!((preview.organization_name.as_str(), preview.role), ("acme", Role::Member));
            assert_eq!(preview.expires_at, sent.invitation.expires_at);
            assert_eq!(sql.len(), 1, "{sql:#?}");
            assert!(sql[0].starts_with("SELECT"), "{sql:#?}");
        }
        assert_eq!(fixture.listed().await[0].uses, 0);
    }

    async fn an_unknown_secret_is_not_found(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let sent = fixture.link(1).await;
        let ada = fixture.person("ada").await;
        let organizations = &fixture.base.organizations;
        let mut altered = secret(&sent).expose().to_owned();
        let last = if altered.ends_with('0') { "1" } else { "0" };
        altered.replace_range(altered.len() - 1.., last);
        for text in ["", "tnti_", &altered, &secret(&sent).expose().to_uppercase()] {
            let unknown = text.parse().expect("short");
            assert_eq!(code(organizations.invitations.preview(&unknown).await), "invitation_not_found");
            assert_eq!(code(organizations.invitations.accept(&ada, &unknown).await), "invitation_not_found");
        }
    }

    async fn an_addressed_invitation_is_for_its_address_only(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let sent = fixture.invite("ada", Role::Member).await;
        let bob = fixture.person("bob").await;
        let organizations = &fixture.base.organizations;
        let refused = organizations.invitations.accept(&bob, &secret(&sent)).await;
        assert_eq!(code(refused), "invitation_email_mismatch");
        let ada = fixture.person("ada").await;
        organizations.invitations.accept(&ada, &secret(&sent)).await.expect("still pending");
    }

    async fn accepting_never_changes_an_existing_membership(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let ada = fixture.person("ada").await;
        let sent = fixture.invite("ada", Role::Admin).await;
        let link = fixture.link(3).await;
        fixture.base.world.join(fixture.acme, ada.user(), Role::Viewer).await;
        let organizations = &fixture.base.organizations;
        for sent in [&sent, &link] {
            assert_eq!(code(organizations.invitations.accept(&ada, &secret(sent)).await), "already_member");
        }
        let viewers = "SELECT count(*) FROM organization_members WHERE role = 'viewer'";
        assert_eq!(fixture.base.world.raw.number(viewers).await, 1);
        let listed = fixture.listed().await;
        assert!(listed.iter().all(|invitation| invitation.uses == 0));
        let status = |id| listed.iter().find(|found| found.id == id).expect("listed").status;
        assert_eq!(status(link.invitation.id), InvitationStatus::Pending);
        assert_eq!(status(sent.invitation.id), InvitationStatus::Blocked);
        assert_eq!(fixture.count_events("organizations.member_joined"), 0);
    }

    async fn an_invitation_ends_with_its_inviters_permission(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let organizations = &fixture.base.organizations;
        let ada = fixture.person("ada").await;
        for wrong in [
            "DELETE FROM organization_members WHERE role = 'admin'",
            "UPDATE organization_members SET role = 'member' WHERE role = 'admin'",
            "UPDATE users SET is_active = FALSE WHERE name LIKE 'admin%'",
        ] {
            let admin = fixture.base.world.member(fixture.acme, Role::Admin).await;
            let new = NewInvitation::addressed(email("ada"), Role::Admin);
            let sent = organizations.invitations.invite(&admin, new).await.expect("invited");
            organizations.invitations.preview(&secret(&sent)).await.expect("pending");
            fixture.sql(wrong).await;
            assert_eq!(code(organizations.invitations.preview(&secret(&sent)).await), "invitation_revoked", "{wrong}");
            assert_eq!(code(organizations.invitations.accept(&ada, &secret(&sent)).await), "invitation_revoked");
        }
        assert_eq!(fixture.count_events("organizations.member_joined"), 0);
    }

    async fn invitations_of_a_disabled_organization_are_not_found(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let sent = fixture.link(1).await;
        let ada = fixture.person("ada").await;
        fixture.sql("UPDATE organizations SET is_active = FALSE").await;
        let organizations = &fixture.base.organizations;
        assert_eq!(code(organizations.invitations.preview(&secret(&sent)).await), "invitation_not_found");
        assert_eq!(code(organizations.invitations.accept(&ada, &secret(&sent)).await), "invitation_not_found");
    }

    async fn a_disabled_account_joins_nothing(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let sent = fixture.link(1).await;
        let ada = fixture.person("ada").await;
        fixture.sql("UPDATE users SET is_active = FALSE WHERE name = 'ada'").await;
        let refused = fixture.base.organizations.invitations.accept(&ada, &secret(&sent)).await;
        assert_eq!(code(refused), "invalid_credential");
        assert_eq!(fixture.members().await, 1);
    }

    async fn a_dedicated_deployment_accepts_only_its_own_invitations(db: TestDatabase) {
        let fixture = InvitationFixture::on(Fixture::dedicated(db, "acme").await).await;
        let globex = fixture.base.world.organization("globex").await;
        let other = fixture.base.world.member(globex, Role::Owner).await;
        let organizations = &fixture.base.organizations;
        let foreign = NewInvitation::link(Role::Member, Default::default()).expect("valid");
        let foreign = organizations.invitations.invite(&other, foreign).await.expect("invited");
        let ada = fixture.person("ada").await;
        assert_eq!(code(organizations.invitations.accept(&ada, &secret(&foreign)).await), "invitation_not_found");
        let own = fixture.invite("ada", Role::Admin).await;
        assert_eq!(organizations.invitations.accept(&ada, &secret(&own)).await.expect("joined").role, Role::Admin);
    }

    async fn a_secret_is_looked_up_by_an_index(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let sent = fixture.link(1).await;
        let id = match fixture.base.world.raw.backend() {
            Backend::Sqlite => "randomblob(16)",
            Backend::Postgres => "gen_random_uuid()",
        };
        // Enough rows that reading the whole table would not pay.
        fixture.sql(&format!(
            "INSERT INTO invitations (organization_id, id, role, secret_hash, invited_by, created_at,
                                      sent_at, expires_at, max_uses, uses)
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
             SELECT organization_id, {id}, role, 'hash ' || n.i, invited_by, created_at,
                    sent_at, expires_at, max_uses, uses
             FROM invitations, n"
        )).await;
        fixture.base.world.raw.execute("ANALYZE invitations").await;
        let unknown = "tnti_unknown".parse().expect("any text");
        for (secret, indexes) in [
            (secret(&sent), &["invitations_secret_hash_idx"][..]),
            (unknown, &["invitations_secret_hash_idx", "invitations_mail_hash_idx"]),
        ] {
            let (_, sent_sql) = statements(fixture.base.organizations.invitations.preview(&secret)).await;
            assert_eq!(sent_sql.len(), indexes.len(), "{sent_sql:?}");
            for (sql, index) in sent_sql.iter().zip(indexes) {
                let plan = fixture.base.world.raw.plan(sql).await;
                assert!(plan.contains(index), "{plan}");
            }
        }
    }

    async fn a_member_is_shown_with_the_name_of_the_inviter(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let sent = fixture.invite("ada", Role::Viewer).await;
        let ada = fixture.person("ada").await;
        let organizations = &fixture.base.organizations;
        let joined = organizations.invitations.accept(&ada, &secret(&sent)).await.expect("joined");
        let member = organizations.members.member(&fixture.owner, joined.id).await.expect("a member");
        let inviter = fixture.base.users.user(fixture.owner.user()).await.expect("there").name;
        assert_eq!((member.user, member.invited_by_name), (ada.user(), Some(inviter)));
        let first = PageRequest::default();
        let (listed, sent) = statements(organizations.members.members(&fixture.owner, &first)).await;
        let mut listed = listed.expect("listed").items;
        assert_eq!(sent.len(), 2, "one for the names: {sent:#?}");
        assert_eq!(listed.remove(0), organizations.members.member(&fixture.owner, joined.id).await.expect("a member"));
        assert_eq!(listed[0].invited_by_name, None);
    }
}
