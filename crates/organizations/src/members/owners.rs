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
use crate::{OrganizationsError, entity::member::Model, operators::looks, service::Service};

type Result<T> = std::result::Result<T, OrganizationsError>;

impl Service {
    /// Refuses to go on where the organization has no active owner but this one. It is locked.
    pub(crate) async fn require_other_owner(
        &self,
        work: &mut UnitOfWork,
        organization: OrganizationId,
        but: UserId,
    ) -> Result<()> {
        let rows = work.global().await?;
        if store::has_owner_but(&rows, organization, but).await? {
            Ok(())
        } else {
            Err(OrganizationsError::LastOwner)
        }
    }

    /// Refuses to go on where the account is locked out, and keeps it from being locked out until
    /// the unit of work ends. Whoever becomes an owner is asked for by it; the organization is
    /// locked already.
    pub(crate) async fn require_active(&self, work: &mut UnitOfWork, user: UserId) -> Result<()> {
        let user = self.deps.users.lock(work, user).await?;
        if user.is_active {
            Ok(())
        } else {
            Err(OrganizationsError::OwnerInactive)
        }
    }

    /// Who hands an organization over when an operator has it done.
    pub(super) async fn handing_over<P>(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<P>,
        named: Option<UserId>,
    ) -> Result<Model> {
        let mut owners = store::owners(&work.tenant(grant).await?).await?;
        if let Some(named) = named {
            owners.retain(|owner| owner.user_id == named);
            return owners.pop().ok_or(OrganizationsError::MemberNotFound);
        }
        match owners.pop() {
            Some(one) if owners.is_empty() => Ok(one),
            _ => Err(OrganizationsError::SeveralOwners),
        }
    }

    /// Locks somebody out; nothing, if he became an owner somewhere while his organizations were
    /// being locked. Then it has to be tried again.
    pub(super) async fn try_lock_out(&self, user: UserId, actor: Actor) -> Result<Option<User>> {
        let mut work = self.db.begin(actor);
        let owned = store::owned_by(&self.db.read_global(), user).await?;
        let mut doomed = Vec::new();
        for &organization in &owned {
            match self.lock(&mut work, organization).await {
                // It is being deleted, with or without an owner.
                Err(OrganizationsError::NotFound) => doomed.push(organization),
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
            if !doomed.contains(&organization) {
                self.require_other_owner(&mut work, organization, user)
                    .await?;
            }
        }
        self.checked().await;
        let locked_out = self.deps.users.set_active(&mut work, user, false).await?;
        tell_organizations(&mut work, &before, &locked_out, actor).await?;
        work.commit().await?;
        Ok(Some(locked_out))
    }

    /// Lets somebody in again.
    pub(super) async fn let_in(&self, user: UserId, actor: Actor) -> Result<User> {
        let mut work = self.db.begin(actor);
        let before = self.deps.users.lock(&mut work, user).await?;
        let let_in = self.deps.users.set_active(&mut work, user, true).await?;
        tell_organizations(&mut work, &before, &let_in, actor).await?;
        work.commit().await?;
        Ok(let_in)
    }
}

/// Tells every organization that somebody belongs to what became of him, disabled ones among them.
/// Where nothing did, an operator has at least seen him. The account is locked, so nobody is
/// removed in between.
async fn tell_organizations(
    work: &mut UnitOfWork,
    before: &User,
    after: &User,
    actor: Actor,
) -> Result<()> {
    let user_id = after.id;
    let belongs = looks::organizations_of(&work.global().await?, &[user_id]).await?;
    if before.is_active == after.is_active {
        if actor.user.is_some() {
            looks::tell(work, ViewedResource::Accounts, belongs);
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
