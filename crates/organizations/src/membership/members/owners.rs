//! Every organization keeps an active owner.

use tenantry_core::{
    access::{Actor, Grant, Role},
    db::UnitOfWork,
    event::Changes,
    id::{OrganizationId, UserId},
};
use tenantry_domain_events::events::organizations::{
    MemberReinstated, MemberSuspended, OwnerLost, ViewedResource,
};
use tenantry_users::User;

use super::{
    change::{NewRole, RoleAuthority},
    ownership_limit::OwnershipLimit,
    store,
};
use crate::{
    entity::member::Model,
    error::OrganizationsError,
    membership::model::{DisabledUser, Force, NewOwner},
    operators::view_audit,
    permissions::ManageMembers,
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

    /// Disables a user. Without force, fails with `SoleOwner` if an organization has no other
    /// active owner.
    pub(super) async fn lock_out(
        &self,
        user: UserId,
        force: Force,
        actor: &Actor,
    ) -> Result<DisabledUser> {
        let disabled = loop {
            if let Some(outcome) = self.try_disable_user(user, force, actor).await? {
                break outcome;
            }
        };
        if let Err(OrganizationsError::SoleOwner(_)) = &disabled
            && actor.user.is_some()
        {
            // The refusal shows an operator what the user owns.
            let mut work = self.db.begin(actor);
            let belongs = view_audit::organizations_of(&work.global().await?, &[user]).await?;
            view_audit::record(&mut work, ViewedResource::Accounts, belongs);
            work.commit().await?;
        }
        disabled
    }

    /// One attempt; `None` if the user became an owner while the organizations were being locked.
    async fn try_disable_user(
        &self,
        user: UserId,
        force: Force,
        actor: &Actor,
    ) -> Result<Option<Result<DisabledUser>>> {
        let mut work = self.db.begin(actor);
        let owned = store::owned_by(&self.db.read_global(), user).await?;
        let mut locked = Vec::new();
        for &organization in &owned {
            match self.lock(&mut work, organization).await {
                // It is being deleted, and needs no owner.
                Err(OrganizationsError::NotFound) => {}
                found => locked.push(found?),
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
        let mut without_owner = Vec::new();
        for organization in locked {
            let rows = work.global().await?;
            if owns.contains(&organization.id)
                && !store::has_other_owner(&rows, organization.id, user).await?
            {
                without_owner.push(organization);
            }
        }
        without_owner.sort_by(|one, other| one.slug.as_str().cmp(other.slug.as_str()));
        if force == Force::No && !without_owner.is_empty() {
            let slugs = without_owner.into_iter().map(|row| row.slug).collect();
            return Ok(Some(Err(OrganizationsError::SoleOwner(slugs))));
        }
        self.failpoint().await;
        self.revoke_all_invitations_from(&mut work, user, actor)
            .await?;
        let disabled = self.deps.users.set_active(&mut work, user, false).await?;
        publish_to_organizations(&mut work, &before, &disabled, actor).await?;
        for organization in &without_owner {
            work.record(&OwnerLost {
                organization_id: organization.id,
                user_id: user,
            });
        }
        work.commit().await?;
        Ok(Some(Ok(DisabledUser {
            user: disabled,
            without_owner: without_owner.into_iter().map(|row| row.slug).collect(),
        })))
    }

    /// Makes a member the owner of an organization without an active one. The caller holds the
    /// organization's lock.
    pub(crate) async fn give_owner(
        &self,
        work: &mut UnitOfWork,
        organization: OrganizationId,
        owner: NewOwner,
        actor: &Actor,
    ) -> Result<()> {
        let authority = RoleAuthority {
            grant: self.system_grant::<ManageMembers>(organization, actor)?,
            role: Role::Owner,
            limit: OwnershipLimit::Waived,
        };
        let target = match owner {
            NewOwner::Member(id) => self.member_for(work, &authority, id).await?,
            NewOwner::User(user) => self.member_of(work, &authority.grant, user).await?,
        };
        if !store::owners_of(&work.global().await?, organization)
            .await?
            .is_empty()
        {
            return Err(OrganizationsError::OwnerExists);
        }
        if target.role == Role::Owner {
            // An owner who is not among the active ones.
            return Err(OrganizationsError::OwnerInactive);
        }
        let role = Role::Owner;
        self.change_role(work, &authority, NewRole { target, role })
            .await
            .map(drop)
    }

    /// Enables a user again.
    pub(super) async fn enable_user(&self, user: UserId, actor: &Actor) -> Result<User> {
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
    actor: &Actor,
) -> Result<()> {
    let user_id = after.id;
    let belongs = view_audit::organizations_of(&work.global().await?, &[user_id]).await?;
    if before.is_active == after.is_active {
        if actor.user.is_some() {
            view_audit::record(work, ViewedResource::Accounts, belongs);
        }
        return Ok(());
    }
    let changes = Changes::default().field("is_active", before.is_active, after.is_active);
    for organization_id in belongs {
        let changes = changes.clone();
        if after.is_active {
            let event = MemberReinstated {
                organization_id,
                user_id,
            };
            work.record_change(&event, changes);
        } else {
            let event = MemberSuspended {
                organization_id,
                user_id,
            };
            work.record_change(&event, changes);
        }
    }
    Ok(())
}
