//! How much waits, and how long, for metrics.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use storage::{PendingTotals, StoreError};

use crate::{Core, configuration::Deadlines};

/// Ages that are counted apart: how many wait longer than this, in hours, and what that is called.
const AGES: [(i64, &str); 5] = [(1, "1h"), (6, "6h"), (24, "1d"), (48, "2d"), (168, "7d")];

/// Sets the gauges of what waits.
///
/// # Errors
/// The store's failure; the gauges stay as they were.
pub(crate) async fn measure(core: &Core) -> Result<(), StoreError> {
    let now = core.world.now();
    let deadlines = core.configuration.deadlines();
    let lengths = lengths(&deadlines);
    let times: Vec<_> = lengths
        .iter()
        .map(|length| now.checked_sub(*length).unwrap_or(Timestamp::MIN))
        .collect();
    let totals = core.store.pending_totals(&times).await?;
    show(&totals, &lengths, &deadlines, now);
    Ok(())
}

/// Every age that is counted, shortest first.
fn lengths(deadlines: &Deadlines) -> Vec<SignedDuration> {
    let ages = AGES
        .iter()
        .map(|(hours, _)| SignedDuration::from_hours(*hours));
    let all: BTreeSet<_> = ages.chain(deadlines.steps()).collect();
    all.into_iter().collect()
}

/// How many of these wait at least this long.
fn older(total: &PendingTotals, lengths: &[SignedDuration], length: SignedDuration) -> u64 {
    let at = lengths.iter().position(|known| *known == length);
    at.and_then(|at| total.before.get(at)).copied().unwrap_or(0)
}

/// What was shown before and waits no more shows zero.
fn show(
    totals: &[PendingTotals],
    lengths: &[SignedDuration],
    deadlines: &Deadlines,
    now: Timestamp,
) {
    static SHOWN: Mutex<BTreeSet<(String, &str)>> = Mutex::new(BTreeSet::new());
    let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    for total in totals {
        shown.insert((total.event_type.clone(), total.action_type.as_str()));
    }
    for (event, action) in shown.iter() {
        let total = totals
            .iter()
            .find(|total| total.event_type == *event && total.action_type.as_str() == *action);
        let labels = [("event", event.clone()), ("action", (*action).to_owned())];
        let gauge = |name: &'static str, value: f64| ::metrics::gauge!(name, &labels).set(value);
        let oldest = total.map(|total| now.duration_since(total.oldest).as_secs_f64());
        gauge(
            "countersign_pending_actions",
            total.map_or(0.0, |total| total.count as f64),
        );
        gauge(
            "countersign_pending_oldest_seconds",
            oldest.unwrap_or(0.0).max(0.0),
        );
        let count = |length: Option<SignedDuration>| match (total, length) {
            (Some(total), Some(length)) => older(total, lengths, length) as f64,
            _ => 0.0,
        };
        let patience = total.map(|total| deadlines.of(event, total.action_type));
        let deadline = patience.and_then(|patience| patience.deadline.as_ref());
        gauge(
            "countersign_pending_due",
            count(patience.map(|patience| patience.alert_after)),
        );
        gauge(
            "countersign_pending_overdue",
            count(deadline.map(|deadline| deadline.after)),
        );
        for (hours, name) in AGES {
            let [event, action] = labels.clone();
            let labels = [event, action, ("older_than", name.to_owned())];
            let older = count(Some(SignedDuration::from_hours(hours)));
            ::metrics::gauge!("countersign_pending_older", &labels).set(older);
        }
    }
}
