//! Deliveries: begun, claimed, finished.
//!
//! Of a record's unfinished deliveries only the oldest is marked `head`; a claim looks at heads
//! alone. Triggers in the migration move the next one up when a head is finished.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use records::{ActionId, DeliveryId};
use rusqlite::{Connection, Row, params};
use serde_json::Value;
use storage::{
    Attempt, AttemptResult, AuditEntry, Claim, Delivery, DeliveryState, DeliveryStore,
    DeliveryTotals, NewDelivery, Next, StoreError, Subject,
};

use crate::{
    SqliteStore, audit,
    column::{from_json, id, optional_id, optional_time, signed, time, to_json, to_word, word},
    failure::Failure,
    writer::Verdict,
};

#[async_trait]
impl DeliveryStore for SqliteStore {
    async fn enqueue_delivery(&self, delivery: NewDelivery) -> Result<(), StoreError> {
        self.write(move |connection| begin(connection, &delivery).map(Verdict::Keep))
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
        let except = to_json(except)?;
        self.write(move |connection| {
            expire(connection, now)?;
            let due = due(connection, now, limit, &except)?;
            let claims = due.into_iter().map(|position| {
                let mut lease = connection.prepare_cached(
                    "UPDATE deliveries SET state = 'leased', owner = ?2, due_at = ?3,
                       attempts = attempts + 1, fence = fence + 1
                     WHERE position = ?1 RETURNING *",
                )?;
                let lease_until = lease_until.as_millisecond();
                let mut leased =
                    lease.query_and_then(params![position, owner, lease_until], |row| {
                        Ok::<_, Failure>(Claim {
                            delivery: delivery(row)?,
                            fence: row.get("fence")?,
                        })
                    })?;
                leased.next().transpose()
            });
            let claims: Vec<_> = claims.collect::<Result<_, Failure>>()?;
            Ok(Verdict::Keep(claims.into_iter().flatten().collect()))
        })
        .await
    }

    async fn finish_attempt(&self, result: AttemptResult) -> Result<bool, StoreError> {
        self.write(move |connection| {
            let held = finish(connection, &result)?;
            if !held {
                log(connection, &result)?;
            }
            Ok(Verdict::Keep(held))
        })
        .await
    }

    async fn release_claims(&self, owner: &str, now: Timestamp) -> Result<u64, StoreError> {
        let owner = owner.to_owned();
        self.write(move |connection| {
            let released = connection.execute(
                "UPDATE deliveries SET state = 'queued', owner = NULL, due_at = ?2
                 WHERE owner = ?1",
                params![owner, now.as_millisecond()],
            )?;
            Ok(Verdict::Keep(released.try_into().unwrap_or(u64::MAX)))
        })
        .await
    }

    async fn next_delivery_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|connection| {
            let mut select = connection.prepare_cached(NEXT_DUE)?;
            let mut due = select.query_and_then([], |row| optional_time(row, "due_at"))?;
            Ok(due.next().transpose()?.flatten())
        })
        .await
    }

    async fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        self.read(move |connection| {
            let mut select = connection.prepare_cached("SELECT * FROM deliveries WHERE id = ?1")?;
            select
                .query_and_then([id.0.as_bytes()], delivery)?
                .next()
                .transpose()
        })
        .await
    }

    async fn delivery_of_action(&self, id: ActionId) -> Result<Option<Delivery>, StoreError> {
        self.read(move |connection| {
            let mut select =
                connection.prepare_cached("SELECT * FROM deliveries WHERE action_id = ?1")?;
            select
                .query_and_then([id.0.as_bytes()], delivery)?
                .next()
                .transpose()
        })
        .await
    }

    async fn attempts(&self, id: DeliveryId) -> Result<Vec<Attempt>, StoreError> {
        self.read(move |connection| {
            let mut select = connection
                .prepare_cached("SELECT * FROM attempts WHERE delivery_id = ?1 ORDER BY number")?;
            select.query_and_then([id.0.as_bytes()], attempt)?.collect()
        })
        .await
    }

    async fn deliveries(
        &self,
        unfinished: bool,
        offset: u64,
        limit: u64,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.read(move |connection| {
            let narrowed = if unfinished {
                "WHERE finished_at IS NULL"
            } else {
                ""
            };
            let mut select = connection.prepare_cached(&format!(
                "SELECT * FROM deliveries {narrowed} ORDER BY position DESC LIMIT ?1 OFFSET ?2"
            ))?;
            select
                .query_and_then(params![signed(limit), signed(offset)], delivery)?
                .collect()
        })
        .await
    }

    async fn delivery_totals(&self) -> Result<Vec<DeliveryTotals>, StoreError> {
        self.read(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT kind, state, count(*) AS count, min(created_at) AS oldest FROM deliveries
                 WHERE finished_at IS NULL GROUP BY kind, state
                 UNION ALL SELECT kind, state, count, NULL FROM finished_deliveries
                 ORDER BY kind, state",
            )?;
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

/// Begins a delivery; unfinished ones with the same key are void from now on.
pub(crate) fn begin(connection: &Connection, new: &NewDelivery) -> Result<(), Failure> {
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
    connection
        .prepare_cached(
            "INSERT INTO deliveries (id, kind, path, event_id, action_id, body, supersede_key,
               correlation, created_at, expires_at, due_at, state, head)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?9, 'queued',
               NOT EXISTS (SELECT 1 FROM deliveries WHERE event_id = ?4 AND finished_at IS NULL))",
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

const EXPIRE: &str = "UPDATE deliveries
    SET state = 'expired', head = 0, owner = NULL, body = NULL, finished_at = ?1
    WHERE finished_at IS NULL AND expires_at <= ?1 AND (state = 'queued' OR due_at <= ?1)";

/// `attempts` is compared as the partial indexes compare it, so that each of the two selections is
/// a walk along an index that stops at the limit.
const DUE_FIRST: &str = "SELECT position FROM deliveries
    WHERE head = 1 AND attempts = 0 AND due_at <= ?1
      AND kind NOT IN (SELECT value FROM json_each(?3))
    ORDER BY due_at, position LIMIT ?2";
const DUE_AGAIN: &str = "SELECT position FROM deliveries
    WHERE head = 1 AND attempts > 0 AND due_at <= ?1
      AND kind NOT IN (SELECT value FROM json_each(?3))
    ORDER BY due_at, position LIMIT ?2";
const NEXT_DUE: &str = "SELECT min(due_at) AS due_at FROM (
    SELECT min(due_at) AS due_at FROM deliveries WHERE head = 1 AND attempts = 0
    UNION ALL
    SELECT min(due_at) AS due_at FROM deliveries WHERE head = 1 AND attempts > 0)";

