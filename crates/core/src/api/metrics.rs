//! `GET /metrics`, for Prometheus.

use std::sync::LazyLock;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use storage::DeliveryState;

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
        Ok(totals) => {
            let now = core.world.now();
            for total in totals {
                let state = match total.state {
                    DeliveryState::Queued => "queued",
                    DeliveryState::Leased => "leased",
                    DeliveryState::Delivered => "delivered",
                    DeliveryState::Expired => "expired",
                };
                let labels = [("kind", total.kind), ("state", state.to_owned())];
                let oldest = total
                    .oldest
                    .map_or(0.0, |at| now.duration_since(at).as_secs_f64());
                ::metrics::gauge!("countersign_deliveries", &labels).set(total.count as f64);
                if matches!(total.state, DeliveryState::Queued | DeliveryState::Leased) {
                    ::metrics::gauge!("countersign_delivery_oldest_seconds", &labels).set(oldest);
                }
            }
        }
        Err(error) => tracing::warn!(%error, "deliveries could not be counted"),
    }
    recorder.run_upkeep();
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, recorder.render()).into_response()
}
