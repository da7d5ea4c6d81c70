//! The table `passkeys`.

use tenantry_core::{
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, GlobalRows},
    global_entity,
    id::{PasskeyId, UserId},
    orm as sea_orm,
    orm::*,
    value::Name,
};

use super::{Base64Url, Passkey};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkeys")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: PasskeyId,
    pub(crate) user_id: UserId,
    /// The id that the authenticator gave it.
    pub(crate) credential_id: Base64Url,
    /// The public key in the COSE form.
    pub(crate) public_key: Base64Url,
    /// What authenticators know the account by, the same for all of its passkeys.
    pub(crate) user_handle: Base64Url,
    pub(crate) name: Name,
    /// How often the authenticator signed; 0 if it does not count.
    pub(crate) sign_count: i64,
    pub(crate) is_backup_eligible: bool,
    pub(crate) is_backed_up: bool,
    /// How browsers reach the authenticator, separated by spaces.
    pub(crate) transports: String,
    pub(crate) created_at: Timestamp,
    pub(crate) last_used_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(Entity);

impl From<Model> for Passkey {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            is_synced: row.is_backed_up,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        }
    }
}

/// The passkeys of an account, the oldest first.
pub(crate) async fn of(rows: &GlobalRows<'_>, user: UserId) -> Result<Vec<Model>, DbError> {
    let found = rows.find::<Entity>().filter(Column::UserId.eq(user));
    let mut found = found.all().await?;
    found.sort_by_key(|row| row.id);
    Ok(found)
}

pub(crate) async fn delete_all(rows: &GlobalRows<'_>, user: UserId) -> Result<(), DbError> {
    let delete = rows.delete::<Entity>().filter(Column::UserId.eq(user));
    delete.exec().await.map(drop)
}

#[cfg(feature = "passkeys")]
pub(crate) use ceremonies::*;

/// What only the ceremonies need.
#[cfg(feature = "passkeys")]
mod ceremonies {
    use super::*;

    pub(crate) async fn insert(rows: &GlobalRows<'_>, row: Model) -> Result<(), DbError> {
        let inserted = rows.insert::<Entity>(row.into_active_model()).await;
        inserted.map(drop)
    }

    /// Whether an insert failed because the credential is known, of whatever account.
    pub(crate) fn is_duplicate(error: &DbError) -> bool {
        error.is_duplicate_of("passkeys_credential_id_key")
    }

    pub(crate) async fn by_credential(
        rows: &GlobalRows<'_>,
        credential: &Base64Url,
    ) -> Result<Option<Model>, DbError> {
        let found = rows
            .find::<Entity>()
            .filter(Column::CredentialId.eq(credential.clone()));
        found.one().await
    }

    /// Notes a use; false if the passkey was removed meanwhile.
    pub(crate) async fn note_use(
        rows: &GlobalRows<'_>,
        id: PasskeyId,
        sign_count: i64,
        is_backed_up: bool,
        now: Timestamp,
    ) -> Result<bool, DbError> {
        let update = rows
            .update::<Entity>()
            .filter(Column::Id.eq(id))
            .set(Column::SignCount, sign_count)
            .set(Column::IsBackedUp, is_backed_up)
            .set(Column::LastUsedAt, now);
        Ok(update.exec().await? > 0)
    }

    /// Deletes a passkey of the account; false if there is none of that id.
    pub(crate) async fn delete(
        rows: &GlobalRows<'_>,
        user: UserId,
        id: PasskeyId,
    ) -> Result<bool, DbError> {
        let delete = rows
            .delete::<Entity>()
            .filter(Column::Id.eq(id))
            .filter(Column::UserId.eq(user));
        Ok(delete.exec().await? > 0)
    }
}