/// Closes what is too late to be of use, unless somebody is trying it just now.
fn expire(connection: &Connection, now: Timestamp) -> Result<(), Failure> {
    connection
        .prepare_cached(EXPIRE)?
        .execute([now.as_millisecond()])?;
    Ok(())
}

fn due(
    connection: &Connection,
    now: Timestamp,
    limit: usize,
    except: &str,
) -> Result<Vec<i64>, Failure> {
    let mut due: Vec<i64> = vec![];
    for sql in [DUE_FIRST, DUE_AGAIN] {
        let left = signed((limit - due.len()).try_into().unwrap_or(u64::MAX));
        let mut select = connection.prepare_cached(sql)?;
        let values = params![now.as_millisecond(), left, except];
        for position in select.query_map(values, |row| row.get(0))? {
            due.push(position?);
        }
    }
    Ok(due)
}

fn delivery(row: &Row<'_>) -> Result<Delivery, Failure> {
    let event: Option<_> = optional_id(row, "event_id")?;
    let action: Option<_> = optional_id(row, "action_id")?;
    let subject = match (event, action) {
        (Some(event_id), Some(action_id)) => Subject::Action {
            event_id,
            action_id,
        },
        _ => Subject::Account {
            body: match row
                .get_ref("body")?
                .as_str_or_null()
                .map_err(rusqlite::Error::from)?
            {
                Some(text) => from_json(text, "a delivery's body")?,
                None => Value::Null,
            },
            superseded_by_key: row.get("supersede_key")?,
        },
    };
    Ok(Delivery {
        new: NewDelivery {
            id: id(row, "id")?,
            kind: row.get("kind")?,
            path: row.get("path")?,
            subject,
            correlation: row.get("correlation")?,
            created_at: time(row, "created_at")?,
            expires_at: optional_time(row, "expires_at")?,
        },
        state: word(row, "state", "a delivery's state")?,
        attempts: row.get("attempts")?,
        due_at: time(row, "due_at")?,
        finished_at: optional_time(row, "finished_at")?,
        last_error: row.get("last_error")?,
    })
}

fn attempt(row: &Row<'_>) -> Result<Attempt, Failure> {
    Ok(Attempt {
        number: row.get("number")?,
        started_at: time(row, "started_at")?,
        duration_ms: row.get("duration_ms")?,
        status: row.get("status")?,
        answer: row.get("answer")?,
        outcome: row.get("outcome")?,
        error: row.get("error")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{new_file, plan};

    #[test]
    fn claiming_walks_an_index_and_sorts_nothing() {
        let (_directory, connection) = new_file();
        for (sql, index, values) in [
            (DUE_FIRST, "deliveries_first_due (due_at<?)", 3),
            (DUE_AGAIN, "deliveries_retry_due (due_at<?)", 3),
            (EXPIRE, "deliveries_expiring (expires_at<?)", 1),
            (NEXT_DUE, "deliveries_first_due", 0),
            (NEXT_DUE, "deliveries_retry_due", 0),
        ] {
            let plan = plan(&connection, sql, vec![1.into(); values]);
            assert!(plan.contains(index), "{plan}");
            assert!(!plan.contains("B-TREE"), "{plan}");
        }
    }
}
