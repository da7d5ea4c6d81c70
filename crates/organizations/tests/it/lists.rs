//! What lists select and show.

use chrono::TimeDelta;
use tenantry_core::{
    access::{Actor, Role, TenantContext},
    id::UserId,
    page::{PageRequest, PageSize},
};
use tenantry_organizations::{
    BlockReason, InvitationStatus, MaxUses, MembersFilter, NewInvitation, SentInvitation,
};
use tenantry_testkit::each_database;

use crate::support::Fixture;

/// The names of the members that match, sorted.
async fn found(fixture: &Fixture, ctx: &TenantContext, wanted: MembersFilter) -> String {
    let mut names = Vec::new();
    let mut request = PageRequest {
        limit: PageSize::new(1).expect("valid"),
        cursor: None,
    };
    loop {
        let page = fixture.organizations.members.search(ctx, &wanted, &request);
        let page = page.await.expect("listed");
        names.extend(page.items.iter().map(|member| member.user_name.to_string()));
        request.cursor = page.next_cursor;
        if request.cursor.is_none() {
            names.sort();
            return names.join(", ");
        }
    }
}

fn text(text: &str) -> MembersFilter {
    MembersFilter {
        text: Some(text.to_owned()),
        ..MembersFilter::default()
    }
}

async fn invite(fixture: &Fixture, by: &TenantContext, new: NewInvitation) -> SentInvitation {
    fixture.world.clock.advance(TimeDelta::seconds(1));
    let sent = fixture.organizations.invitations.invite(by, new).await;
    sent.expect("invited")
}

fn addressed(person: &str, role: Role) -> NewInvitation {
    let email = format!("{person}@example.com").parse().expect("valid");
    NewInvitation::addressed(email, role)
}

/// The roles of the invitations with that status, and why they are blocked. The tests send one of
/// each role.
async fn with_status(
    fixture: &Fixture,
    ctx: &TenantContext,
    status: InvitationStatus,
) -> Vec<(Role, Option<BlockReason>)> {
    let mut request = PageRequest {
        limit: PageSize::new(1).expect("valid"),
        cursor: None,
    };
    let mut found = Vec::new();
    loop {
        let invitations = &fixture.organizations.invitations;
        let page = invitations.invitations_with(ctx, Some(status), &request);
        let page = page.await.expect("listed");
        for invitation in page.items {
            assert_eq!(invitation.status, status);
            found.push((invitation.role, invitation.reason));
        }
        request.cursor = page.next_cursor;
        if request.cursor.is_none() {
            return found;
        }
    }
}

