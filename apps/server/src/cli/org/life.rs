//! `org disable`, `enable`, `limits` and `delete`.

use std::{
    collections::BTreeMap,
    io::{Write as _, stderr},
    str::FromStr,
    sync::Mutex,
};

use serde_json::json;
use tenantry_core::{access::Actor, value::Slug};
use tenantry_organizations::{
    EraseProgress, LimitsChange, MaxCount, Organization, OrganizationChange, OrganizationState,
};

use super::super::org_lookup::{find, state};
use crate::{
    Failure,
    app::App,
    cli::{
        confirm::confirm,
        output::{answer, columns},
    },
};

#[derive(clap::Args)]
pub(crate) struct Target {
    /// Its slug
    slug: Slug,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Delete {
    /// Its slug
    slug: Slug,
    /// Don't ask
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Limits {
    /// Its slug
    slug: Slug,
    /// seats=N, projects=N; none instead of N lifts the limit
    limits: Vec<Limit>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Target limit to be set.
#[derive(Clone, Copy, Debug)]
enum Limit {
    Seats(Option<MaxCount>),
    Projects(Option<MaxCount>),
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, number) = text
            .split_once('=')
            .ok_or("must be seats=N or projects=N")?;
        let number = match number {
            "none" => None,
            number => Some(number.parse::<MaxCount>()?),
        };
        match name {
            "seats" => Ok(Self::Seats(number)),
            "projects" => Ok(Self::Projects(number)),
            _ => Err("must be seats=N or projects=N".to_owned()),
        }
    }
}

pub(crate) async fn set_state(
    app: &App,
    args: &Target,
    wanted: OrganizationState,
) -> Result<(), Failure> {
    let change = OrganizationChange {
        state: Some(wanted),
        ..OrganizationChange::default()
    };
    let changed = change_it(app, &args.slug, change).await?;
    answer(args.json, &changed, || {
        format!("{} is {}", changed.slug, state(&changed))
    })
}

pub(crate) async fn limits(app: &App, args: &Limits) -> Result<(), Failure> {
    let organization = if args.limits.is_empty() {
        find(app, &args.slug).await?
    } else {
        let mut limits = LimitsChange::default();
        for limit in &args.limits {
            let (of, number) = match *limit {
                Limit::Seats(number) => (&mut limits.seats, number),
                Limit::Projects(number) => (&mut limits.projects, number),
            };
            if of.replace(number).is_some() {
                return Err(Failure::Usage("a limit can be set once only".to_owned()));
            }
        }
        let change = OrganizationChange {
            limits,
            ..OrganizationChange::default()
        };
        change_it(app, &args.slug, change).await?
    };
    let limits = organization.limits;
    let shown = |limit: Option<u32>| limit.map_or("none".to_owned(), |limit| limit.to_string());
    answer(args.json, &limits, || {
        columns(&[
            ["seats".to_owned(), shown(limits.seats)],
            ["projects".to_owned(), shown(limits.projects)],
        ])
    })
}

async fn change_it(
    app: &App,
    slug: &Slug,
    change: OrganizationChange,
) -> Result<Organization, Failure> {
    let organization = find(app, slug).await?;
    if organization.deleted_at.is_some() {
        return Err(Failure::Failed(format!(
            "{slug} is being deleted, which can't be undone"
        )));
    }
    let organizations = &app.organizations;
    let changed =
        organizations
            .operators
            .change_organization(organization.id, change, Actor::command_line());
    changed
        .await
        .map_err(|error| Failure::caused_by("the organization can't be changed", &error))
}

pub(crate) async fn delete(app: &App, args: &Delete) -> Result<(), Failure> {
    let failed = |error| Failure::caused_by("the organization can't be deleted", &error);
    let organization = find(app, &args.slug).await?;
    if organization.deleted_at.is_none() {
        let what = format!("erases the organization {} and all its data", args.slug);
        confirm(args.yes, &what)?;
        let marked = app
            .organizations
            .deletion
            .mark_for_deletion_as(organization.id, Actor::command_line());
        marked.await.map_err(failed)?;
    }

    let erased = Mutex::new(BTreeMap::new());
    let progress = |batch: EraseProgress<'_>| {
        let EraseProgress { table, rows } = batch;
        if rows > 0 {
            // The deletion goes on without anyone who reads.
            drop(writeln!(stderr(), "{table}: {rows} rows erased"));
        }
        let mut erased = erased.lock().expect("nothing panics with it");
        erased.insert(table.to_owned(), rows);
    };
    let erasing = app.organizations.deletion.erase(organization.id, &progress);
    erasing.await.map_err(failed)?;
    let erased = erased.into_inner().expect("nothing panicked with it");
    let value = json!({ "id": organization.id, "slug": args.slug, "erased": erased });
    answer(args.json, &value, || format!("{} is erased", args.slug))
}
