//! The operations on invitations.

use async_trait::async_trait;
use tenantry_core::{
    access::{
        AccessError, Actor, Grant, Permission as _, PermissionDenied, Role, SessionCaller,
        TenantContext,
    },
    clock::Timestamp,
    db::{ColumnFilter as _, TenantRows, UnitOfWork},
    id::{InvitationId, UserId},
    page::{Page, PageRequest},
};
use tenantry_domain_events::events::organizations::{
    InvitationResent, InvitationRevoked, InvitationSent,
};
use tenantry_users::{Email, UsersError};

use super::{
    error::InvitationError,
    model::{
        ExpiresInDays, Invitation, InvitationPreview, InvitationStatus, Membership, NewInvitation,
        SentInvitation,
    },
    redeem::{Key, came_by_mail, check_recipient},
    secret::InvitationSecret,
    store::{self, IssuedSecret, lifecycle},
};
use crate::{
    entity::invitation::{Column, Model},
    error::OrganizationsError,
    membership::{departures, members},
    permissions::InviteMembers,
    service::{Result, Service},
};

/// Invitations into organizations.
///
/// # Errors
/// Every method can fail with [`OrganizationsError::Database`]. A method that takes a context fails
/// with [`OrganizationsError::PermissionDenied`], also if the invitation's role is higher than the
/// caller's. Methods document their other errors.
#[async_trait]
pub trait InvitationsService: Send + Sync {
    /// Creates an invitation or a link. It replaces an earlier open invitation to the same address.
    ///
    /// Fails with `AlreadyMember`, and with `SeatLimitReached` if there is no free seat now.
    async fn invite(&self, ctx: &TenantContext, new: NewInvitation) -> Result<SentInvitation>;

    /// One page of all of the organization's invitations, the newest first.
    async fn invitations(
        &self,
        ctx: &TenantContext,
        request: &PageRequest,
    ) -> Result<Page<Invitation>> {
        self.invitations_with(ctx, None, request).await
    }

    /// As [`invitations`](Self::invitations), those with a status only.
    async fn invitations_with(
        &self,
        ctx: &TenantContext,
        status: Option<InvitationStatus>,
        request: &PageRequest,
    ) -> Result<Page<Invitation>>;

    /// One invitation. Fails with `NotFound` for unknown and foreign ids.
    async fn invitation(&self, ctx: &TenantContext, id: InvitationId) -> Result<Invitation>;

    /// Gives a pending or expired invitation a new secret for another week, and makes the caller its
    /// inviter; the old secret is unknown from then on.
    ///
    /// Fails as [`invite`](Self::invite), with `NotFound` for unknown and foreign ids, with `Used`
    /// and `Revoked`, and with `IsLink` for a link.
    async fn resend(&self, ctx: &TenantContext, id: InvitationId) -> Result<SentInvitation>;

    /// Revokes an invitation. It is no error if it is revoked already.
    ///
    /// Fails with `NotFound` for unknown and foreign ids, and with `Used` if it was accepted.
    async fn revoke(&self, ctx: &TenantContext, id: InvitationId) -> Result<()>;

    /// What the invitation of a secret offers. Does not use it.
    ///
    /// Fails with `NotFound`, `Expired`, `Revoked` and `Used`.
    async fn preview(&self, secret: &InvitationSecret) -> Result<InvitationPreview>;

    /// Makes the caller a member. It never changes an existing membership.
    ///
    /// Fails as [`preview`](Self::preview), and with `EmailMismatch`, `AlreadyMember` and
    /// `SeatLimitReached`; then the invitation is not used. The link of a mail confirms the address; with
    /// another one, an account needs a confirmed address where that is required.
    async fn accept(&self, caller: &SessionCaller, secret: &InvitationSecret)
    -> Result<Membership>;
}

