//! Queries that stay in their scope.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    Condition, ConnectionTrait as _, DbBackend, EntityTrait, IdenStatic as _, Identity,
    Iterable as _, JoinType, ModelTrait as _, Order, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect, Related, Select, Value, sea_query::SimpleExpr,
};

use super::{
    ColumnFilter as _, DbError, Filter, Rows,
    entity_check::{ORGANIZATION, checked_relation, invalid_entity},
    fault_injection::QueryKind,
    filter::from_expr,
    scope::{Scope, Scoped},
};

/// A query over the rows in scope.
#[must_use = "a query does nothing before it is executed"]
pub struct Find<'r, E: EntityTrait, S: Scope> {
    rows: &'r Rows<'r, S>,
    filter: Filter,
    order: Vec<(E::Column, Order)>,
    limit: Option<u64>,
    locking: bool,
}

impl<S: Scope> Rows<'_, S> {
    /// Starts a query.
    pub fn find<E: Scoped<S>>(&self) -> Find<'_, E, S> {
        Find {
            rows: self,
            filter: Filter::all([]),
            order: Vec::new(),
            limit: None,
            locking: false,
        }
    }

    /// The related rows of each of these rows, in the rows' order, from one query.
    ///
    /// # Errors
    /// [`DbError::InvalidEntity`] when the relation is not one column besides the organization.
    pub async fn load_many<E, C>(&self, parents: &[E::Model]) -> Result<Vec<Vec<C::Model>>, DbError>
    where
        E: Scoped<S> + Related<C>,
        C: Scoped<S>,
        C::Model: Send + Sync,
    {
        load_many::<E, C, S>(self, parents).await
    }
}

impl<'r, E: Scoped<S>, S: Scope> Find<'r, E, S> {
    /// Narrows the rows; several filters must all hold.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = self.filter.and(filter);
        self
    }

    /// Orders the rows; later columns break ties of earlier ones.
    pub fn order_by(mut self, column: E::Column, order: Order) -> Self {
        self.order.push((column, order));
        self
    }

    /// Takes at most this many rows.
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Locks the rows until the unit of work ends. Order them when there are several, so that two
    /// transactions can't deadlock. On SQLite there is only one writer.
    pub fn for_update(mut self) -> Self {
        self.locking = true;
        self
    }

    /// Adds to each row the one of another entity that it belongs to, if it is in scope as well.
    pub fn with_related<R>(self) -> FindWithRelated<'r, E, R, S>
    where
        R: Scoped<S>,
        E: Related<R>,
    {
        FindWithRelated {
            find: self,
            on: Filter::all([]),
            order: Vec::new(),
            first_of: None,
        }
    }

    /// The first row.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn one(self) -> Result<Option<E::Model>, DbError> {
        let rows = self.rows;
        Ok(self.select(QueryKind::Find)?.one(rows.connection()).await?)
    }

    /// All rows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all(self) -> Result<Vec<E::Model>, DbError> {
        self.all_of(QueryKind::Find).await
    }

    pub(super) async fn all_of(self, kind: QueryKind) -> Result<Vec<E::Model>, DbError> {
        let rows = self.rows;
        Ok(self.select(kind)?.all(rows.connection()).await?)
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(self) -> Result<u64, DbError>
    where
        E::Model: Send + Sync,
    {
        let rows = self.rows;
        Ok(self
            .select(QueryKind::Count)?
            .count(rows.connection())
            .await?)
    }

    /// Whether there is any row.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn exists(self) -> Result<bool, DbError> {
        Ok(self.limit(1).one().await?.is_some())
    }

    /// The row of this number, from 1, in the order so far.
    pub(super) async fn nth(&self, number: u64) -> Result<Option<E::Model>, DbError> {
        let nth: Find<'_, E, S> = Find {
            rows: self.rows,
            filter: self.filter.clone(),
            order: self.order.clone(),
            limit: Some(1),
            locking: false,
        };
        let select = nth.select(QueryKind::Page)?.offset(number - 1);
        Ok(select.one(self.rows.connection()).await?)
    }

    /// Narrows the rows to those before or after a position; for pages, which compare whole tuples.
    pub(super) fn after_cursor(self, position: SimpleExpr) -> Self {
        self.filter(from_expr(position))
    }

    /// Replaces the order; for pages, whose cursors hold these columns only.
    pub(super) fn ordered_by(mut self, columns: &[E::Column], order: &Order) -> Self {
        let order = columns.iter().map(|column| (*column, order.clone()));
        self.order = order.collect();
        self
    }

    pub(super) fn rows(&self) -> &'r Rows<'r, S> {
        self.rows
    }

    /// The statement: the scope's condition, AND the caller's filter as one group.
    #[expect(
        clippy::disallowed_methods,
        reason = "here is where the scope is added"
    )]
    pub(super) fn select(self, kind: QueryKind) -> Result<Select<E>, DbError> {
        let mut whole = Condition::all();
        if let Some(predicate) = self.rows.scope().predicate::<E>(kind)? {
            whole = whole.add(predicate);
        }
        if !self.filter.is_unconditional() {
            whole = whole.add(self.filter.into_condition());
        }
        let mut select = E::find().filter(whole).limit(self.limit);
        if self.locking && self.rows.connection().get_database_backend() == DbBackend::Postgres {
            select = select.lock_exclusive();
        }
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
pub struct FindWithRelated<'r, E: EntityTrait, R: EntityTrait, S: Scope> {
    find: Find<'r, E, S>,
    on: Filter,
    order: Vec<(R::Column, Order)>,
    first_of: Option<E::Column>,
}

