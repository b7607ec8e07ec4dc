//! Deliveries: begun, claimed, finished.

mod claiming;
mod listing;
mod orders;
mod row;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use records::{ActionId, DeliveryId, EventId};
use rusqlite::{Connection, params};
use storage::{
    Attempt, AttemptResult, AuditEntry, Claim, Delivery, DeliveryFilter, DeliveryPage,
    DeliveryState, DeliveryStore, DeliveryTotals, Lease, NewDelivery, Next, Pause, Resent, Sending,
    StoreError, Subject,
};

pub(crate) use self::{
    claiming::{release, release_of_silent},
    row::delivery as read,
};
use crate::{
    SqliteStore, audit,
    column::{optional_time, signed, to_json, to_word, word},
    failure::Failure,
    writer::Verdict,
};

const TOTALS: &str = "SELECT kind, state, count(*) AS count, min(created_at) AS oldest
   FROM deliveries WHERE finished_at IS NULL GROUP BY kind, state
 UNION ALL SELECT kind, state, count, NULL FROM finished_deliveries WHERE count > 0
 ORDER BY kind, state";

/// Whether something of a record is unfinished.
const WAITS: &str = "SELECT 1 FROM deliveries WHERE event_id = ?1 AND finished_at IS NULL";

#[async_trait]
impl DeliveryStore for SqliteStore {
    async fn enqueue_delivery(&self, delivery: NewDelivery) -> Result<(), StoreError> {
        self.write(move |connection| {
            begin(connection, &delivery)?;
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn enqueue_together(
        &self,
        deliveries: Vec<NewDelivery>,
        entries: Vec<AuditEntry>,
    ) -> Result<bool, StoreError> {
        self.write(move |connection| {
            for delivery in &deliveries {
                let known = connection
                    .prepare_cached("SELECT 1 FROM deliveries WHERE id = ?1")?
                    .exists([delivery.id.0.as_bytes()])?;
                if known {
                    return Ok(Verdict::Undo(false));
                }
                begin(connection, delivery)?;
            }
            audit::append(connection, &entries)?;
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
        let owner = owner.to_owned();
        let except = except.to_vec();
        self.write(move |connection| {
            claiming::expire(connection, now)?;
            let claims = claiming::claim(connection, &owner, now, lease_until, limit, &except)?;
            Ok(Verdict::Keep(claims))
        })
        .await
    }

    async fn finish_attempt(&self, result: AttemptResult) -> Result<bool, StoreError> {
        self.write(move |connection| {
            let held = finish(connection, &result)?;
            if !held {
                log(connection, &result)?;
                orders::has_answers_again(connection, result.delivery_id)?;
            }
            Ok(Verdict::Keep(held))
        })
        .await
    }

    async fn release_claims(&self, owner: &str, now: Timestamp) -> Result<u64, StoreError> {
        let owner = owner.to_owned();
        self.write(move |connection| release(connection, &owner, now).map(Verdict::Keep))
            .await
    }

    async fn next_delivery_due(&self, except: &[String]) -> Result<Option<Timestamp>, StoreError> {
        let except = except.to_vec();
        self.read(move |connection| claiming::next_due(connection, &except))
            .await
    }

    async fn hand_back(
        &self,
        claims: &[(DeliveryId, u64)],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let claims = claims.to_vec();
        self.write(move |connection| {
            claiming::hand_back(connection, &claims, now).map(Verdict::Keep)
        })
        .await
    }

    async fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        self.read(move |connection| {
            let mut select = connection.prepare_cached("SELECT * FROM deliveries WHERE id = ?1")?;
            select
                .query_and_then([id.0.as_bytes()], row::delivery)?
                .next()
                .transpose()
        })
        .await
    }

    async fn delivery_of_action(&self, id: ActionId) -> Result<Option<Delivery>, StoreError> {
        self.look(move |connection| {
            let mut select =
                connection.prepare_cached("SELECT * FROM deliveries WHERE action_id = ?1")?;
            select
                .query_and_then([id.0.as_bytes()], row::delivery)?
                .next()
                .transpose()
        })
        .await
    }

    async fn first_in_line(&self, event_id: EventId) -> Result<Option<DeliveryId>, StoreError> {
        self.read(move |connection| claiming::first_in_line(connection, event_id))
            .await
    }

    async fn attempts(&self, id: DeliveryId) -> Result<Vec<Attempt>, StoreError> {
        self.read(move |connection| {
            let mut select = connection
                .prepare_cached("SELECT * FROM attempts WHERE delivery_id = ?1 ORDER BY number")?;
            select
                .query_and_then([id.0.as_bytes()], row::attempt)?
                .collect()
        })
        .await
    }

    async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        after: Option<u64>,
        limit: u64,
    ) -> Result<DeliveryPage, StoreError> {
        let filter = filter.clone();
        self.search(move |connection| listing::page(connection, &filter, after, limit))
            .await
    }

    async fn count_deliveries(
        &self,
        filter: &DeliveryFilter,
        at_most: u64,
    ) -> Result<u64, StoreError> {
        let filter = filter.clone();
        self.search(move |connection| listing::count(connection, &filter, at_most))
            .await
    }

    async fn send_now(
        &self,
        ids: &[DeliveryId],
        now: Timestamp,
        entries: Vec<AuditEntry>,
    ) -> Result<u64, StoreError> {
        let ids = ids.to_vec();
        self.write(move |connection| {
            audit::append(connection, &entries)?;
            orders::hurry(connection, &ids, now).map(Verdict::Keep)
        })
        .await
    }

    async fn resend(
        &self,
        id: DeliveryId,
        now: Timestamp,
        entries: Vec<AuditEntry>,
    ) -> Result<Resent, StoreError> {
        self.write(move |connection| {
            let resent = orders::resend(connection, id, now)?;
            if matches!(resent, Resent::Queued | Resent::Hurried) {
                audit::append(connection, &entries)?;
            }
            Ok(Verdict::Keep(resent))
        })
        .await
    }

    async fn pauses(&self) -> Result<Vec<Pause>, StoreError> {
        self.read(orders::pauses).await
    }

    async fn pause(&self, pause: Pause, entries: Vec<AuditEntry>) -> Result<bool, StoreError> {
        self.write(move |connection| {
            audit::append(connection, &entries)?;
            orders::pause(connection, &pause).map(Verdict::Keep)
        })
        .await
    }

    async fn resume(
        &self,
        kind: Option<&str>,
        entries: Vec<AuditEntry>,
    ) -> Result<bool, StoreError> {
        let kind = kind.map(str::to_owned);
        self.write(move |connection| {
            audit::append(connection, &entries)?;
            orders::resume(connection, kind.as_deref()).map(Verdict::Keep)
        })
        .await
    }

    async fn save_sending(
        &self,
        sending: Sending,
        entries: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            audit::append(connection, &entries)?;
            orders::save_sending(connection, &sending).map(Verdict::Keep)
        })
        .await
    }

    async fn sendings(&self, under_way: bool, limit: u64) -> Result<Vec<Sending>, StoreError> {
        self.read(move |connection| orders::sendings(connection, under_way, limit))
            .await
    }

    async fn forget_answers(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        self.write(move |connection| {
            orders::forget_answers(connection, before, limit).map(Verdict::Keep)
        })
        .await
    }

    async fn delivery_totals(&self) -> Result<Vec<DeliveryTotals>, StoreError> {
        self.read(|connection| {
            let mut select = connection.prepare_cached(TOTALS)?;
            let totals = select.query_and_then([], |row| {
                Ok(DeliveryTotals {
                    kind: row.get("kind")?,
                    state: word(row, "state", "a delivery's state")?,
                    count: row.get("count")?,
                    oldest: optional_time(row, "oldest")?,
                })
            })?;
            totals.collect()
        })
        .await
    }
}

/// Begins a delivery; whether it is leased, as it may ask for.
pub(crate) fn begin_at_once(connection: &Connection, new: &NewDelivery) -> Result<bool, Failure> {
    let is_head = is_head(connection, new)?;
    let lease = match &new.lease {
        Some(lease) if is_head && !claiming::is_paused(connection, &new.kind)? => Some(lease),
        _ => None,
    };
    insert(connection, new, is_head, lease)?;
    Ok(lease.is_some())
}

/// Begins a delivery, queued; unfinished ones with the same key are void from now on.
pub(crate) fn begin(connection: &Connection, new: &NewDelivery) -> Result<(), Failure> {
    insert(connection, new, is_head(connection, new)?, None)
}

/// Whether nothing of the same record is before it.
fn is_head(connection: &Connection, new: &NewDelivery) -> Result<bool, Failure> {
    let Subject::Action { event_id, .. } = &new.subject else {
        return Ok(true);
    };
    let waits = connection
        .prepare_cached(WAITS)?
        .exists([event_id.0.as_bytes()])?;
    Ok(!waits)
}

fn insert(
    connection: &Connection,
    new: &NewDelivery,
    is_head: bool,
    lease: Option<&Lease>,
) -> Result<(), Failure> {
    let (event, action, body, key) = match &new.subject {
        Subject::Action {
            event_id,
            action_id,
        } => (Some(event_id), Some(action_id), None, None),
        Subject::Account {
            body,
            superseded_by_key,
        } => (None, None, Some(to_json(body)?), superseded_by_key.as_ref()),
    };
    if let Some(key) = key {
        connection
            .prepare_cached(
                "UPDATE deliveries SET state = 'expired', head = 0, owner = NULL, body = NULL,
                   finished_at = ?2
                 WHERE supersede_key = ?1 AND finished_at IS NULL",
            )?
            .execute(params![key, new.created_at.as_millisecond()])?;
    }
    let state = match lease {
        Some(_) => DeliveryState::Leased,
        None => DeliveryState::Queued,
    };
    // With a lease, its first attempt has begun.
    let begun = u32::from(lease.is_some());
    connection
        .prepare_cached(
            "INSERT INTO deliveries (id, kind, path, event_id, action_id, body, supersede_key,
               correlation, created_at, expires_at, due_at, state, head, owner, attempts, fence)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?15)",
        )?
        .execute(params![
            new.id.0.as_bytes(),
            new.kind,
            new.path,
            event.map(|id| id.0.as_bytes()),
            action.map(|id| id.0.as_bytes()),
            body,
            key,
            new.correlation,
            new.created_at.as_millisecond(),
            new.expires_at.map(Timestamp::as_millisecond),
            lease
                .map_or(new.created_at, |lease| lease.until)
                .as_millisecond(),
            to_word(state)?,
            is_head,
            lease.map(|lease| &lease.owner),
            begun,
        ])?;
    Ok(())
}

