//! New memberships.

use tenantry_core::{
    access::{Actor, Role},
    db::UnitOfWork,
    id::OrganizationId,
};
use tenantry_domain_events::events::organizations::UserJoinedOrganization;

use super::{ownership_limit::OwnershipLimit, store};
use crate::{
    entity::member,
    error::OrganizationsError,
    membership::model::{Invited, NewMember},
    permissions::ManageOrganization,
    service::{Result, Service},
};

impl Service {
    /// Adds a member, in a unit of work that locked or created the organization.
    pub(crate) async fn join(
        &self,
        work: &mut UnitOfWork,
        organization: OrganizationId,
        new: NewMember,
        actor: &Actor,
    ) -> Result<()> {
        let joined = self
            .add_membership(work, organization, new, None, actor)
            .await;
        joined.map(drop)
    }

    /// As [`join`](Self::join), optionally by an invitation. Every new membership is made here.
    pub(crate) async fn add_membership(
        &self,
        work: &mut UnitOfWork,
        organization: OrganizationId,
        new: NewMember,
        invited: Option<Invited>,
        actor: &Actor,
    ) -> Result<member::Model> {
        if new.role == Role::Owner {
            self.lock_new_owner(work, new.user, OwnershipLimit::of(actor))
                .await?;
        }
        let grant = self.system_grant::<ManageOrganization>(organization, actor)?;
        let runtime = self.db.runtime();
        let rows = work.tenant(&grant).await?;
        let joined = store::insert(&rows, runtime.new_id(), new, invited, runtime.now()).await;
        let joined = joined.map_err(|error| {
            if error.is_duplicate_of("organization_members_organization_id_user_id_key") {
                OrganizationsError::AlreadyMember
            } else {
                error.into()
            }
        })?;
        // The new member is counted already.
        self.check_seats(work, &grant, 0).await?;
        work.record(&UserJoinedOrganization {
            organization_id: organization,
            user_id: new.user,
            role: new.role,
            invited_by_user_id: invited.map(|invited| invited.by),
        });
        Ok(joined)
    }
}
