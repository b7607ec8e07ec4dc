//! Beginning a record and notifying of it in one request, for system clients.

use records::{ActionStatus, ActionType, DeliveryId, EventDocument};
use serde_json::Value;
use storage::StoredEvent;

use super::{
    create::{Begun, begin, location_of, transaction_taken},
    input::RequestInput,
    record::{Record, about_action},
    request::{decide_request, delivery_of, made_by, operation},
};
use crate::{
    Core,
    api::procedure::Call,
    caller::Caller,
    error::{ApiError, ErrorCode},
};

/// The two scopes that it takes, for the same event type.
const KINDS: [&str; 2] = ["record.create", "record.notify"];

/// `event.actions.createAndNotify.request`: a system client begins a record and asks for its
/// NOTIFY, in one transaction; answers as the request of a NOTIFY does. The same transaction id
/// makes one record, however often it asks.
///
/// # Errors
/// 403, 400, 409, and 503 as [`super::request()`] has them.
pub async fn create_and_notify(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    if caller.grant.is_some() || !KINDS.iter().all(|kind| caller.scopes.has(kind)) {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    let (event_type, input) = RequestInput::read_with_event_type(&call.input)?;
    let config = core.configuration.event(&event_type)?;
    if !KINDS
        .iter()
        .all(|kind| access::may_begin(&caller.scopes, kind, &event_type))
    {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    let transaction_id = input.transaction_id.clone();
    // An id of its own for the beginning, as the protocol has it: a transaction does a thing once.
    let creating = format!("{transaction_id}:create");
    // Before the rest is judged: what was good when it was sent first may not be today.
    if let Some(document) = begun_before(&core, &creating, &event_type).await? {
        return told_again(&core, caller, &document, &transaction_id).await;
    }
    let location = location_of(&core, caller, input.created_at_location).await?;

    let now = core.moment_after(&[]);
    let mut create = core.action_by(
        caller,
        ActionType::Create,
        ActionStatus::Accepted,
        &creating,
        now.clone(),
    );
    create.created_at_location = location;
    let mut document = EventDocument {
        id: core.world.new_id().into(),
        event_type,
        created_at: now.clone(),
        updated_at: now,
        tracking_id: String::new(),
        actions: vec![create],
    };
    let begun = Record {
        index: records::state(&document, &config).map_err(ApiError::internal)?,
        stored: StoredEvent {
            document: document.clone(),
            version: 0,
        },
        config,
    };
    let notify = decide_request(&core, caller, &begun, input, ActionType::Notify).await?;
    let action_id = notify.id;
    document.actions.push(notify.clone());
    let delivery = delivery_of(&core, &document, &notify, &caller.correlation);
    let watcher = core.engine.watch(DeliveryId(action_id.0));
    let audit = |document: &EventDocument| audit(&core, caller, document, &transaction_id);
    match begin(&core, caller, document, &creating, vec![delivery], audit).await? {
        Begun::New(document) => {
            core.engine.wake();
            core.acknowledged(document.id, action_id, watcher, false)
                .await
        }
        Begun::Before(document) => told_again(&core, caller, &document, &transaction_id).await,
    }
}

fn audit(
    core: &Core,
    caller: &Caller,
    document: &EventDocument,
    transaction_id: &str,
) -> Vec<storage::AuditEntry> {
    let entry = |operation: &str, action_type: ActionType| {
        let details = about_action(document, action_type, transaction_id);
        core.audit_entry(caller, operation, Some(document.id), details)
    };
    vec![
        entry("event.create", ActionType::Create),
        entry(
            &operation(ActionType::Notify, "request"),
            ActionType::Notify,
        ),
    ]
}

/// The record of this type that a transaction has begun.
async fn begun_before(
    core: &Core,
    creating: &str,
    event_type: &str,
) -> Result<Option<EventDocument>, ApiError> {
    for (event, action) in core.store.transaction(creating).await? {
        if action.action_type != ActionType::Create {
            continue;
        }
        let stored = core.store.record(event).await?;
        if let Some(stored) = stored.filter(|stored| stored.document.event_type == event_type) {
            return Ok(Some(stored.document));
        }
    }
    Ok(None)
}

/// What the transaction's NOTIFY has become.
async fn told_again(
    core: &Core,
    caller: &Caller,
    document: &EventDocument,
    transaction_id: &str,
) -> Result<Value, ApiError> {
    let notify = made_by(document, transaction_id, ActionType::Notify)
        .filter(|action| action.created_by == caller.person.id)
        .ok_or_else(transaction_taken)?;
    let (event, action) = (document.id, notify.id);
    let operation = operation(ActionType::Notify, "request");
    core.note_shown(caller, &operation, document).await;
    let watcher = core.engine.watch(DeliveryId(action.0));
    core.acknowledged(event, action, watcher, true).await
}
