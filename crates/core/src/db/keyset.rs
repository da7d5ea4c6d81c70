//! Keyset pagination: the last page costs as much as the first.

use sea_orm::{
    EntityTrait, ModelTrait as _, Order, Value,
    sea_query::{Expr, ExprTrait as _, SimpleExpr},
};

use super::{
    Filter, Find,
    fault_injection::QueryKind,
    page_bytes::fitting_rows,
    scope::{Scope, Scoped},
};
use crate::{
    id::Uuid,
    page::{Page, PageError, PageRequest},
};

/// An order of a list: columns with an index in this sequence, the last of them unique.
#[derive(Clone, Debug)]
pub struct KeysetOrder<E: EntityTrait> {
    /// The order's name on the wire.
    pub name: &'static str,
    /// The columns, all in the same direction, so that one row comparison finds the next page.
    pub columns: Vec<E::Column>,
    /// The direction.
    pub order: Order,
}

/// How many rows a page of a selection looks at. Whatever a client searches for, a page costs about
/// as much as a scan of these.
const LOOK_BACK: u64 = 10_000;

impl<E: Scoped<S>, S: Scope> Find<'_, E, S> {
    /// One page of an organization's rows, in this order only. It ends early where its texts exceed
    /// about a megabyte.
    ///
    /// # Errors
    /// [`PageError::InvalidCursor`] for a cursor that was altered, belongs to another
    /// organization, another table or another order.
    pub async fn page(
        self,
        order: &KeysetOrder<E>,
        request: &PageRequest,
    ) -> Result<Page<E::Model>, PageError> {
        let owner = self.rows().scope().cursor_owner();
        self.page_for_owner(owner, order, request).await
    }

    /// One page of a list with another owner than the scope, such as a user's organizations. The
    /// cursor is bound to the owner; filtering by it is up to the caller.
    ///
    /// # Errors
    /// As [`page`](Self::page).
    pub async fn page_for_owner(
        self,
        owner: Option<Uuid>,
        order: &KeysetOrder<E>,
        request: &PageRequest,
    ) -> Result<Page<E::Model>, PageError> {
        let everything = Filter::all([]);
        self.selected_page_for_owner(owner, everything, order, request)
            .await
    }

    /// One page of the rows that match a selection, which no index serves: of the next
    /// 10,000 rows of the list. If there are more rows, the next page goes on behind them,
    /// also when fewer than requested were found, or none.
    ///
    /// # Errors
    /// As [`page`](Self::page).
    pub async fn selected_page(
        self,
        selection: Filter,
        order: &KeysetOrder<E>,
        request: &PageRequest,
    ) -> Result<Page<E::Model>, PageError> {
        let owner = self.rows().scope().cursor_owner();
        self.selected_page_for_owner(owner, selection, order, request)
            .await
    }

    /// As [`selected_page`](Self::selected_page), with another owner than the scope.
    ///
    /// # Errors
    /// As [`page`](Self::page).
    pub async fn selected_page_for_owner(
        mut self,
        owner: Option<Uuid>,
        selection: Filter,
        order: &KeysetOrder<E>,
        request: &PageRequest,
    ) -> Result<Page<E::Model>, PageError> {
        let key = self.rows().cursor_key().clone();
        let limit = request.limit.get();
        // Another table may have an order of the same name.
        let list = format!("{} {}", E::default().table_name(), order.name);
        if let Some(cursor) = &request.cursor {
            let last = key.verify(cursor, &list, owner)?;
            if last.len() != order.columns.len() {
                return Err(PageError::InvalidCursor);
            }
            self = self.after_cursor(after(order, last));
        }
        self = self.ordered_by(&order.columns, &order.order);
        let mut last_seen = None;
        if !selection.is_unconditional() {
            last_seen = self.nth(LOOK_BACK).await?;
            if let Some(last) = &last_seen {
                self = self.after_cursor(until(order, position(order, last)));
            }
            self = self.filter(selection);
        }
        // One more than requested shows whether there is a next page.
        let items = self.limit(u64::from(limit) + 1);
        let mut items = items.all_of(QueryKind::Page).await?;
        let found = items.len();
        items.truncate(limit as usize);
        items.truncate(fitting_rows::<E>(&items));
        let more = items.len() < found;
        let last = if more {
            items.last()
        } else {
            last_seen.as_ref()
        };
        let next_cursor =
            last.map(|last| key.sign(&list, owner, position(order, last).into_iter()));
        let next_cursor = next_cursor.transpose()?;
        Ok(Page { items, next_cursor })
    }
}

/// The position of a row in this order.
fn position<E: EntityTrait>(order: &KeysetOrder<E>, row: &E::Model) -> Vec<Value> {
    order
        .columns
        .iter()
        .map(|column| row.get(*column))
        .collect()
}

/// Everything up to that position, and that position itself.
fn until<E: EntityTrait>(order: &KeysetOrder<E>, position: Vec<Value>) -> SimpleExpr {
    let (columns, position) = tuples(order, position);
    match order.order {
        Order::Desc => columns.gte(position),
        _ => columns.lte(position),
    }
}

/// Everything after that position, as one row comparison: an index scan starts there. The equivalent
/// OR would scan everything before it.
fn after<E: EntityTrait>(order: &KeysetOrder<E>, position: Vec<Value>) -> SimpleExpr {
    let (columns, position) = tuples(order, position);
    match order.order {
        Order::Desc => columns.lt(position),
        _ => columns.gt(position),
    }
}

fn tuples<E: EntityTrait>(
    order: &KeysetOrder<E>,
    position: Vec<Value>,
) -> (SimpleExpr, SimpleExpr) {
    let columns = order
        .columns
        .iter()
        .map(|column| Expr::col((E::default(), *column)));
    let position = position.into_iter().map(Expr::value);
    (Expr::tuple(columns), Expr::tuple(position))
}