each_database! {
    async fn members_are_found_by_name_address_role_and_state(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let globex = fixture.world.organization("globex").await;
        let mut users = Vec::new();
        for (name, role) in [("Ada Lovelace", Role::Owner), ("odon", Role::Viewer), ("adam", Role::Viewer), ("100%", Role::Member)] {
            let user = fixture.world.user(name).await;
            fixture.world.join(acme, user, role).await;
            users.push(user);
        }
        let odon = fixture.session(users[1], "odon").await;
        fixture.users.rename(&odon, "Ödön".parse().expect("valid")).await.expect("renamed");
        let stranger = fixture.world.user("ada of globex").await;
        fixture.world.join(globex, stranger, Role::Viewer).await;
        let context = |user: UserId| {
            fixture.world.issuer.tenant(acme, user, Role::Viewer, Actor::system())
        };
        let ctx = context(users[0]);

        assert_eq!(found(&fixture, &ctx, MembersFilter::default()).await, "100%, Ada Lovelace, adam, Ödön");
        assert_eq!(found(&fixture, &ctx, text("ADA")).await, "Ada Lovelace, adam");
        assert_eq!(found(&fixture, &ctx, text("öDÖN")).await, "Ödön");
        assert_eq!(found(&fixture, &ctx, text("Lovelace@EXAMPLE")).await, "Ada Lovelace");
        assert_eq!(found(&fixture, &ctx, text("%")).await, "100%");
        assert_eq!(found(&fixture, &ctx, text("globex")).await, "");
        let viewers = MembersFilter { role: Some(Role::Viewer), ..text("ada") };
        assert_eq!(found(&fixture, &ctx, viewers).await, "adam");

        fixture.organizations.members.set_user_active(users[2], false, Actor::system()).await.expect("disabled");
        let state = |is_active| MembersFilter { is_active: Some(is_active), ..MembersFilter::default() };
        assert_eq!(found(&fixture, &ctx, state(false)).await, "adam");
        assert_eq!(found(&fixture, &ctx, state(true)).await, "100%, Ada Lovelace, Ödön");
        let all = fixture.organizations.members.members(&ctx, &PageRequest::default()).await.expect("listed");
        for member in all.items {
            assert_eq!(member.is_active, member.user != users[2], "{}", member.user_name);
        }
        let root = fixture.world.issuer.operator((*fixture.session(users[0], "root").await).clone(), true);
        let first = PageRequest::default();
        let everyone = tenantry_organizations::MemberFilter::default();
        let known = fixture.organizations.operators.search_members(&root, &everyone, &first);
        for member in known.await.expect("listed").items {
            assert_eq!(member.is_active, member.user != users[2], "{}", member.user_name);
        }
    }

    async fn accounts_are_found_by_a_name_in_any_case(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let user = fixture.world.user("eve").await;
        let caller = fixture.session(user, "key").await;
        fixture.users.rename(&caller, "Ödön Ÿ".parse().expect("valid")).await.expect("renamed");
        let wanted = tenantry_users::UserFilter { text: Some("ödÖN ÿ".to_owned()), ..Default::default() };
        let found = fixture.users.list(&wanted, &PageRequest::default()).await.expect("listed");
        assert_eq!(found.items.len(), 1);
    }

    async fn an_invitation_that_can_not_be_accepted_says_why(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let owner = fixture.world.member(acme, Role::Owner).await;
        let admin = fixture.world.member(acme, Role::Admin).await;
        // Of the admin, who loses the right to it; for a person who joins by a link; for a person who has no account yet.
        invite(&fixture, &admin, addressed("bob", Role::Admin)).await;
        invite(&fixture, &owner, addressed("ada", Role::Member)).await;
        invite(&fixture, &owner, NewInvitation::link(Role::Viewer, MaxUses::default()).expect("valid")).await;
        invite(&fixture, &owner, addressed("eve", Role::Owner)).await;
        let ada = fixture.world.user("ada").await;
        fixture.world.join(acme, ada, Role::Viewer).await;
        // Not through the service, which would revoke it.
        let id = fixture.literal(admin.user().uuid());
        let demote = format!("UPDATE organization_members SET role = 'member' WHERE user_id = {id}");
        fixture.world.raw.execute(&demote).await;

        use BlockReason::{AlreadyMember, InviterMayNotGrant, NoSeatLeft};
        use InvitationStatus::{Accepted, Blocked, Expired, Pending, Revoked};
        let joined = (Role::Member, Some(AlreadyMember));
        let demoted = (Role::Admin, Some(InviterMayNotGrant));
        assert_eq!(with_status(&fixture, &owner, Pending).await, [(Role::Owner, None), (Role::Viewer, None)]);
        assert_eq!(with_status(&fixture, &owner, Blocked).await, [joined, demoted]);
        let all = fixture.organizations.invitations.invitations(&owner, &PageRequest::default()).await.expect("listed");
        let statuses: Vec<_> = all.items.iter().map(|invitation| invitation.status).collect();
        assert_eq!(statuses, [Pending, Pending, Blocked, Blocked]);
        // Removed or disabled, the inviter grants nothing either.
        let disable = format!("UPDATE users SET is_active = FALSE WHERE id = {id}");
        fixture.world.raw.execute(&disable).await;
        assert_eq!(with_status(&fixture, &owner, Blocked).await, [joined, demoted]);

        fixture.world.raw.execute("UPDATE organizations SET seat_limit = 3").await;
        assert_eq!(with_status(&fixture, &owner, Pending).await, []);
        let full = [(Role::Owner, Some(NoSeatLeft)), (Role::Viewer, Some(NoSeatLeft)), joined, demoted];
        assert_eq!(with_status(&fixture, &owner, Blocked).await, full);
        fixture.world.raw.execute("UPDATE organizations SET seat_limit = 4").await;
        assert_eq!(with_status(&fixture, &owner, Pending).await.len(), 2);

        for (role, set) in [("owner", "accepted_at = sent_at"), ("viewer", "revoked_at = sent_at")] {
            let update = format!("UPDATE invitations SET {set} WHERE role = '{role}'");
            assert_eq!(fixture.world.raw.execute(&update).await, 1);
        }
        assert_eq!(with_status(&fixture, &owner, Accepted).await, [(Role::Owner, None)]);
        assert_eq!(with_status(&fixture, &owner, Revoked).await, [(Role::Viewer, None)]);
        fixture.world.clock.advance(TimeDelta::days(8));
        assert_eq!(with_status(&fixture, &owner, Blocked).await, []);
        assert_eq!(with_status(&fixture, &owner, Expired).await, [(Role::Member, None), (Role::Admin, None)]);
    }

    async fn own_organizations_are_found_by_name_and_slug(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let user = fixture.world.user("ada").await;
        let caller = fixture.session(user, "key").await;
        for slug in ["acme", "acme-labs", "globex", "acme-of-others"] {
            let organization = fixture.world.organization(slug).await;
            if slug != "acme-of-others" {
                fixture.world.join(organization, user, Role::Viewer).await;
            }
        }
        fixture.world.raw.execute("UPDATE organizations SET name = 'Bücher_', name_key = 'bücher_', search_key = 'bücher_' WHERE slug = 'globex'").await;
        let first = PageRequest::default();
        for (text, expected) in [("ACME", "acme acme-labs"), ("BÜCHER", "globex"), ("lob", "globex"), ("_", "globex"), ("%", "")] {
            let found = fixture.organizations.organizations.search_mine(&caller, Some(text), &first);
            let found = found.await.expect("listed").items;
            let slugs: Vec<_> = found.iter().map(|own| own.slug.as_str()).collect();
            assert_eq!(slugs.join(" "), expected, "{text}");
        }
    }

    async fn me_shows_the_oldest_hundred_memberships_and_the_current_organization(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let user = fixture.world.user("ada").await;
        let caller = fixture.session(user, "key").await;
        let mut ids = Vec::new();
        for n in 0..100 {
            let organization = fixture.world.organization(&format!("o{n:03}")).await;
            fixture.world.clock.advance(TimeDelta::seconds(1));
            fixture.world.join(organization, user, Role::Viewer).await;
            ids.push(organization);
        }
        let me = fixture.organizations.organizations.me(&caller).await.expect("me");
        assert_eq!((me.memberships.len(), me.memberships_truncated), (100, false));
        let last = fixture.world.organization("zz").await;
        fixture.world.clock.advance(TimeDelta::seconds(1));
        let ctx = fixture.world.join(last, user, Role::Viewer).await;
        let me = fixture.organizations.organizations.me(&caller).await.expect("me");
        assert_eq!((me.memberships.len(), me.memberships_truncated), (100, true));
        let shown: Vec<_> = me.memberships.iter().map(|own| own.id).collect();
        assert_eq!(shown, ids);
        assert_eq!(me.current_organization.expect("the oldest").id, ids[0]);
        // Also one that is not among them.
        fixture.organizations.organizations.switch(&ctx, &caller).await.expect("switched");
        let me = fixture.organizations.organizations.me(&caller).await.expect("me");
        assert_eq!(me.current_organization.expect("the selected one").id, last);
        fixture.organizations.members.leave(&ctx).await.expect("left");
        let me = fixture.organizations.organizations.me(&caller).await.expect("me");
        assert_eq!((me.memberships_truncated, me.current_organization), (false, None));
    }
}
