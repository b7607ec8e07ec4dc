//! Asking for an action.

use std::{borrow::Cow, sync::Arc};

use forms::ActionCheck;
use records::{
    Action, ActionId, ActionStatus, ActionType, AvailableAction, DeliveryId, EventDocument, Refusal,
};
use serde_json::{Value, json};
use storage::{Change, Committed, LookedFor, NewDelivery, StoredEvent, Subject};

use super::{
    assignment::check_holds,
    carried::{Carrying, as_kept},
    courier::first_message,
    create::{location_of, to_value, transaction_taken},
    duplicates::held_back,
    input::RequestInput,
    record::Record,
    refusal::refused,
};
use crate::{
    Core,
    api::procedure::Call,
    caller::Caller,
    correlation::begins,
    error::{ApiError, ErrorCode},
};

/// How often a change is decided anew because the record moved meanwhile. Each time somebody else
/// got something done, so this many in a row do not happen by themselves.
pub(super) const CHANGE_TRIES: usize = 16;

/// The answer when they do.
pub(super) fn busy() -> ApiError {
    ApiError::new(
        ErrorCode::ServiceUnavailable,
        "The record is being changed by many at once; nothing was written. Try again.",
    )
    .retry_after(std::time::Duration::from_secs(1))
}

/// `event.actions.….request`: writes the action down as Requested with its delivery, in one
/// transaction, and answers with what the country made of it: accepted, rejected, or received and
/// pending. The same transaction id never makes a second action; it answers with what the first
/// has become.
///
/// # Errors
/// 403, 400, 404, 409 as the protocol has them; 503 with `Retry-After` and the delivery's state
/// when country config has not acknowledged the action within the bound. The action is then safe
/// with Core, and asking again with the same transaction id tells the truth.
pub async fn request(core: Core, call: Call, action_type: ActionType) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    may_request(caller, action_type)?;
    let kinds = access::scope_kinds_for(action_type.as_str()).unwrap_or_default();
    for _ in 0..CHANGE_TRIES {
        let record = core.record_named(caller, kinds, &call.input).await?;
        // What the caller has asked for before is told whatever has become of the record since:
        // what was declared may itself have moved it out of their reach.
        if let Some(action) = asked_before(&record.stored.document, &call, action_type, caller) {
            let event = record.stored.document.id;
            let operation = operation(action_type, "request");
            core.note_shown(caller, &operation, &record.stored.document)
                .await;
            let watcher = core.engine.watch(DeliveryId(action.0));
            return core.acknowledged(event, action, watcher, true).await;
        }
        if action_type == ActionType::Register && held_back(&record, &call, caller) {
            let operation = operation(action_type, "request");
            core.note_shown(caller, &operation, &record.stored.document)
                .await;
            return to_value(&record.stored.document);
        }
        core.check_reach(caller, kinds, &call.input, &record)?;
        let input = RequestInput::read(&call.input, action_type)?;
        check_transaction_is_free(&record.stored.document, &input, action_type)?;
        let action = decide_request(&core, caller, &record, input, action_type).await?;
        let found = core.find_before_registering(&record, &action).await?;
        if let Some(content) = found.content() {
            match core.hold_back(caller, &record, &action, content).await? {
                Some(document) => return to_value(&document),
                None => continue,
            }
        }
        let (event, action_id) = (record.stored.document.id, action.id);
        let watcher = core.engine.watch(DeliveryId(action_id.0));
        let committed = commit_request(&core, caller, record, action, found.looked_for).await?;
        if let Some(_carrying) = committed {
            return core.acknowledged(event, action_id, watcher, false).await;
        }
    }
    Err(busy())
}

/// What scopes do not say: an action token resolves actions and takes none, and system clients
/// take only a few.
fn may_request(caller: &Caller, action_type: ActionType) -> Result<(), ApiError> {
    let system_may = access::may_system_client_request(action_type.as_str());
    if caller.grant.is_some() || (caller.is_system() && !system_may) {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    Ok(())
}

/// The action that this transaction of the caller's has made before.
pub(super) fn asked_before(
    document: &EventDocument,
    call: &Call,
    action_type: ActionType,
    caller: &Caller,
) -> Option<ActionId> {
    let transaction_id = call.input.get("transactionId")?.as_str()?;
    let asked = made_by(document, transaction_id, action_type)?;
    (asked.created_by == caller.person.id).then_some(asked.id)
}

/// No one else has used the transaction's id on this record.
fn check_transaction_is_free(
    document: &EventDocument,
    input: &RequestInput,
    action_type: ActionType,
) -> Result<(), ApiError> {
    match made_by(document, &input.transaction_id, action_type) {
        None => Ok(()),
        Some(_) => Err(transaction_taken()),
    }
}

/// The action of this type that a transaction made on a record.
pub(super) fn made_by<'a>(
    document: &'a EventDocument,
    transaction_id: &str,
    action_type: ActionType,
) -> Option<&'a Action> {
    document.actions.iter().find(|action| {
        action.transaction_id == transaction_id
            && action.action_type == action_type
            && action.original_action_id.is_none()
    })
}

