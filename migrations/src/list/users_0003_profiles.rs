use sea_orm_migration::{
    prelude::*,
    sea_orm::{DbBackend, Statement, prelude::Uuid},
};

use crate::{compatibility::runs_with, table::key_text};

/// Names are searched in any case, also by modules that list people.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Rows per statement.
const BATCH: usize = 500;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut key = key_text(manager, "name_key");
        let users = Table::alter()
            .table("users")
            .add_column(key.default(""))
            .take();
        manager.alter_table(users).await?;
        fill(manager).await?;
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE VIEW user_profiles AS
                 SELECT u.id AS user_id, u.email, u.name, u.name_key, u.is_active FROM users u",
            )
            .await?;
        runs_with(manager, self, "migrations_0001_compatibility").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let drop_view = "DROP VIEW user_profiles";
        connection.execute_unprepared(drop_view).await?;
        let users = Table::alter().table("users").drop_column("name_key").take();
        manager.alter_table(users).await
    }
}

/// The databases lower different letters, so the key is computed here.
async fn fill(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let backend = manager.get_database_backend();
    let (first, second) = match backend {
        DbBackend::Postgres => ("$1", "$2"),
        _ => ("?", "?"),
    };
    let mut last = Uuid::nil();
    loop {
        let select =
            format!("SELECT id, name FROM users WHERE id > {first} ORDER BY id LIMIT {BATCH}");
        let select = Statement::from_sql_and_values(backend, select, [last.into()]);
        let rows = connection.query_all_raw(select).await?;
        for row in &rows {
            let (id, name): (Uuid, String) = (row.try_get("", "id")?, row.try_get("", "name")?);
            let update = format!("UPDATE users SET name_key = {first} WHERE id = {second}");
            let values = [name.to_lowercase().into(), id.into()];
            let update = Statement::from_sql_and_values(backend, update, values);
            connection.execute_raw(update).await?;
            last = id;
        }
        if rows.len() < BATCH {
            return Ok(());
        }
    }
}
