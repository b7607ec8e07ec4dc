//! When to stop: an operator pressed Ctrl-C, or whoever runs the process asked it to end.

use std::io::{Read as _, stdin};

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that is cancelled by SIGINT or SIGTERM; a second one ends the process on the spot. With
/// `at_end_of_input`, it is also cancelled when standard input ends, which it does when whoever
/// started the process is gone, however they went.
///
/// # Errors
/// When the system will not tell of signals.
pub fn token(at_end_of_input: bool) -> anyhow::Result<CancellationToken> {
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = interrupt.recv() => 130,
                _ = terminate.recv() => 143,
            }
        };
        next().await;
        tracing::info!("stopping: what is under way is finished first");
        stopping.cancel();
        std::process::exit(next().await);
    });
    if at_end_of_input {
        let stopping = stop.clone();
        // A thread of its own: one of the runtime's would keep the process from ending.
        std::thread::spawn(move || {
            // Nothing is ever written here; an unreadable input counts as one that ended.
            let _ = stdin().read_to_end(&mut Vec::new());
            stopping.cancel();
        });
    }
    Ok(stop)
}
