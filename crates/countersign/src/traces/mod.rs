//! Sends what Core and country config do to a collector of traces (OpenTelemetry, OTLP over HTTP).
//!
//! A trace has the correlation id for its own: the one that is in every log line, in the audit
//! trail and in `traceparent` on the wire. So the spans come from no tracer of OpenTelemetry's, which
//! would draw ids of its own; [`layer`] makes them of our spans, and OpenTelemetry's exporter sends
//! them. Where to is up to the standard variables, `OTEL_EXPORTER_OTLP_ENDPOINT` above all; without
//! that nothing is sent.

mod client;
mod fields;
mod layer;

use std::{env, sync::Arc};

use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchConfig, BatchSpanProcessor, SpanProcessor as _},
};
use world::World;

use self::{client::Client, layer::TraceLayer};

/// Traces cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// The HTTP client could not be made.
    #[error("the HTTP client to send traces with could not be made")]
    Client(#[from] reqwest::Error),
    /// What the environment says makes no sense.
    #[error("the settings of traces cannot be used")]
    Settings(#[from] ExporterBuildError),
}

/// What collects spans and sends them, in a thread of its own.
pub struct Traces {
    processor: Arc<BatchSpanProcessor>,
    world: World,
}

/// Begins to send; `None` when the environment names no collector, or wants nothing sent. To be
/// called within the runtime.
///
/// # Errors
/// [`TracesError`].
pub fn start(service: &'static str, world: &World) -> Result<Option<Traces>, TracesError> {
    let set = |name: &str| env::var(name).is_ok_and(|value| !value.trim().is_empty());
    let is = |name: &str, what: &str| env::var(name).is_ok_and(|value| value.trim() == what);
    let named = set("OTEL_EXPORTER_OTLP_ENDPOINT") || set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    if !named || is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none") {
        return Ok(None);
    }
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Client::new()?)
        .with_protocol(Protocol::HttpBinary)
        .build()?;
    let mut resource = Resource::builder();
    if !set("OTEL_SERVICE_NAME") {
        resource = resource.with_service_name(service);
    }
    let mut processor = BatchSpanProcessor::new(exporter, BatchConfig::default());
    processor.set_resource(&resource.build());
    Ok(Some(Traces {
        processor: Arc::new(processor),
        world: world.clone(),
    }))
}

impl Traces {
    /// What makes spans for it.
    pub fn layer(&self) -> TraceLayer {
        TraceLayer::new(Arc::clone(&self.processor), self.world.clone())
    }

    /// Sends what was not sent yet, for some seconds at most.
    pub async fn finish(self) {
        let processor = self.processor;
        // It waits for its own thread, which needs the runtime to send.
        let sent = tokio::task::spawn_blocking(move || processor.shutdown()).await;
        if let Ok(Err(error)) = sent {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}
