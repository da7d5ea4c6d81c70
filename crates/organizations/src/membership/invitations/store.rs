//! The statements on invitations.

use tenantry_core::{
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, Filter, GlobalRows, TenantRows},
    id::{InvitationId, UserId},
    orm::Set,
};
use tenantry_users::Email;

use super::{model::NewInvitation, secret::InvitationDigest};
use crate::entity::{
    invitation::{self, ActiveModel, Column, Entity, Model},
    open_invitation, sent_invitation,
};

/// A new secret for an invitation, with its sender and times.
pub(super) struct IssuedSecret {
    pub(super) secret_hash: InvitationDigest,
    /// For an address: the secret that is mailed, and which one it is.
    pub(super) mail_hash: Option<InvitationDigest>,
    pub(super) mail_number: i64,
    pub(super) by: UserId,
    pub(super) at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) departures: i64,
}

pub(super) async fn insert(
    rows: &TenantRows<'_>,
    id: InvitationId,
    new: NewInvitation,
    issued: IssuedSecret,
) -> Result<Model, DbError> {
    let row = ActiveModel {
        id: Set(id),
        email: Set(new.email),
        role: Set(new.role),
        secret_hash: Set(issued.secret_hash),
        mail_hash: Set(issued.mail_hash),
        mail_number: Set(issued.mail_number),
        invited_by: Set(issued.by),
        created_at: Set(issued.at),
        sent_at: Set(issued.at),
        expires_at: Set(issued.expires_at),
        max_uses: Set(new.max_uses.into()),
        uses: Set(0),
        departures: Set(issued.departures),
        ..Default::default()
    };
    rows.insert::<Entity>(row).await
}

pub(super) async fn find(
    rows: &TenantRows<'_>,
    id: InvitationId,
) -> Result<Option<Model>, DbError> {
    let found = rows.find::<Entity>().filter(Column::Id.eq(id));
    found.one().await
}

/// The open invitation to an address, expired or not.
pub(super) async fn open_to(
    rows: &TenantRows<'_>,
    email: &Email,
) -> Result<Option<Model>, DbError> {
    let found = rows
        .find::<Entity>()
        .filter(Column::Email.eq(email.clone()))
        .filter(is_open());
    found.one().await
}

/// Gives an open invitation a new secret.
pub(super) async fn resend(
    rows: &TenantRows<'_>,
    id: InvitationId,
    issued: IssuedSecret,
) -> Result<Option<Model>, DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(id))
        .filter(is_open())
        .set(Column::SecretHash, issued.secret_hash)
        .set(Column::MailHash, issued.mail_hash)
        .set(Column::MailNumber, issued.mail_number)
        .set(Column::InvitedBy, issued.by)
        .set(Column::SentAt, issued.at)
        .set(Column::ExpiresAt, issued.expires_at)
        .set(Column::Departures, issued.departures);
    Ok(update.returning().await?.pop())
}

/// Revokes the open invitations that match, expired or not, and returns them.
pub(super) async fn revoke(
    rows: &TenantRows<'_>,
    which: Filter,
    now: Timestamp,
) -> Result<Vec<Model>, DbError> {
    let update = rows
        .update::<Entity>()
        .filter(which)
        .filter(is_open())
        .set(Column::RevokedAt, now);
    update.returning().await
}

/// Declines an open invitation; false if it is not open any more.
pub(super) async fn decline(
    rows: &TenantRows<'_>,
    id: InvitationId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(id))
        .filter(Column::ExpiresAt.gt(now))
        .filter(is_open())
        .set(Column::DeclinedAt, now);
    Ok(update.exec().await? > 0)
}

/// The pending invitations that a user sent, in any organization.
pub(super) async fn sent_by(
    rows: &GlobalRows<'_>,
    sender: UserId,
    now: Timestamp,
) -> Result<Vec<sent_invitation::Model>, DbError> {
    use sent_invitation::Column;

    let found = rows
        .find::<sent_invitation::Entity>()
        .filter(Column::InvitedBy.eq(sender))
        .filter(Column::ExpiresAt.gt(now));
    found.all().await
}

/// Uses an invitation once, if it did not change since it was read.
pub(super) async fn use_once(
    rows: &TenantRows<'_>,
    read: &open_invitation::Model,
    now: Timestamp,
) -> Result<bool, DbError> {
    let is_last = read.uses + 1 >= read.max_uses;
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(read.invitation_id))
        .filter(Column::SecretHash.eq(read.secret_hash.clone()))
        .filter(Column::Uses.eq(read.uses))
        .filter(Column::ExpiresAt.gt(now))
        .filter(is_open())
        .set(Column::Uses, read.uses + 1)
        .set_some(Column::AcceptedAt, is_last.then_some(now));
    Ok(update.exec().await? > 0)
}

fn is_open() -> Filter {
    Filter::all([
        Column::RevokedAt.eq(None::<Timestamp>),
        Column::AcceptedAt.eq(None::<Timestamp>),
        Column::DeclinedAt.eq(None::<Timestamp>),
    ])
}

/// The invitation of a secret, in any organization. Two statements, each with an index: for one with both
/// columns SQLite reads the whole table.
pub(super) async fn by_secret(
    rows: &GlobalRows<'_>,
    digest: InvitationDigest,
) -> Result<Option<open_invitation::Model>, DbError> {
    use open_invitation::{Column, Entity};

    let is_shown = Column::SecretHash.eq(digest.clone());
    let shown = rows.find::<Entity>().filter(is_shown).one().await?;
    if shown.is_some() {
        return Ok(shown);
    }
    let is_mailed = Column::MailHash.eq(digest);
    rows.find::<Entity>().filter(is_mailed).one().await
}

/// The invitation of that id, in any organization.
pub(super) async fn by_id(
    rows: &GlobalRows<'_>,
    id: InvitationId,
) -> Result<Option<open_invitation::Model>, DbError> {
    let found = rows
        .find::<open_invitation::Entity>()
        .filter(open_invitation::Column::InvitationId.eq(id));
    found.one().await
}

pub(super) fn lifecycle(row: &invitation::Model) -> super::model::Lifecycle {
    super::model::Lifecycle {
        revoked_at: row.revoked_at,
        declined_at: row.declined_at,
        accepted_at: row.accepted_at,
        expires_at: row.expires_at,
    }
}
