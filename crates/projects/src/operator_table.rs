//! What operators may see of projects.

use async_trait::async_trait;
use tenantry_core::{
    access::TenantContext,
    page::{Page, PageRequest},
};
use tenantry_http::Problem;
use tenantry_module::{OperatorCell, OperatorTable};

use crate::{ProjectQuery, ProjectsService};

/// The projects of an organization.
pub(crate) struct ProjectsTable<S>(pub(crate) S);

#[async_trait]
impl<S: ProjectsService> OperatorTable for ProjectsTable<S> {
    fn name(&self) -> &'static str {
        "projects"
    }

    fn title(&self) -> &'static str {
        "Projects"
    }

    fn columns(&self) -> &'static [&'static str] {
        &["Name", "Status", "Created"]
    }

    async fn rows(
        &self,
        ctx: &TenantContext,
        text: Option<&str>,
        request: &PageRequest,
    ) -> Result<Page<Vec<OperatorCell>>, Problem> {
        let query = ProjectQuery {
            search: text.map(str::to_owned),
            page: request.clone(),
            ..ProjectQuery::default()
        };
        let page = self.0.list(ctx, &query).await?;
        Ok(page.map(|project| {
            vec![
                OperatorCell::Text(project.name.to_string()),
                OperatorCell::Text(project.status.as_str().to_owned()),
                OperatorCell::Time(project.created_at),
            ]
        }))
    }
}
