//! `org members`, `set-role` and `transfer`.

use serde_json::json;
use tenantry_core::{
    access::{Actor, Role},
    value::Slug,
};
use tenantry_organizations::{Member, NewOwner, OrganizationChange};
use tenantry_users::Email;

use super::super::org_lookup::find;
use crate::{
    Failure,
    app::App,
    cli::{
        output::{answer, table},
        pages::all_pages,
        user::find as find_user,
    },
};

#[derive(clap::Args)]
pub(crate) struct Members {
    /// The organization's slug
    slug: Slug,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct SetRole {
    /// The organization's slug
    slug: Slug,
    /// The member's address
    #[arg(long)]
    email: Email,
    /// viewer, member, admin or owner
    #[arg(long)]
    role: Role,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Transfer {
    /// The organization's slug
    slug: Slug,
    /// The address of the member who becomes its owner
    #[arg(long)]
    to: Email,
    /// The address of the owner who becomes an admin; needed where there are several
    #[arg(long)]
    from: Option<Email>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct SetOwner {
    /// The organization's slug
    slug: Slug,
    /// The address of the member who becomes its owner
    #[arg(long)]
    email: Email,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn list(app: &App, args: &Members) -> Result<(), Failure> {
    let organization = find(app, &args.slug).await?;
    let members = all_pages(async |page| {
        app.organizations
            .members
            .member_report(organization.id, &page)
            .await
    });
    let members = members
        .await
        .map_err(|error| Failure::caused_by("the members can't be listed", &error))?;
    answer(args.json, &members, || shown(&members))
}

pub(crate) async fn set_role(app: &App, args: &SetRole) -> Result<(), Failure> {
    let organization = find(app, &args.slug).await?;
    let user = find_user(app, &args.email).await?;
    let (id, role, actor) = (organization.id, args.role, Actor::command_line());
    let changed = app
        .organizations
        .members
        .set_role_for(id, user.id, role, actor)
        .await
        .map_err(|error| Failure::caused_by("the role can't be changed", &error))?;
    answer(args.json, &changed, || {
        shown(std::slice::from_ref(&changed))
    })
}

pub(crate) async fn transfer(app: &App, args: &Transfer) -> Result<(), Failure> {
    let organization = find(app, &args.slug).await?;
    let to = find_user(app, &args.to).await?.id;
    let from = match &args.from {
        Some(email) => Some(find_user(app, email).await?.id),
        None => None,
    };
    let (id, actor) = (organization.id, Actor::command_line());
    let owner = app
        .organizations
        .members
        .transfer_for(id, from, to, actor)
        .await;
    let owner = owner
        .map_err(|error| Failure::caused_by("the organization can't be handed over", &error))?;
    answer(args.json, &owner, || shown(std::slice::from_ref(&owner)))
}

pub(crate) async fn set_owner(app: &App, args: &SetOwner) -> Result<(), Failure> {
    let organization = find(app, &args.slug).await?;
    let user = find_user(app, &args.email).await?;
    let change = OrganizationChange {
        owner: Some(NewOwner::User(user.id)),
        ..OrganizationChange::default()
    };
    let (id, actor) = (organization.id, Actor::command_line());
    let changed = app
        .organizations
        .operators
        .change_organization(id, change, actor)
        .await
        .map_err(|error| Failure::caused_by("the organization gets no owner", &error))?;
    let value = json!({ "id": id, "slug": changed.slug, "owner_email": user.email });
    answer(args.json, &value, || {
        format!("{} is the owner of {}", user.email, changed.slug)
    })
}

/// Members, as a table.
pub(super) fn shown(members: &[Member]) -> String {
    let rows = members.iter().map(|member| {
        [
            member.user_email.clone(),
            member.user_name.to_string(),
            member.role.to_string(),
            if member.is_active {
                "active"
            } else {
                "disabled"
            }
            .to_owned(),
        ]
    });
    table(["member", "name", "role", "state"], rows.collect())
}