/// Writes an attempt and what follows; `false`, and nothing written, when the claim is lost.
pub(crate) fn finish(connection: &Connection, result: &AttemptResult) -> Result<bool, Failure> {
    let attempt = &result.attempt;
    let took = SignedDuration::from_millis(signed(attempt.duration_ms));
    let ended = attempt
        .started_at
        .checked_add(took)
        .unwrap_or(attempt.started_at);
    let why = attempt.error.as_ref().unwrap_or(&attempt.outcome);
    let (state, due, error) = match result.next {
        Next::Delivered => (DeliveryState::Delivered, ended, None),
        Next::Retry(due) => (DeliveryState::Queued, due, Some(why)),
        Next::Expired => (DeliveryState::Expired, ended, Some(why)),
    };
    let finished = !matches!(result.next, Next::Retry(_));
    let written = connection
        .prepare_cached(
            "UPDATE deliveries SET state = ?3, owner = NULL, due_at = ?4, last_error = ?5,
               last_outcome = ?7,
               head = CASE WHEN ?6 THEN 0 ELSE head END,
               body = CASE WHEN ?6 THEN NULL ELSE body END,
               finished_at = CASE WHEN ?6 THEN ?4 END
             WHERE id = ?1 AND state = 'leased' AND fence = ?2",
        )?
        .execute(params![
            result.delivery_id.0.as_bytes(),
            signed(result.fence),
            to_word(state)?,
            due.as_millisecond(),
            error,
            finished,
            attempt.outcome,
        ])?;
    if written > 0 {
        log(connection, result)?;
    }
    Ok(written > 0)
}

