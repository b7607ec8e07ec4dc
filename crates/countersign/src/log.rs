//! Logging, set up once for every command.

use std::io;

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Logs to standard error, so that what a command prints can be piped on. `RUST_LOG` decides what
/// is logged; without it, `level` and above.
pub fn start(format: LogFormat, level: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    match format {
        LogFormat::Text => {
            lines
                .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
                .init();
        }
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}
