//! What a decision brings with it, as the database's functions take it: deliveries that begin, an
//! attempt that ended, entries of the audit trail. See `code/records.sql`.

use jiff::Timestamp;
use serde_json::{Value, json};
use storage::{AttemptResult, AuditEntry, Lease, NewDelivery, Subject};

use crate::{
    column::{harmless, signed, to_json},
    delivery::Written,
    failure::Failure,
};

/// Deliveries that begin with a record, in their order; `None` when there are none. They begin
/// queued, whatever they ask.
pub(crate) fn deliveries(new: &[NewDelivery]) -> Result<Option<Value>, Failure> {
    some(new.iter().map(|new| delivery(new, None)))
}

/// The delivery that begins with a change, if one does; leased, if it asks for that and nothing is
/// against it.
pub(crate) fn change_delivery(new: Option<&NewDelivery>) -> Result<Option<Value>, Failure> {
    some(new.into_iter().map(|new| delivery(new, new.lease.as_ref())))
}

fn delivery(new: &NewDelivery, lease: Option<&Lease>) -> Result<Value, Failure> {
    let (event, action, body, key) = match &new.subject {
        Subject::Action {
            event_id,
            action_id,
        } => (Some(event_id), Some(action_id), None, None),
        Subject::Account {
            body,
            superseded_by_key,
        } => (
            None,
            None,
            Some(to_json(body)?),
            superseded_by_key.as_deref(),
        ),
    };
    Ok(json!({
        "id": new.id,
        "kind": harmless(&new.kind),
        "path": harmless(&new.path),
        "event": event,
        "action": action,
        "body": body,
        "key": key.map(harmless),
        "correlation": harmless(&new.correlation),
        "created": new.created_at.as_millisecond(),
        "expires": new.expires_at.map(Timestamp::as_millisecond),
        "owner": lease.map(|lease| harmless(&lease.owner)),
        "lease": lease.map(|lease| lease.until.as_millisecond()),
    }))
}

/// An attempt that ended, and what follows from it.
pub(crate) fn attempt(result: &AttemptResult) -> Result<Value, Failure> {
    let attempt = &result.attempt;
    let Written { state, at, .. } = Written::of(result)?;
    Ok(json!({
        "delivery": result.delivery_id,
        "fence": signed(result.fence),
        "follows": state,
        "at": at,
        "number": attempt.number,
        "began": attempt.started_at.as_millisecond(),
        "took": signed(attempt.duration_ms),
        "status": attempt.status,
        "answer": attempt.answer.as_deref().map(harmless),
        "outcome": harmless(&attempt.outcome),
        "error": attempt.error.as_deref().map(harmless),
    }))
}

/// Entries of the audit trail; `None` when there are none.
pub(crate) fn audit(entries: &[AuditEntry]) -> Result<Option<Value>, Failure> {
    some(entries.iter().map(|entry| {
        Ok(json!({
            "id": entry.id,
            "at": entry.at.as_millisecond(),
            "client": harmless(&entry.client_id),
            "type": harmless(&entry.client_type),
            "operation": harmless(&entry.operation),
            "event": entry.event_id,
            "details": to_json(&entry.details)?,
            "correlation": harmless(&entry.correlation),
        }))
    }))
}

fn some(values: impl Iterator<Item = Result<Value, Failure>>) -> Result<Option<Value>, Failure> {
    let all: Vec<Value> = values.collect::<Result<_, _>>()?;
    Ok(Some(all).filter(|all| !all.is_empty()).map(Value::Array))
}
