//! Two organizations, and people in them.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use tenantry_core::{
    access::{Role, TenantContext},
    db::{DbError, UnitOfWork},
    id::{OrganizationId, Uuid},
    page::Page,
    quota::{QuotaKind, Quotas},
    version::Precondition,
};
use tenantry_projects::{
    BulkStatus, NewProject, Project, ProjectChange, ProjectError, ProjectId, ProjectQuery,
    ProjectStatus, ProjectsDeps, ProjectsService, service,
};
use tenantry_testkit::{TestDatabase, World};

/// Nobody sets a limit.
struct Unlimited;

#[async_trait]
impl Quotas for Unlimited {
    async fn lock_and_get(
        &self,
        _: &mut UnitOfWork,
        _: OrganizationId,
        _: QuotaKind,
    ) -> Result<Option<u64>, DbError> {
        Ok(None)
    }
}

/// A world with two organizations. Ours has a member and a viewer, theirs a member.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) projects: Box<dyn ProjectsService>,
    pub(crate) member: TenantContext,
    pub(crate) viewer: TenantContext,
    pub(crate) stranger: TenantContext,
}

impl Stage {
    pub(crate) async fn set(db: TestDatabase) -> Self {
        let world = World::new(db).await;
        let (ours, theirs) = (
            world.organization("ours").await,
            world.organization("theirs").await,
        );
        let deps = ProjectsDeps {
            database: world.database.clone(),
            limits: Arc::new(Unlimited),
        };
        Self {
            projects: Box::new(service(deps)),
            member: world.member(ours, Role::Member).await,
            viewer: world.member(ours, Role::Viewer).await,
            stranger: world.member(theirs, Role::Member).await,
            world,
        }
    }

    /// A project of ours, past every wall.
    pub(crate) async fn our_project(&self, name: &str) -> ProjectId {
        let organization = self.member.organization();
        self.world.project(organization, name).await.into()
    }

    /// A project of theirs, past every wall.
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
        let anyhow = Precondition::None;
        self.projects.update(&self.member, id, change, anyhow).await
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

    /// The names that a query finds, in its order.
    pub(crate) async fn names(&self, query: &ProjectQuery) -> Vec<String> {
        names(self.list(query).await.items)
    }

    /// Does something, and checks that no project of anybody changed and nothing was told.
    pub(crate) async fn changing_nothing<T>(&self, doing: impl Future<Output = T>) -> T {
        let before = self.everything().await;
        let outcome = doing.await;
        assert_eq!(self.everything().await, before);
        assert_eq!(self.world.events.told(), []);
        outcome
    }

    /// Every project of everybody.
    pub(crate) async fn everything(&self) -> Vec<Value> {
        let all = "SELECT * FROM projects ORDER BY organization_id, id";
        self.world.raw.query(all).await
    }

    /// Every project of theirs.
    pub(crate) async fn everything_of_theirs(&self) -> Vec<Value> {
        let theirs = self.stranger.organization().to_string();
        let mut all = self.everything().await;
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

pub(crate) fn moving(status: ProjectStatus) -> ProjectChange {
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
