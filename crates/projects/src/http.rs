//! The routes. Handlers parse, call one method of the service, and translate its result.

use std::borrow::Cow;

use actix_web::web;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use tenantry_core::{
    access::TenantContext,
    event::DomainEvent as _,
    input::schema::{Schema, Schemas, json_schema},
    input::{InputField, Json, Patch, ValidationErrors},
    page::{Page, PageRequest, PageSize},
    request, text_field,
    value::{Description, Name, SearchText},
};
use tenantry_http::{
    Access, Authorized, Body, Created, ETag, IfMatch, NoContent, PathId, Problem, Query, Routes,
    Versioned,
};

use crate::{
    error::ProjectError,
    events::{BulkStatusChanged, ProjectCreated, ProjectDeleted, ProjectUpdated},
    model::{
        BulkStatus, ManageProjects, NewProject, Project, ProjectChange, ProjectId, ProjectQuery,
        ProjectSort, ProjectStatus, ViewProjects,
    },
    service::ProjectsService,
};

type Projects = web::Data<dyn ProjectsService>;

/// The module's routes.
#[must_use]
pub(crate) fn routes() -> Routes {
    const VIEW: Access = Access::tenant::<ViewProjects>();
    const MANAGE: Access = Access::tenant::<ManageProjects>();

    Routes::new()
        .tag("projects", "The projects of an organization")
        .list("/api/projects", VIEW, list)
        .operation("list_projects", "The organization's projects")
        .post("/api/projects", MANAGE, create)
        .operation("create_project", "Create a project")
        .sample(|values| json!({"name": values.text, "description": values.text}))
        .records(&[ProjectCreated::NAME])
        .errors([ProjectError::LimitReached])
        .post("/api/projects/bulk", MANAGE, set_status)
        .operation(
            "set_projects_status",
            "Set the status of several projects, all or none",
        )
        .sample(|values| json!({"ids": values.ids, "status": "archived"}))
        .sample_ids("/api/projects")
        .records(&[BulkStatusChanged::NAME])
        .errors([ProjectError::NotFound])
        .get("/api/projects/{id}", VIEW, get)
        .operation("get_project", "A project")
        .errors([ProjectError::NotFound])
        .patch("/api/projects/{id}", MANAGE, update)
        .operation("update_project", "Change a project")
        .sample(|values| json!({"name": values.another_text()}))
        .records(&[ProjectUpdated::NAME])
        .errors([ProjectError::NotFound, ProjectError::Stale])
        .delete("/api/projects/{id}", MANAGE, delete)
        .operation("delete_project", "Delete a project")
        .records(&[ProjectDeleted::NAME])
        .errors([ProjectError::NotFound, ProjectError::Stale])
}

text_field!(ProjectStatus);
text_field!(ProjectSort, { "enum": ProjectSort::ALL.map(ProjectSort::as_str) });
/// Up to 100 project ids.
#[derive(Debug)]
struct Ids(Vec<ProjectId>);

impl Ids {
    const MAX: usize = 100;
}

impl JsonSchema for Ids {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Ids".into()
    }

    fn json_schema(schemas: &mut Schemas) -> Schema {
        let id = schemas.subschema_for::<ProjectId>();
        json_schema!({"type": "array", "items": id, "minItems": 1, "maxItems": Self::MAX})
    }
}

impl InputField for Ids {
    fn parse(value: Json) -> Result<Self, ValidationErrors> {
        let ids = Vec::parse(value)?;
        if (1..=Self::MAX).contains(&ids.len()) {
            Ok(Self(ids))
        } else {
            Err(ValidationErrors::new("must hold 1 to 100 ids"))
        }
    }
}

request! {
    /// Which projects to list.
    struct ListQuery {
        /// Only those with this status.
        status: Option<ProjectStatus>,
        /// Only those whose name contains this text (case-insensitive).
        q: Option<SearchText>,
        /// The order; by default the newest first.
        sort: Option<ProjectSort>,
        /// The page size.
        limit: Option<PageSize>,
        /// The cursor of the previous page.
        cursor: Option<String>,
    }
}

