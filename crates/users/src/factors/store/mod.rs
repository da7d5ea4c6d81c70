//! The tables of second factors, and what an account has set up in all of them.

pub(crate) mod pending;
pub(crate) mod recovery;
pub(crate) mod totp;

use tenantry_core::{
    db::{DbError, GlobalRows},
    id::UserId,
};
use tenantry_domain_events::events::users::FactorKind;

use super::{EnrolledFactor, FactorMethod};
use crate::passkeys::store as passkeys;

/// What an account has set up. Every kind of factor is listed here, and nowhere else.
pub(crate) async fn enrolled(
    rows: &GlobalRows<'_>,
    user: UserId,
) -> Result<Vec<EnrolledFactor>, DbError> {
    let totp = totp::find(rows, user).await?;
    let totp = totp
        .and_then(|row| row.confirmed_at)
        .map(|added_at| EnrolledFactor {
            method: FactorKind::Totp,
            added_at,
        });
    let passkeys = passkeys::of(rows, user).await?.into_iter();
    let passkeys = passkeys.map(|row| EnrolledFactor {
        method: FactorKind::Passkey,
        added_at: row.created_at,
    });
    let mut all: Vec<_> = totp.into_iter().chain(passkeys).collect();
    all.sort_by_key(|factor| factor.added_at);
    Ok(all)
}

/// What proves the second factor of an account.
pub(crate) async fn methods(
    rows: &GlobalRows<'_>,
    user: UserId,
) -> Result<Vec<FactorMethod>, DbError> {
    let enrolled = enrolled(rows, user).await?.into_iter();
    let mut methods: Vec<_> = enrolled
        .map(|factor| FactorMethod::from(factor.method))
        .collect();
    methods.sort_unstable();
    methods.dedup();
    if recovery::count(rows, user).await? > 0 {
        methods.push(FactorMethod::RecoveryCode);
    }
    Ok(methods)
}

/// Deletes all of an account, confirmed or not.
pub(crate) async fn delete_all(rows: &GlobalRows<'_>, user: UserId) -> Result<(), DbError> {
    totp::delete(rows, user).await?;
    passkeys::delete_all(rows, user).await?;
    recovery::delete_all(rows, user).await?;
    pending::delete_all(rows, user).await
}
