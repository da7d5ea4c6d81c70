//! Rows as JSON.

use sea_orm::{
    DbErr, FromQueryResult as _, JsonValue, QueryResult,
    sqlx::{Column as _, Row as _, TypeInfo as _, Value as _, ValueRef as _, sqlite::SqliteRow},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A row as an object by column name, with the same types on both databases where possible.
pub(super) fn object(row: &QueryResult) -> Result<Value, DbErr> {
    match row.try_as_sqlite_row() {
        Some(row) => Ok(sqlite(row)),
        None => JsonValue::from_query_result(row, ""),
    }
}

/// SeaORM uses the declared type of a column and leaves out columns without one, such as
/// `count(*)`. In SQLite each value has a type, which is used instead.
fn sqlite(row: &SqliteRow) -> Value {
    let mut object = Map::new();
    for column in row.columns() {
        let declared = column.type_info().name();
        object.insert(
            column.name().to_owned(),
            value(row, column.ordinal(), declared),
        );
    }
    object.into()
}

fn value(row: &SqliteRow, column: usize, declared: &str) -> Value {
    let raw = row
        .try_get_raw(column)
        .expect("one of the row's own columns");
    let kind = raw.type_info().name().to_owned();
    if raw.is_null() {
        return Value::Null;
    }
    let owned = raw.to_owned();
    match kind.as_str() {
        "INTEGER" if declared == "BOOLEAN" => json!(owned.decode_unchecked::<bool>()),
        "INTEGER" => json!(owned.decode_unchecked::<i64>()),
        "REAL" => json!(owned.decode_unchecked::<f64>()),
        "TEXT" => json!(owned.decode_unchecked::<String>()),
        _ => blob(owned.decode_unchecked()),
    }
}

/// Ids are sixteen bytes in SQLite; shown as UUIDs, as on Postgres.
fn blob(bytes: Vec<u8>) -> Value {
    match Uuid::from_slice(&bytes) {
        Ok(id) => json!(id.to_string()),
        Err(_) => json!(bytes),
    }
}
