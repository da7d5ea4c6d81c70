//! The two scopes, and how an entity declares the one it belongs to.

use sea_orm::{
    ActiveModelTrait, EntityTrait,
    sea_query::{Expr, ExprTrait as _, SimpleExpr},
};

use super::{
    DbError,
    entity_check::{ORGANIZATION, invalid_entity, organization_column},
    fault_injection::{QueryKind, drops_predicate},
};
use crate::id::{OrganizationId, Uuid};

/// The rows of one organization.
#[derive(Clone, Copy, Debug)]
pub struct Tenant(pub(super) OrganizationId);

/// The rows of tables that belong to no organization.
#[derive(Clone, Copy, Debug)]
pub struct Global;

/// Declares that the rows of an entity are accessed through the scope `S`, and no other.
///
/// An entity without a declaration can't be queried at all. Declare with
/// [`tenant_entity!`](crate::tenant_entity) or [`global_entity!`](crate::global_entity).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared for this scope",
    label = "declare it with `tenant_entity!` or `global_entity!`",
    note = "rows of an organization are reached through `TenantRows`, all others through `GlobalRows`"
)]
pub trait Scoped<S: Scope>: EntityTrait {
    /// Why a global entity may have an organization column.
    const CROSS_TENANT: Option<&'static str> = None;
}

/// Declares an entity as owned by a tenant: its rows are accessed only through
/// [`TenantRows`](crate::db::TenantRows).
///
/// The table must have a column `organization_id`, which only the scope sets.
#[macro_export]
macro_rules! tenant_entity {
    ($entity:ty) => {
        impl $crate::db::Scoped<$crate::db::Tenant> for $entity {}
    };
}

/// Declares an entity as belonging to no tenant: its rows are accessed through
/// [`GlobalRows`](crate::db::GlobalRows).
///
/// A table with a column `organization_id` needs a reason: `cross_tenant: "…"`.
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
    fn predicate<E: Scoped<Self>>(&self, kind: QueryKind) -> Result<Option<SimpleExpr>, DbError>;

    /// Sets the organization of a row to be inserted.
    #[doc(hidden)]
    fn assign_tenant<E: Scoped<Self>>(&self, row: &mut E::ActiveModel) -> Result<(), DbError>;

    /// The owner that the cursors of this scope's pages are bound to.
    #[doc(hidden)]
    fn cursor_owner(&self) -> Option<Uuid>;
}

impl Scope for Tenant {
    fn predicate<E: Scoped<Self>>(&self, kind: QueryKind) -> Result<Option<SimpleExpr>, DbError> {
        organization_column::<E>()?.ok_or_else(invalid_entity::<E>)?;
        if drops_predicate(kind) {
            return Ok(None);
        }
        let column = Expr::col((E::default().table_name(), ORGANIZATION));
        Ok(Some(column.eq(self.0)))
    }

    fn assign_tenant<E: Scoped<Self>>(&self, row: &mut E::ActiveModel) -> Result<(), DbError> {
        let column = organization_column::<E>()?.ok_or_else(invalid_entity::<E>)?;
        if drops_predicate(QueryKind::Insert) {
            return Ok(());
        }
        let tenant = sea_orm::Value::from(self.0);
        // A row with another organization is a bug, which overwriting it would hide.
        if let Some(named) = row.get(column).into_value()
            && named != tenant
        {
            return Err(DbError::TenantMismatch);
        }
        row.set(column, tenant);
        Ok(())
    }

    fn cursor_owner(&self) -> Option<Uuid> {
        Some(self.0.uuid())
    }
}

impl Scope for Global {
    fn predicate<E: Scoped<Self>>(&self, _: QueryKind) -> Result<Option<SimpleExpr>, DbError> {
        match (organization_column::<E>()?, E::CROSS_TENANT) {
            (Some(_), None) => Err(invalid_entity::<E>()),
            (_, Some(reason)) => {
                log_cross_tenant_access::<E>(reason);
                Ok(None)
            }
            (None, None) => Ok(None),
        }
    }

    fn assign_tenant<E: Scoped<Self>>(&self, _: &mut E::ActiveModel) -> Result<(), DbError> {
        self.predicate::<E>(QueryKind::Insert).map(drop)
    }

    fn cursor_owner(&self) -> Option<Uuid> {
        None
    }
}

/// In debug builds every statement that spans organizations is logged with its reason.
#[cfg(debug_assertions)]
fn log_cross_tenant_access<E: EntityTrait>(reason: &str) {
    let table = E::default();
    tracing::debug!(table = table.table_name(), reason, "across organizations");
}

#[cfg(not(debug_assertions))]
const fn log_cross_tenant_access<E>(_: &str) {}
