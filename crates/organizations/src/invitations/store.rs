//! The statements.

use tenantry_core::{
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, Filter, GlobalRows, KeysetOrder, TenantRows},
    id::{InvitationId, UserId},
    orm::{Order, Set},
    page::{Page, PageError, PageRequest},
};
use tenantry_users::Email;

use super::{InvitationDigest, NewInvitation};
use crate::entity::{
    invitation::{self, ActiveModel, Column, Entity, Model},
    open_invitation,
};

/// What an invitation has that is new each time it is sent.
pub(super) struct Sending {
    pub(super) secret_hash: InvitationDigest,
    pub(super) by: UserId,
    pub(super) at: Timestamp,
    pub(super) expires_at: Timestamp,
}

pub(super) async fn insert(
    rows: &TenantRows<'_>,
    id: InvitationId,
    new: NewInvitation,
    sending: Sending,
) -> Result<Model, DbError> {
    let row = ActiveModel {
        id: Set(id),
        email: Set(new.email),
        role: Set(new.role),
        secret_hash: Set(sending.secret_hash),
        invited_by: Set(sending.by),
        created_at: Set(sending.at),
        sent_at: Set(sending.at),
        expires_at: Set(sending.expires_at),
        max_uses: Set(new.max_uses.into()),
        uses: Set(0),
        ..Default::default()
    };
    rows.insert::<Entity>(row).await
}

/// The newest first.
pub(super) async fn list(
    rows: &TenantRows<'_>,
    request: &PageRequest,
) -> Result<Page<Model>, PageError> {
    let newest = KeysetOrder {
        name: "-created_at",
        columns: vec![Column::CreatedAt, Column::Id],
        order: Order::Desc,
    };
    rows.find::<Entity>().page(&newest, request).await
}

pub(super) async fn find(
    rows: &TenantRows<'_>,
    id: InvitationId,
) -> Result<Option<Model>, DbError> {
    let found = rows.find::<Entity>().filter(Column::Id.eq(id));
    found.one().await
}

/// The one that was not answered and not withdrawn, be its time over or not.
pub(super) async fn unanswered(
    rows: &TenantRows<'_>,
    email: &Email,
) -> Result<Option<Model>, DbError> {
    let found = rows
        .find::<Entity>()
        .filter(Column::Email.eq(email.clone()))
        .filter(is_unanswered());
    found.one().await
}

/// Gives it a new secret; false if it was answered or withdrawn.
pub(super) async fn send_again(
    rows: &TenantRows<'_>,
    id: InvitationId,
    sending: Sending,
) -> Result<Option<Model>, DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(id))
        .filter(is_unanswered())
        .set(Column::SecretHash, sending.secret_hash)
        .set(Column::InvitedBy, sending.by)
        .set(Column::SentAt, sending.at)
        .set(Column::ExpiresAt, sending.expires_at);
    Ok(update.returning().await?.pop())
}

/// Withdraws it; false if it was answered or withdrawn.
pub(super) async fn revoke(
    rows: &TenantRows<'_>,
    id: InvitationId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(id))
        .filter(is_unanswered())
        .set(Column::RevokedAt, now);
    Ok(update.exec().await? > 0)
}

/// Uses it once, if nothing happened to it since it was looked at.
pub(super) async fn use_once(
    rows: &TenantRows<'_>,
    seen: &open_invitation::Model,
    now: Timestamp,
) -> Result<bool, DbError> {
    let is_last = seen.uses + 1 >= seen.max_uses;
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(seen.invitation_id))
        .filter(Column::SecretHash.eq(seen.secret_hash.clone()))
        .filter(Column::Uses.eq(seen.uses))
        .filter(Column::ExpiresAt.gt(now))
        .filter(is_unanswered())
        .set(Column::Uses, seen.uses + 1)
        .set_some(Column::AcceptedAt, is_last.then_some(now));
    Ok(update.exec().await? > 0)
}

fn is_unanswered() -> Filter {
    Filter::all([
        Column::RevokedAt.eq(None::<Timestamp>),
        Column::AcceptedAt.eq(None::<Timestamp>),
    ])
}

/// The invitation of a secret, in whichever organization it is.
pub(super) async fn by_secret(
    rows: &GlobalRows<'_>,
    secret_hash: InvitationDigest,
) -> Result<Option<open_invitation::Model>, DbError> {
    let found = rows
        .find::<open_invitation::Entity>()
        .filter(open_invitation::Column::SecretHash.eq(secret_hash));
    found.one().await
}

pub(super) fn life(row: &invitation::Model) -> super::model::Life {
    super::model::Life {
        revoked_at: row.revoked_at,
        accepted_at: row.accepted_at,
        expires_at: row.expires_at,
    }
}