request! {
    /// A project to create.
    struct CreateProject {
        /// Its name.
        name: Name,
        /// Its description.
        description: Option<Description>,
        /// Its status; by default a draft.
        status: Option<ProjectStatus>,
    }
}

request! {
    /// Changes of a project.
    struct UpdateProject {
        /// A new name.
        name: Patch<Name>,
        /// A new description.
        description: Patch<Description>,
        /// A new status.
        status: Patch<ProjectStatus>,
    }
}

request! {
    /// A new status for several projects.
    struct SetProjectsStatus {
        /// The projects; duplicates count once.
        ids: Ids,
        /// The new status.
        status: ProjectStatus,
    }
}

async fn list(
    Authorized(ctx): Authorized<TenantContext>,
    Query(query): Query<ListQuery>,
    projects: Projects,
) -> Result<web::Json<Page<Project>>, Problem> {
    let query = ProjectQuery {
        status: query.status,
        search: query.q.map(SearchText::into_text),
        sort: query.sort.unwrap_or_default(),
        page: PageRequest {
            limit: query.limit.unwrap_or_default(),
            cursor: query.cursor,
        },
    };
    Ok(web::Json(projects.list(&ctx, &query).await?))
}

async fn create(
    Authorized(ctx): Authorized<TenantContext>,
    Body(body): Body<CreateProject>,
    projects: Projects,
) -> Result<Versioned<Created<Project>>, Problem> {
    let new = NewProject {
        name: body.name,
        description: body.description.unwrap_or_else(Description::empty),
        status: body.status.unwrap_or_default(),
    };
    let project = projects.create(&ctx, new).await?;
    let path = format!("/api/projects/{}", project.id);
    let tag = ETag(project.version);
    Ok(Versioned(tag, Created::new(project).at(path)))
}

async fn get(
    Authorized(ctx): Authorized<TenantContext>,
    id: PathId<ProjectId>,
    projects: Projects,
) -> Result<Versioned<web::Json<Project>>, Problem> {
    let id = id.or(ProjectError::NotFound)?;
    Ok(with_etag(projects.get(&ctx, id).await?))
}

async fn update(
    Authorized(ctx): Authorized<TenantContext>,
    id: PathId<ProjectId>,
    if_match: IfMatch,
    Body(body): Body<UpdateProject>,
    projects: Projects,
) -> Result<Versioned<web::Json<Project>>, Problem> {
    let id = id.or(ProjectError::NotFound)?;
    let change = ProjectChange {
        name: body.name.0,
        description: body.description.0,
        status: body.status.0,
    };
    let project = projects
        .update(&ctx, id, change, if_match.versions())
        .await?;
    Ok(with_etag(project))
}

async fn delete(
    Authorized(ctx): Authorized<TenantContext>,
    id: PathId<ProjectId>,
    if_match: IfMatch,
    projects: Projects,
) -> Result<NoContent, Problem> {
    let id = id.or(ProjectError::NotFound)?;
    projects.delete(&ctx, id, if_match.versions()).await?;
    Ok(NoContent)
}

/// The changed projects.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChangedProjects")]
struct Changed {
    /// All of them.
    items: Vec<Project>,
}

async fn set_status(
    Authorized(ctx): Authorized<TenantContext>,
    Body(body): Body<SetProjectsStatus>,
    projects: Projects,
) -> Result<web::Json<Changed>, Problem> {
    let bulk = BulkStatus {
        ids: body.ids.0,
        status: body.status,
    };
    let items = projects.set_status(&ctx, bulk).await?;
    Ok(web::Json(Changed { items }))
}

fn with_etag(project: Project) -> Versioned<web::Json<Project>> {
    Versioned(ETag(project.version), web::Json(project))
}
