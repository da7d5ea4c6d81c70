//! Checks that an entity is a plain table.
//!
//! A SeaORM entity can bring its own SQL: casts of columns (`select_as`, `save_as`), conditions of
//! relations, unescaped names. That SQL would run inside the scope's statement, where it can end the
//! scope's condition. So entities are checked on use, and only plain tables pass.

use std::{any::TypeId, cell::RefCell, collections::HashMap};

use sea_orm::{
    ColumnTrait, EntityTrait, IdenStatic as _, Identity, Iterable as _, Related, RelationDef,
    sea_query::{ConditionType, Expr, IntoIden as _, IntoTableRef as _},
};

use super::DbError;

/// The column that every table of tenants has.
pub(super) const ORGANIZATION: &str = "organization_id";

/// Whether a column is the one that only the scope sets. SQLite ignores the case of names.
pub(super) fn is_organization<C: ColumnTrait>(column: &C) -> bool {
    column.as_str().eq_ignore_ascii_case(ORGANIZATION)
}

/// The entity's organization column, if it has one.
///
/// # Errors
/// [`DbError::InvalidEntity`] when the entity is not a plain table, or has that column twice.
pub(super) fn organization_column<E: EntityTrait>() -> Result<Option<E::Column>, DbError> {
    // A type's declaration does not change, and every statement needs it.
    let known = CHECKED.with_borrow(|checked| checked.get(&TypeId::of::<E>()).copied());
    let is_tenant_table = match known {
        Some(known) => known,
        None => {
            let is_tenant_table = check::<E>()?.is_some();
            CHECKED.with_borrow_mut(|checked| checked.insert(TypeId::of::<E>(), is_tenant_table));
            is_tenant_table
        }
    };
    Ok(E::Column::iter().find(|column| is_tenant_table && is_organization(column)))
}

thread_local! {
    /// The entities that passed the check, and whether they are tables of tenants.
    static CHECKED: RefCell<HashMap<TypeId, bool>> = RefCell::default();
}

fn check<E: EntityTrait>() -> Result<Option<E::Column>, DbError> {
    let table = E::default();
    let name = table.table_name();
    if !is_name(name) || table.table_ref() != name.into_table_ref() {
        return Err(invalid_entity::<E>());
    }
    let mut found = None;
    for column in E::Column::iter() {
        let spelled_otherwise = is_organization(&column) && column.as_str() != ORGANIZATION;
        if !is_plain(name, column) || spelled_otherwise {
            return Err(invalid_entity::<E>());
        }
        if is_organization(&column) && found.replace(column).is_some() {
            return Err(invalid_entity::<E>());
        }
    }
    Ok(found)
}

/// The relation from one table to another.
///
/// # Errors
/// [`DbError::InvalidEntity`] when it is more than pairs of equal columns: a third table would be in
/// no scope, and a condition could be combined with the scope's by OR.
pub(super) fn checked_relation<E, R>() -> Result<RelationDef, DbError>
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
        Err(invalid_entity::<E>())
    }
}

pub(super) fn invalid_entity<E: EntityTrait>() -> DbError {
    DbError::InvalidEntity {
        table: E::default().table_name().to_owned(),
    }
}

/// Whether a column is read and written under its own name and without a cast.
fn is_plain<C: ColumnTrait>(table: &'static str, column: C) -> bool {
    let name = column.as_str();
    let probe = || Expr::val(0);
    is_name(name)
        && column.as_column_ref() == (table.into_iden(), name.into_iden())
        && column.select_as(probe()) == probe()
        && column.save_as(probe()) == probe()
}

/// Whether this is a name that never needs escaping.
fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty() && name.bytes().all(fits)
}

fn are_columns<E: EntityTrait>(identity: &Identity) -> bool {
    let is_column = |name: &str| E::Column::iter().any(|column| column.as_str() == name);
    identity.iter().all(|name| is_column(&name.inner()))
}
