//! Erases all rows of an organization, table by table, in batches.
//!
//! The tables are read from the database's catalog, so a new one can't be forgotten.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait as _, DbBackend, Statement, Value};

use super::{Backend, Database, DbError, TenantRows, UnitOfWork, entity_check::ORGANIZATION};
use crate::{access::Grant, id::Uuid};

/// A table of tenants, and how far it is erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantTable {
    name: String,
    resume_cursor: Uuid,
}

impl TenantTable {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn quoted(&self) -> String {
        format!("\"{}\"", self.name.replace('"', "\"\""))
    }
}

/// Tables with a primary key, and its columns.
const SQLITE_KEYS: &str = "
    SELECT t.name AS name, (SELECT group_concat(name, ',') FROM
      (SELECT c.name FROM pragma_table_info(t.name) c WHERE c.pk > 0 ORDER BY c.pk)) AS columns
    FROM pragma_table_list t WHERE t.schema = 'main' AND t.type = 'table'
    ORDER BY t.name";
const POSTGRES_KEYS: &str = "
    SELECT c.relname::text AS name,
      (SELECT string_agg(a.attname::text, ',' ORDER BY k.n)
       FROM unnest(i.indkey) WITH ORDINALITY k (num, n)
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.num) AS columns
    FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relnamespace = 'public'::regnamespace
    ORDER BY c.relname";

/// The foreign keys between tables.
const SQLITE_PARENTS: &str = "
    SELECT t.name AS child, f.\"table\" AS parent
    FROM pragma_table_list t, pragma_foreign_key_list(t.name) f
    WHERE t.schema = 'main' AND t.type = 'table'";
const POSTGRES_PARENTS: &str = "
    SELECT c.relname::text AS child, p.relname::text AS parent
    FROM pg_constraint f
    JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class p ON p.oid = f.confrelid
    WHERE f.contype = 'f' AND c.relnamespace = 'public'::regnamespace";

impl Database {
    /// Every table whose rows belong to organizations, each before those that it refers to.
    ///
    /// # Errors
    /// [`DbError::InvalidEntity`] for a table of tenants whose key is not `(organization_id, id)`.
    #[expect(
        clippy::disallowed_methods,
        reason = "reads the database's catalog, which no organization owns"
    )]
    pub async fn tenant_tables(&self) -> Result<Vec<TenantTable>, DbError> {
        let (kind, keys, parents) = match self.backend() {
            Backend::Sqlite => (DbBackend::Sqlite, SQLITE_KEYS, SQLITE_PARENTS),
            Backend::Postgres => (DbBackend::Postgres, POSTGRES_KEYS, POSTGRES_PARENTS),
        };
        let rows = self.read_global();
        let query = async |sql: &str| {
            let statement = Statement::from_string(kind, sql);
            rows.connection().query_all_raw(statement).await
        };
        let mut tables = BTreeSet::new();
        for row in query(keys).await? {
            let table: String = row.try_get("", "name")?;
            let columns: Option<String> = row.try_get("", "columns")?;
            let columns = columns.unwrap_or_default();
            if columns == format!("{ORGANIZATION},id") {
                tables.insert(table);
            } else if columns.split(',').next() == Some(ORGANIZATION) {
                return Err(DbError::InvalidEntity { table });
            }
        }
        let mut references = Vec::new();
        for row in query(parents).await? {
            let pair: (String, String) = (row.try_get("", "child")?, row.try_get("", "parent")?);
            references.push(pair);
        }
        let ordered = topological_order(tables, &references).into_iter();
        let fresh = |name| TenantTable {
            name,
            resume_cursor: Uuid::nil(),
        };
        Ok(ordered.map(fresh).collect())
    }
}

/// Orders tables so that each comes before those that it refers to. Tables in a cycle come in any
/// order: their keys cascade.
fn topological_order(mut tables: BTreeSet<String>, references: &[(String, String)]) -> Vec<String> {
    let mut ordered = Vec::new();
    while !tables.is_empty() {
        let has_child = |parent: &String| {
            let mut pairs = references.iter().filter(|(_, to)| to == parent);
            pairs.any(|(child, _)| child != parent && tables.contains(child))
        };
        let next = tables.iter().find(|table| !has_child(table));
        let next = next.or(tables.first()).cloned().unwrap_or_default();
        tables.remove(&next);
        ordered.push(next);
    }
    ordered
}

