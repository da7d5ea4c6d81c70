//! The module's service.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use tenantry_core::{
    access::{Grant, TenantContext},
    db::{Database, TenantRows, UnitOfWork},
    event::Changes,
    page::Page,
    quota::Quotas,
    version::Precondition,
};

use crate::{
    error::ProjectError,
    events::{
        BulkStatusChanged, ProjectCreated, ProjectDeleted, ProjectStatusChanged, ProjectUpdated,
    },
    model::{
        BulkStatus, ManageProjects, NewProject, Project, ProjectChange, ProjectId, ProjectQuery,
        ProjectStatus, ViewProjects,
    },
    quota::PROJECTS,
    store,
};

/// Projects of the context's organization, and of no other.
#[async_trait]
pub trait ProjectsService: Send + Sync {
    /// One page of the organization's projects.
    ///
    /// # Errors
    /// [`ProjectError::Page`] for a cursor of another list.
    async fn list(
        &self,
        ctx: &TenantContext,
        query: &ProjectQuery,
    ) -> Result<Page<Project>, ProjectError>;

    /// A project.
    ///
    /// # Errors
    /// [`ProjectError::NotFound`], the same for unknown and for foreign ids.
    async fn get(&self, ctx: &TenantContext, id: ProjectId) -> Result<Project, ProjectError>;

    /// Creates a project in the context's organization.
    ///
    /// # Errors
    /// [`ProjectError::PermissionDenied`] for viewers, [`ProjectError::LimitReached`].
    async fn create(&self, ctx: &TenantContext, new: NewProject) -> Result<Project, ProjectError>;

    /// Changes a project. An empty change returns the project as it is.
    ///
    /// # Errors
    /// [`ProjectError::NotFound`]; [`ProjectError::Stale`] if the precondition fails.
    async fn update(
        &self,
        ctx: &TenantContext,
        id: ProjectId,
        change: ProjectChange,
        expected: Precondition,
    ) -> Result<Project, ProjectError>;

    /// Deletes a project.
    ///
    /// # Errors
    /// As [`update`](Self::update).
    async fn delete(
        &self,
        ctx: &TenantContext,
        id: ProjectId,
        expected: Precondition,
    ) -> Result<(), ProjectError>;

    /// Sets the status of several projects, all or none.
    ///
    /// # Errors
    /// [`ProjectError::NotFound`] if one of them does not exist.
    async fn set_status(
        &self,
        ctx: &TenantContext,
        bulk: BulkStatus,
    ) -> Result<Vec<Project>, ProjectError>;
}

/// The module's dependencies.
#[derive(Clone)]
pub struct ProjectsDeps {
    /// The database.
    pub database: Database,
    /// The quotas of organizations.
    pub quotas: Arc<dyn Quotas>,
}

/// The module's service.
#[must_use]
pub fn service(deps: ProjectsDeps) -> impl ProjectsService + 'static {
    Service {
        db: deps.database,
        quotas: deps.quotas,
    }
}

struct Service {
    db: Database,
    quotas: Arc<dyn Quotas>,
}

impl Service {
    /// Fails if the organization's project limit is reached. With a limit, the organization stays
    /// locked until the unit of work ends, so concurrent creations are counted one by one.
    async fn enforce_quota(
        &self,
        work: &mut UnitOfWork,
        ctx: &TenantContext,
        grant: &Grant<ManageProjects>,
    ) -> Result<(), ProjectError> {
        let limit = self.quotas.lock_for(work, ctx, grant, PROJECTS.key);
        let Some(limit) = limit.await? else {
            return Ok(());
        };
        if store::count(&work.tenant(grant).await?).await? >= limit {
            return Err(ProjectError::LimitReached);
        }
        self.db.runtime().failpoint("projects.counted").await;
        Ok(())
    }
}

#[async_trait]
impl ProjectsService for Service {
    async fn list(
        &self,
        ctx: &TenantContext,
        query: &ProjectQuery,
    ) -> Result<Page<Project>, ProjectError> {
        let grant = ctx.require::<ViewProjects>()?;
        let rows = self.db.read(&grant);
        Ok(store::list(&rows, query).await?)
    }

    async fn get(&self, ctx: &TenantContext, id: ProjectId) -> Result<Project, ProjectError> {
        let grant = ctx.require::<ViewProjects>()?;
        let rows = self.db.read(&grant);
        // Same answer for unknown and foreign ids: a 403 would confirm that the project exists.
        store::find(&rows, id).await?.ok_or(ProjectError::NotFound)
    }

    async fn create(&self, ctx: &TenantContext, new: NewProject) -> Result<Project, ProjectError> {
        let grant = ctx.require::<ManageProjects>()?;
        let runtime = self.db.runtime();
        let mut work = self.db.begin(&grant);
        self.enforce_quota(&mut work, ctx, &grant).await?;
        let id = runtime.new_id();
        let project = store::insert(&mut work, &grant, id, new, runtime.now()).await?;
        work.record(&ProjectCreated {
            organization_id: grant.organization(),
            project_id: id,
            name: project.name.clone(),
            created_by_user_id: grant.user(),
        });
        work.commit().await?;
        Ok(project)
    }

