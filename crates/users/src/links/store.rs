//! The table `account_links`.

use chrono::TimeDelta;
use tenantry_core::{
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, Filter, GlobalRows},
    global_entity,
    id::{LinkId, SessionId, UserId},
    orm as sea_orm,
    orm::*,
};

use super::{LinkPurpose, secret::LinkDigest};
use crate::Email;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_links")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: LinkId,
    pub(crate) purpose: LinkPurpose,
    /// What there is one link for: the address, or the account's id.
    pub(crate) subject: String,
    /// Where it is mailed to.
    pub(crate) email: Email,
    /// The account; `None` if the address is all that is known.
    pub(crate) user_id: Option<UserId>,
    /// The session that a change of address does not end.
    pub(crate) session_id: Option<SessionId>,
    /// How often a secret was made.
    pub(crate) generation: i64,
    /// The digest of the newest secret; `None` once it is used or dead.
    pub(crate) secret_hash: Option<LinkDigest>,
    pub(crate) expires_at: Timestamp,
    /// When the hour began in which links are counted.
    pub(crate) counted_from: Timestamp,
    /// How many were asked for since then.
    pub(crate) counted: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(Entity);

/// How long rows of dead links are kept: longer than links are counted.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// The row of a purpose and subject, locked until the unit of work ends.
pub(crate) async fn lock(
    rows: &GlobalRows<'_>,
    purpose: LinkPurpose,
    subject: &str,
) -> Result<Option<Model>, DbError> {
    let found = rows.find::<Entity>().filter(of(purpose, subject));
    found.for_update().one().await
}

pub(crate) async fn insert(rows: &GlobalRows<'_>, link: Model) -> Result<(), DbError> {
    let inserted = rows.insert::<Entity>(link.into_active_model()).await;
    inserted.map(drop)
}

/// Whether an insert failed because another request inserted the row in the meantime.
pub(crate) fn is_duplicate(error: &DbError) -> bool {
    error.is_duplicate_of("account_links_purpose_subject_key")
}

/// Replaces everything of a row but its key.
pub(crate) async fn replace(rows: &GlobalRows<'_>, link: Model) -> Result<(), DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(link.id))
        .set(Column::Email, link.email)
        .set(Column::SessionId, link.session_id)
        .set(Column::Generation, link.generation)
        .set(Column::SecretHash, link.secret_hash)
        .set(Column::ExpiresAt, link.expires_at)
        .set(Column::CountedFrom, link.counted_from)
        .set(Column::Counted, link.counted);
    update.exec().await.map(drop)
}

pub(crate) async fn find(rows: &GlobalRows<'_>, id: LinkId) -> Result<Option<Model>, DbError> {
    rows.find::<Entity>().filter(Column::Id.eq(id)).one().await
}

/// The link with that secret, if it is good now for one of these purposes.
pub(crate) async fn by_secret(
    rows: &GlobalRows<'_>,
    purposes: &[LinkPurpose],
    digest: LinkDigest,
    now: Timestamp,
) -> Result<Option<Model>, DbError> {
    let found = rows
        .find::<Entity>()
        .filter(Column::SecretHash.eq(digest))
        .filter(Column::Purpose.is_in(purposes.iter().copied()))
        .filter(Column::ExpiresAt.gt(now));
    found.one().await
}

/// Uses a link, if its secret is still the one that was read.
pub(crate) async fn use_once(
    rows: &GlobalRows<'_>,
    read: &Model,
    now: Timestamp,
) -> Result<bool, DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(read.id))
        .filter(Column::SecretHash.eq(read.secret_hash.clone()))
        .filter(Column::ExpiresAt.gt(now))
        .set(Column::SecretHash, None::<LinkDigest>);
    Ok(update.exec().await? > 0)
}

/// Makes the link of a purpose and subject useless.
pub(crate) async fn kill(
    rows: &GlobalRows<'_>,
    purpose: LinkPurpose,
    subject: &str,
) -> Result<(), DbError> {
    let update = rows
        .update::<Entity>()
        .filter(of(purpose, subject))
        .set(Column::SecretHash, None::<LinkDigest>);
    update.exec().await.map(drop)
}

/// Deletes the rows of links that are dead for long.
pub(crate) async fn prune(rows: &GlobalRows<'_>, now: Timestamp) -> Result<(), DbError> {
    let delete = rows
        .delete::<Entity>()
        .filter(Column::ExpiresAt.lt(now - KEPT));
    delete.exec().await.map(drop)
}

fn of(purpose: LinkPurpose, subject: &str) -> Filter {
    Filter::all([
        Column::Purpose.eq(purpose),
        Column::Subject.eq(subject.to_owned()),
    ])
}
