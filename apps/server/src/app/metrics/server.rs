//! The listener that serves metrics.

use std::{net::SocketAddr, time::Duration};

use actix_web::{App as Web, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, web};
use tenantry_http::{Problem, check_host};
use tokio::task::JoinHandle;

use super::{collector::MetricsCollector, recorder::recorder};
use crate::{Failure, app::App};

/// How often the recorder drains its histograms, so that they stay bounded without scrapes.
const UPKEEP: Duration = Duration::from_secs(5);

/// Serves metrics until it is stopped.
pub(crate) struct MetricsServer {
    /// The URL of the metrics.
    pub(crate) url: String,
    handle: ServerHandle,
    tasks: [JoinHandle<()>; 2],
}

impl MetricsServer {
    /// Starts to record, and to serve at that address.
    ///
    /// # Errors
    /// When it can't listen there.
    pub(crate) fn start(address: SocketAddr, app: App) -> Result<Self, Failure> {
        let recorder = recorder();
        let collector = web::Data::new(MetricsCollector::new(app));
        let factory = move || {
            let metrics = web::resource("/metrics").route(web::get().to(answer));
            Web::new().app_data(collector.clone()).service(metrics)
        };
        let bound = HttpServer::new(factory)
            .workers(1)
            .disable_signals()
            .bind(address)
            .map_err(|error| {
                let what = format!(
                    "can't listen on {address}, which TENANTRY__METRICS__HOST and \
                     TENANTRY__METRICS__PORT name"
                );
                Failure::caused_by(what, &error)
            })?;
        let address = bound.addrs().first().copied().unwrap_or(address);
        let serving = bound.run();
        let handle = serving.handle();
        let serving = tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "metrics can't be read any more");
            }
        });
        let upkeep = tokio::spawn(async move {
            loop {
                tokio::time::sleep(UPKEEP).await;
                recorder.run_upkeep();
            }
        });
        Ok(Self {
            url: format!("http://{address}/metrics"),
            handle,
            tasks: [serving, upkeep],
        })
    }

    /// Stops without waiting for requests in progress.
    pub(crate) async fn stop(self) {
        self.handle.stop(false).await;
        for task in self.tasks {
            task.abort();
        }
    }
}

async fn answer(
    request: HttpRequest,
    collector: web::Data<MetricsCollector>,
) -> Result<HttpResponse, Problem> {
    check_host(request.headers())?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(collector.collect().await))
}
