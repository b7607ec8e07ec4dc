//! Where a submission stands.

use records::{Action, ActionStatus, ActionType, EventId, Resolution};
use serde_json::{Value, json};

use super::{
    decide::{BY_HAND, HANDED_BACK},
    waiting::{attempt_on_wire, delivery_on_wire},
};
use crate::{
    Core,
    api::procedure::Call,
    error::{ApiError, ErrorCode},
};

/// `GET /transactions/{transactionId}`: every action of the caller's that this transaction made,
/// what the country decided, and how far its delivery got.
///
/// # Errors
/// 404 when the caller has made none under this id.
pub async fn transaction(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let id = call
        .input
        .get("transactionId")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let made = core.store.transaction(id).await?;
    let mut submissions = Vec::new();
    for (event_id, action) in &made {
        // Resolutions and what follows from them are told with the action they belong to.
        if action.created_by != caller.person.id
            || action.original_action_id.is_some()
            || follows(*event_id, action, &made)
        {
            continue;
        }
        submissions.extend(submission(&core, *event_id, action).await?);
    }
    if submissions.is_empty() {
        return Err(ApiError::new(
            ErrorCode::NotFound,
            "No submission of yours has this transaction id",
        ));
    }
    // Outboxes let go of what is told here to be with the country.
    core.store.make_durable().await?;
    Ok(json!({ "transactionId": id, "submissions": submissions }))
}

/// Where an action stands that was asked for; `None` when its record is gone.
///
/// # Errors
/// The store's failure.
pub(crate) async fn submission(
    core: &Core,
    event_id: EventId,
    action: &Action,
) -> Result<Option<Value>, ApiError> {
    // The delivery before the record, so that one that has ended is told with what it brought.
    let delivery = match action.status {
        ActionStatus::Requested => core.store.delivery_of_action(action.id).await?,
        _ => None,
    };
    let attempts = match &delivery {
        Some(delivery) => core.store.attempts(delivery.new.id).await?,
        None => Vec::new(),
    };
    let Some(stored) = core.store.record(event_id).await? else {
        return Ok(None);
    };
    let resolution = records::resolution(&stored.document, action.id);
    Ok(Some(json!({
        "transactionId": action.transaction_id,
        "eventId": event_id,
        "actionId": action.id,
        "type": action.action_type,
        "createdAt": action.created_at,
        "status": status(action, resolution),
        "reason": reason(resolution),
        "resolvedAt": resolved_at(resolution),
        "byHand": says(resolution, BY_HAND),
        "handedBack": says(resolution, HANDED_BACK),
        "delivery": delivery.as_ref().map(delivery_on_wire),
        "attempts": attempts.iter().map(attempt_on_wire).collect::<Vec<_>>(),
    })))
}

/// Whether somebody got or let go of the record because of another action of the transaction, or
/// duplicates were found when one was accepted. Those that held a registration back stand for it.
fn follows(event_id: EventId, action: &Action, made: &[(EventId, Action)]) -> bool {
    let assigns = |action: &Action| {
        matches!(
            action.action_type,
            ActionType::Assign | ActionType::Unassign
        )
    };
    let causes = |other: &Action| match action.action_type {
        ActionType::DuplicateDetected => {
            other.original_action_id.is_some() && other.created_at == action.created_at
        }
        _ => assigns(action) && !assigns(other),
    };
    made.iter()
        .any(|(event, other)| *event == event_id && causes(other))
}

fn status(action: &Action, resolution: Resolution<'_>) -> ActionStatus {
    match resolution {
        Resolution::Unresolved => action.status,
        Resolution::Accepted(_) => ActionStatus::Accepted,
        Resolution::Rejected(_) => ActionStatus::Rejected,
    }
}

fn reason(resolution: Resolution<'_>) -> Option<&Value> {
    match resolution {
        Resolution::Rejected(action) => action.content.as_ref()?.get("reason"),
        _ => None,
    }
}

/// Whether the decision says this of itself.
fn says(resolution: Resolution<'_>, what: &str) -> bool {
    let content = match resolution {
        Resolution::Accepted(action) | Resolution::Rejected(action) => action.content.as_ref(),
        Resolution::Unresolved => None,
    };
    content.is_some_and(|content| content.get(what) == Some(&Value::Bool(true)))
}

fn resolved_at(resolution: Resolution<'_>) -> Option<&str> {
    match resolution {
        Resolution::Accepted(action) | Resolution::Rejected(action) => Some(&action.created_at),
        Resolution::Unresolved => None,
    }
}
