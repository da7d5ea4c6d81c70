//! Two organizations with members.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use tenantry_core::{
    access::{Role, TenantContext},
    db::{DbError, UnitOfWork},
    id::{OrganizationId, Uuid},
    page::Page,
    quota::{QuotaKey, Quotas},
    version::Precondition,
};
use tenantry_projects::{
    BulkStatus, NewProject, Project, ProjectChange, ProjectError, ProjectId, ProjectQuery,
    ProjectStatus, ProjectsDeps, ProjectsService, service,
};
use tenantry_testkit::{TestDatabase, World};

/// No organization has a limit.
struct Unlimited;

#[async_trait]
impl Quotas for Unlimited {
    async fn lock_and_get(
        &self,
        _: &mut UnitOfWork,
        _: OrganizationId,
        _: QuotaKey,
    ) -> Result<Option<u64>, DbError> {
        Ok(None)
    }
}

/// A world with two organizations. Ours has a member and a viewer, theirs a member.
pub(crate) struct Fixture {
    pub(crate) world: World,
    pub(crate) projects: Box<dyn ProjectsService>,
    pub(crate) member: TenantContext,
    pub(crate) viewer: TenantContext,
    pub(crate) stranger: TenantContext,
}

impl Fixture {
    pub(crate) async fn new(db: TestDatabase) -> Self {
        let world = World::new(db).await;
        let (ours, theirs) = (
            world.organization("ours").await,
            world.organization("theirs").await,
        );
        let deps = ProjectsDeps {
            database: world.database.clone(),
            quotas: Arc::new(Unlimited),
        };
        Self {
            projects: Box::new(service(deps)),
            member: world.member(ours, Role::Member).await,
            viewer: world.member(ours, Role::Viewer).await,
            stranger: world.member(theirs, Role::Member).await,
            world,
        }
    }

    /// A project of ours, inserted by SQL.
    pub(crate) async fn our_project(&self, name: &str) -> ProjectId {
        let organization = self.member.organization();
        self.world.project(organization, name).await.into()
    }

    /// A project of theirs, inserted by SQL.
    pub(crate) async fn their_project(&self, name: &str) -> ProjectId {
        let organization = self.stranger.organization();
        self.world.project(organization, name).await.into()
    }

    /// An id that no project has.
    pub(crate) fn no_project(&self) -> ProjectId {
        self.world.runtime().new_id()
    }

    pub(crate) async fn create(&self, ctx: &TenantContext, name: &str) -> Project {
        let created = self.projects.create(ctx, new(name)).await;
        created.expect("a member creates")
    }

    pub(crate) async fn get(&self, id: ProjectId) -> Project {
        let found = self.projects.get(&self.viewer, id).await;
        found.expect("a project of ours")
    }

    pub(crate) async fn update(
        &self,
        id: ProjectId,
        change: ProjectChange,
    ) -> Result<Project, ProjectError> {
        let any = Precondition::None;
        self.projects.update(&self.member, id, change, any).await
    }

    pub(crate) async fn delete(&self, id: ProjectId) -> Result<(), ProjectError> {
        self.projects
            .delete(&self.member, id, Precondition::None)
            .await
    }

    pub(crate) async fn set_status(
        &self,
        ids: impl IntoIterator<Item = ProjectId>,
        status: ProjectStatus,
    ) -> Result<Vec<Project>, ProjectError> {
        let ids = ids.into_iter().collect();
        self.projects
            .set_status(&self.member, BulkStatus { ids, status })
            .await
    }

    pub(crate) async fn list(&self, query: &ProjectQuery) -> Page<Project> {
        let listed = self.projects.list(&self.viewer, query).await;
        listed.expect("a page")
    }

    /// The names of the projects of a query, in its order.
    pub(crate) async fn names(&self, query: &ProjectQuery) -> Vec<String> {
        names(self.list(query).await.items)
    }

    /// Runs the future, and checks that it changed no project and recorded no event.
    pub(crate) async fn assert_unchanged<T>(&self, action: impl Future<Output = T>) -> T {
        let before = self.all().await;
        let outcome = action.await;
        assert_eq!(self.all().await, before);
        assert_eq!(self.world.events.published(), []);
        outcome
    }

    /// All projects.
    pub(crate) async fn all(&self) -> Vec<Value> {
        let all = "SELECT * FROM projects ORDER BY organization_id, id";
        self.world.raw.query(all).await
    }

    /// All projects of theirs.
    pub(crate) async fn all_of_theirs(&self) -> Vec<Value> {
        let theirs = self.stranger.organization().to_string();
        let mut all = self.all().await;
        all.retain(|project| project["organization_id"] == theirs);
        all
    }
}

pub(crate) fn new(name: &str) -> NewProject {
    NewProject {
        name: name.parse().expect("a valid name"),
        description: "What it is about".parse().expect("a valid description"),
        status: ProjectStatus::Draft,
    }
}

pub(crate) fn renaming(name: &str) -> ProjectChange {
    ProjectChange {
        name: Some(name.parse().expect("a valid name")),
        ..Default::default()
    }
}

pub(crate) fn with_status(status: ProjectStatus) -> ProjectChange {
    ProjectChange {
        status: Some(status),
        ..Default::default()
    }
}

pub(crate) fn names(projects: impl IntoIterator<Item = Project>) -> Vec<String> {
    let names = projects.into_iter().map(|project| project.name);
    names.map(|name| name.to_string()).collect()
}

pub(crate) fn uuids(projects: &[Project]) -> Vec<Uuid> {
    projects.iter().map(|project| project.id.uuid()).collect()
}
