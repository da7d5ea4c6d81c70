//! Invitations that end with a membership, a role or an account.
//!
//! They are revoked and not only ignored, so that a return, a promotion or an enabled account brings
//! none of them back.

use std::collections::BTreeSet;

use tenantry_core::{
    access::{Actor, Grant, Role},
    db::{ColumnFilter as _, Filter, UnitOfWork},
    id::UserId,
};
use tenantry_domain_events::events::organizations::InvitationRevoked;
use tenantry_users::Email;

use super::store;
use crate::{
    entity::invitation::Column,
    permissions::{InviteMembers, may_grant},
    service::{Result, Service},
};

impl Service {
    /// Revokes the pending invitation to an address.
    pub(crate) async fn revoke_invitations_to<P>(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<P>,
        email: &Email,
    ) -> Result<()> {
        let to_address = Column::Email.eq(email.clone());
        self.revoke_pending(work, grant, to_address).await
    }

    /// Revokes the pending invitations of a sender that its role does not allow any more; without a
    /// role, all of them.
    pub(crate) async fn revoke_invitations_from<P>(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<P>,
        sender: UserId,
        role: Option<Role>,
    ) -> Result<()> {
        let denied = Role::ALL.into_iter();
        let denied = denied.filter(|given| role.is_none_or(|own| !may_grant(own, *given)));
        let denied = Column::InvitedBy.eq(sender).and(Column::Role.is_in(denied));
        self.revoke_pending(work, grant, denied).await
    }

    /// Revokes the pending invitations that a user sent, in all organizations. The caller holds the
    /// lock of the user's account, without which the user sends no other one.
    pub(crate) async fn revoke_all_invitations_from(
        &self,
        work: &mut UnitOfWork,
        sender: UserId,
        actor: &Actor,
    ) -> Result<()> {
        let sent = store::sent_by(&work.global().await?, sender, self.now()).await?;
        let organizations: BTreeSet<_> = sent.iter().map(|sent| sent.organization_id).collect();
        for organization in organizations {
            let grant = self.system_grant::<InviteMembers>(organization, actor)?;
            self.revoke_invitations_from(work, &grant, sender, None)
                .await?;
        }
        Ok(())
    }

    async fn revoke_pending<P>(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<P>,
        which: Filter,
    ) -> Result<()> {
        let (rows, now) = (work.tenant(grant).await?, self.now());
        let pending = which.and(Column::ExpiresAt.gt(now));
        for revoked in store::revoke(&rows, pending, now).await? {
            work.record(&InvitationRevoked {
                organization_id: revoked.organization_id,
                invitation_id: revoked.id,
            });
        }
        Ok(())
    }
}
