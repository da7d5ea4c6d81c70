//! Traces: each request is a span for a collector of OpenTelemetry.
//!
//! Only the attributes that the access log has are sent, under OpenTelemetry's names. Attributes that
//! other code adds to a span are dropped.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use opentelemetry::{
    KeyValue,
    trace::{SpanKind, Status, TracerProvider as _},
};
use opentelemetry_otlp::{Protocol, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SdkTracer, SdkTracerProvider, SpanData, SpanExporter},
};
use tracing::{Metadata, Subscriber};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

use crate::{Failure, settings::Collector};

/// How long one export may take.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long the last export may take; the shutdown waits for it.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// The target of the line about each request.
const ACCESS_LOG: &str = "access";

/// Names in the access log, and OpenTelemetry's names for them.
const ATTRIBUTE_NAMES: [(&str, &str); 6] = [
    ("method", "http.request.method"),
    ("route", "http.route"),
    ("client", "client.address"),
    ("user_id", "user.id"),
    ("organization_id", "tenantry.organization_id"),
    ("request_id", "tenantry.request_id"),
];

/// The trace pipeline to the collector.
pub(crate) struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Traces {
    /// Connects lazily: the collector may start later than this process.
    pub(crate) fn to(collector: &Collector) -> Result<Self, Failure> {
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_endpoint(collector.traces())
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(EXPORT_TIMEOUT)
            .build()
            .map_err(|error| Failure::caused_by("traces can't be sent", &error))?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder()
            .with_service_name("tenantry")
            .with_attribute(version);
        let provider = SdkTracerProvider::builder()
            .with_resource(resource.build())
            .with_batch_exporter(Exporter::new(exporter))
            .build();
        let tracer = provider.tracer("tenantry");
        Ok(Self { provider, tracer })
    }

    /// The layer that turns `tracing` spans into OpenTelemetry's.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        OpenTelemetryLayer::new(self.tracer.clone())
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_filter(filter_fn(is_about_a_request))
    }

    /// Sends what is buffered.
    pub(crate) fn shutdown(self) {
        if let Err(error) = self.provider.shutdown_with_timeout(SHUTDOWN_TIMEOUT) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Accepts the span of a request, and its line in the access log.
fn is_about_a_request(about: &Metadata<'_>) -> bool {
    (about.is_span() && about.name() == "request")
        || (about.is_event() && about.target() == ACCESS_LOG)
}

/// Translates attributes to OpenTelemetry's names, then exports.
#[derive(Debug)]
struct Exporter<E> {
    inner: E,
    /// Whether the last export failed, so that an outage is logged once.
    is_down: AtomicBool,
}

impl<E> Exporter<E> {
    const fn new(inner: E) -> Self {
        let is_down = AtomicBool::new(false);
        Self { inner, is_down }
    }
}

impl<E: SpanExporter> SpanExporter for Exporter<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        batch.iter_mut().for_each(translate);
        let sent = self.inner.export(batch).await;
        let was_down = self.is_down.swap(sent.is_err(), Ordering::Relaxed);
        match &sent {
            Err(error) if !was_down => tracing::warn!(%error, "traces are lost"),
            Ok(()) if was_down => tracing::info!("traces are sent again"),
            _ => {}
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

fn translate(span: &mut SpanData) {
    let logged = std::mem::take(&mut span.attributes);
    let find = |name: &str| logged.iter().find(|it| it.key.as_str() == name);
    let known = ATTRIBUTE_NAMES.iter().filter_map(|(ours, theirs)| {
        let found = find(ours)?;
        Some(KeyValue::new(*theirs, found.value.clone()))
    });
    span.attributes = known.collect();
    if let (Some(method), Some(route)) = (find("method"), find("route")) {
        span.name = format!("{} {}", method.value, route.value).into();
    }
    span.span_kind = SpanKind::Server;

    let events = std::mem::take(&mut span.events.events);
    let mut logged = events.into_iter().flat_map(|event| event.attributes);
    let status = logged.find(|it| it.key.as_str() == "status");
    // Unsigned numbers arrive as text. There is no status where the client disconnected.
    let status: Option<i64> = status.and_then(|it| it.value.as_str().parse().ok());
    if let Some(status) = status {
        let status_code = KeyValue::new("http.response.status_code", status);
        span.attributes.push(status_code);
        if status >= 500 {
            span.status = Status::error("");
        }
    }
}
