//! The statements behind the pending store. Every change of state is one of these.

use jiff::Timestamp;
use records::ActionType;
use rusqlite::{
    Connection, OptionalExtension, Row, Transaction, named_params, params,
    types::{Type, ValueRef},
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{
    Completion, PendingAction, PendingKey, PendingState, Resolution, StoreError, WaitingAction,
};
use crate::{core_client::ActionShape, decision::Accept};

/// A decision that Core has to be told.
#[derive(Debug)]
pub(crate) struct Callback {
    pub(crate) key: PendingKey,
    pub(crate) action: ActionShape,
    pub(super) token: Option<Vec<u8>>,
    pub(crate) traceparent: String,
    pub(crate) transaction_id: String,
    pub(crate) resolution: Resolution,
    /// The decision as it stands in the file, to tell whether it was amended meanwhile.
    pub(super) written: String,
    pub(crate) attempts: u32,
    /// How often in a row Core has refused to be told.
    pub(crate) refusals: u32,
}

/// A token of an action that Core still waits for, encrypted.
pub(super) struct HeldToken {
    pub(super) key: PendingKey,
    pub(super) sealed: Vec<u8>,
}

/// How telling Core went.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Core knows. `conflict`: it had decided otherwise, and this is what it said.
    Done { conflict: Option<String> },
    /// Not yet; again at `at` (milliseconds since 1970).
    Later { at: i64, error: String, stuck: bool },
}

/// Why an amended decision is not the one that stands.
const AMENDED_TOO_LATE: &str = "the decision was amended while Core took the earlier one";

/// A column that holds JSON.
fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| unreadable(Box::new(error)))
}

/// A column that holds an id.
fn id<T: From<Uuid>>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    let id = Uuid::parse_str(&text).map_err(|error| unreadable(Box::new(error)))?;
    Ok(id.into())
}

fn unreadable(error: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error)
}

fn text<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::Unreadable)
}

fn key(row: &Row<'_>) -> rusqlite::Result<PendingKey> {
    Ok(PendingKey {
        event: id(row, "event_id")?,
        action: id(row, "action_id")?,
    })
}

fn resolution(row: &Row<'_>) -> rusqlite::Result<Option<Resolution>> {
    match row.get_ref("resolution")? {
        ValueRef::Null => Ok(None),
        _ => json(row, "resolution").map(Some),
    }
}

fn action(row: &Row<'_>) -> rusqlite::Result<PendingAction> {
    let shape: ActionShape = json(row, "shape")?;
    let state: String = row.get("state")?;
    Ok(PendingAction {
        key: key(row)?,
        event_type: row.get("event_type")?,
        action_type: shape.action_type,
        custom_action_type: shape.custom_action_type,
        transaction_id: row.get("transaction_id")?,
        note: json(row, "note")?,
        received_at: Timestamp::from_millisecond(row.get("received_at")?).unwrap_or_default(),
        state: match state.as_str() {
            "waiting" => PendingState::Waiting,
            "resolving" => PendingState::Resolving,
            "stuck" => PendingState::Stuck,
            _ => PendingState::Done,
        },
        resolution: resolution(row)?,
        attempts: row.get("attempts")?,
        last_error: row.get("last_error")?,
    })
}

pub(super) fn list(connection: &Connection) -> Result<Vec<PendingAction>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM pending WHERE state <> 'done' ORDER BY received_at, action_id",
    )?;
    Ok(statement.query_map([], action)?.collect::<Result<_, _>>()?)
}

pub(super) fn get(
    connection: &Connection,
    key: PendingKey,
) -> Result<Option<PendingAction>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT * FROM pending WHERE event_id = ?1 AND action_id = ?2")?;
    let ids = [key.event.to_string(), key.action.to_string()];
    Ok(statement.query_row(ids, action).optional()?)
}

pub(super) fn hold(
    write: &Transaction<'_>,
    waiting: &WaitingAction,
    token: Option<Vec<u8>>,
    transaction_id: Uuid,
    now: i64,
) -> Result<(), StoreError> {
    write.execute(
        "INSERT INTO pending (event_id, action_id, event_type, shape, token, traceparent,
             transaction_id, note, received_at, state)
         VALUES (:event, :action, :type, :shape, :token, :traceparent, :transaction, :note, :now,
             'waiting')
         ON CONFLICT (event_id, action_id) DO UPDATE SET
             note = CASE WHEN excluded.note = 'null' THEN note ELSE excluded.note END",
        named_params! {
            ":event": waiting.key.event.to_string(),
            ":action": waiting.key.action.to_string(),
            ":type": waiting.event_type,
            ":shape": text(&waiting.action)?,
            ":token": token,
            ":traceparent": waiting.traceparent,
            ":transaction": transaction_id.to_string(),
            ":note": waiting.note.to_string(),
            ":now": now,
        },
    )?;
    renew(write, waiting.key, token, now)
}

