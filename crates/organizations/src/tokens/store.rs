//! The statements on tokens.

use tenantry_core::{
    access::SessionCaller,
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, Filter, Find, Global, GlobalRows, KeysetOrder, TenantRows},
    id::{MembershipId, OrganizationId, TokenId, UserId},
    orm::{IntoActiveModel as _, Order},
    page::{Page, PageError, PageRequest},
    value::Slug,
};

use super::secret::TokenDigest;
use crate::entity::{
    active_token::{self, Column as ActiveToken},
    active_user,
    api_token::{self, Column},
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

/// Deletes the membership's expired and revoked tokens.
pub(crate) async fn delete_invalid(
    rows: &TenantRows<'_>,
    membership: MembershipId,
    credential_epoch: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    let invalid = Filter::any([
        Column::CredentialEpoch.ne(credential_epoch),
        Column::ExpiresAt.gt(now).not(),
    ]);
    let delete = rows
        .delete::<api_token::Entity>()
        .filter(Column::MembershipId.eq(membership))
        .filter(invalid);
    delete.exec().await.map(drop)
}

/// Deletes a token of the user; false if there is none.
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

/// Records the use of a token, unless one was recorded since.
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

/// The live tokens among those with these digests, each with its owner's current role.
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

/// One page of a user's tokens, newest first: ids begin with the time.
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
    let found = of_user(rows, user, only);
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
    of_user(rows, user, only)
        .filter(Live::TokenId.eq(id))
        .one()
        .await
}

/// A user's tokens; in a dedicated deployment, only those of its organization.
fn of_user<'r>(
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

/// The user's active tokens, in one organization or in all, oldest first.
pub(crate) async fn active_tokens(
    rows: &GlobalRows<'_>,
    user: UserId,
    only_in: Option<OrganizationId>,
    now: Timestamp,
) -> Result<Vec<active_token::Model>, DbError> {
    let unexpired = Filter::any([
        ActiveToken::ExpiresAt.eq(None::<Timestamp>),
        ActiveToken::ExpiresAt.gt(now),
    ]);
    let mut found = rows
        .find::<active_token::Entity>()
        .filter(ActiveToken::UserId.eq(user))
        .filter(unexpired);
    if let Some(organization) = only_in {
        found = found.filter(ActiveToken::OrganizationId.eq(organization));
    }
    found.order_by(ActiveToken::TokenId, Order::Asc).all().await
}

/// Whether the caller's session still exists.
pub(crate) async fn session_exists(
    rows: &GlobalRows<'_>,
    caller: &SessionCaller,
) -> Result<bool, DbError> {
    let found = rows
        .find::<live_session::Entity>()
        .filter(live_session::Column::SessionId.eq(caller.session()));
    found.exists().await
}

/// The epoch of the user's credentials, which a valid token has.
pub(crate) async fn credential_epoch(
    rows: &GlobalRows<'_>,
    user: UserId,
) -> Result<Option<i64>, DbError> {
    let found = rows
        .find::<active_user::Entity>()
        .filter(active_user::Column::UserId.eq(user));
    Ok(found.one().await?.map(|user| user.credential_epoch))
}