#[async_trait]
impl InvitationsService for Service {
    async fn invite(&self, ctx: &TenantContext, new: NewInvitation) -> Result<SentInvitation> {
        let grant = ctx.require::<InviteMembers>()?;
        let invited = self.account(new.email.as_ref()).await?;
        let mut work = self.db.begin(&grant);
        let inviter = self.lock_inviter(&mut work, &grant).await?;
        check_role(inviter, new.role)?;
        self.check_invitable(&mut work, &grant, invited).await?;
        if let Some(email) = &new.email {
            self.replace(&mut work, &grant, inviter, email).await?;
        }
        let role = new.role;
        let id = self.db.runtime().new_id();
        let mailed = new.email.is_some().then_some((id, 1));
        let (secret, issued) = self
            .issue_secret(&mut work, &grant, new.expires_in, mailed)
            .await?;
        let rows = work.tenant(&grant).await?;
        let inserted = store::insert(&rows, id, new, issued).await?;
        work.record(&InvitationSent {
            organization_id: grant.organization(),
            invitation_id: inserted.id,
            role,
            invited_by_user_id: grant.user(),
        });
        work.commit().await?;
        Ok(self.sent(inserted, &secret))
    }

    async fn invitations_with(
        &self,
        ctx: &TenantContext,
        status: Option<InvitationStatus>,
        request: &PageRequest,
    ) -> Result<Page<Invitation>> {
        let grant = ctx.require::<InviteMembers>()?;
        self.list_invitations(&grant, status, request).await
    }

    async fn invitation(&self, ctx: &TenantContext, id: InvitationId) -> Result<Invitation> {
        let grant = ctx.require::<InviteMembers>()?;
        self.one_invitation(&grant, id).await
    }

    async fn resend(&self, ctx: &TenantContext, id: InvitationId) -> Result<SentInvitation> {
        let grant = ctx.require::<InviteMembers>()?;
        let rows = self.db.read(&grant);
        let email = find_or_not_found(&rows, id).await?.email;
        drop(rows);
        let invited = self.account(email.as_ref()).await?;
        let mut work = self.db.begin(&grant);
        let inviter = self.lock_inviter(&mut work, &grant).await?;
        let found = find_or_not_found(&work.tenant(&grant).await?, id).await?;
        check_role(inviter, found.role)?;
        if found.email.is_none() {
            return Err(InvitationError::IsLink.into());
        }
        match lifecycle(&found).status(self.now()) {
            InvitationStatus::Pending | InvitationStatus::Expired | InvitationStatus::Blocked => {}
            InvitationStatus::Accepted => return Err(InvitationError::Used.into()),
            InvitationStatus::Revoked => return Err(InvitationError::Revoked.into()),
            InvitationStatus::Declined => return Err(InvitationError::Declined.into()),
        }
        self.check_invitable(&mut work, &grant, invited).await?;
        let lifetime = ExpiresInDays::default();
        let mailed = Some((id, found.mail_number + 1));
        let (secret, issued) = self
            .issue_secret(&mut work, &grant, lifetime, mailed)
            .await?;
        let rows = work.tenant(&grant).await?;
        let resent = store::resend(&rows, id, issued).await?;
        let resent = resent.ok_or(InvitationError::NotFound)?;
        work.record(&InvitationResent {
            organization_id: grant.organization(),
            invitation_id: id,
            invited_by_user_id: grant.user(),
        });
        work.commit().await?;
        Ok(self.sent(resent, &secret))
    }

    async fn revoke(&self, ctx: &TenantContext, id: InvitationId) -> Result<()> {
        let grant = ctx.require::<InviteMembers>()?;
        let mut work = self.db.begin(&grant);
        let revoker = self.lock_for(&mut work, &grant).await?;
        let rows = work.tenant(&grant).await?;
        let found = find_or_not_found(&rows, id).await?;
        check_role(revoker, found.role)?;
        match lifecycle(&found).status(self.now()) {
            InvitationStatus::Pending | InvitationStatus::Expired | InvitationStatus::Blocked => {}
            InvitationStatus::Accepted => return Err(InvitationError::Used.into()),
            InvitationStatus::Revoked | InvitationStatus::Declined => return Ok(()),
        }
        self.revoke_invitation(&mut work, &grant, id).await?;
        Ok(work.commit().await?)
    }

    async fn preview(&self, secret: &InvitationSecret) -> Result<InvitationPreview> {
        let found = self.look_up(Key::Secret(secret)).await?;
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
        let mut work = self.db.begin(&actor);
        let held = self.lock_invitation(&mut work, Key::Secret(secret)).await?;
        let user = self.lock_accepting(&mut work, caller).await?;
        check_recipient(&held, &user.email)?;
        if came_by_mail(&held, secret) {
            self.deps.users.confirm_email(&mut work, user.id).await?;
        } else if self.requires_confirmed_address() && !user.email_verified {
            return Err(OrganizationsError::Access(AccessError::EmailNotVerified));
        }
        let membership = self.redeem(&mut work, held, &user, &actor).await?;
        work.commit().await?;
        Ok(membership)
    }
}