/// Keeps an attempt; the first account of it stands.
fn log(connection: &Connection, result: &AttemptResult) -> Result<(), Failure> {
    let attempt = &result.attempt;
    connection
        .prepare_cached(
            "INSERT INTO attempts (delivery_id, number, started_at, duration_ms, status, answer,
               outcome, error)
             SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM deliveries WHERE id = ?1
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            result.delivery_id.0.as_bytes(),
            attempt.number,
            attempt.started_at.as_millisecond(),
            signed(attempt.duration_ms),
            attempt.status,
            attempt.answer,
            attempt.outcome,
            attempt.error,
        ])?;
    Ok(())
}

/// Marks the unfinished delivery of an action as delivered: the decision came before the answer.
pub(crate) fn close_of_action(
    connection: &Connection,
    action: ActionId,
    now: Timestamp,
) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "UPDATE deliveries SET state = 'delivered', head = 0, owner = NULL, body = NULL,
               last_error = NULL, finished_at = ?2
             WHERE action_id = ?1 AND finished_at IS NULL",
        )?
        .execute(params![action.0.as_bytes(), now.as_millisecond()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{new_file, plan};

    #[test]
    fn what_is_unfinished_is_counted_from_its_index_and_sought_among_its_records() {
        let (_directory, connection) = new_file();
        let totals = plan(&connection, TOTALS, vec![]);
        assert!(
            totals.contains("COVERING INDEX deliveries_unfinished"),
            "{totals}"
        );
        let waits = plan(&connection, WAITS, vec![vec![1_u8].into()]);
        assert!(waits.contains("(event_id=?"), "{waits}");
    }
}
