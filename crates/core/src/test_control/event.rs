//! Records, as the rows of OpenCRVS's `events` and `event_actions`: what its columns default to and
//! what its tables forbid holds here, too.

use std::collections::HashSet;

use jiff::Timestamp;
use records::{ActionId, ActionStatus, ActionType, Declaration, EventDocument, EventId, UserType};
use serde::Deserialize;
use serde_json::Value;
use storage::{Change, Committed, Created, NewRecord, StoreError, StoredEvent};
use uuid::Uuid;

use super::seed::bad;
use crate::{
    Core,
    error::{ApiError, ErrorCode},
    search::projection,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    id: EventId,
    event_type: String,
    transaction_id: String,
    tracking_id: String,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Action {
    id: Option<ActionId>,
    event_id: Option<EventId>,
    action_type: ActionType,
    status: ActionStatus,
    transaction_id: String,
    created_at: Option<Timestamp>,
    created_by: String,
    created_by_user_type: UserType,
    created_by_role: Option<String>,
    created_by_signature: Option<String>,
    created_at_location: Option<Uuid>,
    declaration: Option<Declaration>,
    annotation: Option<Declaration>,
    original_action_id: Option<ActionId>,
    assigned_to: Option<String>,
    registration_number: Option<String>,
    request_id: Option<String>,
    custom_action_type: Option<String>,
    content: Option<Value>,
}

/// Writes a record with these actions, oldest first, or adds those to it that it does not have.
pub(super) async fn plant(core: &Core, event: Event, actions: Vec<Action>) -> Result<(), ApiError> {
    let mut planted = Vec::with_capacity(actions.len());
    let mut done = HashSet::new();
    for (at, action) in actions.into_iter().enumerate() {
        check(core, &event, &action).map_err(|reason| bad(format!("actions/{at}: {reason}")))?;
        let key = (
            action.transaction_id.clone(),
            action.action_type,
            action.status,
        );
        let before = core.store.transaction(&key.0).await?;
        let is_done = |(_, before): &(EventId, records::Action)| {
            before.action_type == key.1 && before.status == key.2
        };
        if !before.iter().any(is_done) && done.insert(key) {
            planted.push(as_kept(core, action));
        }
    }
    // A record begins with its creation, whatever its time says.
    planted.sort_by(|a, b| {
        let later = |action: &records::Action| action.action_type != ActionType::Create;
        (later(a), &a.created_at).cmp(&(later(b), &b.created_at))
    });
    match core.store.record(event.id).await? {
        Some(stored) => add(core, stored, planted).await,
        None => begin(core, event, planted).await,
    }
}

async fn begin(core: &Core, event: Event, actions: Vec<records::Action>) -> Result<(), ApiError> {
    let now = core.world.now();
    let created_at = event.created_at.unwrap_or(now);
    let document = EventDocument {
        id: event.id,
        event_type: event.event_type,
        created_at: world::iso(created_at),
        updated_at: world::iso(event.updated_at.unwrap_or(created_at)),
        tracking_id: event.tracking_id,
        actions,
    };
    let record = NewRecord {
        projection: project(core, &document)?,
        document,
        transaction_id: event.transaction_id,
        deliveries: Vec::new(),
        audit: Vec::new(),
    };
    match core.store.create_record(record).await.map_err(refused)? {
        Created::New => Ok(()),
        Created::Already(_) => Err(bad(
            "event: another of this type has the same transactionId",
        )),
    }
}

async fn add(
    core: &Core,
    stored: StoredEvent,
    actions: Vec<records::Action>,
) -> Result<(), ApiError> {
    if actions.is_empty() {
        return Ok(());
    }
    let StoredEvent {
        mut document,
        version,
    } = stored;
    document.actions.extend(actions.iter().cloned());
    let change = Change {
        event_id: document.id,
        expected_version: version,
        projection: Some(project(core, &document)?),
        actions,
        delivery: None,
        attempt: None,
        closes_delivery_of: None,
        looked_for: None,
        audit: Vec::new(),
    };
    match core.store.commit(change).await.map_err(refused)? {
        Committed::At { .. } => Ok(()),
        Committed::Stale | Committed::ClaimLost => Err(ApiError::new(
            ErrorCode::Conflict,
            "The record was changed meanwhile; seed it again",
        )),
    }
}

/// What the store forbids by itself is a fault of the seed.
fn refused(error: StoreError) -> ApiError {
    match error {
        StoreError::TrackingIdTaken => bad("event: the trackingId is another record's"),
        StoreError::Refused { .. } => bad(format!("actions: {error}")),
        other => other.into(),
    }
}

fn project(core: &Core, document: &EventDocument) -> Result<storage::Projection, ApiError> {
    let has_begun = document
        .actions
        .iter()
        .any(|action| action.action_type == ActionType::Create);
    if !has_begun {
        return Err(bad("actions: a record begins with CREATE"));
    }
    projection(core, document)
}

/// What OpenCRVS's tables make sure of.
fn check(core: &Core, event: &Event, action: &Action) -> Result<(), String> {
    if action.event_id.is_some_and(|id| id != event.id) {
        return Err("eventId names another event".to_owned());
    }
    if let Some(id) = action.created_at_location
        && core.places.get(&id.to_string()).is_none()
    {
        return Err(format!("createdAtLocation: there is no location {id}"));
    }
    let reason = action.content.as_ref().and_then(|c| c.get("reason"));
    let needs = |there: bool, what: &str| match there {
        true => Ok(()),
        false => Err(format!("{} needs {what}", action.action_type)),
    };
    match action.action_type {
        ActionType::Assign => needs(action.assigned_to.is_some(), "assignedTo"),
        ActionType::Unassign => needs(action.assigned_to.is_none(), "no assignedTo"),
        ActionType::Register => {
            let accepted = action.status == ActionStatus::Accepted;
            needs(
                accepted == action.registration_number.is_some(),
                "registrationNumber when it is Accepted, and only then",
            )
        }
        ActionType::Reject => needs(
            reason.is_some_and(|reason| reason != ""),
            "a reason in content",
        ),
        ActionType::ApproveCorrection | ActionType::RejectCorrection => {
            needs(action.request_id.is_some(), "requestId")
        }
        _ => Ok(()),
    }
}

fn as_kept(core: &Core, action: Action) -> records::Action {
    records::Action {
        id: action.id.unwrap_or_else(|| core.world.new_id().into()),
        transaction_id: action.transaction_id,
        action_type: action.action_type,
        status: action.status,
        created_at: world::iso(action.created_at.unwrap_or_else(|| core.world.now())),
        created_by: action.created_by,
        created_by_user_type: action.created_by_user_type,
        created_by_role: action.created_by_role,
        created_by_signature: action.created_by_signature,
        created_at_location: action.created_at_location.map(|id| id.to_string()),
        declaration: Some(action.declaration.unwrap_or_default()),
        annotation: action.annotation,
        original_action_id: action.original_action_id,
        assigned_to: action.assigned_to,
        registration_number: action.registration_number,
        request_id: action.request_id,
        custom_action_type: action.custom_action_type,
        content: action.content,
        keep_assignment_if_accepted: None,
        keep_assignment_if_rejected: None,
    }
}
