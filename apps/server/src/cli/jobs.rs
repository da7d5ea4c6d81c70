//! `jobs status`, `retry`, `run` and `forget`.

use clap::Subcommand;
use serde_json::json;
use tenantry_core::{runtime::Runtime, value::Slug};
use tenantry_domain_events::JobStatus;
use tenantry_users::PasswordCost;

use super::{
    confirm::confirm,
    org_lookup::find,
    output::{answer, moment, seconds, table},
};
use crate::{Failure, app::App, settings::Settings};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Show the jobs that are not done, by name, and why the dead ones failed
    Status {
        /// Only the jobs of this name
        name: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Requeue dead letters
    Retry {
        /// Only the jobs of this name
        name: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Enqueue a scheduled job now, in every active organization or in one
    Run {
        /// The job
        name: String,
        /// Only in the organization with this slug
        #[arg(long)]
        organization: Option<Slug>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Drop the jobs of a name that no program has a handler for any more
    Forget {
        /// The job
        name: String,
        /// Don't ask
        #[arg(long)]
        yes: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(command: Command, settings: &Settings) -> Result<(), Failure> {
    if let Command::Forget { name, yes, .. } = &command {
        confirm(*yes, &format!("drops the jobs {name}, for good"))?;
    }
    let app = App::open(settings, Runtime::system(), PasswordCost::default()).await?;
    let outcome = match command {
        Command::Status { name, json } => status(&app, name.as_deref(), json).await,
        Command::Retry { name, json } => retry(&app, name.as_deref(), json).await,
        Command::Run {
            name,
            organization,
            json,
        } => run_now(&app, &name, organization.as_ref(), json).await,
        Command::Forget { name, json, .. } => forget(&app, &name, json).await,
    };
    app.database.close().await;
    outcome
}

async fn status(app: &App, name: Option<&str>, json: bool) -> Result<(), Failure> {
    let jobs = checked_status(app, name).await?;
    let dead = app.jobs().dead_letters(name).await;
    let dead =
        dead.map_err(|error| Failure::caused_by("the dead letters can't be read", &error))?;
    let now = app.queue().now();
    let lag = |it: &JobStatus| {
        let oldest = it.backlog.oldest;
        oldest.map(|oldest| (now - oldest).num_milliseconds().max(0))
    };
    let listed: Vec<_> = jobs
        .iter()
        .map(|it| {
            let backlog = &it.backlog;
            json!({
                "job": backlog.job, "scheduled": backlog.scheduled, "due": backlog.due,
                "parked": backlog.parked, "lag_ms": lag(it), "retries": backlog.retries,
                "dead": backlog.dead, "schedule": it.schedule, "next": backlog.next,
                "has_handler": it.has_handler,
            })
        })
        .collect();
    let all = json!({ "jobs": listed, "dead_letters": dead });
    answer(json, &all, || {
        let rows = jobs.iter().map(|it| {
            let backlog = &it.backlog;
            [
                backlog.job.clone(),
                backlog.scheduled.to_string(),
                backlog.due.to_string(),
                backlog.parked.to_string(),
                lag(it).map_or_else(|| "-".to_owned(), seconds),
                backlog.retries.to_string(),
                backlog.dead.to_string(),
                it.schedule.unwrap_or("-").to_owned(),
                backlog.next.map_or_else(|| "-".to_owned(), moment),
            ]
        });
        let head = [
            "job",
            "scheduled",
            "due",
            "parked",
            "lag",
            "retries",
            "dead",
            "schedule",
            "next",
        ];
        let mut text = table(head, rows.collect());
        if !dead.is_empty() {
            let rows = dead.iter().map(|letter| {
                let organization = letter.organization_id;
                [
                    letter.listener.clone(),
                    letter.event_id.to_string(),
                    organization.map_or_else(|| "-".to_owned(), |id| id.to_string()),
                    moment(letter.dead_at),
                    letter.attempts.to_string(),
                    letter.last_error.clone().unwrap_or_default(),
                ]
            });
            let head = [
                "dead job",
                "id",
                "organization",
                "given up",
                "attempts",
                "problem",
            ];
            text.push('\n');
            text.push_str(&table(head, rows.collect()));
        }
        text
    })
}

async fn retry(app: &App, name: Option<&str>, json: bool) -> Result<(), Failure> {
    let jobs = checked_status(app, name).await?;
    if let (Some(name), [job]) = (name, &jobs[..])
        && !job.has_handler
    {
        return Err(Failure::Failed(format!(
            "nothing can be tried again: this program has no handler for {name} any more; \
             `tenantry jobs forget {name}` drops what waits for it"
        )));
    }
    let mut revived = 0;
    for job in jobs.iter().filter(|job| job.has_handler) {
        let batch = app.jobs().retry(&job.backlog.job).await;
        revived += batch
            .map_err(|error| Failure::caused_by("the dead letters can't be requeued", &error))?;
    }
    let orphans = jobs.iter().filter(|job| !job.has_handler);
    let orphans: i64 = orphans.map(|job| job.backlog.dead).sum();
    let report = json!({ "revived": revived, "without_handler": orphans });
    answer(json, &report, || {
        let summary = match revived {
            0 => "there are no dead letters that could be tried again".to_owned(),
            1 => "one job is tried again by the next server that runs".to_owned(),
            n => format!("{n} jobs are tried again by the next server that runs"),
        };
        match orphans {
            0 => summary,
            n => format!(
                "{summary}; {n} of jobs that this program has no handler for any more stay dead \
                 (`tenantry jobs forget` drops them)"
            ),
        }
    })
}

async fn run_now(
    app: &App,
    name: &str,
    organization: Option<&Slug>,
    json: bool,
) -> Result<(), Failure> {
    checked_status(app, Some(name)).await?;
    let organization = match organization {
        Some(slug) => Some(find(app, slug).await?.id),
        None => None,
    };
    let enqueued = app.jobs().run(name, organization).await;
    let enqueued =
        enqueued.map_err(|error| Failure::caused_by("the job can't be enqueued", &error))?;
    let Some(enqueued) = enqueued else {
        return Err(Failure::Failed(format!(
            "{name} has no schedule: requests enqueue it, with what it needs"
        )));
    };
    answer(
        json,
        &json!({ "organizations": enqueued }),
        || match enqueued {
            0 => "there is no active organization to run it in".to_owned(),
            1 => "the next server that runs does it in one organization".to_owned(),
            n => format!("the next server that runs does it in {n} organizations"),
        },
    )
}

async fn forget(app: &App, name: &str, json: bool) -> Result<(), Failure> {
    checked_status(app, Some(name)).await?;
    if app.jobs().has_handler(name) {
        return Err(Failure::Failed(format!(
            "this program has a handler for {name}: its jobs are not dropped"
        )));
    }
    let forgotten = app.jobs().forget(name).await;
    let forgotten =
        forgotten.map_err(|error| Failure::caused_by("the jobs can't be dropped", &error))?;
    answer(json, &json!({ "forgotten": forgotten }), || {
        format!("{forgotten} jobs and schedules were dropped")
    })
}

/// The jobs of this name, or all. An unknown name is an error: a typo must not look like a job of which
/// none waits.
async fn checked_status(app: &App, name: Option<&str>) -> Result<Vec<JobStatus>, Failure> {
    let status = app.jobs().status().await;
    let mut status =
        status.map_err(|error| Failure::caused_by("the jobs can't be read", &error))?;
    if let Some(name) = name {
        status.retain(|job| job.backlog.job == name);
        if status.is_empty() {
            return Err(Failure::Usage(format!(
                "there is no job {name}; `tenantry jobs status` shows all of them"
            )));
        }
    }
    Ok(status)
}
