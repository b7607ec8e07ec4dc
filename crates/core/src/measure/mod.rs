//! What is measured, and how: the recorder, what each metric means, and the measurements that
//! belong to no subject of their own. `GET /metrics` (`api::metrics`) shows all of it.
//!
//! A metric is named in [`described`], or a test fails: whoever looks at a dashboard must be able
//! to find out what a number is.

mod described;
pub(crate) mod http;
pub(crate) mod process;
mod store;

pub(crate) use store::Measured;

use std::{sync::LazyLock, time::Duration};

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

/// Seconds; calls take milliseconds unless country config is slow.
const OF_A_CALL: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 30.0,
];
/// Seconds from a request to what may take a country moments, or a fortnight.
const OF_A_COUNTRY: [f64; 16] = [
    0.005,
    0.025,
    0.1,
    0.25,
    1.0,
    2.5,
    10.0,
    30.0,
    120.0,
    600.0,
    3600.0,
    21_600.0,
    86_400.0,
    259_200.0,
    604_800.0,
    1_209_600.0,
];
/// What is measured in the time of [`OF_A_COUNTRY`].
const SLOW: [&str; 2] = [
    "countersign_delivery_acknowledged_seconds",
    "countersign_action_resolved_seconds",
];
/// Seconds of one call of the store, from what is in memory to what has to wait for many others.
const OF_THE_STORE: [f64; 12] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0,
];
/// Samples wait in memory until they are sorted into buckets: also where nobody asks for them.
const SORTED_EVERY: Duration = Duration::from_secs(5);

/// One recorder for the process; `None` when something else has installed one before.
static RECORDER: LazyLock<Option<PrometheusHandle>> = LazyLock::new(|| {
    build()
        .inspect_err(|error| tracing::warn!(%error, "no metrics are recorded"))
        .ok()
});

fn build() -> Result<PrometheusHandle, BuildError> {
    let mut builder = PrometheusBuilder::new().set_buckets(&OF_A_CALL)?;
    for name in SLOW {
        builder = builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), &OF_A_COUNTRY)?;
    }
    let store = Matcher::Full("countersign_store_seconds".to_owned());
    let builder = builder.set_buckets_for_metric(store, &OF_THE_STORE)?;
    let recorder = builder.install_recorder()?;
    described::describe();
    // Shown before it first happens, so that whoever watches for it sees it happen.
    metrics::gauge!("countersign_configuration_refused").set(0.0);
    Ok(recorder)
}

/// Begins to record; what happened before is not counted.
pub(crate) fn install() {
    LazyLock::force(&RECORDER);
}

/// What is recorded; `None` when something else records.
pub(crate) fn recorder() -> Option<&'static PrometheusHandle> {
    RECORDER.as_ref()
}

/// Sorts what was measured until `stop`.
pub(crate) async fn keep_sorted(stop: CancellationToken) {
    while stop
        .run_until_cancelled(tokio::time::sleep(SORTED_EVERY))
        .await
        .is_some()
    {
        if let Some(recorder) = recorder() {
            recorder.run_upkeep();
        }
    }
}
