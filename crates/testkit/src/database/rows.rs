//! Rows as JSON.

use sea_orm::{
    DbErr, FromQueryResult as _, JsonValue, QueryResult,
    sqlx::{Column as _, Row as _, TypeInfo as _, Value as _, ValueRef as _, sqlite::SqliteRow},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A row as an object by column name, alike on both databases as far as they are.
pub(super) fn object(row: &QueryResult) -> Result<Value, DbErr> {
    match row.try_as_sqlite_row() {
        Some(row) => Ok(sqlite(row)),
        None => JsonValue::from_query_result(row, ""),
    }
}

/// SeaORM goes by the declared type of a column, and leaves out what has none, such as
/// `count(*)`. SQLite knows better: each value has a type.
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

/// Ids are sixteen bytes in SQLite; a test wants to read them as everywhere else.
fn blob(bytes: Vec<u8>) -> Value {
    match Uuid::from_slice(&bytes) {
        Ok(id) => json!(id.to_string()),
        Err(_) => json!(bytes),
    }
}
