//! A person who left an organization comes back by a new invitation only.

use std::time::Duration;

use chrono::TimeDelta;
use tenantry_core::{
    access::{Actor, Role, SessionCaller, TenantContext},
    error::DomainError as _,
    id::OrganizationId,
};
use tenantry_domain_events::events::organizations::InvitationRevoked;
use tenantry_organizations::{
    InvitationSecret, InvitationStatus, MaxUses, NewInvitation, OrganizationsError, SentInvitation,
};
use tenantry_testkit::each_database;
use tokio::time::timeout;

use crate::support::Fixture;

/// How a membership ends.
const WAYS: [&str; 2] = ["removed", "left"];

async fn invite(fixture: &Fixture, by: &TenantContext, new: NewInvitation) -> SentInvitation {
    // Lists are ordered by time.
    fixture.world.clock.advance(TimeDelta::seconds(1));
    let sent = fixture.organizations.invitations.invite(by, new).await;
    sent.expect("invited")
}

fn addressed(person: &str, role: Role) -> NewInvitation {
    let email = format!("{person}@example.com").parse().expect("valid");
    NewInvitation::addressed(email, role)
}

fn link(role: Role) -> NewInvitation {
    NewInvitation::link(role, MaxUses::default()).expect("valid")
}

fn secret(sent: &SentInvitation) -> InvitationSecret {
    let (_, secret) = sent.accept_url.split_once("#token=").expect("a secret");
    secret.parse().expect("valid")
}

/// `done`, or the error code.
fn code<T>(outcome: Result<T, OrganizationsError>) -> &'static str {
    outcome.map_or_else(|error| error.code(), |_| "done")
}

async fn accept(fixture: &Fixture, caller: &SessionCaller, sent: &SentInvitation) -> &'static str {
    let secret = secret(sent);
    let accepted = fixture.organizations.invitations.accept(caller, &secret);
    code(accepted.await)
}

/// Acme, its owner, and Ada with a session.
async fn acme(fixture: &Fixture) -> (OrganizationId, TenantContext, SessionCaller) {
    let acme = fixture.world.organization("acme").await;
    let owner = fixture.world.member(acme, Role::Owner).await;
    let ada = fixture.world.user("ada").await;
    (acme, owner, fixture.session(ada, "ada").await)
}

/// Ends the caller's membership.
async fn end(fixture: &Fixture, way: &str, owner: &TenantContext, caller: &SessionCaller) {
    let (organization, user) = (owner.organization(), caller.user());
    let members = &fixture.organizations.members;
    let ended = if way == "left" {
        let own = &fixture.world.issuer;
        let own = own.tenant(organization, user, Role::Viewer, Actor::system());
        members.leave(&own).await
    } else {
        let id = fixture.member_id(organization, user).await;
        members.remove(owner, id).await
    };
    ended.expect("ended");
}

/// The statuses of Acme's invitations, the newest first.
async fn statuses(fixture: &Fixture, owner: &TenantContext) -> Vec<InvitationStatus> {
    let page = Default::default();
    let page = fixture.organizations.invitations.invitations(owner, &page);
    let items = page.await.expect("listed").items.into_iter();
    items.map(|invitation| invitation.status).collect()
}

