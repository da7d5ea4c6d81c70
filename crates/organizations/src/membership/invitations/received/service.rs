//! The operations on them.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, Role, SessionCaller},
    clock::Timestamp,
    db::{ColumnFilter as _, Filter, KeysetOrder, UnitOfWork},
    id::{InvitationId, UserId},
    orm::Order,
    page::{Page, PageRequest},
    value::Name,
};
use tenantry_domain_events::events::organizations::InvitationDeclined;
use tenantry_users::{User, UsersError, VerificationPolicy};

use super::super::{
    error::InvitationError,
    model::{InvitationToMail, Membership, ReceivedInvitation},
    redeem::Key,
    secret::InvitationSecret,
    store,
};
use crate::{
    entity::open_invitation::{Column, Entity, Model},
    error::OrganizationsError,
    organization::model::OrganizationRef,
    permissions::{InviteMembers, may_grant},
    service::{Result, Service},
};

/// The invitations that a person received, and the mails with their links.
///
/// A person sees and answers the invitations to the own address once it is confirmed, and no other.
#[async_trait]
pub trait ReceivedInvitationsService: Send + Sync {
    /// One page of the invitations that the caller can accept, the newest first. None for an address
    /// that is not confirmed.
    async fn received(
        &self,
        caller: &SessionCaller,
        request: &PageRequest,
    ) -> Result<Page<ReceivedInvitation>>;

    /// Makes the caller a member. Fails as [`accept`](crate::InvitationsService::accept) does, and with
    /// `NotFound` for an invitation to another address.
    async fn accept_received(&self, caller: &SessionCaller, id: InvitationId)
    -> Result<Membership>;

    /// Declines an invitation. Fails as [`accept_received`](Self::accept_received) does.
    async fn decline(&self, caller: &SessionCaller, id: InvitationId) -> Result<()>;

    /// An invitation to mail; `None` if it has no address or can't be accepted any more.
    async fn to_mail(&self, id: InvitationId) -> Result<Option<InvitationToMail>>;
}

#[async_trait]
impl ReceivedInvitationsService for Service {
    async fn received(
        &self,
        caller: &SessionCaller,
        request: &PageRequest,
    ) -> Result<Page<ReceivedInvitation>> {
        let user = self.deps.users.user(caller.user()).await?;
        let newest = KeysetOrder {
            name: "received invitations",
            columns: vec![Column::InvitationId],
            order: Order::Desc,
        };
        let acceptable = if user.email_verified {
            let mut acceptable = vec![
                Column::Email.eq(user.email),
                Column::ExpiresAt.gt(self.now()),
                Column::RevokedAt.eq(None::<Timestamp>),
                Column::AcceptedAt.eq(None::<Timestamp>),
                Column::DeclinedAt.eq(None::<Timestamp>),
                Column::HasJoined.eq(false),
                granted(),
            ];
            acceptable.extend(
                self.dedicated_slug()
                    .map(|only| Column::Slug.eq(only.clone())),
            );
            Filter::all(acceptable)
        } else {
            // An empty alternative is never true.
            Filter::any([])
        };
        let rows = self.db.read_global();
        let found = rows.find::<Entity>().filter(acceptable);
        let page = found
            .page_for_owner(Some(user.id.uuid()), &newest, request)
            .await?;
        let names = self.inviters(&page.items).await?;
        Ok(page.map(|row| ReceivedInvitation {
            id: row.invitation_id,
            organization: OrganizationRef {
                id: row.organization_id,
                name: row.name,
                slug: row.slug,
            },
            role: row.role,
            invited_by_name: names.get(&row.invited_by).cloned(),
            expires_at: row.expires_at,
        }))
    }

    async fn accept_received(
        &self,
        caller: &SessionCaller,
        id: InvitationId,
    ) -> Result<Membership> {
        let actor = Actor::from(caller);
        let mut work = self.db.begin(&actor);
        let (held, user) = self.lock_received(&mut work, caller, id).await?;
        let membership = self.redeem(&mut work, held, &user, &actor).await?;
        work.commit().await?;
        Ok(membership)
    }

