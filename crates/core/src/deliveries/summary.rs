//! How deliveries stand as a whole.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use storage::{Beat, DeliveryState, DeliveryTotals, Pause};

use super::{orders, pauses, view::is_unfinished};
use crate::{Core, error::ApiError};

/// How many orders are shown.
const ORDERS: u64 = 20;

/// What of one kind there is.
#[derive(Default)]
struct OfKind {
    queued: u64,
    leased: u64,
    delivered: u64,
    expired: u64,
    oldest: Option<Timestamp>,
}

/// How much waits and since when, by kind; what is stopped; which nodes live; which orders are
/// under way; and how the node that answers finds country config.
///
/// # Errors
/// The store's failure.
pub(crate) async fn summary(core: &Core) -> Result<Value, ApiError> {
    let totals = core.store.delivery_totals().await?;
    let stopped = core.store.pauses().await?;
    let nodes = nodes(core).await?;
    let under_way = core.store.sendings(true, ORDERS).await?;
    let now = core.world.now();
    let kinds = by_kind(totals);
    let waiting: u64 = kinds.values().map(|of| of.queued + of.leased).sum();
    let oldest = kinds.values().filter_map(|of| of.oldest).min();
    let kinds: Vec<Value> = kinds
        .iter()
        .map(|(kind, of)| of_kind(kind, of, &stopped))
        .collect();
    Ok(json!({
        "asOf": world::iso(now),
        "waiting": waiting,
        "oldest": oldest.map(world::iso),
        "kinds": kinds,
        "pauses": pauses::on_wire(core, &stopped).await?,
        "nodes": nodes,
        "sendings": orders::all_on_wire(core, &under_way).await?,
        "engine": engine(core)?,
    }))
}

/// Which nodes live, and which have fallen silent.
///
/// # Errors
/// The store's failure.
pub(crate) async fn nodes(core: &Core) -> Result<Vec<Value>, ApiError> {
    let nodes = core.store.nodes().await?;
    // The others take it for dead then.
    let silence = SignedDuration::try_from(core.settings.delivery_rules.silence);
    let now = core.world.now();
    let silent_since = silence.ok().and_then(|time| now.checked_sub(time).ok());
    let silent = |beat: &Beat| silent_since.is_some_and(|since| beat.at < since);
    Ok(nodes.iter().map(|beat| node(beat, silent(beat))).collect())
}

/// How the node that answers finds country config; others may have met something else.
fn engine(core: &Core) -> Result<Value, ApiError> {
    let mut status = serde_json::to_value(core.engine.status()).map_err(ApiError::internal)?;
    if let Value::Object(status) = &mut status {
        status.insert("node".to_owned(), core.settings.node.as_str().into());
    }
    Ok(status)
}

fn by_kind(totals: Vec<DeliveryTotals>) -> BTreeMap<String, OfKind> {
    let mut kinds: BTreeMap<String, OfKind> = BTreeMap::new();
    for total in totals {
        let of = kinds.entry(total.kind).or_default();
        let count = match total.state {
            DeliveryState::Queued => &mut of.queued,
            DeliveryState::Leased => &mut of.leased,
            DeliveryState::Delivered => &mut of.delivered,
            DeliveryState::Expired => &mut of.expired,
        };
        *count += total.count;
        if is_unfinished(total.state) && total.count > 0 {
            of.oldest = of.oldest.into_iter().chain(total.oldest).min();
        }
    }
    kinds
}

fn of_kind(kind: &str, of: &OfKind, stopped: &[Pause]) -> Value {
    json!({
        "kind": kind,
        "queued": of.queued,
        "leased": of.leased,
        "delivered": of.delivered,
        "expired": of.expired,
        "oldest": of.oldest.map(world::iso),
        "paused": pauses::holds(stopped, kind),
    })
}

fn node(beat: &Beat, silent: bool) -> Value {
    json!({
        "node": beat.node,
        "version": beat.version,
        "startedAt": world::iso(beat.started_at),
        "lastSeen": world::iso(beat.at),
        "silent": silent,
    })
}
