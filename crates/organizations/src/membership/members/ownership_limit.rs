//! The limit of organizations per owner.

use tenantry_core::{access::Actor, db::UnitOfWork, id::UserId};

use super::store;
use crate::{
    error::OrganizationsError,
    service::{Result, Service},
};

/// Whether the limit applies to a new owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnershipLimit {
    /// It applies.
    Enforced,
    /// It does not apply: an operator decides.
    Waived,
}

impl OwnershipLimit {
    /// The limit applies to what users do, and not to the command line.
    pub(crate) const fn of(actor: &Actor) -> Self {
        match actor.user {
            Some(_) => Self::Enforced,
            None => Self::Waived,
        }
    }
}

impl Service {
    /// Locks the account of a new owner until the unit of work ends. Fails with `OwnerInactive` if it
    /// is disabled, and with `OrganizationLimitReached` if the user owns as many organizations as
    /// one person may. The caller holds the organization's lock.
    pub(crate) async fn lock_new_owner(
        &self,
        work: &mut UnitOfWork,
        user: UserId,
        limit: OwnershipLimit,
    ) -> Result<()> {
        // Every new ownership locks the account, so none is added while they are counted.
        if !self.deps.users.lock(work, user).await?.is_active {
            return Err(OrganizationsError::OwnerInactive);
        }
        let Some(most) = self.deps.policy.owned_per_person else {
            return Ok(());
        };
        if limit == OwnershipLimit::Waived {
            return Ok(());
        }
        let owned = store::owned_count(&work.global().await?, user).await?;
        self.db.runtime().failpoint("organizations.owned").await;
        if owned >= u64::from(most) {
            return Err(OrganizationsError::OrganizationLimitReached(most));
        }
        Ok(())
    }
}