impl UnitOfWork {
    /// Deletes up to `limit` rows of the grant's organization from a table and returns their number;
    /// fewer than `limit` means that none are left.
    ///
    /// Every batch costs the same: on Postgres the index still holds the deleted rows, so each batch
    /// starts after the last one.
    ///
    /// # Errors
    /// When the database fails.
    #[expect(
        clippy::disallowed_methods,
        reason = "filters by the organization of the grant, in a table from the catalog"
    )]
    pub async fn delete_batch<P>(
        &mut self,
        grant: &Grant<P>,
        table: &mut TenantTable,
        limit: u64,
    ) -> Result<u64, DbError> {
        let name = table.quoted();
        let organization = Value::from(grant.organization());
        let rows = self.tenant(grant).await?;
        let connection = rows.connection();
        if connection.get_database_backend() == DbBackend::Sqlite {
            let sql = format!(
                "DELETE FROM {name} WHERE rowid IN
                 (SELECT rowid FROM {name} WHERE {ORGANIZATION} = ? LIMIT {limit})"
            );
            let delete = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [organization]);
            return Ok(connection.execute_raw(delete).await?.rows_affected());
        }
        let sql = format!(
            "WITH erased AS (
               DELETE FROM {name} WHERE {ORGANIZATION} = $1 AND ctid = ANY (ARRAY(
                 SELECT ctid FROM {name} WHERE {ORGANIZATION} = $1 AND id > $2
                 ORDER BY id LIMIT {limit}))
               RETURNING id)
             SELECT count(*) AS amount, max(id::text) AS last FROM erased"
        );
        let values = [organization, table.resume_cursor.into()];
        let delete = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        let Some(erased) = connection.query_one_raw(delete).await? else {
            return Ok(0);
        };
        let last: Option<String> = erased.try_get("", "last")?;
        if let Some(last) = last.and_then(|last| last.parse().ok()) {
            table.resume_cursor = last;
        }
        let amount: i64 = erased.try_get("", "amount")?;
        Ok(u64::try_from(amount).unwrap_or_default())
    }
}

impl TenantRows<'_> {
    /// How many rows of a table the organization has, counted up to `limit`.
    ///
    /// # Errors
    /// When the database fails.
    #[expect(
        clippy::disallowed_methods,
        reason = "filters by the organization of the rows, in a table from the catalog"
    )]
    pub async fn count_up_to(&self, table: &TenantTable, limit: u64) -> Result<u64, DbError> {
        let (name, connection) = (table.quoted(), self.connection());
        let sql = format!(
            "SELECT count(*) AS amount FROM
             (SELECT 1 FROM {name} WHERE {ORGANIZATION} = $1 LIMIT {limit}) AS counted"
        );
        let organization = [Value::from(self.scope().0)];
        let backend = connection.get_database_backend();
        let count = Statement::from_sql_and_values(backend, sql, organization);
        let counted = connection.query_one_raw(count).await?;
        let amount = counted.map(|row| row.try_get::<i64>("", "amount"));
        let amount = amount.transpose()?.unwrap_or_default();
        Ok(u64::try_from(amount).unwrap_or_default())
    }
}

/// What an entry of the log holds beside its payload.
const DETAILS: &str = "
    actor_name = NULL, actor_email = NULL, token_name = NULL, changes = NULL,
    client_address = NULL, client_program = NULL";

impl UnitOfWork {
    /// Removes names, addresses and changed values from the events of an organization that is being
    /// deleted, from `limit` numbers behind `after`. Returns the number to go on behind; `None` at the
    /// end.
    ///
    /// # Errors
    /// When the database fails.
    #[expect(
        clippy::disallowed_methods,
        reason = "filters by the organization of the grant"
    )]
    pub async fn redact_events<P>(
        &mut self,
        grant: &Grant<P>,
        after: i64,
        limit: u32,
    ) -> Result<Option<i64>, DbError> {
        let organization = Value::from(grant.organization());
        let until = after + i64::from(limit);
        let rows = self.tenant(grant).await?;
        let connection = rows.connection();
        let backend = connection.get_database_backend();
        let redact = if backend == DbBackend::Sqlite {
            format!(
                "UPDATE event_log SET {DETAILS}
                 WHERE stream_id = $1 AND organization_id = $1 AND number > $2 AND number <= $3"
            )
        } else {
            // The application's role may not change the log; a function of the owner may.
            "SELECT redact_event_log($1, $2, $3)".to_owned()
        };
        let values = [organization.clone(), after.into(), until.into()];
        let redact = Statement::from_sql_and_values(backend, redact, values);
        connection.execute_raw(redact).await?;
        let last = "SELECT last_number FROM event_streams WHERE stream_id = $1";
        let last = Statement::from_sql_and_values(backend, last, [organization]);
        let last = match connection.query_one_raw(last).await? {
            Some(row) => row.try_get("", "last_number")?,
            None => 0,
        };
        Ok((until < last).then_some(until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_come_before_their_parents_and_cycles_terminate() {
        let tables = ["books", "loans", "shelves", "a", "b"].map(str::to_owned);
        let references = [
            ("books", "shelves"),
            ("loans", "books"),
            ("books", "books"),
            ("a", "b"),
            ("b", "a"),
            ("shelves", "organizations"),
        ];
        let references = references.map(|(child, parent)| (child.to_owned(), parent.to_owned()));
        let ordered = topological_order(tables.into(), &references);
        assert_eq!(ordered, ["loans", "books", "shelves", "a", "b"]);
    }
}
