//! The table `users`.

use tenantry_core::{
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, Filter, Global, GlobalRows, KeysetOrder, Update},
    global_entity,
    id::UserId,
    orm as sea_orm,
    orm::*,
    page::{Page, PageError, PageRequest},
    value::{Name, search_key},
};

use crate::{Email, OperatorFlags, User, UserFilter, UsersError, password::StoredPassword};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: UserId,
    pub(crate) email: Email,
    pub(crate) name: Name,
    pub(crate) name_key: String,
    pub(crate) search_key: String,
    pub(crate) password_hash: StoredPassword,
    pub(crate) is_active: bool,
    pub(crate) is_staff: bool,
    pub(crate) is_superuser: bool,
    pub(crate) email_verified: bool,
    /// Whether a login asks for a second factor.
    pub(crate) has_second_factor: bool,
    /// Incremented whenever all credentials of the user are revoked.
    pub(crate) credential_epoch: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(Entity);

pub(crate) async fn insert(rows: &GlobalRows<'_>, user: Model) -> Result<User, UsersError> {
    let inserted = rows.insert::<Entity>(user.into_active_model()).await;
    inserted.map(User::from).map_err(email_taken)
}

fn email_taken(error: DbError) -> UsersError {
    if error.is_duplicate_of("users_email_key") {
        UsersError::EmailTaken
    } else {
        error.into()
    }
}

pub(crate) async fn find(rows: &GlobalRows<'_>, id: UserId) -> Result<Option<Model>, DbError> {
    rows.find::<Entity>().filter(Column::Id.eq(id)).one().await
}

/// The account, locked until the unit of work ends.
pub(crate) async fn lock(rows: &GlobalRows<'_>, id: UserId) -> Result<Option<Model>, DbError> {
    let found = rows.find::<Entity>().filter(Column::Id.eq(id));
    found.for_update().one().await
}

pub(crate) async fn find_by_email(
    rows: &GlobalRows<'_>,
    email: &Email,
) -> Result<Option<Model>, DbError> {
    let found = rows
        .find::<Entity>()
        .filter(Column::Email.eq(email.clone()));
    found.one().await
}

pub(crate) async fn find_all(rows: &GlobalRows<'_>, ids: &[UserId]) -> Result<Vec<Model>, DbError> {
    let ids = ids.iter().copied();
    rows.find::<Entity>()
        .filter(Column::Id.is_in(ids))
        .all()
        .await
}

/// Oldest first: ids begin with the time.
pub(crate) async fn list(
    rows: &GlobalRows<'_>,
    wanted: &UserFilter,
    request: &PageRequest,
) -> Result<Page<Model>, PageError> {
    let sort = KeysetOrder {
        name: "users",
        columns: vec![Column::Id],
        order: Order::Asc,
    };
    let mut found = rows.find::<Entity>();
    if let Some(is_active) = wanted.is_active {
        found = found.filter(Column::IsActive.eq(is_active));
    }
    if let Some(is_operator) = wanted.is_operator {
        let operators = [Column::IsStaff.eq(true), Column::IsSuperuser.eq(true)];
        let operators = Filter::any(operators);
        found = found.filter(if is_operator {
            operators
        } else {
            operators.not()
        });
    }
    if let Some(text) = &wanted.text {
        let text = search_key(text);
        let address = Column::Email.contains(&text);
        found = found.filter(Filter::any([address, Column::SearchKey.contains(&text)]));
    }
    found.page(&sort, request).await
}

/// Disables an account and revokes its credentials, or enables it.
pub(crate) async fn set_active(
    rows: &GlobalRows<'_>,
    id: UserId,
    is_active: bool,
    now: Timestamp,
) -> Result<Option<Model>, DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(id))
        .set(Column::IsActive, is_active)
        .add(Column::CredentialEpoch, i64::from(!is_active))
        .set(Column::UpdatedAt, now);
    Ok(update.returning().await?.pop())
}