    async fn update(
        &self,
        ctx: &TenantContext,
        id: ProjectId,
        change: ProjectChange,
        expected: Precondition,
    ) -> Result<Project, ProjectError> {
        let grant = ctx.require::<ManageProjects>()?;
        let now = self.db.runtime().now();
        let mut work = self.db.begin(&grant);
        let rows = work.tenant(&grant).await?;
        let before = store::lock(&rows, id).await?;
        let before = before.ok_or(ProjectError::NotFound)?;
        let change = change.beyond(&before);
        let is_edited = change.is_edit();
        let status = change.status;
        if !is_edited && status.is_none() {
            return if expected.allows(before.version) {
                Ok(before)
            } else {
                Err(ProjectError::Stale)
            };
        }
        let Some(project) = store::update(&rows, id, change, &expected, now).await? else {
            return Err(ProjectError::Stale);
        };
        if is_edited {
            let event = ProjectUpdated {
                organization_id: grant.organization(),
                project_id: id,
                name: project.name.clone(),
            };
            let changes = Changes::default()
                .field("name", before.name, &project.name)
                .field("description", before.description, &project.description);
            work.record_change(&event, changes);
        }
        if status.is_some() {
            record_status(&mut work, &grant, before.status, &project);
        }
        work.commit().await?;
        Ok(project)
    }

    async fn delete(
        &self,
        ctx: &TenantContext,
        id: ProjectId,
        expected: Precondition,
    ) -> Result<(), ProjectError> {
        let grant = ctx.require::<ManageProjects>()?;
        let mut work = self.db.begin(&grant);
        let rows = work.tenant(&grant).await?;
        if !store::delete(&rows, id, &expected).await? {
            return Err(not_found_or_stale(&rows, id).await);
        }
        work.record(&ProjectDeleted {
            organization_id: grant.organization(),
            project_id: id,
        });
        Ok(work.commit().await?)
    }

    async fn set_status(
        &self,
        ctx: &TenantContext,
        bulk: BulkStatus,
    ) -> Result<Vec<Project>, ProjectError> {
        let grant = ctx.require::<ManageProjects>()?;
        let now = self.db.runtime().now();
        let ids: BTreeSet<ProjectId> = bulk.ids.into_iter().collect();
        let mut work = self.db.begin(&grant);
        let rows = work.tenant(&grant).await?;
        let before = store::lock_all(&rows, &ids).await?;
        if before.len() != ids.len() {
            return Err(ProjectError::NotFound);
        }
        // What has the status already is neither written nor recorded.
        let (mut projects, others): (Vec<_>, Vec<_>) = before
            .into_iter()
            .partition(|project| project.status == bulk.status);
        if others.is_empty() {
            return Ok(projects);
        }
        let ids = others.iter().map(|project| project.id).collect();
        let changed = store::set_status(&rows, &ids, bulk.status, now).await?;
        record_bulk_status(&mut work, &grant, &others, bulk.status);
        work.commit().await?;
        projects.extend(changed);
        Ok(projects)
    }
}

/// Why a write with a precondition matched no row.
async fn not_found_or_stale(rows: &TenantRows<'_>, id: ProjectId) -> ProjectError {
    match store::find(rows, id).await {
        Ok(Some(_)) => ProjectError::Stale,
        Ok(None) => ProjectError::NotFound,
        Err(error) => error.into(),
    }
}

fn record_status<P>(
    work: &mut UnitOfWork,
    grant: &Grant<P>,
    before: ProjectStatus,
    project: &Project,
) {
    let event = ProjectStatusChanged {
        organization_id: grant.organization(),
        project_id: project.id,
        status: project.status.as_str().to_owned(),
    };
    let changes = Changes::default().field("status", before, project.status);
    work.record_change(&event, changes);
}

/// Records one event for all of these projects: an event for each would make one request write as
/// many rows to the log and to the queue of every listener.
pub(crate) fn record_bulk_status<P>(
    work: &mut UnitOfWork,
    grant: &Grant<P>,
    before: &[Project],
    status: ProjectStatus,
) {
    let event = BulkStatusChanged {
        organization_id: grant.organization(),
        project_ids: before.iter().map(|project| project.id).collect(),
        status: status.as_str().to_owned(),
    };
    let mut former: BTreeMap<&str, Vec<ProjectId>> = BTreeMap::new();
    for project in before {
        let projects = former.entry(project.status.as_str()).or_default();
        projects.push(project.id);
    }
    let changes = Changes::default();
    let changes = match before {
        [first, ..] if former.len() == 1 => changes.field("status", first.status, status),
        _ => changes.field("status", former, status),
    };
    work.record_change(&event, changes);
}