/// Checks the request against assignment, form and state, in the protocol's order, and makes the
/// Requested action of it.
pub(super) async fn decide_request(
    core: &Core,
    caller: &Caller,
    record: &Record,
    input: RequestInput,
    action_type: ActionType,
) -> Result<Action, ApiError> {
    let document = &record.stored.document;
    check_holds(core, caller, document).await?;
    check_nothing_waits(record, action_type)?;
    let answered = correction_answered(document, &input)?;
    let event = serde_json::to_value(document).map_err(ApiError::internal)?;
    check_form(core, caller, record, &event, &input, action_type).await?;
    let custom = input.custom_action_type.as_deref();
    let nothing = records::Declaration::new();
    let answers = [
        &input.declaration,
        input.annotation.as_ref().unwrap_or(&nothing),
    ];
    core.check_files(caller, record, (action_type, custom), answers)
        .await?;
    let location = location_of(core, caller, input.created_at_location).await?;
    check_state(core, caller, record, &event, custom, action_type)?;

    let now = core.moment_after(&document.actions);
    let mut action = core.action_by(
        caller,
        action_type,
        ActionStatus::Requested,
        &input.transaction_id,
        now,
    );
    action.created_at_location = location;
    action.declaration = Some(input.declaration);
    action.annotation = input.annotation;
    action.registration_number = input.registration_number;
    action.request_id = answered.map(|id| id.to_string());
    action.custom_action_type = input.custom_action_type;
    action.content = input.content;
    let wish = |wish: Option<bool>| wish.or(input.keep.keep_assignment);
    action.keep_assignment_if_accepted = wish(input.keep.keep_assignment_if_accepted);
    action.keep_assignment_if_rejected = wish(input.keep.keep_assignment_if_rejected);
    Ok(action)
}

