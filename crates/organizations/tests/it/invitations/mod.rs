//! Invitations, through the public traits.

mod accepting;
mod algebra;
mod races;
mod seats;
mod sending;
mod signup;

use tenantry_core::{
    access::{Role, SessionCaller, TenantContext},
    error::DomainError as _,
    id::{OrganizationId, UserId},
    page::PageRequest,
};
use tenantry_organizations::{
    Invitation, InvitationSecret, MaxUses, NewInvitation, OrganizationsError, SentInvitation,
};
use tenantry_testkit::TestDatabase;
use tenantry_users::Email;

use crate::support::Fixture;

/// The organization Acme and its owner.
struct InvitationFixture {
    base: Fixture,
    acme: OrganizationId,
    owner: TenantContext,
}

impl InvitationFixture {
    async fn new(db: TestDatabase) -> Self {
        Self::on(Fixture::saas(db).await).await
    }

    async fn on(base: Fixture) -> Self {
        let acme = base.world.organization("acme").await;
        let owner = base.world.member(acme, Role::Owner).await;
        Self { base, acme, owner }
    }

    /// A user without a membership: `ada` is `ada@example.com`.
    async fn person(&self, name: &str) -> SessionCaller {
        let user = self.base.world.user(name).await;
        self.session(user, name).await
    }

    async fn session(&self, user: UserId, key: &str) -> SessionCaller {
        self.base.session(user, key).await
    }

    /// The owner invites the person of that name.
    async fn invite(&self, name: &str, role: Role) -> SentInvitation {
        let new = NewInvitation::addressed(email(name), role);
        self.send(new).await
    }

    /// The owner makes a link.
    async fn link(&self, max_uses: u32) -> SentInvitation {
        let max_uses = MaxUses::try_from(max_uses).expect("valid");
        self.send(NewInvitation::link(Role::Member, max_uses).expect("valid"))
            .await
    }

    async fn send(&self, new: NewInvitation) -> SentInvitation {
        let sent = self
            .base
            .organizations
            .invitations
            .invite(&self.owner, new)
            .await;
        sent.expect("invited")
    }

    async fn listed(&self) -> Vec<Invitation> {
        let first = PageRequest::default();
        let page = self
            .base
            .organizations
            .invitations
            .invitations(&self.owner, &first);
        page.await.expect("listed").items
    }

    async fn members(&self) -> i64 {
        let sql = "SELECT count(*) FROM organization_members";
        self.base.world.raw.number(sql).await
    }

    /// How many events of that name were recorded.
    fn count_events(&self, name: &str) -> usize {
        let names = self.base.world.events.names();
        names.iter().filter(|recorded| *recorded == name).count()
    }

    async fn sql(&self, sql: &str) {
        assert!(self.base.world.raw.execute(sql).await > 0, "{sql}");
    }

    /// Sets Acme's seat limit.
    async fn limit_seats(&self, seats: u32) {
        let sql = format!("UPDATE organizations SET seat_limit = {seats} WHERE slug = 'acme'");
        self.sql(&sql).await;
    }
}

fn email(name: &str) -> Email {
    format!("{name}@example.com").parse().expect("valid")
}

/// The secret in the link.
fn secret(sent: &SentInvitation) -> InvitationSecret {
    let (_, secret) = sent.accept_url.split_once("#token=").expect("a secret");
    secret.parse().expect("valid")
}

/// `done`, or the error code.
#[track_caller]
fn code<T>(outcome: Result<T, OrganizationsError>) -> &'static str {
    match outcome {
        Ok(_) => "done",
        Err(error) => error.code(),
    }
}
