//! The keys of names, by which lists are searched and sorted.
//!
//! Databases fold and sort letters differently, so the keys are computed here. A row needs new ones if
//! its search key is not its name in lower case: a version before wrote the row, or its name holds
//! letters whose folding differs, which are few. Each batch is committed by itself, and a run that was
//! interrupted goes on where it ended.

use sea_orm_migration::sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, Statement, TransactionTrait as _,
    Value, prelude::Uuid,
};
use tenantry_core::value::{search_key, sort_key};

/// Rows per transaction.
const BATCH: u64 = 500;

/// The newest migration that adds keys.
pub(super) const NEEDED: &str = "projects_0003_keys";

/// Called after each batch with the table and the number of its rows that got keys.
pub type KeyProgress<'p> = &'p (dyn Fn(&str, u64) + Send + Sync);

/// A table with names.
struct Named {
    table: &'static str,
    is_sorted: bool,
    /// Whether its rows belong to organizations.
    is_of_tenants: bool,
}

const TABLES: [Named; 3] = [
    Named {
        table: "users",
        is_sorted: false,
        is_of_tenants: false,
    },
    Named {
        table: "organizations",
        is_sorted: true,
        is_of_tenants: false,
    },
    Named {
        table: "projects",
        is_sorted: true,
        is_of_tenants: true,
    },
];

/// Computes the keys that are missing or out of date.
pub(super) async fn renew(db: &DatabaseConnection, progress: KeyProgress<'_>) -> Result<(), DbErr> {
    for named in TABLES {
        let mut rows = 0;
        let mut owners = vec![None];
        // Row-level security lets the owner of the tables see all projects, and change those of the
        // organization that a transaction names.
        if named.is_of_tenants {
            owners = stale_organizations(db, &named).await?;
        }
        for owner in owners {
            let mut last = Uuid::nil();
            while let Some((next, renewed)) = renew_batch(db, &named, owner, last).await? {
                last = next;
                rows += renewed;
                if renewed > 0 {
                    progress(named.table, rows);
                }
            }
        }
    }
    Ok(())
}

/// The organizations with such rows.
async fn stale_organizations(
    db: &DatabaseConnection,
    named: &Named,
) -> Result<Vec<Option<Uuid>>, DbErr> {
    let table = named.table;
    let select = format!(
        "SELECT DISTINCT organization_id FROM {table} WHERE search_key <> name_key
         ORDER BY organization_id"
    );
    let select = Statement::from_string(db.get_database_backend(), select);
    let rows = db.query_all_raw(select).await?;
    let ids = rows.iter().map(|row| row.try_get("", "organization_id"));
    ids.map(|id| id.map(Some)).collect()
}

/// Renews one batch behind the id `last`; the last id of it and how many rows had other keys, or `None`
/// at the end.
async fn renew_batch(
    db: &DatabaseConnection,
    named: &Named,
    owner: Option<Uuid>,
    last: Uuid,
) -> Result<Option<(Uuid, u64)>, DbErr> {
    let transaction = db.begin().await?;
    let backend = transaction.get_database_backend();
    let mut values: Vec<Value> = vec![last.into()];
    let mut of_owner = "";
    let mut lock = "";
    if let Some(owner) = owner {
        values.push(owner.into());
        of_owner = "AND organization_id = $2";
    }
    if backend == DbBackend::Postgres {
        if let Some(owner) = owner {
            let set = format!("SET LOCAL app.organization_id = '{owner}'");
            transaction.execute_unprepared(&set).await?;
        }
        // A server may rename at the same time.
        lock = "FOR UPDATE";
    }
    let table = named.table;
    let sorted = if named.is_sorted { ", sort_key" } else { "" };
    let select = format!(
        "SELECT id, name, search_key{sorted} FROM {table} WHERE search_key <> name_key AND id > $1 {of_owner}
         ORDER BY id LIMIT {BATCH} {lock}"
    );
    let select = Statement::from_sql_and_values(backend, select, values);
    let rows = transaction.query_all_raw(select).await?;
    let (mut end, mut renewed) = (None, 0);
    for row in &rows {
        let (id, name): (Uuid, String) = (row.try_get("", "id")?, row.try_get("", "name")?);
        end = Some(id);
        let stored: String = row.try_get("", "search_key")?;
        let is_sorted =
            !named.is_sorted || row.try_get::<String>("", "sort_key")? == sort_key(&name);
        if stored == search_key(&name) && is_sorted {
            continue;
        }
        renewed += 1;
        let mut values: Vec<Value> = vec![search_key(&name).into(), id.into()];
        let mut set = "search_key = $1";
        let mut of_owner = "";
        if named.is_sorted {
            values.push(sort_key(&name).into());
            set = "search_key = $1, sort_key = $3";
        }
        if let Some(owner) = owner {
            values.push(owner.into());
            of_owner = "AND organization_id = $4";
        }
        let update = format!("UPDATE {table} SET {set} WHERE id = $2 {of_owner}");
        let update = Statement::from_sql_and_values(backend, update, values);
        transaction.execute_raw(update).await?;
    }
    transaction.commit().await?;
    Ok(end.map(|id| (id, renewed)))
}
