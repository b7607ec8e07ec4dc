//! Actions that wait for the country's decision.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use jiff::Timestamp;
use records::{Action, ActionId, ActionStatus};
use storage::{
    DeliveryState, PendingAction, PendingFilter, PendingStore, PendingTotals, StoreError,
};

use crate::{
    MemoryStore, counted, delivery,
    record::decision_of,
    tables::{Record, Tables},
    whole,
};

#[async_trait]
impl PendingStore for MemoryStore {
    async fn pending_actions(
        &self,
        filter: &PendingFilter,
        after: Option<(Timestamp, ActionId)>,
        limit: u64,
    ) -> Result<Vec<PendingAction>, StoreError> {
        self.read(|tables| {
            waiting(tables)
                .into_values()
                .filter(|pending| fits(filter, pending))
                .filter(|pending| {
                    after.is_none_or(|after| (pending.requested_at, pending.action_id) > after)
                })
                .take(whole(limit))
                .collect()
        })
        .await
    }

    async fn pending_action(&self, id: ActionId) -> Result<Option<PendingAction>, StoreError> {
        self.read(|tables| {
            let record = tables.records.get(tables.action_homes.get(&id)?)?;
            let (_, action) = record.actions.iter().find(|(_, action)| action.id == id)?;
            pending(tables, record, action)
        })
        .await
    }

    async fn count_pending(&self, filter: &PendingFilter) -> Result<u64, StoreError> {
        self.read(|tables| {
            let waiting = waiting(tables);
            counted(waiting.values().filter(|one| fits(filter, one)).count())
        })
        .await
    }

    async fn pending_totals(&self, times: &[Timestamp]) -> Result<Vec<PendingTotals>, StoreError> {
        self.read(|tables| {
            let mut totals: BTreeMap<(String, &str), PendingTotals> = BTreeMap::new();
            for pending in waiting(tables).into_values() {
                let of = (pending.event_type.clone(), pending.action_type.as_str());
                let total = totals.entry(of).or_insert_with(|| PendingTotals {
                    event_type: pending.event_type,
                    action_type: pending.action_type,
                    count: 0,
                    oldest: pending.requested_at,
                    before: vec![0; times.len()],
                });
                total.count += 1;
                for (before, time) in total.before.iter_mut().zip(times) {
                    *before += u64::from(pending.requested_at < *time);
                }
            }
            totals.into_values().collect()
        })
        .await
    }
}

/// All that wait, oldest first.
fn waiting(tables: &Tables) -> BTreeMap<(Timestamp, ActionId), PendingAction> {
    let mut waiting = BTreeMap::new();
    for record in tables.records.values() {
        let actions = record.actions.iter();
        for one in actions.filter_map(|(_, action)| pending(tables, record, action)) {
            waiting.insert((one.requested_at, one.action_id), one);
        }
    }
    waiting
}

fn pending(tables: &Tables, record: &Arc<Record>, action: &Action) -> Option<PendingAction> {
    if action.status != ActionStatus::Requested || decision_of(tables, action.id).is_some() {
        return None;
    }
    Some(PendingAction {
        event_id: record.head.id,
        event_type: record.head.event_type.clone(),
        tracking_id: record.head.tracking_id.clone(),
        action_id: action.id,
        action_type: action.action_type,
        custom_action_type: action.custom_action_type.clone(),
        transaction_id: action.transaction_id.clone(),
        created_by: action.created_by.clone(),
        // A time that can't be read counts as long ago: what waits is never left out for it.
        requested_at: action.created_at.parse().unwrap_or_default(),
        delivery: delivery::of_action(tables, action.id),
    })
}

fn fits(filter: &PendingFilter, pending: &PendingAction) -> bool {
    let among = |all: &[String], one: &str| all.is_empty() || all.iter().any(|text| text == one);
    let delivered = pending
        .delivery
        .as_ref()
        .is_some_and(|delivery| delivery.state == DeliveryState::Delivered);
    among(&filter.event_types, &pending.event_type)
        && among(&filter.action_types, pending.action_type.as_str())
        && filter.event_id.is_none_or(|id| pending.event_id == id)
        && filter.delivered.is_none_or(|wanted| wanted == delivered)
        && filter.from.is_none_or(|from| pending.requested_at >= from)
        && filter
            .until
            .is_none_or(|until| pending.requested_at < until)
}
