//! Deliveries found by what operators look for.

use std::collections::BTreeMap;

use storage::{Delivery, DeliveryFilter, DeliveryPage, DeliveryState, DeliveryTotals};

use super::event_of;
use crate::{counted, tables::Tables, whole};

/// A page of what the filter lets through, newest first.
pub(super) fn page(
    tables: &Tables,
    filter: &DeliveryFilter,
    after: Option<u64>,
    limit: usize,
) -> DeliveryPage {
    let mut found = tables
        .deliveries
        .all
        .range(..after.unwrap_or(u64::MAX))
        .rev()
        .filter(|(_, kept)| fits(tables, filter, &kept.delivery));
    let (positions, deliveries): (Vec<u64>, Vec<Delivery>) = found
        .by_ref()
        .take(limit)
        .map(|(position, kept)| (*position, kept.delivery.clone()))
        .unzip();
    let more = found.next().is_some();
    DeliveryPage {
        deliveries,
        next: positions.last().copied().filter(|_| more),
    }
}

/// How many the filter lets through, counted no further than `at_most`.
pub(super) fn count(tables: &Tables, filter: &DeliveryFilter, at_most: u64) -> u64 {
    let all = tables.deliveries.all.values();
    let found = all.filter(|kept| fits(tables, filter, &kept.delivery));
    counted(found.take(whole(at_most)).count())
}

fn fits(tables: &Tables, filter: &DeliveryFilter, delivery: &Delivery) -> bool {
    let DeliveryFilter {
        states,
        kinds,
        event_type,
        event_id,
        outcomes,
        attempts,
        from,
        until,
    } = filter;
    let new = &delivery.new;
    let event = event_of(new);
    (states.is_empty() || states.contains(&delivery.state))
        && (kinds.is_empty() || kinds.contains(&new.kind))
        && event_type.as_ref().is_none_or(|wanted| {
            let record = event.and_then(|id| tables.records.get(&id));
            record.is_some_and(|record| record.head.event_type == *wanted)
        })
        && event_id.is_none_or(|wanted| event == Some(wanted))
        && (outcomes.is_empty()
            || delivery
                .last_outcome
                .as_ref()
                .is_some_and(|last| outcomes.contains(last)))
        && attempts.is_none_or(|least| delivery.attempts >= least)
        && from.is_none_or(|from| new.created_at >= from)
        && until.is_none_or(|until| new.created_at < until)
}

/// How many there are of each kind in each state.
pub(super) fn totals(tables: &Tables) -> Vec<DeliveryTotals> {
    let word = |state| match state {
        DeliveryState::Delivered => "delivered",
        DeliveryState::Expired => "expired",
        DeliveryState::Leased => "leased",
        DeliveryState::Queued => "queued",
    };
    let mut totals: BTreeMap<(&str, &str), DeliveryTotals> = BTreeMap::new();
    for kept in tables.deliveries.all.values() {
        let Delivery { new, state, .. } = &kept.delivery;
        let begun = (!kept.is_finished()).then_some(new.created_at);
        let key = (new.kind.as_str(), word(*state));
        let total = totals.entry(key).or_insert_with(|| DeliveryTotals {
            kind: new.kind.clone(),
            state: *state,
            count: 0,
            oldest: begun,
        });
        total.count += 1;
        total.oldest = total.oldest.min(begun);
    }
    totals.into_values().collect()
}
