//! The two scopes, and how an entity declares the one it belongs to.

use sea_orm::{
    ActiveModelTrait, EntityTrait,
    sea_query::{Expr, ExprTrait as _, SimpleExpr},
};

use super::{
    DbError,
    entity_check::{ORGANIZATION, organization_column, refused},
    fault_injection::{QueryKind, drops_predicate},
};
use crate::id::{OrganizationId, Uuid};

/// The rows of one organization.
#[derive(Clone, Copy, Debug)]
pub struct Tenant(pub(super) OrganizationId);

/// The rows of tables that belong to no organization.
#[derive(Clone, Copy, Debug)]
pub struct Global;

/// Declares that the rows of an entity are reached through the scope `S`, and no other.
///
/// An entity without a declaration can't be queried at all. Declare with
/// [`tenant_entity!`](crate::tenant_entity) or [`global_entity!`](crate::global_entity).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared for this scope",
    label = "declare it with `tenant_entity!` or `global_entity!`",
    note = "rows of an organization are reached through `TenantRows`, all others through `GlobalRows`"
)]
pub trait Scoped<S: Scope>: EntityTrait {
    /// Why a global entity may hold an organization's id all the same.
    const CROSS_TENANT: Option<&'static str> = None;
}

/// Declares an entity as owned by a tenant: its rows are reached through
/// [`TenantRows`](crate::db::TenantRows) alone.
///
/// The table must have a column `organization_id`; nothing names it, so nothing can name the
/// wrong one.
#[macro_export]
macro_rules! tenant_entity {
    ($entity:ty) => {
        impl $crate::db::Scoped<$crate::db::Tenant> for $entity {}
    };
}

/// Declares an entity as belonging to no tenant: its rows are reached through
/// [`GlobalRows`](crate::db::GlobalRows).
///
/// A table with a column `organization_id` is refused, unless the declaration says why it
/// `cross_tenant`.
#[macro_export]
macro_rules! global_entity {
    ($entity:ty) => {
        impl $crate::db::Scoped<$crate::db::Global> for $entity {}
    };
    ($entity:ty, cross_tenant: $reason:literal) => {
        impl $crate::db::Scoped<$crate::db::Global> for $entity {
            const CROSS_TENANT: Option<&'static str> = Some($reason);
        }
    };
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Tenant {}
    impl Sealed for super::Global {}
}

/// One of the two scopes.
pub trait Scope: sealed::Sealed + Copy + Send + Sync + Sized + 'static {
    /// The condition that keeps a statement in the scope.
    #[doc(hidden)]
    fn predicate<E: Scoped<Self>>(
        &self,
        operation: QueryKind,
    ) -> Result<Option<SimpleExpr>, DbError>;

    /// Sets what the scope decides on a row to be inserted.
    #[doc(hidden)]
    fn stamp<E: Scoped<Self>>(&self, row: &mut E::ActiveModel) -> Result<(), DbError>;

    /// Whose pages these are; bound into their cursors.
    #[doc(hidden)]
    fn owner(&self) -> Option<Uuid>;
}

impl Scope for Tenant {
    fn predicate<E: Scoped<Self>>(
        &self,
        operation: QueryKind,
    ) -> Result<Option<SimpleExpr>, DbError> {
        organization_column::<E>()?.ok_or_else(refused::<E>)?;
        if drops_predicate(operation) {
            return Ok(None);
        }
        let column = Expr::col((E::default().table_name(), ORGANIZATION));
        Ok(Some(column.eq(self.0)))
    }

    fn stamp<E: Scoped<Self>>(&self, row: &mut E::ActiveModel) -> Result<(), DbError> {
        let column = organization_column::<E>()?.ok_or_else(refused::<E>)?;
        if drops_predicate(QueryKind::Insert) {
            return Ok(());
        }
        let ours = sea_orm::Value::from(self.0);
        // A row that names another organization is a mistake to be seen, not to be mended.
        if let Some(named) = row.get(column).into_value()
            && named != ours
        {
            return Err(DbError::TenantMismatch);
        }
        row.set(column, ours);
        Ok(())
    }

    fn owner(&self) -> Option<Uuid> {
        Some(self.0.uuid())
    }
}

impl Scope for Global {
    fn predicate<E: Scoped<Self>>(&self, _: QueryKind) -> Result<Option<SimpleExpr>, DbError> {
        match (organization_column::<E>()?, E::CROSS_TENANT) {
            (Some(_), None) => Err(refused::<E>()),
            (_, Some(reason)) => {
                told::<E>(reason);
                Ok(None)
            }
            (None, None) => Ok(None),
        }
    }

    fn stamp<E: Scoped<Self>>(&self, _: &mut E::ActiveModel) -> Result<(), DbError> {
        self.predicate::<E>(QueryKind::Insert).map(drop)
    }

    fn owner(&self) -> Option<Uuid> {
        None
    }
}

/// While developing, every statement that spans organizations is in the log, with its reason.
#[cfg(debug_assertions)]
fn told<E: EntityTrait>(reason: &str) {
    let table = E::default();
    tracing::debug!(table = table.table_name(), reason, "across organizations");
}

#[cfg(not(debug_assertions))]
const fn told<E>(_: &str) {}
