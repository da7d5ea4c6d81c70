//! Would be a scope without a condition.

use tenantry_core::{
    db::{DbError, Scope, Scoped},
    id::Uuid,
    orm::sea_query::SimpleExpr,
};

#[derive(Clone, Copy)]
struct Everything;

impl Scope for Everything {
    fn predicate<E: Scoped<Self>>(&self) -> Result<Option<SimpleExpr>, DbError> {
        Ok(None)
    }

    fn stamp<E: Scoped<Self>>(&self, _: &mut E::ActiveModel) -> Result<(), DbError> {
        Ok(())
    }

    fn owner(&self) -> Option<Uuid> {
        None
    }
}

fn main() {}
