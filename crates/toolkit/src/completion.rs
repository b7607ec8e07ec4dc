//! Tells Core what was decided about pending actions, as often as it takes.

use tokio_util::sync::CancellationToken;

use crate::CountryConfig;

/// What the worker works with.
pub(crate) struct Worker {}

impl Worker {
    pub(crate) fn of(_config: &CountryConfig) -> Self {
        Self {}
    }
}

/// Runs until `stop`.
pub(crate) async fn run(_worker: Worker, stop: CancellationToken) {
    stop.cancelled().await;
}
