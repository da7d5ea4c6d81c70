//! A list of migrations that each run in a transaction, on every database.

use std::marker::PhantomData;

use async_trait::async_trait;
use sea_orm_migration::prelude::*;

/// The list `M`, each migration in a transaction unless it asks for none.
///
/// The library does so on Postgres only, but SQLite can roll back tables too, and half a
/// migration is an untested state.
pub(super) struct Transactional<M>(PhantomData<M>);

impl<M: MigratorTrait> MigratorTrait for Transactional<M> {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let wrap = |migration| Box::new(InTransaction(migration)) as Box<dyn MigrationTrait>;
        M::migrations().into_iter().map(wrap).collect()
    }
}

struct InTransaction(Box<dyn MigrationTrait>);

impl MigrationName for InTransaction {
    fn name(&self) -> &str {
        self.0.name()
    }
}

#[async_trait]
impl MigrationTrait for InTransaction {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.up(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.down(manager).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(self.0.use_transaction().unwrap_or(true))
    }
}
