//! `GET /metrics`, for Prometheus.

use std::{
    collections::BTreeSet,
    sync::{LazyLock, Mutex, PoisonError},
};

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use storage::{DeliveryState, DeliveryTotals};

use crate::Core;

/// Seconds; calls take milliseconds unless country config is slow.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 30.0,
];

/// One recorder for the process; `None` when something else has installed one before.
static RECORDER: LazyLock<Option<PrometheusHandle>> = LazyLock::new(|| {
    PrometheusBuilder::new()
        .set_buckets(&BUCKETS)
        .and_then(PrometheusBuilder::install_recorder)
        .inspect_err(|error| tracing::warn!(%error, "no metrics are recorded"))
        .ok()
});

/// Begins to record; what happened before is not counted.
pub(crate) fn install() {
    LazyLock::force(&RECORDER);
}

/// Everything that is counted, and how many deliveries wait.
pub(super) async fn metrics(State(core): State<Core>) -> Response {
    let Some(recorder) = RECORDER.as_ref() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "no metrics are recorded").into_response();
    };
    match core.store.delivery_totals().await {
        Ok(totals) => show(&totals, core.world.now()),
        Err(error) => tracing::warn!(%error, "deliveries could not be counted"),
    }
    recorder.run_upkeep();
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, recorder.render()).into_response()
}

/// Sets the gauges of deliveries; kinds that were shown before and are gone now show zero.
fn show(totals: &[DeliveryTotals], now: Timestamp) {
    static SHOWN: Mutex<BTreeSet<(String, &str)>> = Mutex::new(BTreeSet::new());
    let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    for total in totals {
        shown.insert((total.kind.clone(), state_name(total.state)));
    }
    for (kind, state) in shown.iter() {
        let total = totals
            .iter()
            .find(|total| total.kind == *kind && state_name(total.state) == *state);
        let labels = [("kind", kind.clone()), ("state", (*state).to_owned())];
        let count = total.map_or(0.0, |total| total.count as f64);
        ::metrics::gauge!("countersign_deliveries", &labels).set(count);
        if matches!(*state, "queued" | "leased") {
            let oldest = total.and_then(|total| total.oldest);
            let age = oldest.map_or(0.0, |at| now.duration_since(at).as_secs_f64());
            ::metrics::gauge!("countersign_delivery_oldest_seconds", &labels).set(age);
        }
    }
}

const fn state_name(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Queued => "queued",
        DeliveryState::Leased => "leased",
        DeliveryState::Delivered => "delivered",
        DeliveryState::Expired => "expired",
    }
}