    async fn decline(&self, caller: &SessionCaller, id: InvitationId) -> Result<()> {
        let actor = Actor::from(caller);
        let mut work = self.db.begin(&actor);
        let (held, user) = self.lock_received(&mut work, caller, id).await?;
        let organization_id = held.organization_id;
        let grant = self.system_grant::<InviteMembers>(organization_id, &actor)?;
        let rows = work.tenant(&grant).await?;
        if !store::decline(&rows, id, self.now()).await? {
            return Err(InvitationError::Used.into());
        }
        work.record(&InvitationDeclined {
            organization_id,
            invitation_id: id,
            user_id: user.id,
        });
        Ok(work.commit().await?)
    }

    async fn to_mail(&self, id: InvitationId) -> Result<Option<InvitationToMail>> {
        let found = match self.look_up(Key::Id(id)).await {
            Err(OrganizationsError::Invitation(_)) => return Ok(None),
            found => found?,
        };
        let secret = self.mailed_secret(id, found.mail_number);
        let Some(email) = found
            .email
            .filter(|_| found.mail_hash == Some(secret.digest()))
        else {
            return Ok(None);
        };
        let inviter = self.deps.users.user(found.invited_by).await?;
        Ok(Some(InvitationToMail {
            email,
            organization: found.name,
            inviter: inviter.name,
            role: found.role,
            accept_url: self.deps.public_url.accept_url(&secret),
            expires_at: found.expires_at,
        }))
    }
}

impl Service {
    /// The secret of an invitation that is only mailed.
    pub(in super::super) fn mailed_secret(
        &self,
        id: InvitationId,
        number: i64,
    ) -> InvitationSecret {
        InvitationSecret::mailed(&self.deps.link_key, id, number)
    }

    /// Whether an account needs a confirmed address to join.
    pub(in super::super) fn requires_confirmed_address(&self) -> bool {
        self.deps.users.verification() == VerificationPolicy::Required
    }

    /// The caller's account, locked.
    pub(in super::super) async fn lock_accepting(
        &self,
        work: &mut UnitOfWork,
        caller: &SessionCaller,
    ) -> Result<User> {
        let user = self.deps.users.lock(work, caller.user()).await?;
        if user.is_active {
            Ok(user)
        } else {
            Err(UsersError::SessionExpired.into())
        }
    }

    /// An invitation to the caller's confirmed address, and the caller's account, both locked.
    async fn lock_received(
        &self,
        work: &mut UnitOfWork,
        caller: &SessionCaller,
        id: InvitationId,
    ) -> Result<(Model, User)> {
        // Before the state of the invitation, which says that there is one.
        let user = self.deps.users.user(caller.user()).await?;
        let is_for = |invitation: &Model, user: &User| {
            user.email_verified && invitation.email.as_ref() == Some(&user.email)
        };
        let found = store::by_id(&self.db.read_global(), id).await?;
        if !found.is_some_and(|found| is_for(&found, &user)) {
            return Err(InvitationError::NotFound.into());
        }
        let held = self.lock_invitation(work, Key::Id(id)).await?;
        let user = self.lock_accepting(work, caller).await?;
        if is_for(&held, &user) {
            Ok((held, user))
        } else {
            Err(InvitationError::NotFound.into())
        }
    }

    async fn inviters(&self, invitations: &[Model]) -> Result<HashMap<UserId, Name>> {
        let ids: BTreeSet<_> = invitations.iter().map(|row| row.invited_by).collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let found = self.deps.users.users(&ids).await?.into_iter();
        Ok(found.map(|user| (user.id, user.name)).collect())
    }
}

/// The inviter may still grant the role.
fn granted() -> Filter {
    Filter::any(Role::ALL.into_iter().map(|own| {
        let given = Role::ALL.into_iter().filter(|given| may_grant(own, *given));
        Column::InviterRole.eq(own).and(Column::Role.is_in(given))
    }))
}
