//! Deliveries and attempts as they stand in their rows.

use rusqlite::Row;
use serde_json::Value;
use storage::{Attempt, Delivery, NewDelivery, Subject};

use crate::{
    column::{from_json, id, optional_id, optional_time, time, word},
    failure::Failure,
};

/// A delivery from all its columns.
pub(crate) fn delivery(row: &Row<'_>) -> Result<Delivery, Failure> {
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
            lease: None,
        },
        state: word(row, "state", "a delivery's state")?,
        attempts: row.get("attempts")?,
        due_at: time(row, "due_at")?,
        finished_at: optional_time(row, "finished_at")?,
        last_error: row.get("last_error")?,
        last_outcome: row.get("last_outcome")?,
    })
}

pub(super) fn attempt(row: &Row<'_>) -> Result<Attempt, Failure> {
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
