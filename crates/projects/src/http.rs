//! The routes. Handlers parse, call one method of the service, and translate its answer.

use std::str::FromStr;

use actix_web::{HttpResponse, Responder, http::header, web};
use serde::Serialize;
use tenantry_core::{
    access::TenantContext,
    http::{
        Access, Body, Change, ETag, Field, FieldError, IfMatch, Json, PathId, Problem, Query,
        Routes,
    },
    page::{Limit, PageRequest},
    request, text_field,
    value::{Description, InvalidText, Name, parse_line},
};

use crate::{
    BulkStatus, ManageProjects, NewProject, Project, ProjectChange, ProjectError, ProjectId,
    ProjectQuery, ProjectSort, ProjectStatus, ProjectsService, ViewProjects,
};

type Projects = web::Data<dyn ProjectsService>;

/// The module's routes.
#[must_use]
pub fn routes() -> Routes {
    const VIEW: Access = Access::tenant::<ViewProjects>();
    const MANAGE: Access = Access::tenant::<ManageProjects>();

    Routes::new()
        .list("/api/projects", VIEW, list)
        .post("/api/projects", MANAGE, create)
        .post("/api/projects/bulk", MANAGE, set_status)
        .get("/api/projects/{id}", VIEW, get)
        .patch("/api/projects/{id}", MANAGE, update)
        .delete("/api/projects/{id}", MANAGE, delete)
}

text_field!(ProjectStatus);
text_field!(ProjectSort);
text_field!(Search);

/// What to look for in names.
#[derive(Debug)]
struct Search(String);

impl FromStr for Search {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_line(text, 255)
            .map(Self)
            .ok_or(InvalidText("must be 1 to 255 characters"))
    }
}

/// Some projects, as many as one page holds.
#[derive(Debug)]
struct Ids(Vec<ProjectId>);

impl Field for Ids {
    fn parse(value: Json) -> Result<Self, FieldError> {
        let ids = Vec::parse(value)?;
        if (1..=100).contains(&ids.len()) {
            Ok(Self(ids))
        } else {
            Err(FieldError::new("must hold 1 to 100 ids"))
        }
    }
}

request! {
    /// Which projects to list.
    struct ListQuery {
        status: Option<ProjectStatus>,
        q: Option<Search>,
        sort: Option<ProjectSort>,
        limit: Option<Limit>,
        cursor: Option<String>,
    }
}

request! {
    /// A project to be made.
    struct CreateProject {
        name: Name,
        description: Option<Description>,
        status: Option<ProjectStatus>,
    }
}

request! {
    /// What to change of a project.
    struct UpdateProject {
        name: Change<Name>,
        description: Change<Description>,
        status: Change<ProjectStatus>,
    }
}

request! {
    /// Projects to be moved to one status.
    struct Bulk {
        ids: Ids,
        status: ProjectStatus,
    }
}

async fn list(
    ctx: TenantContext,
    Query(query): Query<ListQuery>,
    projects: Projects,
) -> Result<impl Responder, Problem> {
    let query = ProjectQuery {
        status: query.status,
        search: query.q.map(|Search(text)| text),
        sort: query.sort.unwrap_or_default(),
        page: PageRequest {
            limit: query.limit.unwrap_or_default(),
            cursor: query.cursor,
        },
    };
    Ok(web::Json(projects.list(&ctx, &query).await?))
}

async fn create(
    ctx: TenantContext,
    Body(body): Body<CreateProject>,
    projects: Projects,
) -> Result<impl Responder, Problem> {
    let new = NewProject {
        name: body.name,
        description: body.description.unwrap_or_else(Description::empty),
        status: body.status.unwrap_or_default(),
    };
    let project = projects.create(&ctx, new).await?;
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, format!("/api/projects/{}", project.id)))
        .insert_header(ETag(project.version))
        .json(project))
}

async fn get(
    ctx: TenantContext,
    id: PathId<ProjectId>,
    projects: Projects,
) -> Result<impl Responder, Problem> {
    let id = id.or(ProjectError::NotFound)?;
    Ok(tagged(projects.get(&ctx, id).await?))
}

async fn update(
    ctx: TenantContext,
    id: PathId<ProjectId>,
    if_match: IfMatch,
    Body(body): Body<UpdateProject>,
    projects: Projects,
) -> Result<impl Responder, Problem> {
    let id = id.or(ProjectError::NotFound)?;
    let change = ProjectChange {
        name: body.name.0,
        description: body.description.0,
        status: body.status.0,
    };
    let project = projects
        .update(&ctx, id, change, if_match.versions())
        .await?;
    Ok(tagged(project))
}

async fn delete(
    ctx: TenantContext,
    id: PathId<ProjectId>,
    if_match: IfMatch,
    projects: Projects,
) -> Result<impl Responder, Problem> {
    let id = id.or(ProjectError::NotFound)?;
    projects.delete(&ctx, id, if_match.versions()).await?;
    Ok(HttpResponse::NoContent())
}

#[derive(Serialize)]
struct Changed {
    items: Vec<Project>,
}

async fn set_status(
    ctx: TenantContext,
    Body(body): Body<Bulk>,
    projects: Projects,
) -> Result<impl Responder, Problem> {
    let bulk = BulkStatus {
        ids: body.ids.0,
        status: body.status,
    };
    let items = projects.set_status(&ctx, bulk).await?;
    Ok(web::Json(Changed { items }))
}

fn tagged(project: Project) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(ETag(project.version))
        .json(project)
}
