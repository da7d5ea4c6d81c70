//! The table `sessions`.

use tenantry_core::{
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, Filter, GlobalRows, KeysetOrder},
    global_entity,
    id::{OrganizationId, SessionId, UserId},
    orm as sea_orm,
    orm::*,
    page::{Page, PageError, PageRequest},
};

use crate::{SessionDigest, UserAgent};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: SessionId,
    pub(crate) key_hash: SessionDigest,
    pub(crate) user_id: UserId,
    pub(crate) selected_organization: Option<OrganizationId>,
    pub(crate) user_agent: Option<UserAgent>,
    pub(crate) created_at: Timestamp,
    pub(crate) last_seen_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    /// When the second factor was checked last.
    pub(crate) second_factor_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(Entity);

/// The moments that decide whether a session is valid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionValidity {
    pub(crate) now: Timestamp,
    pub(crate) idle_since: Timestamp,
}

impl SessionValidity {
    fn filter(self) -> Filter {
        Filter::all([
            Column::ExpiresAt.gt(self.now),
            Column::LastSeenAt.gt(self.idle_since),
        ])
    }
}

pub(crate) async fn insert(rows: &GlobalRows<'_>, session: Model) -> Result<Model, DbError> {
    rows.insert::<Entity>(session.into_active_model()).await
}

/// Newest first: ids begin with the time.
pub(crate) async fn list_of(
    rows: &GlobalRows<'_>,
    user: UserId,
    validity: SessionValidity,
    request: &PageRequest,
) -> Result<Page<Model>, PageError> {
    let sort = KeysetOrder {
        name: "sessions",
        columns: vec![Column::Id],
        order: Order::Desc,
    };
    rows.find::<Entity>()
        .filter(Column::UserId.eq(user))
        .filter(validity.filter())
        .page_for_owner(Some(user.uuid()), &sort, request)
        .await
}

/// A session of the user, if it is valid.
pub(crate) async fn find_of(
    rows: &GlobalRows<'_>,
    user: UserId,
    id: SessionId,
    validity: SessionValidity,
) -> Result<Option<Model>, DbError> {
    let found = rows
        .find::<Entity>()
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(user))
        .filter(validity.filter());
    found.one().await
}

/// Sets the organization; false when the session no longer exists.
pub(crate) async fn select_organization(
    rows: &GlobalRows<'_>,
    id: SessionId,
    organization: OrganizationId,
) -> Result<bool, DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(id))
        .set(Column::SelectedOrganization, organization);
    Ok(update.exec().await? > 0)
}

/// Updates the last use of a session; an expired one stays expired.
pub(crate) async fn touch(
    rows: &GlobalRows<'_>,
    id: SessionId,
    validity: SessionValidity,
) -> Result<(), DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(id))
        .filter(validity.filter())
        .set(Column::LastSeenAt, validity.now);
    update.exec().await.map(drop)
}

/// Notes that a session of that user checked the second factor; false when it no longer exists.
pub(crate) async fn set_second_factor_at(
    rows: &GlobalRows<'_>,
    user: UserId,
    id: SessionId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(user))
        .set(Column::SecondFactorAt, now);
    Ok(update.exec().await? > 0)
}

/// Forgets the checks of a second factor that the user no longer has.
pub(crate) async fn clear_second_factor(
    rows: &GlobalRows<'_>,
    user: UserId,
) -> Result<(), DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::UserId.eq(user))
        .set(Column::SecondFactorAt, None::<Timestamp>);
    update.exec().await.map(drop)
}

/// Deletes one session of that user; false when there is none of that id.
pub(crate) async fn delete(
    rows: &GlobalRows<'_>,
    user: UserId,
    id: SessionId,
) -> Result<bool, DbError> {
    let delete = rows
        .delete::<Entity>()
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(user));
    Ok(delete.exec().await? > 0)
}

pub(crate) async fn delete_by_digest(
    rows: &GlobalRows<'_>,
    digest: SessionDigest,
) -> Result<(), DbError> {
    let delete = rows.delete::<Entity>().filter(Column::KeyHash.eq(digest));
    delete.exec().await.map(drop)
}

pub(crate) async fn delete_others(
    rows: &GlobalRows<'_>,
    user: UserId,
    kept: SessionId,
) -> Result<(), DbError> {
    let delete = rows
        .delete::<Entity>()
        .filter(Column::UserId.eq(user))
        .filter(Column::Id.ne(kept));
    delete.exec().await.map(drop)
}

pub(crate) async fn delete_all(rows: &GlobalRows<'_>, user: UserId) -> Result<(), DbError> {
    let delete = rows.delete::<Entity>().filter(Column::UserId.eq(user));
    delete.exec().await.map(drop)
}

/// Deletes the user's expired sessions.
pub(crate) async fn delete_expired(
    rows: &GlobalRows<'_>,
    user: UserId,
    validity: SessionValidity,
) -> Result<(), DbError> {
    let delete = rows
        .delete::<Entity>()
        .filter(Column::UserId.eq(user))
        .filter(validity.filter().not());
    delete.exec().await.map(drop)
}
