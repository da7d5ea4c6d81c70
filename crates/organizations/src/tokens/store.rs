//! The statements.

use tenantry_core::{
    access::SessionCaller,
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, Filter, Find, Global, GlobalRows, KeysetOrder, TenantRows},
    id::{MembershipId, OrganizationId, TokenId, UserId},
    orm::{IntoActiveModel as _, Order},
    page::{Page, PageError, PageRequest},
    value::Slug,
};

use super::TokenDigest;
use crate::entity::{
    active_user,
    api_token::{self, Column},
    held_token::{self, Column as Held},
    live_session,
    live_token::{self, Column as Live},
};

pub(crate) async fn insert(
    rows: &TenantRows<'_>,
    token: api_token::Model,
) -> Result<api_token::Model, DbError> {
    rows.insert::<api_token::Entity>(token.into_active_model())
        .await
}

/// How many tokens the membership has.
pub(crate) async fn count(rows: &TenantRows<'_>, membership: MembershipId) -> Result<u64, DbError> {
    let found = rows
        .find::<api_token::Entity>()
        .filter(Column::MembershipId.eq(membership));
    found.count().await
}

/// Removes those of the membership's tokens that ended by themselves or with a password.
pub(crate) async fn delete_dead(
    rows: &TenantRows<'_>,
    membership: MembershipId,
    credential_epoch: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    let dead = Filter::any([
        Column::CredentialEpoch.ne(credential_epoch),
        Column::ExpiresAt.gt(now).not(),
    ]);
    let delete = rows
        .delete::<api_token::Entity>()
        .filter(Column::MembershipId.eq(membership))
        .filter(dead);
    delete.exec().await.map(drop)
}

/// Ends one token of that user; false when he has none of that id here.
pub(crate) async fn delete(
    rows: &TenantRows<'_>,
    user: UserId,
    id: TokenId,
) -> Result<bool, DbError> {
    let delete = rows
        .delete::<api_token::Entity>()
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(user));
    Ok(delete.exec().await? > 0)
}

/// Notes that a token is in use, unless that was noted since. One that is gone stays so.
pub(crate) async fn touch(
    rows: &TenantRows<'_>,
    id: TokenId,
    now: Timestamp,
    since: Timestamp,
) -> Result<(), DbError> {
    let update = rows
        .update::<api_token::Entity>()
        .filter(Column::Id.eq(id))
        .filter(Filter::any([
            Column::LastUsedAt.eq(None::<Timestamp>),
            Column::LastUsedAt.lt(since),
        ]))
        .set(Column::LastUsedAt, now);
    update.exec().await.map(drop)
}

/// The tokens of those secrets, each with what its owner is at this moment, where both live.
pub(crate) async fn live(
    rows: &GlobalRows<'_>,
    digests: Vec<TokenDigest>,
    now: Timestamp,
) -> Result<Vec<live_token::Model>, DbError> {
    let unexpired = Filter::any([
        Live::ExpiresAt.eq(None::<Timestamp>),
        Live::ExpiresAt.gt(now),
    ]);
    let found = rows
        .find::<live_token::Entity>()
        .filter(Live::SecretHash.is_in(digests))
        .filter(unexpired);
    found.all().await
}

/// One page of a person's tokens, newest first: ids begin with the time.
pub(crate) async fn list(
    rows: &GlobalRows<'_>,
    user: UserId,
    only: Option<&Slug>,
    request: &PageRequest,
) -> Result<Page<live_token::Model>, PageError> {
    let newest = KeysetOrder {
        name: "tokens",
        columns: vec![Live::TokenId],
        order: Order::Desc,
    };
    let found = own(rows, user, only);
    found
        .page_for_owner(Some(user.uuid()), &newest, request)
        .await
}

pub(crate) async fn find(
    rows: &GlobalRows<'_>,
    user: UserId,
    only: Option<&Slug>,
    id: TokenId,
) -> Result<Option<live_token::Model>, DbError> {
    own(rows, user, only)
        .filter(Live::TokenId.eq(id))
        .one()
        .await
}

/// A person's tokens; in a dedicated deployment, for the one organization that there is.
fn own<'r>(
    rows: &'r GlobalRows<'_>,
    user: UserId,
    only: Option<&Slug>,
) -> Find<'r, live_token::Entity, Global> {
    let found = rows
        .find::<live_token::Entity>()
        .filter(Live::UserId.eq(user));
    match only {
        Some(slug) => found.filter(Live::Slug.eq(slug.clone())),
        None => found,
    }
}

/// What a person's tokens are worth something, in one organization or in all of his. Oldest first.
pub(crate) async fn held(
    rows: &GlobalRows<'_>,
    user: UserId,
    only_in: Option<OrganizationId>,
    now: Timestamp,
) -> Result<Vec<held_token::Model>, DbError> {
    let unexpired = Filter::any([
        Held::ExpiresAt.eq(None::<Timestamp>),
        Held::ExpiresAt.gt(now),
    ]);
    let mut found = rows
        .find::<held_token::Entity>()
        .filter(Held::UserId.eq(user))
        .filter(unexpired);
    if let Some(organization) = only_in {
        found = found.filter(Held::OrganizationId.eq(organization));
    }
    found.order_by(Held::TokenId, Order::Asc).all().await
}

/// Whether the caller's session was not ended since he was let in.
pub(crate) async fn is_still_signed_in(
    rows: &GlobalRows<'_>,
    caller: &SessionCaller,
) -> Result<bool, DbError> {
    let found = rows
        .find::<live_session::Entity>()
        .filter(live_session::Column::SessionId.eq(caller.session()));
    found.exists().await
}

/// The count of the person's credentials that a token has to bear to be worth something.
pub(crate) async fn credential_epoch(
    rows: &GlobalRows<'_>,
    user: UserId,
) -> Result<Option<i64>, DbError> {
    let found = rows
        .find::<active_user::Entity>()
        .filter(active_user::Column::UserId.eq(user));
    Ok(found.one().await?.map(|user| user.credential_epoch))
}
