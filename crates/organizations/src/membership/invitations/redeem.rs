//! Redeeming an invitation for a membership.

use tenantry_core::{
    access::Actor,
    clock::Timestamp,
    db::{GlobalRows, UnitOfWork},
    id::InvitationId,
};
use tenantry_domain_events::events::organizations::InvitationAccepted;
use tenantry_users::{Email, User};

use super::{
    error::InvitationError,
    model::{Lifecycle, Membership},
    secret::InvitationSecret,
    store,
};
use crate::{
    entity::open_invitation::Model,
    error::OrganizationsError,
    membership::{
        departures,
        model::{Invited, NewMember},
    },
    organization::model::OrganizationRef,
    permissions::{InviteMembers, may_grant},
    service::{Result, Service},
};

/// What names the invitation that a person accepts or declines.
#[derive(Clone, Copy)]
pub(crate) enum Key<'k> {
    /// The secret of a link.
    Secret(&'k InvitationSecret),
    /// The id, for the owner of the address.
    Id(InvitationId),
}

impl Key<'_> {
    async fn find(self, rows: &GlobalRows<'_>) -> Result<Option<Model>> {
        Ok(match self {
            Self::Secret(secret) => store::by_secret(rows, secret.digest()).await?,
            Self::Id(id) => store::by_id(rows, id).await?,
        })
    }
}

/// Whether the secret is the one that was mailed, and not the one that the inviter saw: it proves that
/// its holder reads the mail of the address.
pub(crate) fn came_by_mail(invitation: &Model, secret: &InvitationSecret) -> bool {
    invitation.mail_hash.as_ref() == Some(&secret.digest())
}

impl Service {
    /// The invitation, if it can be accepted now.
    pub(crate) async fn look_up(&self, key: Key<'_>) -> Result<Model> {
        let found = key.find(&self.db.read_global()).await?;
        self.acceptable(found)
    }

    /// The invitation, if it can be accepted, with its organization locked, so that it stays acceptable
    /// until the unit of work ends.
    pub(crate) async fn lock_invitation(
        &self,
        work: &mut UnitOfWork,
        key: Key<'_>,
    ) -> Result<Model> {
        let found = self.look_up(key).await?;
        self.db.runtime().failpoint("invitations.found").await;
        let locked = self.lock(work, found.organization_id).await;
        locked.map_err(|error| match error {
            OrganizationsError::NotFound => InvitationError::NotFound.into(),
            other => other,
        })?;
        let locked = key.find(&work.global().await?).await?;
        self.acceptable(locked)
    }

    fn acceptable(&self, found: Option<Model>) -> Result<Model> {
        // For a dedicated deployment no other organization exists.
        let found =
            found.filter(|found| self.dedicated_slug().is_none_or(|only| *only == found.slug));
        let found = found.ok_or(InvitationError::NotFound)?;
        let lifecycle = Lifecycle {
            revoked_at: found.revoked_at,
            declined_at: found.declined_at,
            accepted_at: found.accepted_at,
            expires_at: found.expires_at,
        };
        if let Some(error) = InvitationError::of(lifecycle.status(self.now())) {
            return Err(error.into());
        }
        // The inviter must still be allowed to grant the role.
        let inviter = found.inviter_role;
        if inviter.is_none_or(|role| !may_grant(role, found.role)) {
            return Err(InvitationError::Revoked.into());
        }
        Ok(found)
    }

    /// Adds the user as a member, with an invitation whose organization is locked.
    pub(crate) async fn redeem(
        &self,
        work: &mut UnitOfWork,
        invitation: Model,
        user: &User,
        actor: &Actor,
    ) -> Result<Membership> {
        check_recipient(&invitation, &user.email)?;
        self.db.runtime().failpoint("invitations.judged").await;
        let organization_id = invitation.organization_id;
        let grant = self.system_grant::<InviteMembers>(organization_id, actor)?;
        let rows = work.tenant(&grant).await?;
        // A person who left needs an invitation that was sent afterwards.
        let left = departures::store::departure(&rows, user.id).await?;
        if left.is_some_and(|departure| invitation.departures < departure) {
            return Err(InvitationError::Revoked.into());
        }
        if !store::use_once(&rows, &invitation, self.now()).await? {
            return Err(InvitationError::Used.into());
        }
        let new = NewMember {
            user: user.id,
            role: invitation.role,
        };
        let invited = Invited {
            by: invitation.invited_by,
            at: invitation.sent_at,
        };
        let invited = Some(invited);
        let joined = self.add_membership(work, organization_id, new, invited, actor);
        let joined = joined.await?;
        work.record(&InvitationAccepted {
            organization_id,
            invitation_id: invitation.invitation_id,
            user_id: user.id,
        });
        Ok(Membership {
            id: joined.id,
            organization: OrganizationRef {
                id: organization_id,
                name: invitation.name,
                slug: invitation.slug,
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

/// Fails if the invitation is for another address. Both addresses are in canonical form.
pub(crate) fn check_recipient(invitation: &Model, email: &Email) -> Result<()> {
    match &invitation.email {
        Some(other) if other != email => Err(InvitationError::EmailMismatch.into()),
        _ => Ok(()),
    }
}
