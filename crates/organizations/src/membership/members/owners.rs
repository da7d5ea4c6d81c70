//! Every organization keeps an active owner.

use tenantry_core::{
    access::{Actor, Grant},
    db::UnitOfWork,
    id::{OrganizationId, UserId},
};
use tenantry_domain_events::events::organizations::{
    MemberReinstated, MemberSuspended, ViewedResource,
};
use tenantry_users::User;

use super::store;
use crate::{
    entity::member::Model,
    error::OrganizationsError,
    operators::view_audit,
    service::{Result, Service},
};

impl Service {
    /// Fails with `LastOwner` if the organization has no other active owner. The caller holds the
    /// organization's lock.
    pub(crate) async fn require_other_owner(
        &self,
        work: &mut UnitOfWork,
        organization: OrganizationId,
        except: UserId,
    ) -> Result<()> {
        let rows = work.global().await?;
        if store::has_other_owner(&rows, organization, except).await? {
            Ok(())
        } else {
            Err(OrganizationsError::LastOwner)
        }
    }

    /// Fails with `OwnerInactive` if the account of a new owner is disabled, and locks the account
    /// until the unit of work ends. The caller holds the organization's lock.
    pub(crate) async fn require_active(&self, work: &mut UnitOfWork, user: UserId) -> Result<()> {
        let user = self.deps.users.lock(work, user).await?;
        if user.is_active {
            Ok(())
        } else {
            Err(OrganizationsError::OwnerInactive)
        }
    }

    /// The owner who transfers the organization on behalf of an operator.
    pub(super) async fn transferring_owner<P>(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<P>,
        requested: Option<UserId>,
    ) -> Result<Model> {
        let mut owners = store::owners(&work.tenant(grant).await?).await?;
        if let Some(requested) = requested {
            owners.retain(|owner| owner.user_id == requested);
            return owners.pop().ok_or(OrganizationsError::MemberNotFound);
        }
        match owners.pop() {
            Some(one) if owners.is_empty() => Ok(one),
            _ => Err(OrganizationsError::SeveralOwners),
        }
    }

    /// Disables a user; `None` if the user became an owner while the organizations were being
    /// locked. Then the caller tries again.
    pub(super) async fn try_disable_user(
        &self,
        user: UserId,
        actor: Actor,
    ) -> Result<Option<User>> {
        let mut work = self.db.begin(actor);
        let owned = store::owned_by(&self.db.read_global(), user).await?;
        let mut in_deletion = Vec::new();
        for &organization in &owned {
            match self.lock(&mut work, organization).await {
                // It is being deleted, and needs no owner.
                Err(OrganizationsError::NotFound) => in_deletion.push(organization),
                locked => drop(locked?),
            }
        }
        let before = self.deps.users.lock(&mut work, user).await?;
        let owns = store::owned_by(&work.global().await?, user).await?;
        if owns
            .iter()
            .any(|organization| !owned.contains(organization))
        {
            return Ok(None);
        }
        for organization in owns {
            if !in_deletion.contains(&organization) {
                self.require_other_owner(&mut work, organization, user)
                    .await?;
            }
        }
        self.failpoint().await;
        let disabled = self.deps.users.set_active(&mut work, user, false).await?;
        publish_to_organizations(&mut work, &before, &disabled, actor).await?;
        work.commit().await?;
        Ok(Some(disabled))
    }

    /// Enables a user again.
    pub(super) async fn enable_user(&self, user: UserId, actor: Actor) -> Result<User> {
        let mut work = self.db.begin(actor);
        let before = self.deps.users.lock(&mut work, user).await?;
        let enabled = self.deps.users.set_active(&mut work, user, true).await?;
        publish_to_organizations(&mut work, &before, &enabled, actor).await?;
        work.commit().await?;
        Ok(enabled)
    }
}

/// Records the change in each organization of the user, disabled ones included. Without a change,
/// an operator has still viewed the account. The account is locked, so no membership ends
/// concurrently.
async fn publish_to_organizations(
    work: &mut UnitOfWork,
    before: &User,
    after: &User,
    actor: Actor,
) -> Result<()> {
    let user_id = after.id;
    let belongs = view_audit::organizations_of(&work.global().await?, &[user_id]).await?;
    if before.is_active == after.is_active {
        if actor.user.is_some() {
            view_audit::record(work, ViewedResource::Accounts, belongs);
        }
        return Ok(());
    }
    for organization_id in belongs {
        if after.is_active {
            work.record(&MemberReinstated {
                organization_id,
                user_id,
            });
        } else {
            work.record(&MemberSuspended {
                organization_id,
                user_id,
            });
        }
    }
    Ok(())
}
