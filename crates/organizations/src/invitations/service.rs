//! The service.

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, Grant, Permission as _, PermissionDenied, Role, SessionCaller, TenantContext},
    clock::Timestamp,
    db::{TenantRows, UnitOfWork},
    id::{InvitationId, UserId},
    page::{Page, PageRequest},
};
use tenantry_domain_events::events::organizations::{
    InvitationResent, InvitationRevoked, InvitationSent,
};
use tenantry_users::{Email, UsersError};

use super::{
    ExpiresInDays, Invitation, InvitationError, InvitationPreview, InvitationSecret,
    InvitationStatus, InvitationsService, Membership, NewInvitation, Result, SentInvitation,
    store::{self, Sending, life},
};
use crate::{
    InviteMembers, OrganizationsError, entity::invitation::Model, service::Service,
    store::member_of,
};

#[async_trait]
impl InvitationsService for Service {
    async fn invite(&self, ctx: &TenantContext, new: NewInvitation) -> Result<SentInvitation> {
        let grant = ctx.require::<InviteMembers>()?;
        let known = self.account(new.email.as_ref()).await?;
        let mut work = self.db.begin(&grant);
        let inviter = self.lock_for(&mut work, &grant).await?;
        refuse_higher(inviter, new.role)?;
        self.refuse_useless(&mut work, &grant, known).await?;
        if let Some(email) = &new.email {
            self.replace(&mut work, &grant, inviter, email).await?;
        }
        let role = new.role;
        let (secret, sending) = self.sending(&grant, new.expires_in);
        let rows = work.tenant(&grant).await?;
        let made = store::insert(&rows, self.db.runtime().new_id(), new, sending).await?;
        work.record(&InvitationSent {
            organization_id: grant.organization(),
            invitation_id: made.id,
            role,
            invited_by_user_id: grant.user(),
        });
        work.commit().await?;
        Ok(self.sent(made, &secret))
    }

    async fn invitations(
        &self,
        ctx: &TenantContext,
        request: &PageRequest,
    ) -> Result<Page<Invitation>> {
        let grant = ctx.require::<InviteMembers>()?;
        let now = self.now();
        let rows = self.db.read(&grant);
        let page = store::list(&rows, request).await?;
        Ok(page.map(|row| seen(row, now)))
    }

    async fn resend(&self, ctx: &TenantContext, id: InvitationId) -> Result<SentInvitation> {
        let grant = ctx.require::<InviteMembers>()?;
        let rows = self.db.read(&grant);
        let email = there(&rows, id).await?.email;
        drop(rows);
        let known = self.account(email.as_ref()).await?;
        let mut work = self.db.begin(&grant);
        let inviter = self.lock_for(&mut work, &grant).await?;
        let found = there(&work.tenant(&grant).await?, id).await?;
        refuse_higher(inviter, found.role)?;
        if found.email.is_none() {
            return Err(InvitationError::IsLink.into());
        }
        match life(&found).status(self.now()) {
            InvitationStatus::Pending | InvitationStatus::Expired => {}
            InvitationStatus::Accepted => return Err(InvitationError::Used.into()),
            InvitationStatus::Revoked => return Err(InvitationError::Revoked.into()),
        }
        self.refuse_useless(&mut work, &grant, known).await?;
        let (secret, sending) = self.sending(&grant, ExpiresInDays::default());
        let rows = work.tenant(&grant).await?;
        let again = store::send_again(&rows, id, sending).await?;
        let again = again.ok_or(InvitationError::NotFound)?;
        work.record(&InvitationResent {
            organization_id: grant.organization(),
            invitation_id: id,
            invited_by_user_id: grant.user(),
        });
        work.commit().await?;
        Ok(self.sent(again, &secret))
    }

    async fn revoke(&self, ctx: &TenantContext, id: InvitationId) -> Result<()> {
        let grant = ctx.require::<InviteMembers>()?;
        let mut work = self.db.begin(&grant);
        let revoker = self.lock_for(&mut work, &grant).await?;
        let rows = work.tenant(&grant).await?;
        let found = there(&rows, id).await?;
        refuse_higher(revoker, found.role)?;
        match life(&found).status(self.now()) {
            InvitationStatus::Pending | InvitationStatus::Expired => {}
            InvitationStatus::Accepted => return Err(InvitationError::Used.into()),
            InvitationStatus::Revoked => return Ok(()),
        }
        self.withdraw(&mut work, &grant, id).await?;
        Ok(work.commit().await?)
    }

