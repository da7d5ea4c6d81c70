//! `org`: create, list and show organizations. [`life`] changes one, [`members`] its members.

mod life;
mod members;

use clap::Subcommand;
use serde_json::json;
use tenantry_core::{
    deployment::Deployment,
    runtime::Runtime,
    value::{Name, Slug},
};
use tenantry_organizations::{NewOrganization, OrganizationState};
use tenantry_users::{Email, PasswordCost};

use super::{
    org_lookup::{find, state},
    output::{answer, columns, table},
    pages::all_pages,
};
use crate::{Failure, app::App, settings::Settings};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Create an organization
    Create(Create),
    /// List all organizations
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show an organization and its members
    Show {
        /// Its slug
        slug: Slug,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Disable an organization; its data stays
    Disable(life::Target),
    /// Enable it again
    Enable(life::Target),
    /// Delete an organization and all its data
    Delete(life::Delete),
    /// Show or set the limits of an organization
    Limits(life::Limits),
    /// List the members of an organization
    Members(members::Members),
    /// Change the role of a member
    SetRole(members::SetRole),
    /// Make a member the owner, and the owner an admin
    Transfer(members::Transfer),
    /// Make a member the owner of an organization without an active one
    SetOwner(members::SetOwner),
}

#[derive(clap::Args)]
pub(super) struct Create {
    /// Its name
    #[arg(long)]
    name: Name,
    /// Its slug; in dedicated mode DEDICATED_ORG_SLUG, else made from the name
    #[arg(long)]
    slug: Option<Slug>,
    /// The address of its owner, who has an account already
    #[arg(long)]
    owner_email: Email,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command, settings: &Settings) -> Result<(), Failure> {
    let app = App::open(settings, Runtime::system(), PasswordCost::default()).await?;
    let outcome = match command {
        Command::Create(args) => create(&app, args, &settings.deployment).await,
        Command::List { json } => list(&app, json).await,
        Command::Show { slug, json } => show(&app, &slug, json).await,
        Command::Disable(args) => {
            let disabled = OrganizationState::Disabled { reason: None };
            life::set_state(&app, &args, disabled).await
        }
        Command::Enable(args) => life::set_state(&app, &args, OrganizationState::Active).await,
        Command::Delete(args) => life::delete(&app, &args).await,
        Command::Limits(args) => life::limits(&app, &args).await,
        Command::Members(args) => members::list(&app, &args).await,
        Command::SetRole(args) => members::set_role(&app, &args).await,
        Command::Transfer(args) => members::transfer(&app, &args).await,
        Command::SetOwner(args) => members::set_owner(&app, &args).await,
    };
    app.database.close().await;
    outcome
}

async fn create(app: &App, args: Create, deployment: &Deployment) -> Result<(), Failure> {
    let slug = match (args.slug, deployment) {
        (slug, Deployment::Saas) => slug,
        (None, Deployment::Dedicated { organization }) => Some(organization.clone()),
        (Some(slug), Deployment::Dedicated { organization }) if slug == *organization => Some(slug),
        (Some(_), Deployment::Dedicated { organization }) => {
            return Err(Failure::Usage(format!(
                "this deployment has one organization, {organization}; leave out --slug"
            )));
        }
    };
    let email = args.owner_email;
    let owner = app.users.find_by_email(&email).await;
    let owner =
        owner.map_err(|error| Failure::caused_by("the owner can't be looked up", &error))?;
    let owner = owner.ok_or_else(|| {
        Failure::Failed(format!(
            "there is no account {email}; make it with \
             `tenantry user create --email {email} --name NAME`"
        ))
    })?;

    let new = NewOrganization {
        name: args.name,
        slug,
    };
    let made = app.organizations.directory.create_for(owner.id, new).await;
    let made =
        made.map_err(|error| Failure::caused_by("the organization can't be made", &error))?;
    let value = json!({
        "id": made.id, "name": made.name, "slug": made.slug, "owner_email": email,
    });
    answer(args.json, &value, || {
        columns(&[
            ["id".to_owned(), made.id.to_string()],
            ["slug".to_owned(), made.slug.to_string()],
            ["owner".to_owned(), email.to_string()],
        ])
    })
}

async fn list(app: &App, json: bool) -> Result<(), Failure> {
    let found = all_pages(async |request| app.organizations.directory.list(&request).await);
    let found = found
        .await
        .map_err(|error| Failure::caused_by("the organizations can't be listed", &error))?;
    answer(json, &found, || {
        let rows = found.iter().map(|organization| {
            [
                organization.slug.to_string(),
                organization.name.to_string(),
                state(organization).to_owned(),
            ]
        });
        table(["slug", "name", "state"], rows.collect())
    })
}

async fn show(app: &App, slug: &Slug, json: bool) -> Result<(), Failure> {
    let failed = |error| Failure::caused_by("the organization can't be shown", &error);
    let organization = find(app, slug).await?;
    let members = all_pages(async |request| {
        app.organizations
            .members
            .member_report(organization.id, &request)
            .await
    });
    let members = members.await.map_err(failed)?;

    let value = json!({ "organization": organization, "members": members });
    answer(json, &value, || {
        let facts = columns(&[
            ["id".to_owned(), organization.id.to_string()],
            ["slug".to_owned(), organization.slug.to_string()],
            ["name".to_owned(), organization.name.to_string()],
            ["state".to_owned(), state(&organization).to_owned()],
        ]);
        format!("{facts}\n{}", members::shown(&members))
    })
}
