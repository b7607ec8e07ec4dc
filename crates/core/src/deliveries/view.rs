//! Deliveries on the wire, for operators.

use serde_json::{Value, json};
use storage::{Attempt, Delivery, DeliveryState, Subject};

/// One delivery: where it stands, without what was sent or answered.
pub(crate) fn delivery(delivery: &Delivery) -> Value {
    let new = &delivery.new;
    let (event_id, action_id) = match &new.subject {
        Subject::Action {
            event_id,
            action_id,
        } => (Some(event_id), Some(action_id)),
        Subject::Account { .. } => (None, None),
    };
    let waits = is_unfinished(delivery.state);
    json!({
        "id": new.id,
        "kind": new.kind,
        "state": delivery.state,
        "eventType": event_type(delivery),
        "eventId": event_id,
        "actionId": action_id,
        "attempts": delivery.attempts,
        "lastOutcome": delivery.last_outcome,
        "lastError": delivery.last_error,
        "createdAt": world::iso(new.created_at),
        "dueAt": waits.then(|| world::iso(delivery.due_at)),
        "finishedAt": delivery.finished_at.map(world::iso),
        "expiresAt": new.expires_at.map(world::iso),
        "correlation": new.correlation,
    })
}

/// One attempt. What country config answered is not shown of messages to people: it may repeat the
/// code that was in one.
pub(crate) fn attempt(delivery: &Delivery, attempt: &Attempt) -> Value {
    let shown = is_about_action(delivery);
    json!({
        "number": attempt.number,
        "startedAt": world::iso(attempt.started_at),
        "durationMs": attempt.duration_ms,
        "status": attempt.status,
        "outcome": attempt.outcome,
        "error": attempt.error,
        "answer": attempt.answer.as_ref().filter(|_| shown),
        "answerWithheld": attempt.answer.is_some() && !shown,
    })
}

/// Whether a delivery still has to be made.
pub(crate) const fn is_unfinished(state: DeliveryState) -> bool {
    matches!(state, DeliveryState::Queued | DeliveryState::Leased)
}

/// Whether it is about an action on a record.
pub(crate) const fn is_about_action(delivery: &Delivery) -> bool {
    matches!(delivery.new.subject, Subject::Action { .. })
}

/// The record's type, as the trigger's path has it.
fn event_type(delivery: &Delivery) -> Option<&str> {
    let rest = delivery.new.path.strip_prefix("/trigger/events/")?;
    rest.split('/').next()
}