    async fn preview(&self, secret: &InvitationSecret) -> Result<InvitationPreview> {
        let found = self.look_up(secret).await?;
        Ok(InvitationPreview {
            organization_name: found.name,
            role: found.role,
            expires_at: found.expires_at,
        })
    }

    async fn accept(
        &self,
        caller: &SessionCaller,
        secret: &InvitationSecret,
    ) -> Result<Membership> {
        let actor = Actor::from(caller);
        let mut work = self.db.begin(actor);
        let held = self.hold_invitation(&mut work, secret).await?;
        let user = self.deps.users.lock(&mut work, caller.user()).await?;
        if !user.is_active {
            return Err(UsersError::SessionExpired.into());
        }
        let membership = self.redeem(&mut work, held, &user, actor).await?;
        work.commit().await?;
        Ok(membership)
    }
}

impl Service {
    /// Whose address it is. Asked before there is a transaction, which has a connection already.
    async fn account(&self, email: Option<&Email>) -> Result<Option<UserId>> {
        let Some(email) = email else {
            return Ok(None);
        };
        let found = self.deps.users.find_by_email(email).await?;
        Ok(found.map(|user| user.id))
    }

    /// Refuses what nobody could accept. It is asked again at acceptance; this is to tell early.
    async fn refuse_useless(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<InviteMembers>,
        invited: Option<UserId>,
    ) -> Result<()> {
        if let Some(user) = invited
            && member_of(&work.tenant(grant).await?, user).await?.is_some()
        {
            return Err(OrganizationsError::AlreadyMember);
        }
        self.refuse_beyond_seats(work, grant, 1).await
    }

    /// Withdraws the invitation that the new one takes the place of.
    async fn replace(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<InviteMembers>,
        inviter: Role,
        email: &Email,
    ) -> Result<()> {
        let rows = work.tenant(grant).await?;
        let Some(old) = store::unanswered(&rows, email).await? else {
            return Ok(());
        };
        // An expired one is nobody's loss.
        if life(&old).status(self.now()) == InvitationStatus::Pending {
            refuse_higher(inviter, old.role)?;
        }
        self.withdraw(work, grant, old.id).await
    }

    async fn withdraw(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<InviteMembers>,
        id: InvitationId,
    ) -> Result<()> {
        let rows = work.tenant(grant).await?;
        self.db.runtime().failpoint("invitations.revoking").await;
        if !store::revoke(&rows, id, self.now()).await? {
            return Err(InvitationError::Used.into());
        }
        work.record(&InvitationRevoked {
            organization_id: grant.organization(),
            invitation_id: id,
        });
        Ok(())
    }

    fn sending(
        &self,
        grant: &Grant<InviteMembers>,
        expires_in: ExpiresInDays,
    ) -> (InvitationSecret, Sending) {
        let secret = InvitationSecret::generate(self.db.runtime());
        let now = self.now();
        let sending = Sending {
            secret_hash: secret.digest(),
            by: grant.user(),
            at: now,
            expires_at: expires_in.after(now),
        };
        (secret, sending)
    }

    fn sent(&self, row: Model, secret: &InvitationSecret) -> SentInvitation {
        SentInvitation {
            invitation: seen(row, self.now()),
            accept_url: self.deps.public_url.accept_url(secret),
        }
    }
}

async fn there(rows: &TenantRows<'_>, id: InvitationId) -> Result<Model> {
    // Same answer for unknown and foreign ids: another would tell that it exists.
    Ok(store::find(rows, id)
        .await?
        .ok_or(InvitationError::NotFound)?)
}

/// One rule for giving a role and for touching an invitation that gives it.
fn refuse_higher(own: Role, given: Role) -> Result<()> {
    if own.is_at_least(given) {
        return Ok(());
    }
    let permission = InviteMembers::CODE;
    Err(PermissionDenied { permission }.into())
}

fn seen(row: Model, now: Timestamp) -> Invitation {
    Invitation {
        status: life(&row).status(now),
        id: row.id,
        email: row.email,
        role: row.role,
        invited_by: row.invited_by,
        max_uses: row.max_uses,
        uses: row.uses,
        created_at: row.created_at,
        sent_at: row.sent_at,
        expires_at: row.expires_at,
    }
}
