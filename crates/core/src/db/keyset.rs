//! Keyset pages: the last page costs what the first one costs.

use sea_orm::{
    EntityTrait, ModelTrait as _, Order,
    sea_query::{Expr, ExprTrait as _, SimpleExpr},
};

use super::{
    DbError, Find,
    fault_injection::QueryKind,
    scope::{Scope, Scoped},
};
use crate::{
    id::Uuid,
    page::{Page, PageError, PageRequest},
};

/// An order that a list can be read in: columns that an index holds in this sequence, the last
/// of them unique.
#[derive(Clone, Debug)]
pub struct KeysetOrder<E: EntityTrait> {
    /// The order's name on the wire.
    pub name: &'static str,
    /// The columns, all in the same direction, so that one comparison of rows continues a page.
    pub columns: Vec<E::Column>,
    /// The direction.
    pub order: Order,
}

impl<E: Scoped<S>, S: Scope> Find<'_, E, S> {
    /// One page of an organization's rows. The sort decides their order alone.
    ///
    /// # Errors
    /// [`PageError::InvalidCursor`] for a cursor that was altered, belongs to another
    /// organization, another table or another order.
    pub async fn page(
        self,
        sort: &KeysetOrder<E>,
        request: &PageRequest,
    ) -> Result<Page<E::Model>, PageError> {
        let owner = self.rows().scope().owner();
        self.page_for_owner(owner, sort, request).await
    }

    /// One page of a list that belongs to somebody else than the scope, such as a person's own
    /// organizations. The owner is bound into the cursor; the filter is the caller's.
    ///
    /// # Errors
    /// As [`page`](Self::page).
    pub async fn page_for_owner(
        mut self,
        owner: Option<Uuid>,
        sort: &KeysetOrder<E>,
        request: &PageRequest,
    ) -> Result<Page<E::Model>, PageError> {
        let key = self.rows().cursor_key().clone();
        let limit = request.limit.get();
        // Another table may have an order of the same name.
        let list = format!("{} {}", E::default().table_name(), sort.name);
        if let Some(cursor) = &request.cursor {
            let last = key.verify(cursor, &list, owner)?;
            if last.len() != sort.columns.len() {
                return Err(PageError::InvalidCursor);
            }
            self = self.after_cursor(after(sort, last));
        }
        self = self.ordered_by(&sort.columns, &sort.order);
        // One more than asked tells whether there is a next page.
        let items = self.limit(u64::from(limit) + 1);
        let mut items = items.all_of(QueryKind::Page).await?;
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next_cursor = match items.last() {
            Some(last) if more => {
                let position = sort.columns.iter().map(|column| last.get(*column));
                Some(key.sign(&list, owner, position)?)
            }
            _ => None,
        };
        Ok(Page { items, next_cursor })
    }
}

/// Everything behind that position. One comparison of rows, because an index can start there;
/// the same thing written with OR would read everything before it.
fn after<E: EntityTrait>(sort: &KeysetOrder<E>, position: Vec<sea_orm::Value>) -> SimpleExpr {
    let columns = sort
        .columns
        .iter()
        .map(|column| Expr::col((E::default(), *column)));
    let columns = Expr::tuple(columns);
    let position = Expr::tuple(position.into_iter().map(Expr::value));
    match sort.order {
        Order::Desc => columns.lt(position),
        _ => columns.gt(position),
    }
}

impl From<DbError> for PageError {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}
