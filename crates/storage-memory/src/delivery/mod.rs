//! Deliveries: begun, claimed, finished.

mod claiming;
mod listing;
mod orders;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use records::{ActionId, DeliveryId, EventId};
use storage::{
    Attempt, AttemptResult, AuditEntry, Claim, Delivery, DeliveryFilter, DeliveryPage,
    DeliveryState, DeliveryStore, DeliveryTotals, NewDelivery, Next, Pause, Resent, Sending,
    StoreError, Subject,
};

pub(crate) use self::claiming::release;
use crate::{
    MemoryStore, Verdict, refused,
    tables::{Deliveries, Kept, Tables},
    whole,
};

#[async_trait]
impl DeliveryStore for MemoryStore {
    async fn enqueue_delivery(&self, delivery: NewDelivery) -> Result<(), StoreError> {
        self.write(|tables| {
            begin(tables, delivery)?;
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn enqueue_together(
        &self,
        deliveries: Vec<NewDelivery>,
        audit: Vec<AuditEntry>,
    ) -> Result<bool, StoreError> {
        self.write(|tables| {
            for delivery in deliveries {
                if tables.deliveries.by_id.contains_key(&delivery.id) {
                    return Ok(Verdict::Undo(false));
                }
                begin(tables, delivery)?;
            }
            tables.append_audit(&audit)?;
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn claim_deliveries(
        &self,
        owner: &str,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
        except: &[String],
    ) -> Result<Vec<Claim>, StoreError> {
        self.write(|tables| {
            let expired = claiming::expire(tables, now);
            let claims = claiming::claim(tables, owner, now, lease_until, limit, except);
            Ok(if claims.is_empty() && !expired {
                Verdict::Undo(claims)
            } else {
                Verdict::Keep(claims)
            })
        })
        .await
    }

    async fn finish_attempt(&self, result: AttemptResult) -> Result<bool, StoreError> {
        self.write(|tables| {
            let held = finish(tables, &result);
            if !held && let Some(kept) = kept_mut(tables, result.delivery_id) {
                log(kept, &result);
            }
            Ok(Verdict::Keep(held))
        })
        .await
    }

    async fn release_claims(&self, owner: &str, now: Timestamp) -> Result<u64, StoreError> {
        self.write(|tables| Ok(Verdict::Keep(release(tables, now, |own| own == owner))))
            .await
    }

    async fn next_delivery_due(&self, except: &[String]) -> Result<Option<Timestamp>, StoreError> {
        self.read(|tables| claiming::next_due(tables, except)).await
    }

    async fn hand_back(
        &self,
        claims: &[(DeliveryId, u64)],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.write(|tables| Ok(Verdict::Keep(claiming::hand_back(tables, claims, now))))
            .await
    }

    async fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        self.read(|tables| kept(&tables.deliveries, id).map(|kept| kept.delivery.clone()))
            .await
    }

    async fn delivery_of_action(&self, id: ActionId) -> Result<Option<Delivery>, StoreError> {
        self.read(|tables| of_action(tables, id)).await
    }

    async fn first_in_line(&self, event_id: EventId) -> Result<Option<DeliveryId>, StoreError> {
        self.read(|tables| claiming::first_in_line(&tables.deliveries, event_id))
            .await
    }

    async fn attempts(&self, id: DeliveryId) -> Result<Vec<Attempt>, StoreError> {
        self.read(|tables| {
            let kept = kept(&tables.deliveries, id);
            kept.map(|kept| kept.attempts.values().cloned().collect())
                .unwrap_or_default()
        })
        .await
    }

    async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        after: Option<u64>,
        limit: u64,
    ) -> Result<DeliveryPage, StoreError> {
        self.read(|tables| listing::page(tables, filter, after, whole(limit)))
            .await
    }

    async fn count_deliveries(
        &self,
        filter: &DeliveryFilter,
        at_most: u64,
    ) -> Result<u64, StoreError> {
        self.read(|tables| listing::count(tables, filter, at_most))
            .await
    }

    async fn send_now(
        &self,
        ids: &[DeliveryId],
        now: Timestamp,
        audit: Vec<AuditEntry>,
    ) -> Result<u64, StoreError> {
        self.write(|tables| {
            tables.append_audit(&audit)?;
            Ok(Verdict::Keep(orders::hurry(tables, ids, now)))
        })
        .await
    }

    async fn resend(
        &self,
        id: DeliveryId,
        now: Timestamp,
        audit: Vec<AuditEntry>,
    ) -> Result<Resent, StoreError> {
        self.write(|tables| {
            let resent = orders::resend(tables, id, now);
            if matches!(resent, Resent::Queued | Resent::Hurried) {
                tables.append_audit(&audit)?;
            }
            Ok(Verdict::Keep(resent))
        })
        .await
    }

    async fn pauses(&self) -> Result<Vec<Pause>, StoreError> {
        self.read(|tables| tables.deliveries.pauses.values().cloned().collect())
            .await
    }

    async fn pause(&self, pause: Pause, audit: Vec<AuditEntry>) -> Result<bool, StoreError> {
        self.write(|tables| {
            tables.append_audit(&audit)?;
            Ok(Verdict::Keep(orders::pause(tables, pause)))
        })
        .await
    }

    async fn resume(&self, kind: Option<&str>, audit: Vec<AuditEntry>) -> Result<bool, StoreError> {
        self.write(|tables| {
            tables.append_audit(&audit)?;
            let kind = kind.map(str::to_owned);
            let lifted = deliveries(tables).pauses.remove(&kind);
            Ok(Verdict::Keep(lifted.is_some()))
        })
        .await
    }

    async fn save_sending(
        &self,
        sending: Sending,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        self.write(|tables| {
            tables.append_audit(&audit)?;
            let sendings = &mut deliveries(tables).sendings;
            let kept = sendings.get(&sending.id);
            if kept.is_none_or(|kept| kept.ended_at.is_none()) {
                sendings.insert(sending.id, sending);
            }
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn sendings(&self, under_way: bool, limit: u64) -> Result<Vec<Sending>, StoreError> {
        self.read(|tables| orders::sendings(tables, under_way, whole(limit)))
            .await
    }

    async fn forget_answers(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        self.write(|tables| {
            let forgotten = orders::forget_answers(tables, before, whole(limit));
            Ok(Verdict::Keep(forgotten))
        })
        .await
    }

    async fn delivery_totals(&self) -> Result<Vec<DeliveryTotals>, StoreError> {
        self.read(listing::totals).await
    }
}

fn deliveries(tables: &mut Tables) -> &mut Deliveries {
    Arc::make_mut(&mut tables.deliveries)
}

fn kept(deliveries: &Deliveries, id: DeliveryId) -> Option<&Kept> {
    let position = deliveries.by_id.get(&id)?;
    deliveries.all.get(position).map(AsRef::as_ref)
}

fn kept_mut(tables: &mut Tables, id: DeliveryId) -> Option<&mut Kept> {
    let position = *tables.deliveries.by_id.get(&id)?;
    at_mut(tables, position)
}

fn at_mut(tables: &mut Tables, position: u64) -> Option<&mut Kept> {
    deliveries(tables).all.get_mut(&position).map(Arc::make_mut)
}

/// Ends the delivery at this position.
fn end(tables: &mut Tables, position: u64, state: DeliveryState, at: Timestamp) {
    if let Some(kept) = at_mut(tables, position) {
        kept.finish(state, at);
    }
    deliveries(tables).unfinished.remove(&position);
}

fn event_of(delivery: &NewDelivery) -> Option<EventId> {
    match &delivery.subject {
        Subject::Action { event_id, .. } => Some(*event_id),
        Subject::Account { .. } => None,
    }
}

fn unfinished(deliveries: &Deliveries) -> impl Iterator<Item = (u64, &Kept)> {
    let at = |position: &u64| Some((*position, deliveries.all.get(position)?.as_ref()));
    deliveries.unfinished.iter().filter_map(at)
}

/// The delivery that an action caused.
pub(crate) fn of_action(tables: &Tables, id: ActionId) -> Option<Delivery> {
    let position = tables.deliveries.of_action.get(&id)?;
    let kept = tables.deliveries.all.get(position)?;
    Some(kept.delivery.clone())
}

/// Whether something about this record is still to be delivered.
pub(crate) fn has_unfinished(tables: &Tables, event: EventId) -> bool {
    unfinished(&tables.deliveries).any(|(_, kept)| event_of(&kept.delivery.new) == Some(event))
}

/// Forgets the deliveries of a record that is deleted.
pub(crate) fn forget_of(tables: &mut Tables, event: EventId) {
    let deliveries = deliveries(tables);
    let of_event = |kept: &Kept| event_of(&kept.delivery.new) == Some(event);
    deliveries.all.retain(|_, kept| !of_event(kept));
    let Deliveries {
        all,
        by_id,
        of_action,
        ..
    } = deliveries;
    by_id.retain(|_, position| all.contains_key(position));
    of_action.retain(|_, position| all.contains_key(position));
}

/// Begins a delivery, queued; unfinished ones with the same key are void from now on.
pub(crate) fn begin(tables: &mut Tables, new: NewDelivery) -> Result<u64, StoreError> {
    if let Subject::Account {
        superseded_by_key: Some(key),
        ..
    } = &new.subject
    {
        let has_key = |kept: &Kept| matches!(&kept.delivery.new.subject, Subject::Account { superseded_by_key: Some(own), .. } if own == key);
        let void: Vec<_> = unfinished(&tables.deliveries)
            .filter(|(_, kept)| has_key(kept))
            .map(|(position, _)| position)
            .collect();
        for position in void {
            end(tables, position, DeliveryState::Expired, new.created_at);
        }
    }
    let deliveries = deliveries(tables);
    deliveries.last += 1;
    let position = deliveries.last;
    if deliveries.by_id.insert(new.id, position).is_some() {
        return Err(refused("there is a delivery with this id"));
    }
    if let Subject::Action { action_id, .. } = &new.subject
        && deliveries.of_action.insert(*action_id, position).is_some()
    {
        return Err(refused("the action has a delivery"));
    }
    deliveries.unfinished.insert(position);
    let kept = Kept {
        delivery: Delivery {
            due_at: new.created_at,
            new: NewDelivery { lease: None, ..new },
            state: DeliveryState::Queued,
            attempts: 0,
            finished_at: None,
            last_error: None,
            last_outcome: None,
        },
        fence: 0,
        owner: None,
        turn: position,
        has_answers: true,
        attempts: Default::default(),
    };
    deliveries.all.insert(position, Arc::new(kept));
    Ok(position)
}

/// Begins a delivery; whether it is leased, as it may ask for.
pub(crate) fn begin_at_once(tables: &mut Tables, mut new: NewDelivery) -> Result<bool, StoreError> {
    let (lease, kind) = (new.lease.take(), new.kind.clone());
    let position = begin(tables, new)?;
    let Some(lease) = lease else {
        return Ok(false);
    };
    let pauses = &tables.deliveries.pauses;
    let is_paused = pauses.contains_key(&None) || pauses.contains_key(&Some(kind));
    if is_paused || !claiming::heads(&tables.deliveries).any(|(head, _)| head == position) {
        return Ok(false);
    }
    if let Some(kept) = at_mut(tables, position) {
        claiming::lease(kept, lease.owner, lease.until);
    }
    Ok(true)
}

/// Writes an attempt and what follows; `false`, and nothing written, when the claim is lost.
pub(crate) fn finish(tables: &mut Tables, result: &AttemptResult) -> bool {
    let attempt = &result.attempt;
    let took = SignedDuration::from_millis(i64::try_from(attempt.duration_ms).unwrap_or(i64::MAX));
    let ended = attempt.started_at.checked_add(took);
    let ended = ended.unwrap_or(attempt.started_at);
    let Some(position) = tables.deliveries.by_id.get(&result.delivery_id).copied() else {
        return false;
    };
    let Some(kept) = at_mut(tables, position) else {
        return false;
    };
    if kept.delivery.state != DeliveryState::Leased || kept.fence != result.fence {
        return false;
    }
    log(kept, result);
    let why = attempt.error.as_ref().unwrap_or(&attempt.outcome);
    let delivery = &mut kept.delivery;
    delivery.last_outcome = Some(attempt.outcome.clone());
    delivery.last_error = match result.next {
        Next::Delivered => None,
        Next::Retry(_) | Next::Expired => Some(why.clone()),
    };
    delivery.due_at = ended;
    match result.next {
        Next::Delivered => end(tables, position, DeliveryState::Delivered, ended),
        Next::Expired => end(tables, position, DeliveryState::Expired, ended),
        Next::Retry(due) => {
            delivery.due_at = due;
            delivery.state = DeliveryState::Queued;
            kept.owner = None;
        }
    }
    true
}

/// Keeps an attempt; the first account of it stands.
fn log(kept: &mut Kept, result: &AttemptResult) {
    let attempts = kept.attempts.entry(result.attempt.number);
    attempts.or_insert_with(|| result.attempt.clone());
    kept.has_answers = true;
}

/// Marks the unfinished delivery of an action as delivered: the decision came before the answer.
pub(crate) fn close_of_action(tables: &mut Tables, action: ActionId, now: Timestamp) {
    let Some(position) = tables.deliveries.of_action.get(&action).copied() else {
        return;
    };
    if tables.deliveries.unfinished.contains(&position) {
        if let Some(kept) = at_mut(tables, position) {
            kept.delivery.last_error = None;
        }
        end(tables, position, DeliveryState::Delivered, now);
    }
}
