//! From a secret to a membership.

use tenantry_core::{
    access::{Actor, Permission as _},
    clock::Timestamp,
    db::UnitOfWork,
};
use tenantry_domain_events::events::organizations::InvitationAccepted;
use tenantry_users::{Email, User};

use super::{InvitationError, InvitationSecret, Membership, Result, model::Life, store};
use crate::{
    InviteMembers, NewMember, OrganizationRef, OrganizationsError,
    entity::open_invitation::Model,
    service::{Invited, Service},
};

impl Service {
    /// The invitation of that secret, if it can be accepted at this moment.
    pub(crate) async fn look_up(&self, secret: &InvitationSecret) -> Result<Model> {
        let found = store::by_secret(&self.db.read_global(), secret.digest()).await?;
        self.acceptable(found)
    }

    /// The invitation of that secret, if it can be accepted, and its organization locked: what
    /// was found stays so until the unit of work ends.
    pub(crate) async fn hold_invitation(
        &self,
        work: &mut UnitOfWork,
        secret: &InvitationSecret,
    ) -> Result<Model> {
        let seen = self.look_up(secret).await?;
        self.db.runtime().failpoint("invitations.found").await;
        let locked = self.lock(work, seen.organization_id).await;
        locked.map_err(|error| match error {
            OrganizationsError::NotFound => InvitationError::NotFound.into(),
            other => other,
        })?;
        let now = store::by_secret(&work.global().await?, secret.digest()).await?;
        self.acceptable(now)
    }

    fn acceptable(&self, found: Option<Model>) -> Result<Model> {
        // A deployment for one organization knows of no other.
        let found = found.filter(|found| self.only().is_none_or(|only| *only == found.slug));
        let found = found.ok_or(InvitationError::NotFound)?;
        let life = Life {
            revoked_at: found.revoked_at,
            accepted_at: found.accepted_at,
            expires_at: found.expires_at,
        };
        if let Some(error) = InvitationError::of(life.status(self.now())) {
            return Err(error.into());
        }
        // It is worth no more than its inviter may give now.
        let inviter = found.inviter_role;
        let inviter = inviter.filter(|role| *role >= InviteMembers::MIN_ROLE);
        if inviter.is_none_or(|role| !role.is_at_least(found.role)) {
            return Err(InvitationError::Revoked.into());
        }
        Ok(found)
    }

    /// Makes the person a member by an invitation that is held.
    pub(crate) async fn redeem(
        &self,
        work: &mut UnitOfWork,
        held: Model,
        user: &User,
        actor: Actor,
    ) -> Result<Membership> {
        refuse_others(&held, &user.email)?;
        self.db.runtime().failpoint("invitations.judged").await;
        let organization_id = held.organization_id;
        let grant = self.as_owner::<InviteMembers>(organization_id, actor)?;
        let rows = work.tenant(&grant).await?;
        if !store::use_once(&rows, &held, self.now()).await? {
            return Err(InvitationError::Used.into());
        }
        let new = NewMember {
            user: user.id,
            role: held.role,
        };
        let invited = Invited {
            by: held.invited_by,
            at: held.sent_at,
        };
        let invited = Some(invited);
        let joined = self.admit(work, organization_id, new, invited, actor);
        let joined = joined.await?;
        work.record(&InvitationAccepted {
            organization_id,
            invitation_id: held.invitation_id,
            user_id: user.id,
        });
        Ok(Membership {
            id: joined.id,
            organization: OrganizationRef {
                id: organization_id,
                name: held.name,
                slug: held.slug,
            },
            user: joined.user_id,
            role: joined.role,
            invited_by: joined.invited_by,
            invited_at: joined.invited_at,
            joined_at: joined.joined_at,
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.db.runtime().now()
    }
}

/// An addressed invitation is for its address alone. Both are in the one spelling of addresses.
pub(crate) fn refuse_others(invitation: &Model, email: &Email) -> Result<()> {
    match &invitation.email {
        Some(other) if other != email => Err(InvitationError::EmailMismatch.into()),
        _ => Ok(()),
    }
}
