//! The HTTP server.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{App as Web, HttpServer, dev::ServerHandle, middleware::from_fn, web};
use tenantry_core::access::{ContextResolver, DenialLog};
use tenantry_domain_events::{Dispatcher, DispatcherOptions};
use tenantry_http::{
    BodyLimit, ConnectionShares, PublicOrigin, ResponseShares, SessionCookieReader, ShutdownFlag,
    default_not_found, edge,
};
use tenantry_users::{SessionCredentials, end_replaced_sessions, session_middleware};
use tokio::task::{JoinHandle, JoinSet};

use super::{
    App, MODULES,
    docs::Document,
    edge::{config, evict_rate_limits, rate_limits},
    health::Readiness,
    metrics::MetricsServer,
    pruning, routes,
};
use crate::{
    Failure,
    settings::{Settings, reachable},
};

/// How long requests may take to finish at a graceful shutdown, after the drain time. Supervisors
/// commonly kill a process ten seconds after they asked it to stop.
const SHUTDOWN_SECONDS: u64 = 5;

/// How long listeners may take to finish after that.
const DISPATCHER_STOP_TIMEOUT: Duration = Duration::from_secs(3);

/// How long the database connections may take to close after that.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a client may take to close its side of a connection.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Handle of a running server.
pub struct RunningServer {
    /// The URL it listens on.
    pub url: String,
    /// The URL of the metrics, if they are served.
    pub metrics_url: Option<String>,
    handle: ServerHandle,
    serving: JoinHandle<std::io::Result<()>>,
    dispatcher: Dispatcher,
    metrics: Option<MetricsServer>,
    /// Periodic tasks; they end with the server.
    background_tasks: JoinSet<()>,
    draining: ShutdownFlag,
    /// How long it continues to serve, reported as not ready, before it stops.
    drain: Duration,
    app: App,
}

impl RunningServer {
    /// Runs until `shutdown` resolves: `true` stops gracefully, after the requests in progress;
    /// `false` stops immediately.
    ///
    /// # Errors
    /// When the server ended for another reason.
    pub async fn run_until(mut self, shutdown: impl Future<Output = bool>) -> Result<(), Failure> {
        let mut dispatcher_timeout = DISPATCHER_STOP_TIMEOUT;
        let ended = tokio::select! {
            ended = &mut self.serving => ended,
            graceful = shutdown => {
                if graceful {
                    self.draining.start();
                    tokio::time::sleep(self.drain).await;
                } else {
                    dispatcher_timeout = Duration::ZERO;
                }
                self.handle.stop(graceful).await;
                self.serving.await
            }
        };
        self.background_tasks.shutdown().await;
        self.app.access_log().flush().await;
        self.dispatcher.stop(dispatcher_timeout).await;
        if let Some(metrics) = self.metrics {
            metrics.stop().await;
        }
        if tokio::time::timeout(CLOSE_TIMEOUT, self.app.database.close())
            .await
            .is_err()
        {
            tracing::warn!("connections to the database were left open");
        }
        match ended {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::caused_by("the server ended", &error)),
            Err(error) => Err(Failure::caused_by("the server ended", &error)),
        }
    }

    /// Stops it gracefully.
    ///
    /// # Errors
    /// When the server had ended for another reason.
    pub async fn stop(self) -> Result<(), Failure> {
        self.run_until(async { true }).await
    }
}

