//! Traces: each request is a span for a collector of OpenTelemetry.
//!
//! What is sent is what the log says of a request, in the words of OpenTelemetry, and no more:
//! nothing that somebody else adds to a span gets out by itself.

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

/// How long the collector may take for what it is sent.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long it may take at the end, when all others wait for it.
const LAST: Duration = Duration::from_secs(1);

/// The target of the line about each request.
const ACCESS: &str = "access";

/// What the log says of a request, and what OpenTelemetry calls it.
const NAMES: [(&str, &str); 6] = [
    ("method", "http.request.method"),
    ("route", "http.route"),
    ("client", "client.address"),
    ("user_id", "user.id"),
    ("organization_id", "tenantry.organization_id"),
    ("request_id", "tenantry.request_id"),
];

/// What is on its way to the collector.
pub(crate) struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Traces {
    /// Nothing is sent before there is something to send: the collector may come later.
    pub(crate) fn to(collector: &Collector) -> Result<Self, Failure> {
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_endpoint(collector.traces())
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(PATIENCE)
            .build()
            .map_err(|error| Failure::because("traces can't be sent", &error))?;
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

    /// What makes spans of what is logged.
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

    /// Sends what is left.
    pub(crate) fn end(self) {
        if let Err(error) = self.provider.shutdown_with_timeout(LAST) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Its span, and the line that says how it was answered.
fn is_about_a_request(about: &Metadata<'_>) -> bool {
    (about.is_span() && about.name() == "request") || (about.is_event() && about.target() == ACCESS)
}

/// Says it in OpenTelemetry's words, and then sends it.
#[derive(Debug)]
struct Exporter<E> {
    inner: E,
    /// Whether the collector is known to be away, so that it is said once.
    away: AtomicBool,
}

impl<E> Exporter<E> {
    const fn new(inner: E) -> Self {
        let away = AtomicBool::new(false);
        Self { inner, away }
    }
}

impl<E: SpanExporter> SpanExporter for Exporter<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        batch.iter_mut().for_each(translate);
        let sent = self.inner.export(batch).await;
        let was_away = self.away.swap(sent.is_err(), Ordering::Relaxed);
        match &sent {
            Err(error) if !was_away => tracing::warn!(%error, "traces are lost"),
            Ok(()) if was_away => tracing::info!("traces are sent again"),
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
    let said = std::mem::take(&mut span.attributes);
    let find = |name: &str| said.iter().find(|said| said.key.as_str() == name);
    let known = NAMES.iter().filter_map(|(ours, theirs)| {
        let said = find(ours)?;
        Some(KeyValue::new(*theirs, said.value.clone()))
    });
    span.attributes = known.collect();
    if let (Some(method), Some(route)) = (find("method"), find("route")) {
        span.name = format!("{} {}", method.value, route.value).into();
    }
    span.span_kind = SpanKind::Server;

    let events = std::mem::take(&mut span.events.events);
    let mut said = events.into_iter().flat_map(|event| event.attributes);
    let status = said.find(|said| said.key.as_str() == "status");
    // A number without a sign comes as text; there is none where the client hung up.
    let status: Option<i64> = status.and_then(|said| said.value.as_str().parse().ok());
    if let Some(status) = status {
        let status_code = KeyValue::new("http.response.status_code", status);
        span.attributes.push(status_code);
        if status >= 500 {
            span.status = Status::error("");
        }
    }
}
