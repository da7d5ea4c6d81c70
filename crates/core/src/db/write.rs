//! Updates and deletions that stay in their scope.

use sea_orm::{
    Condition, EntityTrait, QueryFilter as _, Value,
    sea_query::{Expr, ExprTrait as _, SimpleExpr},
};

use super::{
    DbError, Filter, Rows,
    entity_check::is_organization,
    fault_injection::QueryKind,
    scope::{Scope, Scoped},
};

/// An update of the rows in scope that its filter matches.
#[must_use = "an update does nothing before it is executed"]
pub struct Update<'r, E: EntityTrait, S: Scope> {
    rows: &'r Rows<'r, S>,
    filter: Filter,
    values: Vec<(E::Column, SimpleExpr)>,
}

impl<S: Scope> Rows<'_, S> {
    /// Starts an update of the rows that its filter matches.
    pub fn update<E: Scoped<S>>(&self) -> Update<'_, E, S> {
        Update {
            rows: self,
            filter: Filter::all([]),
            values: Vec::new(),
        }
    }

    /// Starts a deletion of the rows that its filter matches.
    pub fn delete<E: Scoped<S>>(&self) -> Delete<'_, E, S> {
        Delete {
            rows: self,
            filter: Filter::all([]),
            entity: std::marker::PhantomData,
        }
    }
}

impl<E: Scoped<S>, S: Scope> Update<'_, E, S> {
    /// Narrows the rows; several filters must all hold.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = self.filter.and(filter);
        self
    }

    /// Sets a column to a value.
    pub fn set(mut self, column: E::Column, value: impl Into<Value>) -> Self {
        self.values.push((column, Expr::value(value)));
        self
    }

    /// Adds to the value of a column.
    pub fn add(mut self, column: E::Column, amount: i64) -> Self {
        let now = Expr::col((E::default(), column));
        self.values.push((column, now.add(amount)));
        self
    }

    /// Sets a column if there is a value.
    pub fn set_some(self, column: E::Column, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.set(column, value),
            None => self,
        }
    }

    /// Runs it and returns the number of changed rows.
    ///
    /// # Errors
    /// [`DbError::EmptyUpdate`] when nothing is set, [`DbError::TenantMismatch`] when the
    /// organization is.
    pub async fn exec(self) -> Result<u64, DbError> {
        let connection = self.rows.connection();
        Ok(self.statement()?.exec(connection).await?.rows_affected)
    }

    /// Runs it and returns the changed rows.
    ///
    /// # Errors
    /// As [`exec`](Self::exec).
    pub async fn returning(self) -> Result<Vec<E::Model>, DbError> {
        let connection = self.rows.connection();
        Ok(self.statement()?.exec_with_returning(connection).await?)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "here is where the scope is added"
    )]
    fn statement(self) -> Result<sea_orm::UpdateMany<E>, DbError> {
        // SeaORM would turn an update without values into a read by id alone.
        if self.values.is_empty() {
            return Err(DbError::EmptyUpdate);
        }
        if self
            .values
            .iter()
            .any(|(column, _)| is_organization(column))
        {
            return Err(DbError::TenantMismatch);
        }
        let filter = in_scope::<E, S>(self.rows.scope(), QueryKind::Update, self.filter)?;
        let update = E::update_many().filter(filter);
        Ok(self
            .values
            .into_iter()
            .fold(update, |update, (column, value)| {
                update.col_expr(column, value)
            }))
    }
}

/// A deletion of the rows in scope that its filter matches.
#[must_use = "a deletion does nothing before it is executed"]
pub struct Delete<'r, E: EntityTrait, S: Scope> {
    rows: &'r Rows<'r, S>,
    filter: Filter,
    entity: std::marker::PhantomData<E>,
}

impl<E: Scoped<S>, S: Scope> Delete<'_, E, S> {
    /// Narrows the rows; several filters must all hold.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = self.filter.and(filter);
        self
    }

    /// Runs it and returns the number of deleted rows.
    ///
    /// # Errors
    /// When the database fails.
    #[expect(
        clippy::disallowed_methods,
        reason = "here is where the scope is added"
    )]
    pub async fn exec(self) -> Result<u64, DbError> {
        let filter = in_scope::<E, S>(self.rows.scope(), QueryKind::Delete, self.filter)?;
        let delete = E::delete_many().filter(filter);
        Ok(delete.exec(self.rows.connection()).await?.rows_affected)
    }
}

/// The scope's condition AND the caller's filter as one group, so that an OR in it can't widen the
/// scope.
///
/// A write without a filter is an error: it never means all rows.
fn in_scope<E: Scoped<S>, S: Scope>(
    scope: S,
    kind: QueryKind,
    filter: Filter,
) -> Result<Condition, DbError> {
    if filter.is_unconditional() {
        return Err(DbError::MissingFilter);
    }
    let mut whole = Condition::all();
    if let Some(predicate) = scope.predicate::<E>(kind)? {
        whole = whole.add(predicate);
    }
    Ok(whole.add(filter.into_condition()))
}
