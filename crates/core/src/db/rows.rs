//! Rows in a scope: the only thing that a store gets to work with.

use sea_orm::{EntityTrait, IntoActiveModel, Iterable as _};

use super::{
    DbError, Delete, Find, Update,
    connection::Connection,
    scope::{Global, Scope, Scoped, Tenant},
};
use crate::db::CursorKey;

/// The rows of one organization.
pub type TenantRows<'w> = Rows<'w, Tenant>;

/// The rows of tables that belong to no organization.
pub type GlobalRows<'w> = Rows<'w, Global>;

/// The rows of a scope.
///
/// This is no SeaORM connection: a statement that was built elsewhere can't be run on it. Every
/// statement starts here and carries the scope's condition from its start.
pub struct Rows<'w, S: Scope> {
    connection: Held<'w>,
    scope: S,
    cursor_key: CursorKey,
}

enum Held<'w> {
    Owned(Connection),
    Borrowed(&'w Connection),
}

impl<'w, S: Scope> Rows<'w, S> {
    pub(crate) fn owning(connection: Connection, scope: S, cursor_key: CursorKey) -> Self {
        let connection = Held::Owned(connection);
        Self {
            connection,
            scope,
            cursor_key,
        }
    }

    pub(crate) fn borrowing(connection: &'w Connection, scope: S, cursor_key: CursorKey) -> Self {
        let connection = Held::Borrowed(connection);
        Self {
            connection,
            scope,
            cursor_key,
        }
    }

    pub(crate) fn connection(&self) -> &Connection {
        match &self.connection {
            Held::Owned(connection) => connection,
            Held::Borrowed(connection) => connection,
        }
    }

    pub(crate) fn scope(&self) -> S {
        self.scope
    }

    pub(crate) fn cursor_key(&self) -> &CursorKey {
        &self.cursor_key
    }

    /// Begins a query.
    pub fn find<E: Scoped<S>>(&self) -> Find<'_, E, S> {
        Find::new(self)
    }

    /// Begins an update of the rows that its filter names.
    pub fn update<E: Scoped<S>>(&self) -> Update<'_, E, S> {
        Update::new(self)
    }

    /// Begins a deletion of the rows that its filter names.
    pub fn delete<E: Scoped<S>>(&self) -> Delete<'_, E, S> {
        Delete::new(self)
    }

    /// Inserts a row; in a tenant's scope its organization is set here.
    ///
    /// # Errors
    /// [`DbError::UniqueViolation`] and [`DbError::ForeignKeyViolation`] when a rule of the table is broken;
    /// [`DbError::TenantMismatch`] when the row names another organization.
    #[expect(
        clippy::disallowed_methods,
        reason = "here is where the organization is set"
    )]
    pub async fn insert<E>(&self, mut row: E::ActiveModel) -> Result<E::Model, DbError>
    where
        E: Scoped<S>,
        E::Model: IntoActiveModel<E::ActiveModel>,
    {
        self.scope.stamp::<E>(&mut row)?;
        // Not `ActiveModelTrait::insert`: its hooks are handed a raw connection.
        let inserted = E::insert(row).exec_with_returning(self.connection());
        Ok(inserted.await?)
    }

    /// Inserts several rows at once; an empty list inserts nothing.
    ///
    /// # Errors
    /// As [`insert`](Self::insert); then none of them is inserted, provided that the unit of
    /// work ends with it.
    #[expect(
        clippy::disallowed_methods,
        reason = "here is where the organization is set"
    )]
    pub async fn insert_many<E>(&self, mut rows: Vec<E::ActiveModel>) -> Result<u64, DbError>
    where
        E: Scoped<S>,
        E::Model: IntoActiveModel<E::ActiveModel>,
    {
        // One statement binds at most this many values on SQLite.
        const VALUES: usize = 30_000;
        for row in &mut rows {
            self.scope.stamp::<E>(row)?;
        }
        let mut inserted = 0;
        let chunk = VALUES / <E as EntityTrait>::Column::iter().count().max(1);
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let insert = E::insert_many(rows.by_ref().take(chunk));
            inserted += insert.exec_without_returning(self.connection()).await?;
        }
        Ok(inserted)
    }

    /// The related rows of each of these rows, in the rows' order, from one query.
    ///
    /// # Errors
    /// [`DbError::InvalidEntity`] when the relation is not one column besides the organization.
    pub async fn load_many<E, C>(&self, parents: &[E::Model]) -> Result<Vec<Vec<C::Model>>, DbError>
    where
        E: Scoped<S> + sea_orm::Related<C>,
        C: Scoped<S>,
        C::Model: Send + Sync,
    {
        super::read::load_many::<E, C, S>(self, parents).await
    }
}