impl<'r, E, R, S> FindWithRelated<'r, E, R, S>
where
    E: Scoped<S> + Related<R>,
    R: Scoped<S>,
    S: Scope,
{
    /// Narrows which related row belongs to a row; a row without one stays.
    pub fn on(mut self, filter: Filter) -> Self {
        self.on = self.on.and(filter);
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
    pub async fn one(mut self) -> Result<Option<OuterPair<E, R>>, DbError> {
        self.find.limit = Some(1);
        Ok(self.all().await?.into_iter().next())
    }

    /// All rows, each with its related one.
    ///
    /// # Errors
    /// [`DbError::InvalidEntity`] when the relation goes through a third table, or has its own
    /// condition: no scope would cover it.
    pub async fn all(self) -> Result<Vec<OuterPair<E, R>>, DbError> {
        self.joined(JoinType::LeftJoin).await
    }

    async fn joined(self, join: JoinType) -> Result<Vec<OuterPair<E, R>>, DbError> {
        let relation = checked_relation::<E, R>()?;
        let rows: &'r Rows<'r, S> = self.find.rows;
        // In the join, not in the WHERE, so that a row whose related row is out of scope stays.
        let mut on = Condition::all();
        if let Some(predicate) = rows.scope().predicate::<R>(QueryKind::Join)? {
            on = on.add(predicate);
        }
        if !self.on.is_unconditional() {
            on = on.add(self.on.into_condition());
        }
        let relation = relation.on_condition(move |_, _| on.clone());
        let mut select = self.find.select(QueryKind::Find)?.join(join, relation);
        for (column, order) in self.order {
            select = select.order_by(column, order);
        }
        if let Some(column) = self.first_of
            && rows.connection().get_database_backend() == DbBackend::Postgres
        {
            let column = (E::default().table_name(), column.as_str());
            QuerySelect::query(&mut select).distinct_on([column]);
        }
        let select = select.select_also(R::default());
        Ok(select.all(rows.connection()).await?)
    }
}

/// A row with its related one.
type Pair<E, R> = (<E as EntityTrait>::Model, <R as EntityTrait>::Model);

/// A row with its related one, if it has one.
type OuterPair<E, R> = (<E as EntityTrait>::Model, Option<<R as EntityTrait>::Model>);

/// Joins of the lookup that resolves a request's context, which is the most frequent one. Modules read
/// with [`one`](FindWithRelated::one) and [`all`](FindWithRelated::all).
pub trait ContextJoins<E: EntityTrait, R: EntityTrait> {
    /// The first row that has a related one, with it.
    ///
    /// # Errors
    /// As [`all`](FindWithRelated::all).
    fn find_inner_join(self) -> impl Future<Output = Result<Option<Pair<E, R>>, DbError>> + Send;

    /// The first row of each value of a column, with its related one.
    ///
    /// # Errors
    /// As [`all`](FindWithRelated::all).
    fn distinct_on_key(
        self,
        column: E::Column,
    ) -> impl Future<Output = Result<Vec<OuterPair<E, R>>, DbError>> + Send;
}

impl<E, R, S> ContextJoins<E, R> for FindWithRelated<'_, E, R, S>
where
    E: Scoped<S> + Related<R>,
    R: Scoped<S>,
    S: Scope,
{
    async fn find_inner_join(mut self) -> Result<Option<Pair<E, R>>, DbError> {
        self.find.limit = Some(1);
        let first = self.joined(JoinType::InnerJoin).await?.into_iter().next();
        Ok(first.and_then(|(row, related)| Some((row, related?))))
    }

    async fn distinct_on_key(mut self, column: E::Column) -> Result<Vec<OuterPair<E, R>>, DbError> {
        self.find.order = vec![(column, Order::Asc)];
        self.first_of = Some(column);
        let mut found = self.all().await?;
        // Postgres has removed the others already.
        found.dedup_by_key(|(row, _)| row.get(column));
        Ok(found)
    }
}

/// The maximum number of parents in one statement.
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
    let relation = checked_relation::<E, C>()?;
    let key = link::<E>(&relation.from_col).ok_or_else(invalid_entity::<E>)?;
    let reference = link::<C>(&relation.to_col).ok_or_else(invalid_entity::<C>)?;

    let keys: Vec<Value> = parents.iter().map(|parent| parent.get(key)).collect();
    // A duplicate key would duplicate the children.
    let distinct: HashSet<&Value> = keys.iter().collect();
    let distinct: Vec<Value> = distinct.into_iter().cloned().collect();
    let mut children: HashMap<Value, Vec<C::Model>> = HashMap::new();
    for batch in distinct.chunks(BATCH) {
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
        .map(|key| children.get(key).cloned().unwrap_or_default())
        .collect())
}

/// The one column of a relation besides the organization.
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
