//! Every organization keeps an active owner.

use tenantry_core::{
    access::{Actor, Grant, Role},
    db::UnitOfWork,
    id::{OrganizationId, UserId},
};
use tenantry_domain_events::events::organizations::{DueEntry, OwnerLost};
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
    operators::due_entries::Entries,
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
        if actor.user == Some(user) {
            return Err(OrganizationsError::OwnAccount);
        }
        let disabled = loop {
            if let Some(outcome) = self.try_disable_user(user, force, actor).await? {
                break outcome;
            }
        };
        if let Err(OrganizationsError::SoleOwner(_)) = &disabled {
            // The refusal shows an operator what the user owns.
            let mut work = self.db.begin(actor);
            record_view(&mut work, user, actor).await?;
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
        // Those that are being deleted need no owner.
        let locked = self.lock_all(&mut work, &owned).await?;
        let before = self.deps.users.lock(&mut work, user).await?;
        let owns = store::owned_by(&work.global().await?, user).await?;
        if owns
            .iter()
            .any(|organization| !owned.contains(organization))
        {
            return Ok(None);
        }
        let rows = work.global().await?;
        let others = store::with_other_owner(&rows, &owns, user).await?;
        let mut without_owner: Vec<_> = locked
            .into_iter()
            .filter(|row| owns.contains(&row.id) && !others.contains(&row.id))
            .collect();
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
    let entry = match (before.is_active, after.is_active) {
        (true, false) => DueEntry::Suspended,
        (false, true) => DueEntry::Reinstated,
        _ => return record_view(work, after.id, actor).await,
    };
    let entries = Entries {
        user: after.id,
        accounts: vec![after.id],
        entry,
    };
    let first = entries.first(&work.global().await?).await?;
    first.record(work);
    Ok(())
}

/// Records that an operator viewed the account; the command line and the system view nothing.
async fn record_view(work: &mut UnitOfWork, account: UserId, actor: &Actor) -> Result<()> {
    let Some(user) = actor.user else {
        return Ok(());
    };
    let entries = Entries {
        user,
        accounts: vec![account],
        entry: DueEntry::Viewed,
    };
    let first = entries.first(&work.global().await?).await?;
    first.record(work);
    Ok(())
}