impl Service {
    /// The user with that address. Queried before the transaction, which would hold a second
    /// connection.
    async fn account(&self, email: Option<&Email>) -> Result<Option<UserId>> {
        let Some(email) = email else {
            return Ok(None);
        };
        let found = self.deps.users.find_by_email(email).await?;
        Ok(found.map(|user| user.id))
    }

    /// Fails early if the invitation could not be accepted; acceptance checks again.
    async fn check_invitable(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<InviteMembers>,
        invited: Option<UserId>,
    ) -> Result<()> {
        if let Some(user) = invited
            && members::store::find_user(&work.tenant(grant).await?, user)
                .await?
                .is_some()
        {
            return Err(OrganizationsError::AlreadyMember);
        }
        self.check_seats(work, grant, 1).await
    }

    /// Revokes an open invitation to the same address.
    async fn replace(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<InviteMembers>,
        inviter: Role,
        email: &Email,
    ) -> Result<()> {
        let rows = work.tenant(grant).await?;
        let Some(old) = store::open_to(&rows, email).await? else {
            return Ok(());
        };
        // Replacing an expired invitation needs no permission for its role.
        if lifecycle(&old).status(self.now()) == InvitationStatus::Pending {
            check_role(inviter, old.role)?;
        }
        self.revoke_invitation(work, grant, old.id).await
    }

    async fn revoke_invitation(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<InviteMembers>,
        id: InvitationId,
    ) -> Result<()> {
        let rows = work.tenant(grant).await?;
        self.db.runtime().failpoint("invitations.revoking").await;
        let revoked = store::revoke(&rows, Column::Id.eq(id), self.now()).await?;
        if revoked.is_empty() {
            return Err(InvitationError::Used.into());
        }
        work.record(&InvitationRevoked {
            organization_id: grant.organization(),
            invitation_id: id,
        });
        Ok(())
    }

    /// Locks the organization and the inviter's account, which ends the inviter's invitations when it
    /// is disabled; returns the inviter's role.
    async fn lock_inviter(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<InviteMembers>,
    ) -> Result<Role> {
        let role = self.lock_for(work, grant).await?;
        if !self.deps.users.lock(work, grant.user()).await?.is_active {
            return Err(UsersError::SessionExpired.into());
        }
        Ok(role)
    }

    async fn issue_secret(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<InviteMembers>,
        expires_in: ExpiresInDays,
        mailed: Option<(InvitationId, i64)>,
    ) -> Result<(InvitationSecret, IssuedSecret)> {
        let rows = work.global().await?;
        let departures = departures::store::departures(&rows, grant.organization()).await?;
        let secret = InvitationSecret::generate(self.db.runtime());
        let now = self.now();
        let by_mail = mailed.map(|(id, number)| self.mailed_secret(id, number).digest());
        let issued = IssuedSecret {
            secret_hash: secret.digest(),
            mail_hash: by_mail,
            mail_number: mailed.map_or(0, |(_, number)| number),
            by: grant.user(),
            at: now,
            expires_at: expires_in.after(now),
            departures,
        };
        Ok((secret, issued))
    }

    fn sent(&self, row: Model, secret: &InvitationSecret) -> SentInvitation {
        let is_addressed = row.email.is_some();
        SentInvitation {
            invitation: to_view(row, self.now()),
            accept_url: self.deps.public_url.accept_url(secret),
            mailed: is_addressed && self.deps.mail_reaches_people,
        }
    }
}

async fn find_or_not_found(rows: &TenantRows<'_>, id: InvitationId) -> Result<Model> {
    // Same answer for unknown and foreign ids: another one would reveal that it exists.
    Ok(store::find(rows, id)
        .await?
        .ok_or(InvitationError::NotFound)?)
}

/// One rule for granting a role and for changing an invitation that grants it.
fn check_role(own: Role, given: Role) -> Result<()> {
    if own.is_at_least(given) {
        return Ok(());
    }
    let permission = InviteMembers::CODE;
    Err(PermissionDenied { permission }.into())
}

fn to_view(row: Model, now: Timestamp) -> Invitation {
    Invitation {
        status: lifecycle(&row).status(now),
        reason: None,
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