pub(super) fn renew(
    write: &Transaction<'_>,
    key: PendingKey,
    token: Option<Vec<u8>>,
    now: i64,
) -> Result<(), StoreError> {
    write.execute(
        "UPDATE pending SET
             token = COALESCE(?3, token),
             next_attempt = CASE state WHEN 'stuck' THEN ?4 ELSE next_attempt END,
             refusals = 0,
             state = CASE state WHEN 'stuck' THEN 'resolving' ELSE state END
         WHERE event_id = ?1 AND action_id = ?2 AND state <> 'done'",
        params![key.event.to_string(), key.action.to_string(), token, now],
    )?;
    Ok(())
}

pub(super) fn complete(
    write: &Transaction<'_>,
    key: PendingKey,
    resolution: &Resolution,
    now: i64,
) -> Result<Completion, StoreError> {
    decide(write, key, resolution, "waiting", now)
}

pub(super) fn amend(
    write: &Transaction<'_>,
    key: PendingKey,
    resolution: &Resolution,
    now: i64,
) -> Result<Completion, StoreError> {
    decide(write, key, resolution, "stuck", now)
}

/// Writes the decision down if the action is in `state`.
fn decide(
    write: &Transaction<'_>,
    key: PendingKey,
    resolution: &Resolution,
    state: &str,
    now: i64,
) -> Result<Completion, StoreError> {
    let Some(found) = get(write, key)? else {
        return Ok(Completion::Unknown);
    };
    if let Resolution::Accept(accept) = resolution
        && found.action_type == ActionType::Register
        && !accept.has_number()
    {
        return Ok(Completion::NumberMissing);
    }
    let updated = write.execute(
        "UPDATE pending SET resolution = ?3, state = 'resolving', next_attempt = ?4,
             refusals = 0
         WHERE event_id = ?1 AND action_id = ?2 AND state = ?5",
        params![
            key.event.to_string(),
            key.action.to_string(),
            text(resolution)?,
            now,
            state
        ],
    )?;
    Ok(match found.resolution {
        _ if updated == 1 => Completion::Recorded,
        Some(standing) => Completion::AlreadyDecided(standing),
        None if found.state == PendingState::Done => Completion::NoLongerAwaited,
        None => Completion::Unknown,
    })
}

pub(super) fn bring_forward(write: &Transaction<'_>, now: i64) -> Result<(), StoreError> {
    write.execute(
        "UPDATE pending SET next_attempt = ?1 WHERE state = 'resolving' AND next_attempt > ?1",
        [now],
    )?;
    Ok(())
}

pub(super) fn retry(
    write: &Transaction<'_>,
    key: PendingKey,
    now: i64,
) -> Result<bool, StoreError> {
    let updated = write.execute(
        "UPDATE pending SET state = 'resolving', next_attempt = ?3, refusals = 0
         WHERE event_id = ?1 AND action_id = ?2 AND state IN ('resolving', 'stuck')",
        params![key.event.to_string(), key.action.to_string(), now],
    )?;
    Ok(updated == 1)
}

pub(super) fn release(
    write: &Transaction<'_>,
    key: PendingKey,
) -> Result<Option<Resolution>, StoreError> {
    let Some(found) = get(write, key)? else {
        return Ok(None);
    };
    if found.resolution.is_some() {
        return Ok(found.resolution);
    }
    write.execute(
        "DELETE FROM pending WHERE event_id = ?1 AND action_id = ?2",
        [key.event.to_string(), key.action.to_string()],
    )?;
    Ok(None)
}

pub(super) fn due(
    connection: &Connection,
    now: i64,
    limit: u32,
) -> Result<Vec<Callback>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM pending WHERE next_attempt <= ?1 AND resolution IS NOT NULL
         ORDER BY next_attempt LIMIT ?2",
    )?;
    let callbacks = statement.query_map(params![now, limit], |row| {
        Ok(Callback {
            key: key(row)?,
            action: json(row, "shape")?,
            token: row.get("token")?,
            traceparent: row.get("traceparent")?,
            transaction_id: row.get("transaction_id")?,
            resolution: json(row, "resolution")?,
            written: row.get("resolution")?,
            attempts: row.get("attempts")?,
            refusals: row.get("refusals")?,
        })
    })?;
    Ok(callbacks.collect::<Result<_, _>>()?)
}

pub(super) fn next_due(connection: &Connection) -> Result<Option<i64>, StoreError> {
    Ok(connection.query_row(
        "SELECT min(next_attempt) FROM pending WHERE next_attempt IS NOT NULL",
        [],
        |row| row.get(0),
    )?)
}

/// The tokens of everything that is not done.
pub(super) fn tokens(connection: &Connection) -> Result<Vec<HeldToken>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT event_id, action_id, token FROM pending
         WHERE state <> 'done' AND token IS NOT NULL ORDER BY received_at",
    )?;
    let tokens = statement.query_map([], |row| {
        Ok(HeldToken {
            key: key(row)?,
            sealed: row.get("token")?,
        })
    })?;
    Ok(tokens.collect::<Result<_, _>>()?)
}

