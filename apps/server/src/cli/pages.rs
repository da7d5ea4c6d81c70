//! Reads all pages of a list.

use tenantry_core::page::{Page, PageRequest, PageSize};

/// The items of all pages.
pub(super) async fn all_pages<T, E>(
    page: impl AsyncFn(PageRequest) -> Result<Page<T>, E>,
) -> Result<Vec<T>, E> {
    let limit = PageSize::new(100).expect("100 is allowed");
    let mut items = Vec::new();
    let mut cursor = None;
    loop {
        let read = page(PageRequest { limit, cursor }).await?;
        items.extend(read.items);
        cursor = read.next_cursor;
        if cursor.is_none() {
            return Ok(items);
        }
    }
}
