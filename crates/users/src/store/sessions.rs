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
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(Entity);

/// The moments that decide whether a session lives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Alive {
    pub(crate) now: Timestamp,
    pub(crate) idle_since: Timestamp,
}

impl Alive {
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
    alive: Alive,
    request: &PageRequest,
) -> Result<Page<Model>, PageError> {
    let sort = KeysetOrder {
        name: "sessions",
        columns: vec![Column::Id],
        order: Order::Desc,
    };
    rows.find::<Entity>()
        .filter(Column::UserId.eq(user))
        .filter(alive.filter())
        .page_for_owner(Some(user.uuid()), &sort, request)
        .await
}

/// Sets the organization; false when the session is over.
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

/// Notes that a session is in use; one that is over stays so.
pub(crate) async fn touch(
    rows: &GlobalRows<'_>,
    id: SessionId,
    alive: Alive,
) -> Result<(), DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(id))
        .filter(alive.filter())
        .set(Column::LastSeenAt, alive.now);
    update.exec().await.map(drop)
}

/// Ends one session of that user; false when he has none of that id.
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

/// Removes what is left of the user's sessions that are over.
pub(crate) async fn delete_dead(
    rows: &GlobalRows<'_>,
    user: UserId,
    alive: Alive,
) -> Result<(), DbError> {
    let delete = rows
        .delete::<Entity>()
        .filter(Column::UserId.eq(user))
        .filter(alive.filter().not());
    delete.exec().await.map(drop)
}
