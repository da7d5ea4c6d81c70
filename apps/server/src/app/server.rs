//! The HTTP server.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{App as Web, HttpServer, dev::ServerHandle, middleware::from_fn, web};
use tenantry_core::access::{ContextResolver, DenialLog};
use tenantry_domain_events::{Dispatcher, DispatcherOptions};
use tenantry_http::{
    BodyLimit, PublicOrigin, SessionCookieReader, ShutdownFlag, default_not_found, edge,
};
use tenantry_users::{SessionCredentials, session_middleware};
use tokio::task::{JoinHandle, JoinSet};

use super::{
    App,
    docs::Document,
    edge::{forget, rates, rules},
    health::Readiness,
    metrics::MetricsServer,
    retention, routes,
};
use crate::{
    Failure,
    settings::{Settings, reachable},
};

/// How long requests may take to finish once the server was told to stop, after the pause for load
/// balancers. Whoever stops it waits for ten seconds, and then kills it.
const SHUTDOWN_SECONDS: u64 = 5;

/// How long listeners may take to finish after that.
const LISTENERS: Duration = Duration::from_secs(3);

/// How long connections to the database may take to end after that.
const CLOSING: Duration = Duration::from_secs(1);

/// How long a client may take to hang up when it was told to.
const HANG_UP: Duration = Duration::from_secs(1);

/// A server that answers.
pub struct RunningServer {
    /// Where it listens, as an address to open.
    pub url: String,
    /// Where its metrics are read, if they are.
    pub metrics_url: Option<String>,
    handle: ServerHandle,
    serving: JoinHandle<std::io::Result<()>>,
    dispatcher: Dispatcher,
    metrics: Option<MetricsServer>,
    /// What is done now and then, for as long as it runs.
    chores: JoinSet<()>,
    draining: ShutdownFlag,
    /// How long it goes on, not ready any more, before it stops.
    drain: Duration,
    app: App,
}

impl RunningServer {
    /// Stops it once the future is ready: after the requests that are under way if its answer is
    /// yes, else at once.
    ///
    /// # Errors
    /// When it ended for another reason.
    pub async fn until(mut self, told: impl Future<Output = bool>) -> Result<(), Failure> {
        let mut patience = LISTENERS;
        let ended = tokio::select! {
            ended = &mut self.serving => ended,
            graceful = told => {
                if graceful {
                    self.draining.begin();
                    tokio::time::sleep(self.drain).await;
                } else {
                    patience = Duration::ZERO;
                }
                self.handle.stop(graceful).await;
                self.serving.await
            }
        };
        self.chores.shutdown().await;
        self.app.access_log().flush().await;
        self.dispatcher.stop(patience).await;
        if let Some(metrics) = self.metrics {
            metrics.stop().await;
        }
        if tokio::time::timeout(CLOSING, self.app.database.close())
            .await
            .is_err()
        {
            tracing::warn!("connections to the database were left open");
        }
        match ended {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::because("the server ended", &error)),
            Err(error) => Err(Failure::because("the server ended", &error)),
        }
    }

    /// Stops it, after the requests that are under way.
    ///
    /// # Errors
    /// When it had ended for another reason.
    pub async fn stop(self) -> Result<(), Failure> {
        self.until(async { true }).await
    }
}

