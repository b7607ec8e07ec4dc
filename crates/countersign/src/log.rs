//! Logging, set up once for every command; and traces, where the program was built to send them.

use std::io;

use clap::ValueEnum;
#[cfg(feature = "otel")]
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::{
    EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};
use world::World;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What is to be finished before the process ends.
pub struct Logging {
    #[cfg(feature = "otel")]
    traces: Option<crate::traces::Traces>,
}

/// Logs to standard error, so that what a command prints can be piped on. `RUST_LOG` decides what
/// is logged; without it, `level` and above. What a `service` does goes to a collector of traces,
/// too, when the environment names one.
pub fn start(
    format: LogFormat,
    level: &str,
    service: Option<&'static str>,
    world: &World,
) -> Logging {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = match format {
        LogFormat::Text => lines
            .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
            .boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let registry = tracing_subscriber::registry().with(lines.with_filter(filter));
    #[cfg(feature = "otel")]
    {
        let started = service.map(|service| crate::traces::start(service, world));
        let (traces, refused) = match started {
            Some(Ok(traces)) => (traces, None),
            Some(Err(error)) => (None, Some(error)),
            None => (None, None),
        };
        let collected = traces.as_ref().map(|traces| {
            // Apart from RUST_LOG: a trace is whole, whatever is logged.
            traces.layer().with_filter(LevelFilter::INFO)
        });
        registry.with(collected).init();
        if let Some(error) = refused {
            tracing::warn!(%error, "no traces are sent");
        }
        Logging { traces }
    }
    #[cfg(not(feature = "otel"))]
    {
        let _ = world;
        registry.init();
        if service.is_some() && std::env::var_os("OTEL_EXPORTER_OTLP_ENDPOINT").is_some() {
            tracing::warn!("no traces are sent: the program was built without the feature otel");
        }
        Logging {}
    }
}

impl Logging {
    /// Sends what is still to be sent.
    pub async fn finish(self) {
        #[cfg(feature = "otel")]
        if let Some(traces) = self.traces {
            traces.finish().await;
        }
    }
}