/// Starts the server and the delivery of events. Call it within a tokio runtime.
///
/// # Errors
/// When it can't listen on its address.
pub fn start(settings: &Settings, app: App) -> Result<RunningServer, Failure> {
    let server = &settings.server;
    let routes = routes();
    let document = web::Data::new(Document::of(&routes));
    let limit = BodyLimit(settings.limits.body_bytes);
    let organizations = Arc::clone(&app.organizations.directory);
    let cookies = &app.shared.cookies;
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

    let limits = web::Data::new(rate_limits(&settings.limits.rates));
    let timeouts = settings.limits.timeouts;

    let origin = server
        .public_url
        .as_ref()
        .map(|url| PublicOrigin(url.to_string()));

    let shared = app.clone();
    let settings_of_workers = settings.clone();
    let draining_of_workers = draining.clone();
    let limits_of_workers = limits.clone();
    let responses = ResponseShares::default();
    let factory = move || {
        // Called once in each worker, in the worker's runtime.
        let modules = shared.for_worker();
        let resolver: Arc<dyn ContextResolver> = Arc::clone(&modules.organizations.resolver);
        let runtime = modules.database.runtime().clone();
        let edge_config = config(
            &settings_of_workers,
            responses.clone(),
            draining_of_workers.clone(),
        );
        let database = modules.database.clone();
        let mut web = Web::new();
        if let Some(origin) = &origin {
            web = web.app_data(web::Data::new(origin.clone()));
        }
        web.app_data(limit)
            .app_data(web::Data::new(runtime))
            .app_data(deployment.clone())
            .app_data(readiness.clone())
            .app_data(web::Data::new(edge_config))
            .app_data(limits_of_workers.clone())
            .app_data(document.clone())
            .app_data(web::Data::from(resolver))
            .app_data(web::Data::from(Arc::clone(&credentials)))
            .app_data(web::Data::from(Arc::clone(&refusals)))
            .configure(|app| {
                for module in MODULES {
                    module.provide(&modules, app);
                }
            })
            .configure(|app| routes.configure(app))
            .default_service(web::to(default_not_found))
            .wrap(session_middleware(
                modules.database,
                &modules.shared.cookies,
            ))
            .wrap(from_fn(move |request, next| {
                end_replaced_sessions(database.clone(), request, next)
            }))
            // The last middleware is the outermost: it sees every response.
            .wrap(from_fn(edge::middleware))
    };
    let address = SocketAddr::new(server.host, server.port);
    let shares = ConnectionShares::new(
        settings.limits.connections_address,
        server.trusted_proxies.clone(),
    );
    let bound = HttpServer::new(factory)
        .workers(server.workers)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        // actix counts per worker.
        .max_connections(settings.limits.connections.div_ceil(server.workers))
        .keep_alive(timeouts.idle)
        // actix times only the first head of a connection; `on_connect` times every head.
        .client_request_timeout(Duration::ZERO)
        .on_connect(timeouts.watch(shares))
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        // The caller handles signals.
        .disable_signals()
        .bind(address)
        .map_err(|error| {
            let what = format!(
                "can't listen on {address}, which TENANTRY__SERVER__HOST and \
                 TENANTRY__SERVER__PORT name"
            );
            Failure::caused_by(what, &error)
        })?;
    let metrics = settings.metrics.address;
    let metrics = metrics.map(|address| MetricsServer::start(address, app.clone()));
    let metrics = metrics.transpose()?;
    super::erasure::resume_deletions(&app);
    let address = bound.addrs().first().copied().unwrap_or(address);
    let serving = bound.run();
    let dispatcher = Dispatcher::start(app.bus(), app.queue(), DispatcherOptions::default());
    let url = format!("http://{}", reachable(address));
    app.shared.public_url.set_once(&url);
    app.shared.users.relying_party.set_once(&url);
    let events = &settings.events;
    let mut background_tasks = JoinSet::new();
    background_tasks.spawn(pruning::run_pruning(app.queue().clone(), events.retention));
    background_tasks.spawn(Arc::clone(app.access_log()).run(events.denial_flush_interval));
    background_tasks.spawn(evict_rate_limits(limits.into_inner()));
    Ok(RunningServer {
        url,
        metrics_url: metrics.as_ref().map(|metrics| metrics.url.clone()),
        handle: serving.handle(),
        serving: tokio::spawn(serving),
        dispatcher,
        metrics,
        background_tasks,
        draining,
        drain: server.drain,
        app,
    })
}
