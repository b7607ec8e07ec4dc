//! Who may try what, and until when.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use records::{DeliveryId, EventId};
use storage::{Claim, DeliveryState};

use super::{at_mut, end, event_of, kept_mut, unfinished};
use crate::tables::{Deliveries, Kept, Tables};

/// The oldest unfinished delivery of each record, and all that are about none.
pub(super) fn heads(deliveries: &Deliveries) -> impl Iterator<Item = (u64, &Kept)> {
    let mut first: BTreeMap<EventId, (u64, u64)> = BTreeMap::new();
    for (position, kept) in unfinished(deliveries) {
        if let Some(event) = event_of(&kept.delivery.new) {
            let first = first.entry(event).or_insert((kept.turn, position));
            *first = (kept.turn, position).min(*first);
        }
    }
    unfinished(deliveries).filter(move |(position, kept)| {
        event_of(&kept.delivery.new)
            .is_none_or(|event| first.get(&event) == Some(&(kept.turn, *position)))
    })
}

/// The oldest unfinished delivery of one record.
pub(super) fn first_in_line(deliveries: &Deliveries, event: EventId) -> Option<DeliveryId> {
    let mut heads = heads(deliveries).map(|(_, kept)| &kept.delivery.new);
    let first = heads.find(|new| event_of(new) == Some(event))?;
    Some(first.id)
}

/// The heads of kinds that are neither paused nor excepted.
fn claimable<'a>(
    deliveries: &'a Deliveries,
    except: &'a [String],
) -> impl Iterator<Item = (u64, &'a Kept)> {
    let all_stopped = deliveries.pauses.contains_key(&None);
    let stopped: BTreeSet<&str> = deliveries
        .pauses
        .keys()
        .flatten()
        .chain(except)
        .map(String::as_str)
        .collect();
    heads(deliveries)
        .filter(move |(_, kept)| !all_stopped && !stopped.contains(kept.delivery.new.kind.as_str()))
}

/// Closes what is too late to be of use, unless somebody is trying it just now; whether there was
/// any.
pub(super) fn expire(tables: &mut Tables, now: Timestamp) -> bool {
    let late: Vec<u64> = unfinished(&tables.deliveries)
        .filter(|(_, kept)| {
            let delivery = &kept.delivery;
            delivery
                .new
                .expires_at
                .is_some_and(|expires| expires <= now)
                && (delivery.state == DeliveryState::Queued || delivery.due_at <= now)
        })
        .map(|(position, _)| position)
        .collect();
    for position in &late {
        end(tables, *position, DeliveryState::Expired, now);
    }
    !late.is_empty()
}

/// Leases the first that are due.
pub(super) fn claim(
    tables: &mut Tables,
    owner: &str,
    now: Timestamp,
    lease_until: Timestamp,
    limit: usize,
    except: &[String],
) -> Vec<Claim> {
    let mut due: Vec<_> = claimable(&tables.deliveries, except)
        .filter(|(_, kept)| kept.delivery.due_at <= now)
        .map(|(position, kept)| (kept.delivery.attempts > 0, kept.delivery.due_at, position))
        .collect();
    due.sort_unstable();
    due.truncate(limit);
    let mut claims = vec![];
    for (.., position) in due {
        if let Some(kept) = at_mut(tables, position) {
            lease(kept, owner.to_owned(), lease_until);
            claims.push(Claim {
                delivery: kept.delivery.clone(),
                fence: kept.fence,
            });
        }
    }
    claims
}

/// Gives somebody the right to the next attempt.
pub(super) fn lease(kept: &mut Kept, owner: String, until: Timestamp) {
    kept.delivery.state = DeliveryState::Leased;
    kept.delivery.due_at = until;
    kept.delivery.attempts += 1;
    kept.fence += 1;
    kept.owner = Some(owner);
}

/// When the first can be claimed.
pub(super) fn next_due(tables: &Tables, except: &[String]) -> Option<Timestamp> {
    claimable(&tables.deliveries, except)
        .map(|(_, kept)| kept.delivery.due_at)
        .min()
}

/// Puts the claims of some owners back, due at once.
pub(crate) fn release(tables: &mut Tables, now: Timestamp, whose: impl Fn(&str) -> bool) -> u64 {
    let theirs: Vec<u64> = unfinished(&tables.deliveries)
        .filter(|(_, kept)| kept.owner.as_ref().is_some_and(|owner| whose(owner)))
        .map(|(position, _)| position)
        .collect();
    for position in &theirs {
        if let Some(kept) = at_mut(tables, *position) {
            put_back(kept, now);
        }
    }
    crate::counted(theirs.len())
}

fn put_back(kept: &mut Kept, due: Timestamp) {
    kept.delivery.state = DeliveryState::Queued;
    kept.delivery.due_at = due;
    kept.owner = None;
}

/// Takes claims back whose attempts were never begun; the fences stay as they are, and grow on.
pub(super) fn hand_back(tables: &mut Tables, claims: &[(DeliveryId, u64)], now: Timestamp) -> u64 {
    let mut handed_back = 0;
    for (id, fence) in claims {
        let Some(kept) = kept_mut(tables, *id) else {
            continue;
        };
        if kept.delivery.state == DeliveryState::Leased && kept.fence == *fence {
            kept.delivery.attempts -= 1;
            let due = match kept.delivery.attempts {
                0 => kept.delivery.new.created_at.min(now),
                _ => now,
            };
            put_back(kept, due);
            handed_back += 1;
        }
    }
    handed_back
}