each_database! {
    async fn a_link_does_not_readmit_a_person_who_left(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (_, owner, ada) = acme(&fixture).await;
        for way in WAYS {
            let own = invite(&fixture, &owner, link(Role::Member)).await;
            let other = invite(&fixture, &owner, link(Role::Viewer)).await;
            assert_eq!(accept(&fixture, &ada, &own).await, "done", "{way}");
            end(&fixture, way, &owner, &ada).await;
            // Neither the link that Ada used nor one that Ada could have used.
            assert_eq!(accept(&fixture, &ada, &own).await, "invitation_revoked", "{way}");
            assert_eq!(accept(&fixture, &ada, &other).await, "invitation_revoked", "{way}");
            // For others it stays as it was, and a refusal uses nothing.
            let bob = fixture.world.user(&format!("bob {way}")).await;
            let bob = fixture.session(bob, way).await;
            assert_eq!(accept(&fixture, &bob, &own).await, "done", "{way}");
            let new = invite(&fixture, &owner, link(Role::Member)).await;
            assert_eq!(accept(&fixture, &ada, &new).await, "done", "{way}");
            end(&fixture, way, &owner, &ada).await;
            assert_eq!(accept(&fixture, &ada, &new).await, "invitation_revoked", "{way}");
        }
    }

    async fn the_end_of_a_membership_revokes_the_invitation_to_the_persons_address(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (_, owner, ada) = acme(&fixture).await;
        for way in WAYS {
            let first = invite(&fixture, &owner, addressed("Ada", Role::Admin)).await;
            let by_link = invite(&fixture, &owner, link(Role::Viewer)).await;
            assert_eq!(accept(&fixture, &ada, &by_link).await, "done", "{way}");
            let before = fixture.world.events.of::<InvitationRevoked>().len();
            end(&fixture, way, &owner, &ada).await;
            assert_eq!(accept(&fixture, &ada, &first).await, "invitation_revoked", "{way}");
            // The link is still there for others.
            let now = statuses(&fixture, &owner).await;
            assert_eq!(now[..2], [InvitationStatus::Pending, InvitationStatus::Revoked], "{way}");
            let revoked = fixture.world.events.of::<InvitationRevoked>();
            assert_eq!(revoked.len(), before + 1, "{way}");
            assert_eq!(revoked[before].invitation_id, first.invitation.id, "{way}");
            let resent = fixture.organizations.invitations.resend(&owner, first.invitation.id).await;
            assert_eq!(code(resent), "invitation_revoked", "{way}");

            let new = invite(&fixture, &owner, addressed("ada", Role::Member)).await;
            assert_eq!(accept(&fixture, &ada, &new).await, "done", "{way}");
            end(&fixture, way, &owner, &ada).await;
        }
    }

    async fn an_expired_invitation_that_is_sent_again_after_a_removal_is_a_new_one(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (_, owner, ada) = acme(&fixture).await;
        let old = invite(&fixture, &owner, addressed("ada", Role::Member)).await;
        fixture.world.clock.advance(TimeDelta::days(8));
        let by_link = invite(&fixture, &owner, link(Role::Viewer)).await;
        assert_eq!(accept(&fixture, &ada, &by_link).await, "done");
        end(&fixture, "removed", &owner, &ada).await;
        assert_eq!(accept(&fixture, &ada, &old).await, "invitation_expired");
        let resent = fixture.organizations.invitations.resend(&owner, old.invitation.id).await;
        assert_eq!(accept(&fixture, &ada, &resent.expect("sent")).await, "done");
    }

    async fn a_removal_that_overtakes_an_acceptance_is_not_undone(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (acme, owner, ada) = acme(&fixture).await;
        fixture.world.join(acme, ada.user(), Role::Member).await;
        let sent = invite(&fixture, &owner, link(Role::Member)).await;
        let found = fixture.world.failpoints.close("invitations.found");
        let organizations = fixture.organizations.clone();
        let (caller, token) = (ada.clone(), secret(&sent));
        let accepting =
            tokio::spawn(async move { organizations.invitations.accept(&caller, &token).await });
        found.reached(1).await;
        end(&fixture, "removed", &owner, &ada).await;
        found.open();
        assert_eq!(code(accepting.await.expect("no panic")), "invitation_revoked");
        assert_eq!(fixture.roles(acme).await.len(), 1);
    }

    async fn the_invitations_of_a_sender_who_left_stay_revoked_when_the_sender_returns(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (acme, owner, ada) = acme(&fixture).await;
        for way in WAYS {
            let admin = fixture.world.join(acme, ada.user(), Role::Admin).await;
            let sent = [
                invite(&fixture, &admin, link(Role::Member)).await,
                invite(&fixture, &admin, addressed("bob", Role::Admin)).await,
            ];
            end(&fixture, way, &owner, &ada).await;
            fixture.world.join(acme, ada.user(), Role::Owner).await;
            for sent in &sent {
                let seen = fixture.organizations.invitations.preview(&secret(sent)).await;
                assert_eq!(code(seen), "invitation_revoked", "{way}");
            }
            end(&fixture, way, &owner, &ada).await;
        }
    }

    async fn what_a_demoted_sender_may_not_grant_stays_revoked_after_a_promotion(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (acme, owner, ada) = acme(&fixture).await;
        let sender = fixture.world.join(acme, ada.user(), Role::Owner).await;
        let id = fixture.member_id(acme, ada.user()).await;
        let as_owner = invite(&fixture, &sender, addressed("bob", Role::Owner)).await;
        let as_admin = invite(&fixture, &sender, link(Role::Member)).await;
        let members = &fixture.organizations.members;
        let roles = async |roles: &[Role]| {
            for role in roles {
                members.set_role(&owner, id, *role).await.expect("changed");
            }
        };
        let seen = async |sent| code(fixture.organizations.invitations.preview(&secret(sent)).await);

        roles(&[Role::Admin, Role::Owner]).await;
        assert_eq!((seen(&as_owner).await, seen(&as_admin).await), ("invitation_revoked", "done"));
        let again = invite(&fixture, &sender, addressed("bob", Role::Owner)).await;
        members.transfer(&sender, fixture.member_id(acme, owner.user()).await).await.expect("transferred");
        roles(&[Role::Owner]).await;
        assert_eq!((seen(&again).await, seen(&as_admin).await), ("invitation_revoked", "done"));
        roles(&[Role::Viewer, Role::Admin]).await;
        assert_eq!(seen(&as_admin).await, "invitation_revoked");
    }

    async fn the_invitations_of_a_disabled_sender_stay_revoked_when_the_account_is_enabled(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (acme, owner, ada) = acme(&fixture).await;
        let globex = fixture.world.organization("globex").await;
        fixture.world.member(globex, Role::Owner).await;
        let other = invite(&fixture, &owner, link(Role::Member)).await;
        let mut sent = Vec::new();
        for organization in [acme, globex] {
            let admin = fixture.world.join(organization, ada.user(), Role::Admin).await;
            sent.push(invite(&fixture, &admin, link(Role::Member)).await);
            sent.push(invite(&fixture, &admin, addressed("bob", Role::Viewer)).await);
        }
        let members = &fixture.organizations.members;
        for is_active in [false, true] {
            members.set_user_active(ada.user(), is_active, Actor::system()).await.expect("changed");
        }
        for sent in &sent {
            let seen = fixture.organizations.invitations.preview(&secret(sent)).await;
            assert_eq!(code(seen), "invitation_revoked");
        }
        fixture.organizations.invitations.preview(&secret(&other)).await.expect("of another sender");
        assert_eq!(fixture.world.events.of::<InvitationRevoked>().len(), 4);
    }

    async fn an_account_that_is_being_disabled_sends_no_invitation(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (acme, _, ada) = acme(&fixture).await;
        let admin = fixture.world.join(acme, ada.user(), Role::Admin).await;
        let checked = fixture.world.failpoints.close("organizations.members");
        let organizations = fixture.organizations.clone();
        let user = ada.user();
        let disabling = tokio::spawn(async move {
            organizations.members.set_user_active(user, false, Actor::system()).await
        });
        checked.reached(1).await;
        let organizations = fixture.organizations.clone();
        let sending =
            tokio::spawn(async move { organizations.invitations.invite(&admin, link(Role::Member)).await });
        // It waits for the account, or ends before it is disabled.
        let mut sending = sending;
        let early = timeout(Duration::from_millis(300), &mut sending).await;
        checked.open();
        disabling.await.expect("no panic").expect("disabled");
        let sent = match early {
            Ok(sent) => sent,
            Err(_) => sending.await,
        };
        let sent = sent.expect("no panic");
        fixture.organizations.members.set_user_active(user, true, Actor::system()).await.expect("enabled");
        if let Ok(sent) = sent {
            let seen = fixture.organizations.invitations.preview(&secret(&sent)).await;
            assert_eq!(code(seen), "invitation_revoked");
        } else {
            assert_eq!(code(sent), "invalid_credential");
        }
        assert_eq!(fixture.world.raw.number(
            "SELECT count(*) FROM invitations WHERE revoked_at IS NULL").await, 0);
    }
}
