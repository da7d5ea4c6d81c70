//! `events status`, `retry`, `dead`, `forget` and `prune`.

use clap::Subcommand;
use serde_json::json;
use tenantry_core::{outbox::Backlog, runtime::Runtime};
use tenantry_users::PasswordCost;

use super::{
    confirm::confirm,
    output::{answer, moment, seconds, table},
};
use crate::{Failure, app::App, settings::Settings};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Show the pending deliveries of each listener, and how far it lags behind
    Status {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Requeue dead letters
    Retry(OfListener),
    /// List dead letters, the newest first
    Dead(OfListener),
    /// Drop the deliveries of a listener that is no longer registered
    Forget {
        /// The listener
        #[arg(long)]
        listener: String,
        /// Don't ask
        #[arg(long)]
        yes: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete expired events, as a server does every hour
    Prune {
        /// Don't ask
        #[arg(long)]
        yes: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(clap::Args)]
pub(super) struct OfListener {
    /// Only of this listener
    #[arg(long)]
    listener: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command, settings: &Settings) -> Result<(), Failure> {
    match &command {
        Command::Prune { yes, .. } => {
            confirm(*yes, "deletes what was kept long enough, for good")?;
        }
        Command::Forget { listener, yes, .. } => {
            confirm(
                *yes,
                &format!("drops whatever waits for {listener}, for good"),
            )?;
        }
        _ => {}
    }
    let app = App::open(settings, Runtime::system(), PasswordCost::default()).await?;
    let outcome = match command {
        Command::Status { json } => status(&app, json).await,
        Command::Retry(args) => retry(&app, &args).await,
        Command::Dead(args) => dead(&app, &args).await,
        Command::Forget { listener, json, .. } => forget(&app, &listener, json).await,
        Command::Prune { json, .. } => prune(&app, settings, json).await,
    };
    app.database.close().await;
    outcome
}

async fn status(app: &App, json: bool) -> Result<(), Failure> {
    let backlog = checked_backlog(app, None).await?;
    let now = app.queue().now();
    let lag = |it: &Backlog| {
        it.oldest
            .map(|oldest| (now - oldest).num_milliseconds().max(0))
    };
    let listed: Vec<_> = backlog
        .iter()
        .map(|it| {
            json!({
                "listener": it.listener, "pending": it.pending, "lag_ms": lag(it),
                "retries": it.retries, "dead": it.dead,
            })
        })
        .collect();
    answer(json, &listed, || {
        let rows = backlog.iter().map(|it| {
            [
                it.listener.clone(),
                it.pending.to_string(),
                lag(it).map_or_else(|| "-".to_owned(), seconds),
                it.retries.to_string(),
                it.dead.to_string(),
            ]
        });
        let head = ["listener", "pending", "lag", "retries", "dead"];
        table(head, rows.collect())
    })
}

async fn retry(app: &App, args: &OfListener) -> Result<(), Failure> {
    let backlog = checked_backlog(app, args.listener.as_deref()).await?;
    let registered = app.bus().names();
    if let Some(listener) = &args.listener
        && !registered.contains(&listener.as_str())
    {
        return Err(Failure::Failed(format!(
            "nothing can be tried again: this program has no listener {listener} any more; \
             `tenantry events forget --listener {listener}` drops what waits for it"
        )));
    }
    let is_meant = |name: &str| args.listener.as_deref().is_none_or(|one| one == name);
    let mut revived = 0;
    for listener in registered.iter().filter(|name| is_meant(name)) {
        let batch = app.deliveries().retry(listener).await;
        revived += batch
            .map_err(|error| Failure::caused_by("the dead letters can't be requeued", &error))?;
    }
    let orphans = backlog.iter().filter(|it| is_meant(&it.listener));
    let orphans = orphans.filter(|it| !registered.contains(&it.listener.as_str()));
    let orphans: i64 = orphans.map(|it| it.dead).sum();
    answer(
        args.json,
        &json!({ "revived": revived, "without_listener": orphans }),
        || {
            let summary = match revived {
                0 => "there are no dead letters that could be tried again".to_owned(),
                1 => "one dead letter is tried again by the next server that runs".to_owned(),
                n => format!("{n} dead letters are tried again by the next server that runs"),
            };
            match orphans {
                0 => summary,
                n => format!(
                    "{summary}; {n} of listeners that this program does not have any more stay dead \
                     (`tenantry events forget` drops them)"
                ),
            }
        },
    )
}

async fn forget(app: &App, listener: &str, json: bool) -> Result<(), Failure> {
    checked_backlog(app, Some(listener)).await?;
    if app.deliveries().has_listener(listener) {
        return Err(Failure::Failed(format!(
            "{listener} is a listener of this program: what waits for it is not dropped"
        )));
    }
    let forgotten = app.deliveries().forget(listener).await;
    let forgotten = forgotten
        .map_err(|error| Failure::caused_by("the queue of events can't be changed", &error))?;
    answer(json, &json!({ "forgotten": forgotten }), || {
        format!("{forgotten} deliveries were dropped")
    })
}

async fn prune(app: &App, settings: &Settings, json: bool) -> Result<(), Failure> {
    let pruned = settings.events.retention.prune(app.queue()).await;
    let pruned =
        pruned.map_err(|error| Failure::caused_by("the log of events can't be pruned", &error))?;
    answer(json, &pruned, || {
        let rows = [
            ("changes", pruned.changes),
            ("access", pruned.access),
            ("dead letters", pruned.dead),
        ];
        let rows = rows.map(|(kind, count)| [kind.to_owned(), count.to_string()]);
        table(["kind", "deleted"], rows.to_vec())
    })
}

async fn dead(app: &App, args: &OfListener) -> Result<(), Failure> {
    checked_backlog(app, args.listener.as_deref()).await?;
    let found = app
        .deliveries()
        .dead_letters(args.listener.as_deref())
        .await;
    let found =
        found.map_err(|error| Failure::caused_by("the dead letters can't be read", &error))?;
    answer(args.json, &found, || {
        let rows = found.iter().map(|letter| {
            let organization = letter.organization_id;
            [
                letter.listener.clone(),
                letter.event.clone(),
                letter.event_id.to_string(),
                organization.map_or_else(|| "-".to_owned(), |id| id.to_string()),
                moment(letter.dead_at),
                letter.attempts.to_string(),
                letter.last_error.clone().unwrap_or_default(),
            ]
        });
        let head = [
            "listener",
            "event",
            "id",
            "organization",
            "given up",
            "attempts",
            "problem",
        ];
        table(head, rows.collect())
    })
}

/// The backlog of every listener. An unknown listener is an error: a typo must not look like an empty
/// backlog.
async fn checked_backlog(app: &App, listener: Option<&str>) -> Result<Vec<Backlog>, Failure> {
    let backlog = app
        .deliveries()
        .backlog()
        .await
        .map_err(|error| Failure::caused_by("the queue of events can't be read", &error))?;
    let is_known = |listener: &str| backlog.iter().any(|it| it.listener == listener);
    match listener {
        Some(listener) if !is_known(listener) => Err(Failure::Usage(format!(
            "there is no listener {listener}; `tenantry events status` shows all of them"
        ))),
        _ => Ok(backlog),
    }
}
