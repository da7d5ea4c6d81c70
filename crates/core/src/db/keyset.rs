//! Keyset pagination: the last page costs as much as the first.

use sea_orm::{
    EntityTrait, ModelTrait as _, Order,
    sea_query::{Expr, ExprTrait as _, SimpleExpr},
};

use super::{
    Find,
    fault_injection::QueryKind,
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

impl<E: Scoped<S>, S: Scope> Find<'_, E, S> {
    /// One page of an organization's rows, in this order only.
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
        mut self,
        owner: Option<Uuid>,
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
        // One more than requested shows whether there is a next page.
        let items = self.limit(u64::from(limit) + 1);
        let mut items = items.all_of(QueryKind::Page).await?;
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next_cursor = match items.last() {
            Some(last) if more => {
                let position = order.columns.iter().map(|column| last.get(*column));
                Some(key.sign(&list, owner, position)?)
            }
            _ => None,
        };
        Ok(Page { items, next_cursor })
    }
}

/// Everything after that position, as one row comparison: an index scan starts there. The equivalent
/// OR would scan everything before it.
fn after<E: EntityTrait>(order: &KeysetOrder<E>, position: Vec<sea_orm::Value>) -> SimpleExpr {
    let columns = order
        .columns
        .iter()
        .map(|column| Expr::col((E::default(), *column)));
    let columns = Expr::tuple(columns);
    let position = Expr::tuple(position.into_iter().map(Expr::value));
    match order.order {
        Order::Desc => columns.lt(position),
        _ => columns.gt(position),
    }
}