pub(crate) async fn set_flags(
    rows: &GlobalRows<'_>,
    id: UserId,
    flags: OperatorFlags,
    now: Timestamp,
) -> Result<Option<Model>, DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(id))
        .set(Column::IsStaff, flags.is_staff)
        .set(Column::IsSuperuser, flags.is_superuser)
        .set(Column::UpdatedAt, now);
    Ok(update.returning().await?.pop())
}

/// Replaces the password, whatever the old one was, and revokes all credentials.
pub(crate) async fn reset_password(
    rows: &GlobalRows<'_>,
    id: UserId,
    replacement: StoredPassword,
    now: Timestamp,
) -> Result<bool, DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(id))
        .set(Column::PasswordHash, replacement)
        .add(Column::CredentialEpoch, 1)
        .set(Column::UpdatedAt, now);
    Ok(update.exec().await? > 0)
}

pub(crate) async fn rename(
    rows: &GlobalRows<'_>,
    id: UserId,
    name: Name,
    now: Timestamp,
) -> Result<Option<Model>, DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(id))
        .filter(Column::IsActive.eq(true))
        .set(Column::NameKey, name.lower_case())
        .set(Column::SearchKey, name.search_key())
        .set(Column::Name, name)
        .set(Column::UpdatedAt, now);
    Ok(update.returning().await?.pop())
}

/// Notes that the owner of the address confirmed it.
pub(crate) async fn verify_email(
    rows: &GlobalRows<'_>,
    id: UserId,
    now: Timestamp,
) -> Result<(), DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(id))
        .set(Column::EmailVerified, true)
        .set(Column::UpdatedAt, now);
    update.exec().await.map(drop)
}

/// Replaces the address by another one that its owner confirmed.
pub(crate) async fn change_email(
    rows: &GlobalRows<'_>,
    id: UserId,
    email: &Email,
    now: Timestamp,
) -> Result<(), UsersError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(id))
        .set(Column::Email, email.clone())
        .set(Column::EmailVerified, true)
        .set(Column::UpdatedAt, now);
    update.exec().await.map(drop).map_err(email_taken)
}

/// Sets whether a login asks for a second factor.
pub(crate) async fn set_second_factor(
    rows: &GlobalRows<'_>,
    id: UserId,
    has_second_factor: bool,
    now: Timestamp,
) -> Result<(), DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(id))
        .set(Column::HasSecondFactor, has_second_factor)
        .set(Column::UpdatedAt, now);
    update.exec().await.map(drop)
}

/// Stores the hash of the verified password, and locks the account until the unit of work ends;
/// `None` if the account is disabled or its password was changed since.
///
/// The lock serializes a login and a password change: the change sees, and ends, a session that
/// was created with the old password.
pub(crate) async fn confirm_password(
    rows: &GlobalRows<'_>,
    verified: &Model,
    hash: StoredPassword,
) -> Result<Option<Model>, DbError> {
    let update = unchanged(rows, verified).set(Column::PasswordHash, hash);
    Ok(update.returning().await?.pop())
}

/// Replaces the password; false under the same conditions as [`confirm_password`].
pub(crate) async fn replace_password(
    rows: &GlobalRows<'_>,
    verified: &Model,
    replacement: StoredPassword,
    now: Timestamp,
) -> Result<bool, DbError> {
    let update = unchanged(rows, verified)
        .set(Column::PasswordHash, replacement)
        .add(Column::CredentialEpoch, 1)
        .set(Column::UpdatedAt, now);
    Ok(update.exec().await? > 0)
}

/// An update of the account, provided that its password is still the verified one.
fn unchanged<'r>(rows: &'r GlobalRows<'_>, verified: &Model) -> Update<'r, Entity, Global> {
    rows.update::<Entity>()
        .filter(Column::Id.eq(verified.id))
        .filter(Column::IsActive.eq(true))
        .filter(Column::PasswordHash.eq(verified.password_hash.clone()))
}

impl From<Model> for User {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            email: row.email,
            email_verified: row.email_verified,
            has_second_factor: row.has_second_factor,
            name: row.name,
            is_superuser: row.is_superuser,
            is_staff: row.is_staff,
            is_active: row.is_active,
            created_at: row.created_at,
        }
    }
}