async fn check_form(
    core: &Core,
    caller: &Caller,
    record: &Record,
    event: &Value,
    input: &RequestInput,
    action_type: ActionType,
) -> Result<(), ApiError> {
    let custom = input.custom_action_type.as_deref();
    if let Some(name) = custom
        && record.config.action(ActionType::Custom, custom).is_none()
    {
        return Err(ApiError::new(
            ErrorCode::BadRequest,
            format!("Custom action configuration not found with name: {name}"),
        ));
    }
    let nothing = records::Declaration::new();
    let check = ActionCheck {
        action_type,
        custom_action_type: custom,
        current: &record.index.declaration,
        declaration: &input.declaration,
        annotation: input.annotation.as_ref().unwrap_or(&nothing),
    };
    let look = || {
        core.with_surroundings(caller, &record.index.declaration, event, |around| {
            record.config.check_action(check, around)
        })
    };
    let places = core.places.now();
    let mut problems = look();
    // It may name a place that another node has saved just now, and that this node has read only
    // after the look: for this caller or for another one.
    if !problems.is_empty() {
        core.places.refresh(core.store.as_ref()).await?;
        if !Arc::ptr_eq(&places, &core.places.now()) {
            problems = look();
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    let judged = match action_type {
        ActionType::Notify | ActionType::Edit => Cow::Borrowed(&input.declaration),
        _ => Cow::Owned(forms::deep_merge(
            &record.index.declaration,
            &input.declaration,
        )),
    };
    Err(refused(
        &problems,
        action_type,
        &[check.annotation, &judged],
    ))
}

/// Whether the record's state and the country's own conditions allow the action now.
pub(super) fn check_state(
    core: &Core,
    caller: &Caller,
    record: &Record,
    event: &Value,
    custom: Option<&str>,
    action_type: ActionType,
) -> Result<(), ApiError> {
    core.with_surroundings(caller, &record.index.declaration, event, |around| {
        records::allowed(&record.index, &record.config, action_type, custom, around)
    })
    .map_err(|refusal| ApiError::new(ErrorCode::Conflict, refusal.to_string()))
}

/// The correction request that an approval or rejection answers, by the id under which its
/// acceptance is kept. Only the one that waits can be answered: approving another would change the
/// record by something else than what was asked for.
fn correction_answered(
    document: &EventDocument,
    input: &RequestInput,
) -> Result<Option<ActionId>, ApiError> {
    let Some(wanted) = input.request_id else {
        return Ok(None);
    };
    let known = document
        .action(wanted)
        .is_some_and(|action| action.action_type == ActionType::RequestCorrection);
    if !known {
        return Err(ApiError::new(
            ErrorCode::NotFound,
            format!("Correction request not found with ID: {wanted}"),
        ));
    }
    match records::pending_correction(document) {
        Some(request) if request.id == wanted || request.original_action_id == Some(wanted) => {
            Ok(Some(request.id))
        }
        _ => Err(ApiError::new(
            ErrorCode::Conflict,
            "The correction request does not wait for an answer",
        )),
    }
}

/// One action at a time waits for the country. The protocol would let a second DECLARE in beside
/// one that waits, and both could be accepted; and it would hold the form against a record that is
/// about to change. The message is the protocol's own where that refuses too.
pub(super) fn check_nothing_waits(
    record: &Record,
    action_type: ActionType,
) -> Result<(), ApiError> {
    let Some(waiting) = records::pending(&record.stored.document).next() else {
        return Ok(());
    };
    let available = records::available_actions(record.index.status, &record.index.flags);
    let message = if available.contains(&AvailableAction::Action(action_type)) {
        format!(
            "Action '{action_type}' cannot be performed while action '{}' waits for the \
             country's decision",
            waiting.action_type
        )
    } else {
        Refusal::NotNow {
            action: action_type,
            status: record.index.status,
            flags: record.index.flags.clone(),
            available,
        }
        .to_string()
    };
    let waiting = json!({"actionId": waiting.id, "type": waiting.action_type});
    Err(ApiError::new(ErrorCode::Conflict, message).with_details(json!({"waitingFor": waiting})))
}

/// Writes the Requested action, its delivery, the projection and the audit in one transaction.
/// Answers with what is carried to the delivery; `None` when the record moved meanwhile.
async fn commit_request(
    core: &Core,
    caller: &Caller,
    record: Record,
    action: Action,
    looked_for: Option<LookedFor>,
) -> Result<Option<Carrying>, ApiError> {
    let version = record.stored.version;
    let mut document = record.stored.document;
    let kept = as_kept(&action);
    let is_kept = kept.is_some();
    document
        .actions
        .push(kept.unwrap_or_else(|| action.clone()));
    document.updated_at.clone_from(&action.created_at);
    let details = json!({
        "actionType": action.action_type,
        "actionId": action.id,
        "eventType": document.event_type,
        "trackingId": document.tracking_id,
        "transactionId": action.transaction_id,
        "customActionType": action.custom_action_type,
    });
    let operation = operation(action.action_type, "request");
    let action_id = action.id;
    let change = Change {
        event_id: document.id,
        expected_version: version,
        projection: Some(crate::search::projection(core, &document)?),
        delivery: Some(delivery_of(core, &document, &action, &caller.correlation)),
        attempt: None,
        closes_delivery_of: None,
        looked_for,
        audit: vec![core.audit_entry(caller, &operation, Some(document.id), details)],
        actions: vec![action],
    };
    let asked = is_kept.then(|| StoredEvent {
        document,
        version: version + 1,
    });
    // Before the commit, which begins the first attempt.
    let carrying = core.carried.begin(action_id, asked);
    let message = || {
        core.carried.prepare(action_id, |asked| {
            first_message(core, caller, &asked.document, action_id)
        });
    };
    match core.commit_and_try(change, message).await? {
        Committed::At { .. } => Ok(Some(carrying)),
        Committed::Stale => Ok(None),
        Committed::ClaimLost => Err(ApiError::internal("a request holds no claim to lose")),
    }
}

/// The delivery that an action causes. It has the action's own id: there is one for each, and
/// whoever knows the action can find it.
pub(super) fn delivery_of(
    core: &Core,
    document: &EventDocument,
    action: &Action,
    correlation: &str,
) -> NewDelivery {
    begins(NewDelivery {
        id: DeliveryId(action.id.0),
        kind: action.action_type.to_string(),
        path: format!(
            "/trigger/events/{}/actions/{}",
            path_step(&document.event_type),
            action.action_type
        ),
        subject: Subject::Action {
            event_id: document.id,
            action_id: action.id,
        },
        correlation: correlation.to_owned(),
        created_at: core.world.now(),
        expires_at: None,
        lease: None,
    })
}

/// Keeps an event type from being anything but one step of a path.
fn path_step(text: &str) -> String {
    let mut step = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => {
                step.push(char::from(byte));
            }
            other => step.push_str(&format!("%{other:02X}")),
        }
    }
    step
}

/// The operation's name in the audit trail, as OpenCRVS writes it.
pub(super) fn operation(action_type: ActionType, step: &str) -> String {
    let name = match action_type {
        ActionType::RequestCorrection => "correction.request".to_owned(),
        ActionType::ApproveCorrection => "correction.approve".to_owned(),
        ActionType::RejectCorrection => "correction.reject".to_owned(),
        other => other.as_str().to_lowercase(),
    };
    format!("event.actions.{name}.{step}")
}
