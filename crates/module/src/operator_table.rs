//! Rows that operators may look at.

use async_trait::async_trait;
use tenantry_core::{
    access::TenantContext,
    clock::Timestamp,
    page::{Page, PageRequest},
};
use tenantry_http::Problem;

/// A table of tenants' rows that operators may look at, one organization at a time.
///
/// An operator gets a viewer's context in each organization, which also records the look. So the rows
/// come from the queries that members use, and no query reads the rows of several organizations.
#[async_trait]
pub trait OperatorTable: Send + Sync {
    /// Its name in addresses.
    fn name(&self) -> &'static str;

    /// Its name for people.
    fn title(&self) -> &'static str;

    /// The headings of its columns, without the organization.
    fn columns(&self) -> &'static [&'static str];

    /// A page of the organization's rows: those that contain the text, or all.
    ///
    /// # Errors
    /// When the page request is invalid or the database fails.
    async fn rows(
        &self,
        ctx: &TenantContext,
        text: Option<&str>,
        request: &PageRequest,
    ) -> Result<Page<Vec<OperatorCell>>, Problem>;
}

/// A cell of such a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperatorCell {
    /// A text.
    Text(String),
    /// A moment.
    Time(Timestamp),
}
