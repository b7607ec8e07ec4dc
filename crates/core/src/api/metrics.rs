//! `GET /metrics`, for Prometheus.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use metrics::gauge;
use storage::{Beat, DeliveryState, DeliveryTotals, StoreError};

use crate::{
    Core,
    measure::{process, recorder},
};

/// Everything that is counted, and how many deliveries wait.
pub(super) async fn metrics(State(core): State<Core>) -> Response {
    let Some(recorder) = recorder() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "no metrics are recorded").into_response();
    };
    process::look();
    let unknown = gauge!("countersign_totals_stale");
    match look_at_the_store(&core).await {
        Ok(()) => unknown.set(0.0),
        Err(error) => {
            tracing::warn!(%error, "the store could not be asked what to show");
            unknown.set(1.0);
        }
    }
    recorder.run_upkeep();
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, recorder.render()).into_response()
}

async fn look_at_the_store(core: &Core) -> Result<(), StoreError> {
    crate::pending::measure(core).await?;
    show(&core.store.delivery_totals().await?, core.world.now());
    show_nodes(&core.store.nodes().await?, core.world.now());
    Ok(())
}

/// Sets the gauges of nodes; one that left is not silent any more.
fn show_nodes(nodes: &[Beat], now: Timestamp) {
    static SHOWN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    shown.extend(nodes.iter().map(|beat| beat.node.clone()));
    for node in shown.iter() {
        let beat = nodes.iter().find(|beat| beat.node == *node);
        let silent = beat.map_or(0.0, |beat| now.duration_since(beat.at).as_secs_f64());
        gauge!("countersign_node_silent_seconds", "node" => node.clone()).set(silent.max(0.0));
    }
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
        gauge!("countersign_deliveries", &labels).set(count);
        if matches!(*state, "queued" | "leased") {
            let oldest = total.and_then(|total| total.oldest);
            let age = oldest.map_or(0.0, |at| now.duration_since(at).as_secs_f64());
            gauge!("countersign_delivery_oldest_seconds", &labels).set(age);
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
