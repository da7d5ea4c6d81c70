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

/// An update of the rows in scope that its filter names.
#[must_use = "an update does nothing before it is executed"]
pub struct Update<'r, E: EntityTrait, S: Scope> {
    rows: &'r Rows<'r, S>,
    filter: Filter,
    values: Vec<(E::Column, SimpleExpr)>,
}

impl<'r, E: Scoped<S>, S: Scope> Update<'r, E, S> {
    pub(super) fn new(rows: &'r Rows<'r, S>) -> Self {
        Self {
            rows,
            filter: Filter::all([]),
            values: Vec::new(),
        }
    }

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

    /// Adds to what a column holds.
    pub fn add(mut self, column: E::Column, amount: i64) -> Self {
        let now = Expr::col((E::default(), column));
        self.values.push((column, now.add(amount)));
        self
    }

    /// Sets a column if there is a value for it.
    pub fn set_some(self, column: E::Column, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.set(column, value),
            None => self,
        }
    }

    /// Runs it; the number of rows it changed.
    ///
    /// # Errors
    /// [`DbError::EmptyUpdate`] when nothing is set, [`DbError::TenantMismatch`] when the
    /// organization is.
    pub async fn exec(self) -> Result<u64, DbError> {
        let connection = self.rows.connection();
        Ok(self.statement()?.exec(connection).await?.rows_affected)
    }

    /// Runs it; the rows it changed, as they are now.
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

/// A deletion of the rows in scope that its filter names.
#[must_use = "a deletion does nothing before it is executed"]
pub struct Delete<'r, E: EntityTrait, S: Scope> {
    rows: &'r Rows<'r, S>,
    filter: Filter,
    entity: std::marker::PhantomData<E>,
}

impl<'r, E: Scoped<S>, S: Scope> Delete<'r, E, S> {
    pub(super) fn new(rows: &'r Rows<'r, S>) -> Self {
        Self {
            rows,
            filter: Filter::all([]),
            entity: std::marker::PhantomData,
        }
    }

    /// Narrows the rows; several filters must all hold.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = self.filter.and(filter);
        self
    }

    /// Runs it; the number of rows that are gone.
    ///
    /// # Errors
    /// When the database refuses.
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

/// The scope's condition AND the caller's, the caller's as one closed group: whatever it holds,
/// an OR included, can't reach round the scope.
///
/// A write without any condition is refused: in no scope is "all rows" what was meant.
fn in_scope<E: Scoped<S>, S: Scope>(
    scope: S,
    operation: QueryKind,
    filter: Filter,
) -> Result<Condition, DbError> {
    if filter.is_unconditional() {
        return Err(DbError::MissingFilter);
    }
    let mut whole = Condition::all();
    if let Some(predicate) = scope.predicate::<E>(operation)? {
        whole = whole.add(predicate);
    }
    Ok(whole.add(filter.into_condition()))
}
