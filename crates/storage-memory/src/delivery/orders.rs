//! What operators order: to stop, to send now, to send once more.

use std::collections::btree_map::Entry;

use jiff::Timestamp;
use records::{ActionId, ActionStatus, DeliveryId};
use storage::{DeliveryState, Pause, Resent, Sending, Subject};

use super::{at_mut, deliveries, kept, kept_mut};
use crate::{
    record::decision_of,
    tables::{Kept, Tables},
};

/// Makes queued ones due; how many there were.
pub(super) fn hurry(tables: &mut Tables, ids: &[DeliveryId], now: Timestamp) -> u64 {
    let mut hurried = 0;
    for id in ids {
        if let Some(kept) = kept_mut(tables, *id)
            && kept.delivery.state == DeliveryState::Queued
        {
            kept.delivery.due_at = kept.delivery.due_at.min(now);
            hurried += 1;
        }
    }
    hurried
}

/// Opens a delivery again, or hurries it.
pub(super) fn resend(tables: &mut Tables, id: DeliveryId, now: Timestamp) -> Resent {
    let Some(kept) = kept(&tables.deliveries, id) else {
        return Resent::Unknown;
    };
    if kept.owner.is_some() && kept.delivery.due_at > now {
        return Resent::UnderWay;
    }
    if !kept.is_finished() {
        hurry(tables, &[id], now);
        return Resent::Hurried;
    }
    if !waits(tables, kept) {
        return Resent::Over;
    }
    let deliveries = deliveries(tables);
    deliveries.last += 1;
    let turn = deliveries.last;
    if let Some(position) = deliveries.by_id.get(&id).copied() {
        deliveries.unfinished.insert(position);
        if let Some(kept) = at_mut(tables, position) {
            kept.delivery.state = DeliveryState::Queued;
            kept.delivery.finished_at = None;
            kept.delivery.due_at = now;
            kept.turn = turn;
        }
    }
    Resent::Queued
}

/// Whether the delivery's action waits for its decision.
fn waits(tables: &Tables, kept: &Kept) -> bool {
    match &kept.delivery.new.subject {
        Subject::Account { .. } => false,
        Subject::Action { action_id, .. } => {
            is_requested(tables, *action_id) && decision_of(tables, *action_id).is_none()
        }
    }
}

fn is_requested(tables: &Tables, id: ActionId) -> bool {
    let home = tables.action_homes.get(&id);
    let record = home.and_then(|home| tables.records.get(home));
    record.is_some_and(|record| {
        let mut actions = record.actions.iter();
        actions.any(|(_, action)| action.id == id && action.status == ActionStatus::Requested)
    })
}

/// Stops a kind, or all; `false` when it was stopped before.
pub(super) fn pause(tables: &mut Tables, pause: Pause) -> bool {
    match deliveries(tables).pauses.entry(pause.kind.clone()) {
        Entry::Occupied(_) => false,
        Entry::Vacant(free) => {
            free.insert(pause);
            true
        }
    }
}

/// Orders, newest first.
pub(super) fn sendings(tables: &Tables, under_way: bool, limit: usize) -> Vec<Sending> {
    let all = tables.deliveries.sendings.values();
    let mut found: Vec<_> = all
        .filter(|sending| !under_way || sending.ended_at.is_none())
        .cloned()
        .collect();
    found.sort_by_key(|sending| (sending.started_at, sending.id));
    found.reverse();
    found.truncate(limit);
    found
}

/// Forgets what answers said that nobody needs any more; how many deliveries it went through.
pub(super) fn forget_answers(tables: &mut Tables, before: Timestamp, limit: usize) -> u64 {
    let finished_before = |kept: &Kept| {
        let finished = kept.delivery.finished_at?;
        (finished < before).then_some(finished)
    };
    let mut answered: Vec<(Timestamp, u64)> = tables
        .deliveries
        .all
        .iter()
        .filter(|(_, kept)| kept.has_answers && !waits(tables, kept))
        .filter_map(|(position, kept)| Some((finished_before(kept)?, *position)))
        .collect();
    answered.sort_unstable();
    answered.truncate(limit);
    for (_, position) in &answered {
        if let Some(kept) = at_mut(tables, *position) {
            kept.has_answers = false;
            for attempt in kept.attempts.values_mut() {
                attempt.answer = None;
            }
        }
    }
    crate::counted(answered.len())
}
