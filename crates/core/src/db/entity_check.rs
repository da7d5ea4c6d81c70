//! What an entity may say of itself: that it is a plain table.
//!
//! SeaORM lets a declaration bring SQL of its own: casts of columns (`select_as`, `save_as`),
//! conditions of relations, names that are not escaped. It would run inside the scope's
//! statement, where it can end the scope's condition. So a declaration is checked whenever it is
//! used, and what is more than a plain table is refused.

use std::{any::TypeId, cell::RefCell, collections::HashMap};

use sea_orm::{
    ColumnTrait, EntityTrait, IdenStatic as _, Identity, Iterable as _, Related, RelationDef,
    sea_query::{ConditionType, Expr, IntoIden as _, IntoTableRef as _},
};

use super::DbError;

/// The column that makes a table a tenant's, in every such table.
pub(super) const ORGANIZATION: &str = "organization_id";

/// Whether a column is the one that the scope alone decides. SQLite takes every spelling of a
/// name for the same one.
pub(super) fn is_organization<C: ColumnTrait>(column: &C) -> bool {
    column.as_str().eq_ignore_ascii_case(ORGANIZATION)
}

/// The entity's organization column, if it has one.
///
/// # Errors
/// [`DbError::InvalidEntity`] when the entity is no plain table, or has that column twice.
pub(super) fn organization_column<E: EntityTrait>() -> Result<Option<E::Column>, DbError> {
    // What a type says of itself does not change, and every statement asks.
    let known = CHECKED.with_borrow(|checked| checked.get(&TypeId::of::<E>()).copied());
    let is_tenants = match known {
        Some(known) => known,
        None => {
            let is_tenants = check::<E>()?.is_some();
            CHECKED.with_borrow_mut(|checked| checked.insert(TypeId::of::<E>(), is_tenants));
            is_tenants
        }
    };
    Ok(E::Column::iter().find(|column| is_tenants && is_organization(column)))
}

thread_local! {
    /// The plain tables that were used, and whether they are a tenant's.
    static CHECKED: RefCell<HashMap<TypeId, bool>> = RefCell::default();
}

fn check<E: EntityTrait>() -> Result<Option<E::Column>, DbError> {
    let table = E::default();
    let name = table.table_name();
    if !is_name(name) || table.table_ref() != name.into_table_ref() {
        return Err(refused::<E>());
    }
    let mut found = None;
    for column in E::Column::iter() {
        let spelled_otherwise = is_organization(&column) && column.as_str() != ORGANIZATION;
        if !is_plain(name, column) || spelled_otherwise {
            return Err(refused::<E>());
        }
        if is_organization(&column) && found.replace(column).is_some() {
            return Err(refused::<E>());
        }
    }
    Ok(found)
}

/// The relation from one table to another.
///
/// # Errors
/// [`DbError::InvalidEntity`] when it is anything but columns that equal each other: a third table
/// would be in no scope, and a condition of its own could be joined to the scope's with OR.
pub(super) fn relation<E, R>() -> Result<RelationDef, DbError>
where
    E: EntityTrait + Related<R>,
    R: EntityTrait,
{
    let relation = E::to();
    let plain = E::via().is_none()
        && relation.on_condition.is_none()
        && relation.condition_type == ConditionType::All
        && relation.from_tbl == E::default().table_ref()
        && relation.to_tbl == R::default().table_ref()
        && are_columns::<E>(&relation.from_col)
        && are_columns::<R>(&relation.to_col);
    if plain {
        Ok(relation)
    } else {
        Err(refused::<E>())
    }
}

pub(super) fn refused<E: EntityTrait>() -> DbError {
    DbError::InvalidEntity {
        table: E::default().table_name().to_owned(),
    }
}

/// Whether a column goes by its own name, and is read and written as it is.
fn is_plain<C: ColumnTrait>(table: &'static str, column: C) -> bool {
    let name = column.as_str();
    let probe = || Expr::val(0);
    is_name(name)
        && column.as_column_ref() == (table.into_iden(), name.into_iden())
        && column.select_as(probe()) == probe()
        && column.save_as(probe()) == probe()
}

/// Whether this needs no escaping anywhere.
fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty() && name.bytes().all(fits)
}

fn are_columns<E: EntityTrait>(identity: &Identity) -> bool {
    let is_column = |name: &str| E::Column::iter().any(|column| column.as_str() == name);
    identity.iter().all(|name| is_column(&name.inner()))
}