/// Puts a fresh token in the place of the `old` one, unless Core has sent another meanwhile.
pub(super) fn replace_token(
    write: &Transaction<'_>,
    key: PendingKey,
    old: &[u8],
    fresh: &[u8],
) -> Result<(), StoreError> {
    write.execute(
        "UPDATE pending SET token = ?4
         WHERE event_id = ?1 AND action_id = ?2 AND token = ?3 AND state <> 'done'",
        params![key.event.to_string(), key.action.to_string(), old, fresh],
    )?;
    Ok(())
}

/// Writes down how telling the decision in `callback` went. It may have been amended since: what
/// Core took stands all the same, and what Core did not take need not be told again.
pub(super) fn settle(
    write: &Transaction<'_>,
    callback: &Callback,
    outcome: &Outcome,
    now: i64,
) -> Result<(), StoreError> {
    let (event, action) = (
        callback.key.event.to_string(),
        callback.key.action.to_string(),
    );
    match outcome {
        Outcome::Done { conflict } => {
            let kept = text(&without_fields(callback.resolution.clone()))?;
            write.execute(
                "UPDATE pending SET state = 'done', done_at = ?3, next_attempt = NULL,
                     token = NULL, attempts = attempts + 1, resolution = ?5,
                     last_error = CASE WHEN ?4 IS NULL AND resolution <> ?6 THEN ?7 ELSE ?4 END
                 WHERE event_id = ?1 AND action_id = ?2",
                params![
                    event,
                    action,
                    now,
                    conflict,
                    kept,
                    callback.written,
                    AMENDED_TOO_LATE
                ],
            )?;
        }
        Outcome::Later { at, error, stuck } => {
            write.execute(
                "UPDATE pending SET state = ?3, next_attempt = ?4, attempts = attempts + 1,
                     last_error = ?5, refusals = CASE ?3 WHEN 'stuck' THEN refusals + 1 ELSE 0 END
                 WHERE event_id = ?1 AND action_id = ?2 AND state <> 'done' AND resolution = ?6",
                params![
                    event,
                    action,
                    if *stuck { "stuck" } else { "resolving" },
                    at,
                    error,
                    callback.written
                ],
            )?;
        }
    }
    Ok(())
}

/// What is kept once Core knows: enough to answer "what was decided", no personal data.
fn without_fields(resolution: Resolution) -> Resolution {
    match resolution {
        Resolution::Accept(accept) => Resolution::Accept(Accept {
            registration_number: accept.registration_number,
            ..Accept::default()
        }),
        reject @ Resolution::Reject { .. } => reject,
    }
}

/// Whether an action that Core awaits is here. What was done with before `before` is forgotten,
/// together with the answer that left it undecided: another delivery of it is handled anew. An
/// answer that decided stays, and is given again.
pub(super) fn knows(
    write: &Transaction<'_>,
    key: PendingKey,
    before: i64,
) -> Result<bool, StoreError> {
    let (event, action) = (key.event.to_string(), key.action.to_string());
    write.execute(
        "DELETE FROM pending WHERE event_id = ?1 AND action_id = ?2 AND state = 'done'
             AND done_at < ?3",
        params![event, action, before],
    )?;
    let known = get(write, key)?.is_some();
    if !known {
        // A delivery has its action's own id; one without an id is kept under both.
        write.execute(
            "DELETE FROM answers WHERE delivery IN (?1, ?2) AND status = 202
                 AND answered_at < ?3",
            params![action, format!("action:{event}/{action}"), before],
        )?;
    }
    Ok(known)
}

/// Closes an action that was held before `before` and is not decided on its way to Core.
pub(super) fn close(
    write: &Transaction<'_>,
    key: PendingKey,
    before: i64,
    now: i64,
    why: &str,
) -> Result<bool, StoreError> {
    let held = get(write, key)?;
    let kept = held.and_then(|held| held.resolution).map(without_fields);
    let kept = kept.as_ref().map(text).transpose()?;
    let closed = write.execute(
        "UPDATE pending SET state = 'done', done_at = ?3, next_attempt = NULL, token = NULL,
             resolution = ?4, last_error = ?5
         WHERE event_id = ?1 AND action_id = ?2 AND state IN ('waiting', 'stuck')
             AND received_at < ?6",
        params![
            key.event.to_string(),
            key.action.to_string(),
            now,
            kept,
            why,
            before
        ],
    )?;
    Ok(closed == 1)
}

pub(super) fn purge(write: &Transaction<'_>, before: i64) -> Result<(), StoreError> {
    write.execute("DELETE FROM answers WHERE answered_at < ?1", [before])?;
    write.execute(
        "DELETE FROM pending WHERE state = 'done' AND done_at < ?1",
        [before],
    )?;
    Ok(())
}
