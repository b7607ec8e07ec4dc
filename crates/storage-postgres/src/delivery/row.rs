//! How deliveries and attempts stand in rows.

use records::{ActionId, EventId};
use serde_json::Value;
use storage::{Attempt, Claim, Delivery, NewDelivery, Subject};
use tokio_postgres::Row;

use crate::{
    column::{
        count, from_json, get, id, optional_id, optional_text, optional_time, text, time, word,
    },
    failure::Failure,
};

/// What [`delivery`] reads, of `unfinished_deliveries`, in which nothing is finished.
pub(super) const UNFINISHED: &str = "id, kind, path, event_id, action_id, body, supersede_key,
    correlation, created_at, expires_at, state, attempts, fence, due_at,
    NULL::bigint AS finished_at, last_error, last_outcome";

pub(super) fn claim(row: &Row) -> Result<Claim, Failure> {
    Ok(Claim {
        delivery: delivery(row)?,
        fence: count(row, "fence")?,
    })
}

pub(crate) fn delivery(row: &Row) -> Result<Delivery, Failure> {
    let event: Option<EventId> = optional_id(row, "event_id")?;
    let action: Option<ActionId> = optional_id(row, "action_id")?;
    let subject = match (event, action) {
        (Some(event_id), Some(action_id)) => Subject::Action {
            event_id,
            action_id,
        },
        _ => Subject::Account {
            body: match get::<Option<String>>(row, "body")? {
                Some(text) => from_json(&text, "a delivery's body")?,
                None => Value::Null,
            },
            superseded_by_key: optional_text(row, "supersede_key")?,
        },
    };
    Ok(Delivery {
        new: NewDelivery {
            id: id(row, "id")?,
            kind: text(row, "kind")?,
            path: text(row, "path")?,
            subject,
            correlation: text(row, "correlation")?,
            created_at: time(row, "created_at")?,
            expires_at: optional_time(row, "expires_at")?,
            lease: None,
        },
        state: word(row, "state", "a delivery's state")?,
        attempts: number(row, "attempts")?,
        due_at: time(row, "due_at")?,
        finished_at: optional_time(row, "finished_at")?,
        last_error: optional_text(row, "last_error")?,
        last_outcome: optional_text(row, "last_outcome")?,
    })
}

pub(super) fn attempt(row: &Row) -> Result<Attempt, Failure> {
    let status = get::<Option<i32>>(row, "status")?.map(u16::try_from);
    Ok(Attempt {
        number: number(row, "number")?,
        started_at: time(row, "started_at")?,
        duration_ms: count(row, "duration_ms")?,
        status: status
            .transpose()
            .map_err(|error| Failure::unreadable("an attempt's status", error))?,
        answer: optional_text(row, "answer")?,
        outcome: text(row, "outcome")?,
        error: optional_text(row, "error")?,
    })
}

fn number(row: &Row, column: &str) -> Result<u32, Failure> {
    u32::try_from(get::<i32>(row, column)?)
        .map_err(|error| Failure::unreadable(format!("the column {column}"), error))
}