/// Starts the server, which listens from then on, and tells listeners what they were not told. To
/// be called within a runtime of tokio.
///
/// # Errors
/// When it can't listen on its address.
pub fn start(settings: &Settings, app: App) -> Result<RunningServer, Failure> {
    let server = &settings.server;
    let routes = routes();
    let document = web::Data::new(Document::of(&routes));
    let limit = BodyLimit(settings.limits.body_bytes);
    let organizations = Arc::clone(&app.organizations);
    let cookies = &app.common.cookies;
    let credentials: Arc<dyn SessionCookieReader> = Arc::new(SessionCredentials::new(cookies));
    let refusals: Arc<dyn DenialLog> = Arc::clone(app.access_log()) as _;
    let draining = ShutdownFlag::default();
    let readiness = Readiness::new(
        settings.database.url.clone(),
        organizations,
        draining.clone(),
    );
    let readiness = web::Data::new(readiness);
    let deployment = web::Data::new(settings.deployment.clone());

    let limits = web::Data::new(rates(&settings.limits.rates));
    let patience = settings.limits.patience;

    let origin = server
        .public_url
        .as_ref()
        .map(|url| PublicOrigin(url.to_string()));

    let shared = app.clone();
    let settings_of_workers = settings.clone();
    let draining_of_workers = draining.clone();
    let limits_of_workers = limits.clone();
    let factory = move || {
        // Called by each worker, in its own runtime.
        let modules = shared.for_worker();
        let resolver: Arc<dyn ContextResolver> = Arc::clone(&modules.organizations) as _;
        let runtime = modules.database.runtime().clone();
        let edge_rules = rules(&settings_of_workers, draining_of_workers.clone());
        let mut web = Web::new();
        if let Some(origin) = &origin {
            web = web.app_data(web::Data::new(origin.clone()));
        }
        web.app_data(limit)
            .app_data(web::Data::new(runtime))
            .app_data(deployment.clone())
            .app_data(readiness.clone())
            .app_data(web::Data::new(edge_rules))
            .app_data(limits_of_workers.clone())
            .app_data(document.clone())
            .app_data(web::Data::from(resolver))
            .app_data(web::Data::from(Arc::clone(&credentials)))
            .app_data(web::Data::from(Arc::clone(&refusals)))
            .app_data(web::Data::from(modules.users))
            .app_data(web::Data::from(modules.organizations))
            .app_data(web::Data::from(modules.audit))
            .app_data(web::Data::from(modules.projects))
            .configure(|app| routes.configure(app))
            .default_service(web::to(default_not_found))
            .wrap(session_middleware(
                modules.database,
                &modules.common.cookies,
            ))
            // The last is the outermost: every answer gets its final form there.
            .wrap(from_fn(edge::problems))
    };
    let address = SocketAddr::new(server.host, server.port);
    let bound = HttpServer::new(factory)
        .workers(server.workers)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        // Those of each worker.
        .max_connections(settings.limits.connections.div_ceil(server.workers))
        .keep_alive(patience.idle)
        // Every head is timed, and not the first one alone: by whoever watches the connection.
        .client_request_timeout(Duration::ZERO)
        .on_connect(patience.watch())
        .client_disconnect_timeout(HANG_UP)
        // Who starts it decides what stops it.
        .disable_signals()
        .bind(address)
        .map_err(|error| {
            let what = format!(
                "can't listen on {address}, which TENANTRY__SERVER__HOST and \
                 TENANTRY__SERVER__PORT name"
            );
            Failure::because(what, &error)
        })?;
    let metrics = settings.metrics.address;
    let metrics = metrics.map(|address| MetricsServer::start(address, app.clone()));
    let metrics = metrics.transpose()?;
    super::erasure::go_on(&app);
    let address = bound.addrs().first().copied().unwrap_or(address);
    let serving = bound.run();
    let dispatcher = Dispatcher::start(app.bus(), app.queue(), DispatcherOptions::default());
    let url = format!("http://{}", reachable(address));
    app.common.public_url.set_once(&url);
    let events = &settings.events;
    let mut chores = JoinSet::new();
    chores.spawn(retention::keep(app.queue().clone(), events.retention));
    chores.spawn(Arc::clone(app.access_log()).keep(events.gathered));
    chores.spawn(forget(limits.into_inner()));
    Ok(RunningServer {
        url,
        metrics_url: metrics.as_ref().map(|metrics| metrics.url.clone()),
        handle: serving.handle(),
        serving: tokio::spawn(serving),
        dispatcher,
        metrics,
        chores,
        draining,
        drain: server.drain,
        app,
    })
}
