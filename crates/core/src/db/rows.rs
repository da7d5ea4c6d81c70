//! Rows in a scope: the only access to tables that a store has.

use sea_orm::{EntityTrait, IntoActiveModel, Iterable as _};

use super::{
    CursorKey, DbError,
    connection::Connection,
    scope::{Global, Scope, Scoped, Tenant},
};

/// The rows of one organization.
pub type TenantRows<'w> = Rows<'w, Tenant>;

/// The rows of tables that belong to no organization.
pub type GlobalRows<'w> = Rows<'w, Global>;

/// The rows of a scope.
///
/// Not a SeaORM connection: it can't run a statement that was built elsewhere. Every statement starts
/// here and has the scope's condition from the start.
pub struct Rows<'w, S: Scope> {
    connection: MaybeOwned<'w>,
    scope: S,
    cursor_key: CursorKey,
}

enum MaybeOwned<'w> {
    Owned(Connection),
    Borrowed(&'w Connection),
}

impl<'w, S: Scope> Rows<'w, S> {
    pub(crate) fn owning(connection: Connection, scope: S, cursor_key: CursorKey) -> Self {
        let connection = MaybeOwned::Owned(connection);
        Self {
            connection,
            scope,
            cursor_key,
        }
    }

    pub(crate) fn borrowing(connection: &'w Connection, scope: S, cursor_key: CursorKey) -> Self {
        let connection = MaybeOwned::Borrowed(connection);
        Self {
            connection,
            scope,
            cursor_key,
        }
    }

    pub(crate) fn connection(&self) -> &Connection {
        match &self.connection {
            MaybeOwned::Owned(connection) => connection,
            MaybeOwned::Borrowed(connection) => connection,
        }
    }

    pub(crate) fn scope(&self) -> S {
        self.scope
    }

    pub(crate) fn cursor_key(&self) -> &CursorKey {
        &self.cursor_key
    }

    /// Inserts a row; in a tenant's scope it also sets the organization.
    ///
    /// # Errors
    /// [`DbError::UniqueViolation`] and [`DbError::ForeignKeyViolation`] when a constraint is violated;
    /// [`DbError::TenantMismatch`] when the row has another organization.
    #[expect(
        clippy::disallowed_methods,
        reason = "here is where the organization is set"
    )]
    pub async fn insert<E>(&self, mut row: E::ActiveModel) -> Result<E::Model, DbError>
    where
        E: Scoped<S>,
        E::Model: IntoActiveModel<E::ActiveModel>,
    {
        self.scope.assign_tenant::<E>(&mut row)?;
        // Not `ActiveModelTrait::insert`: its hooks get a raw connection.
        let inserted = E::insert(row).exec_with_returning(self.connection());
        Ok(inserted.await?)
    }

    /// Inserts several rows; an empty list inserts nothing.
    ///
    /// # Errors
    /// As [`insert`](Self::insert). Rows of earlier statements stay until the unit of work is rolled
    /// back.
    #[expect(
        clippy::disallowed_methods,
        reason = "here is where the organization is set"
    )]
    pub async fn insert_many<E>(&self, mut rows: Vec<E::ActiveModel>) -> Result<u64, DbError>
    where
        E: Scoped<S>,
        E::Model: IntoActiveModel<E::ActiveModel>,
    {
        // Below SQLite's limit of bound values for one statement.
        const MAX_VALUES: usize = 30_000;
        for row in &mut rows {
            self.scope.assign_tenant::<E>(row)?;
        }
        let mut inserted = 0;
        let chunk = MAX_VALUES / <E as EntityTrait>::Column::iter().count().max(1);
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let insert = E::insert_many(rows.by_ref().take(chunk));
            inserted += insert.exec_without_returning(self.connection()).await?;
        }
        Ok(inserted)
    }
}
