//! Queries that stay in their scope.

use std::collections::HashMap;

use sea_orm::{
    Condition, EntityTrait, IdenStatic as _, Identity, Iterable as _, JoinType, ModelTrait as _,
    Order, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Related,
    Select, Value, sea_query::SimpleExpr,
};

use super::{
    ColumnFilter as _, DbError, Filter, Rows,
    scope::{ORGANIZATION, Scope, Scoped, declaration},
};

/// A query over the rows in scope.
#[must_use = "a query does nothing before it is executed"]
pub struct Find<'r, E: EntityTrait, S: Scope> {
    rows: &'r Rows<'r, S>,
    filter: Condition,
    order: Vec<(E::Column, Order)>,
    limit: Option<u64>,
}

impl<'r, E: Scoped<S>, S: Scope> Find<'r, E, S> {
    pub(super) fn new(rows: &'r Rows<'r, S>) -> Self {
        Self {
            rows,
            filter: Condition::all(),
            order: Vec::new(),
            limit: None,
        }
    }

    /// Narrows the rows; several filters must all hold.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = self.filter.add(filter.into_condition());
        self
    }

    /// Orders the rows; a second order decides where the first leaves two rows equal.
    pub fn order_by(mut self, column: E::Column, order: Order) -> Self {
        self.order.push((column, order));
        self
    }

    /// Takes at most this many rows.
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Adds to each row the one of another entity that it belongs to, if it is in scope as well.
    pub fn also<R>(self) -> FindAlso<'r, E, R, S>
    where
        R: Scoped<S>,
        E: Related<R>,
    {
        FindAlso {
            find: self,
            on: Condition::all(),
            order: Vec::new(),
        }
    }

    /// The first row.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn one(self) -> Result<Option<E::Model>, DbError> {
        let rows = self.rows;
        Ok(self.select()?.one(rows.connection()).await?)
    }

    /// All rows.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn all(self) -> Result<Vec<E::Model>, DbError> {
        let rows = self.rows;
        Ok(self.select()?.all(rows.connection()).await?)
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn count(self) -> Result<u64, DbError>
    where
        E::Model: Send + Sync,
    {
        let rows = self.rows;
        Ok(self.select()?.count(rows.connection()).await?)
    }

    /// Whether there is any row.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn exists(self) -> Result<bool, DbError> {
        Ok(self.limit(1).one().await?.is_some())
    }

    /// Narrows the rows to those behind a position; for pages, which compare whole tuples.
    pub(super) fn behind(mut self, position: SimpleExpr) -> Self {
        self.filter = self.filter.add(position);
        self
    }

    pub(super) fn rows(&self) -> &'r Rows<'r, S> {
        self.rows
    }

    /// The statement: the scope's condition first, the caller's after it as one closed group.
    pub(super) fn select(self) -> Result<Select<E>, DbError> {
        let mut whole = Condition::all();
        if let Some(predicate) = self.rows.scope().predicate::<E>()? {
            whole = whole.add(predicate);
        }
        if !self.filter.is_empty() {
            whole = whole.add(self.filter);
        }
        let select = E::find().filter(whole).limit(self.limit);
        Ok(self
            .order
            .into_iter()
            .fold(select, |select, (column, order)| {
                select.order_by(column, order)
            }))
    }
}

/// A query over the rows in scope, each with the row of another entity that it belongs to.
#[must_use = "a query does nothing before it is executed"]
pub struct FindAlso<'r, E: EntityTrait, R: EntityTrait, S: Scope> {
    find: Find<'r, E, S>,
    on: Condition,
    order: Vec<(R::Column, Order)>,
}

impl<'r, E, R, S> FindAlso<'r, E, R, S>
where
    E: Scoped<S> + Related<R>,
    R: Scoped<S>,
    S: Scope,
{
    /// Narrows which related row belongs to a row; a row without one stays.
    pub fn on(mut self, filter: Filter) -> Self {
        self.on = self.on.add(filter.into_condition());
        self
    }

    /// Orders by a column of the related rows.
    pub fn order_by(mut self, column: R::Column, order: Order) -> Self {
        self.order.push((column, order));
        self
    }

    /// The first row, with its related one.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub async fn one(mut self) -> Result<Option<(E::Model, Option<R::Model>)>, DbError> {
        self.find.limit = Some(1);
        Ok(self.all().await?.into_iter().next())
    }

    /// The first row that has a related one, with it.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub async fn first_pair(mut self) -> Result<Option<(E::Model, R::Model)>, DbError> {
        self.find.limit = Some(1);
        let first = self.joined(JoinType::InnerJoin).await?.into_iter().next();
        Ok(first.and_then(|(row, related)| Some((row, related?))))
    }

    /// All rows, each with its related one.
    ///
    /// # Errors
    /// [`DbError::Declaration`] when the relation goes through a third table, which no scope
    /// would cover.
    pub async fn all(self) -> Result<Vec<(E::Model, Option<R::Model>)>, DbError> {
        self.joined(JoinType::LeftJoin).await
    }

    async fn joined(self, join: JoinType) -> Result<Vec<(E::Model, Option<R::Model>)>, DbError> {
        if E::via().is_some() {
            return Err(declaration::<E>());
        }
        let rows: &'r Rows<'r, S> = self.find.rows;
        // In the join and not in the WHERE, so that a row whose partner is out of scope stays.
        let mut on = Condition::all();
        if let Some(predicate) = rows.scope().predicate::<R>()? {
            on = on.add(predicate);
        }
        if !self.on.is_empty() {
            on = on.add(self.on);
        }
        let relation = E::to().on_condition(move |_, _| on.clone());
        let mut select = self.find.select()?.join(join, relation);
        for (column, order) in self.order {
            select = select.order_by(column, order);
        }
        let select = select.select_also(R::default());
        Ok(select.all(rows.connection()).await?)
    }
}

/// As many parents as one statement asks about.
const BATCH: usize = 500;

pub(super) async fn load_many<E, C, S>(
    rows: &Rows<'_, S>,
    parents: &[E::Model],
) -> Result<Vec<Vec<C::Model>>, DbError>
where
    E: Scoped<S> + Related<C>,
    C: Scoped<S>,
    C::Model: Send + Sync,
    S: Scope,
{
    if E::via().is_some() {
        return Err(declaration::<E>());
    }
    let relation = E::to();
    let key = link::<E>(&relation.from_col).ok_or_else(declaration::<E>)?;
    let reference = link::<C>(&relation.to_col).ok_or_else(declaration::<C>)?;

    let keys: Vec<Value> = parents.iter().map(|parent| parent.get(key)).collect();
    let mut children: HashMap<Value, Vec<C::Model>> = HashMap::new();
    for batch in keys.chunks(BATCH) {
        let found = rows.find::<C>().filter(reference.is_in(batch.to_vec()));
        for child in found.all().await? {
            children
                .entry(child.get(reference))
                .or_default()
                .push(child);
        }
    }
    Ok(keys
        .iter()
        .map(|key| children.remove(key).unwrap_or_default())
        .collect())
}

/// The one column of a relation besides the organization, which the scope decides.
fn link<E: EntityTrait>(identity: &Identity) -> Option<E::Column> {
    let mut names = identity
        .iter()
        .map(|column| column.to_string())
        .filter(|name| name != ORGANIZATION);
    let name = names.next()?;
    if names.next().is_some() {
        return None;
    }
    E::Column::iter().find(|column| column.as_str() == name)
}
