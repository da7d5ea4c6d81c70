//! The statements on members and owners.

use std::collections::BTreeSet;

use tenantry_core::{
    access::Role,
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, Filter, GlobalRows, KeysetOrder, TenantRows},
    id::{MembershipId, OrganizationId, UserId},
    orm::{Order, Set},
    page::{Page, PageError, PageRequest},
    value::search_key,
};

use crate::{
    entity::{
        active_owner, every_membership,
        member::{ActiveModel, Column, Entity, Model},
        member_profile,
    },
    membership::model::{Invited, MembersFilter, NewMember},
};

/// The maximum in one statement.
const MAX_ORGANIZATIONS: usize = 500;

pub(super) async fn find(
    rows: &TenantRows<'_>,
    id: MembershipId,
) -> Result<Option<Model>, DbError> {
    rows.find::<Entity>().filter(Column::Id.eq(id)).one().await
}

/// The member with the data of the account.
pub(super) async fn find_profile(
    rows: &TenantRows<'_>,
    id: MembershipId,
) -> Result<Option<member_profile::Model>, DbError> {
    let found = rows.find::<member_profile::Entity>();
    found.filter(member_profile::Column::Id.eq(id)).one().await
}

pub(super) async fn owners(rows: &TenantRows<'_>) -> Result<Vec<Model>, DbError> {
    let found = rows.find::<Entity>().filter(Column::Role.eq(Role::Owner));
    found.all().await
}

pub(super) async fn set_role(
    rows: &TenantRows<'_>,
    id: MembershipId,
    role: Role,
) -> Result<Option<Model>, DbError> {
    let update = rows.update::<Entity>().filter(Column::Id.eq(id));
    Ok(update.set(Column::Role, role).returning().await?.pop())
}

pub(super) async fn delete(rows: &TenantRows<'_>, id: MembershipId) -> Result<u64, DbError> {
    let deletion = rows.delete::<Entity>().filter(Column::Id.eq(id));
    deletion.exec().await
}

/// Whether the organization has another active owner.
pub(super) async fn has_other_owner(
    rows: &GlobalRows<'_>,
    organization: OrganizationId,
    except: UserId,
) -> Result<bool, DbError> {
    use active_owner::Column;

    let others = Filter::all([
        Column::OrganizationId.eq(organization),
        Column::UserId.ne(except),
    ]);
    rows.find::<active_owner::Entity>()
        .filter(others)
        .exists()
        .await
}

/// Those of the organizations that have another active owner.
pub(super) async fn with_other_owner(
    rows: &GlobalRows<'_>,
    organizations: &[OrganizationId],
    except: UserId,
) -> Result<BTreeSet<OrganizationId>, DbError> {
    use active_owner::Column;

    let mut with_other = BTreeSet::new();
    for some in organizations.chunks(MAX_ORGANIZATIONS) {
        let others = Filter::all([
            Column::OrganizationId.is_in(some.iter().copied()),
            Column::UserId.ne(except),
        ]);
        let others = rows.find::<active_owner::Entity>().filter(others);
        let others = others.all().await?.into_iter();
        with_other.extend(others.map(|owner| owner.organization_id));
    }
    Ok(with_other)
}

/// The owners of the organization whose accounts are active.
pub(super) async fn owners_of(
    rows: &GlobalRows<'_>,
    organization: OrganizationId,
) -> Result<Vec<active_owner::Model>, DbError> {
    let found = rows
        .find::<active_owner::Entity>()
        .filter(active_owner::Column::OrganizationId.eq(organization));
    found.limit(1).all().await
}

/// The organizations that the user owns with an active account, in the order of locking.
pub(super) async fn owned_by(
    rows: &GlobalRows<'_>,
    user: UserId,
) -> Result<Vec<OrganizationId>, DbError> {
    use active_owner::Column;

    let found = rows
        .find::<active_owner::Entity>()
        .filter(Column::UserId.eq(user))
        .order_by(Column::OrganizationId, Order::Asc);
    let found = found.all().await?.into_iter();
    Ok(found.map(|owner| owner.organization_id).collect())
}

/// In how many organizations the user is an owner, without those that are being deleted.
pub(super) async fn owned_count(rows: &GlobalRows<'_>, user: UserId) -> Result<u64, DbError> {
    use every_membership::Column;

    let owned = rows
        .find::<every_membership::Entity>()
        .filter(Column::UserId.eq(user))
        .filter(Column::Role.eq(Role::Owner));
    owned.count().await
}

pub(crate) async fn count(rows: &TenantRows<'_>) -> Result<u64, DbError> {
    rows.find::<Entity>().count().await
}

/// The user's membership.
pub(crate) async fn find_user(
    rows: &TenantRows<'_>,
    user: UserId,
) -> Result<Option<Model>, DbError> {
    let found = rows.find::<Entity>().filter(Column::UserId.eq(user));
    found.one().await
}

pub(crate) async fn insert(
    rows: &TenantRows<'_>,
    id: MembershipId,
    new: NewMember,
    invited: Option<Invited>,
    now: Timestamp,
) -> Result<Model, DbError> {
    let row = ActiveModel {
        id: Set(id),
        user_id: Set(new.user),
        role: Set(new.role),
        invited_by: Set(invited.map(|invited| invited.by)),
        invited_at: Set(invited.map(|invited| invited.at)),
        joined_at: Set(now),
        ..Default::default()
    };
    rows.insert::<Entity>(row).await
}

/// The members, the newest first.
pub(crate) async fn list(
    rows: &TenantRows<'_>,
    wanted: &MembersFilter,
    request: &PageRequest,
) -> Result<Page<member_profile::Model>, PageError> {
    use member_profile::Column;

    let newest = KeysetOrder {
        name: "-joined_at",
        columns: vec![Column::JoinedAt, Column::Id],
        order: Order::Desc,
    };
    let mut selection = Filter::all([]);
    if let Some(text) = &wanted.text {
        let text = search_key(text);
        let name = Column::SearchKey.contains(&text);
        selection = selection.and(Filter::any([name, Column::Email.contains(&text)]));
    }
    if let Some(role) = wanted.role {
        selection = selection.and(Column::Role.eq(role));
    }
    if let Some(is_active) = wanted.is_active {
        selection = selection.and(Column::IsActive.eq(is_active));
    }
    let found = rows.find::<member_profile::Entity>();
    found.selected_page(selection, &newest, request).await
}
