//! Taking a record into one's hands, and letting go of it.

use records::{Action, ActionStatus, ActionType, EventDocument, UserType};
use serde_json::{Value, json};

use super::{
    create::to_value,
    input::Reader,
    record::{Record, about_action},
    request::{CHANGE_TRIES, made_by},
};
use crate::{
    Core,
    api::procedure::Call,
    caller::Caller,
    error::{ApiError, ErrorCode},
};

/// Kinds of scope that let someone do something to a record, and so hold it.
pub(super) const HOLDING: [&str; 12] = [
    "record.read",
    "record.declare",
    "record.notify",
    "record.edit",
    "record.register",
    "record.reject",
    "record.archive",
    "record.review-duplicates",
    "record.print-certified-copies",
    "record.request-correction",
    "record.correct",
    "record.custom-action",
];

/// `event.actions.assignment.assign`: the caller takes the record. The protocol lets whoever may do
/// anything to records take any of them; one that is out of the caller's reach is not shown to them,
/// and holding it lets them do nothing with it.
///
/// # Errors
/// 409 naming who holds it, 403, 404, 400.
pub async fn assign(core: Core, call: Call) -> Result<Value, ApiError> {
    move_assignment(&core, &call, ActionType::Assign).await
}

/// `event.actions.assignment.unassign`: the record is let go of; someone else's only with the
/// scope for it.
///
/// # Errors
/// 403, 404, 400.
pub async fn unassign(core: Core, call: Call) -> Result<Value, ApiError> {
    move_assignment(&core, &call, ActionType::Unassign).await
}

async fn move_assignment(
    core: &Core,
    call: &Call,
    action_type: ActionType,
) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    if caller.grant.is_some() {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    let operation = match action_type {
        ActionType::Assign => "event.actions.assign.request",
        _ => "event.actions.unassign.request",
    };
    for _ in 0..CHANGE_TRIES {
        let (record, shown) = record_to_hold(core, caller, &call.input, action_type).await?;
        let mut reader = Reader::new(&call.input)?;
        reader.required_id::<records::EventId>("eventId");
        reader.own_type(action_type);
        let transaction_id = reader.transaction_id();
        let for_whom = reader.text("assignedTo", 255);
        reader.finish(false)?;
        let for_whom = for_whom.as_deref().unwrap_or(&caller.person.id);
        let document = &record.stored.document;
        let done_before = made_by(document, &transaction_id, action_type)
            .is_some_and(|action| action.created_by == caller.person.id);
        let holder = records::assigned_to(document);
        let settled = match (action_type, holder) {
            // Sent again late, it must not take a record that was let go of since.
            _ if done_before => true,
            (ActionType::Assign, Some(holder)) if holder == for_whom => true,
            (ActionType::Assign, Some(_)) if !shown => {
                return Err(ApiError::plain(ErrorCode::Conflict));
            }
            (ActionType::Assign, Some(holder)) => {
                let mut conflict = held_by(core, Some(holder)).await;
                conflict.message = ErrorCode::Conflict.name().to_owned();
                return Err(conflict);
            }
            // Whomever it names, the protocol gives it to the caller.
            (ActionType::Assign, None) => false,
            (_, None) => true,
            (_, Some(holder)) => {
                if holder != caller.person.id {
                    may_take_from_others(core, caller, &record)?;
                }
                false
            }
        };
        if settled {
            core.note_shown(caller, operation, document).await;
            return answer(document, shown);
        }
        let now = core.moment_after(&document.actions);
        let mut action = core.action_by(
            caller,
            action_type,
            ActionStatus::Accepted,
            &transaction_id,
            now,
        );
        if action_type == ActionType::Assign {
            action.assigned_to = Some(caller.person.id.clone());
        }
        let details = about_action(document, action_type, &transaction_id);
        let appended = core.append(caller, &record.stored, vec![action], operation, details);
        if let Some(changed) = appended.await? {
            return answer(&changed, shown);
        }
    }
    Err(super::request::busy())
}

/// The record, or no more of it than its last assignment.
fn answer(document: &EventDocument, shown: bool) -> Result<Value, ApiError> {
    if shown {
        return to_value(document);
    }
    let assigns = |action: &&Action| {
        matches!(
            action.action_type,
            ActionType::Assign | ActionType::Unassign
        )
    };
    let last = document.actions.iter().rfind(assigns);
    to_value(&EventDocument {
        actions: last.cloned().into_iter().collect(),
        ..document.clone()
    })
}

/// The record to take or let go of, and whether the caller may see it. Whoever holds it may let go
/// of it, wherever it is by now. Whoever may take some records from others is told when this is not
/// one of them, as the protocol has it; to everybody else who would let go of one out of their
/// reach, it looks as if it were not there.
///
/// # Errors
/// 403, 400, 404.
async fn record_to_hold(
    core: &Core,
    caller: &Caller,
    input: &Value,
    action_type: ActionType,
) -> Result<(Record, bool), ApiError> {
    let mut kinds = HOLDING.to_vec();
    if action_type == ActionType::Unassign {
        kinds.push(access::UNASSIGN_OTHERS);
    }
    let record = core.record_named(caller, &kinds, input).await?;
    let reached = core.check_reach(caller, &kinds, input, &record);
    let shown = reached.is_ok();
    if action_type == ActionType::Assign {
        return Ok((record, shown));
    }
    let may_know = match records::assigned_to(&record.stored.document) {
        Some(holder) => holder == caller.person.id || caller.scopes.has(access::UNASSIGN_OTHERS),
        None => false,
    };
    if !may_know {
        reached?;
    }
    Ok((record, shown))
}

fn may_take_from_others(core: &Core, caller: &Caller, record: &Record) -> Result<(), ApiError> {
    let kinds = [access::UNASSIGN_OTHERS];
    let view = core.view(&record.index);
    if caller
        .scopes
        .reach_record(&kinds, &caller.person, &view, None)
    {
        Ok(())
    } else {
        Err(ApiError::plain(ErrorCode::Forbidden))
    }
}

/// A person must hold a record to act on it; a system client acts only on what nobody holds.
///
/// # Errors
/// 409 naming who holds it.
pub(super) async fn check_holds(
    core: &Core,
    caller: &Caller,
    document: &EventDocument,
) -> Result<(), ApiError> {
    let kind = if caller.is_system() {
        UserType::System
    } else {
        UserType::User
    };
    let Err(refusal) = records::may_act(document, &caller.person.id, kind) else {
        return Ok(());
    };
    let mut conflict = held_by(core, records::assigned_to(document)).await;
    conflict.message = refusal.to_string();
    Err(conflict)
}

/// The conflict that names who holds the record instead of the caller.
async fn held_by(core: &Core, holder: Option<&str>) -> ApiError {
    let message = "You are not assigned to this event";
    let Some(holder) = holder else {
        return ApiError::new(ErrorCode::Conflict, message)
            .with_details(json!({"assignedTo": null}));
    };
    let user = match holder.parse() {
        Ok(id) => core.store.user(id).await.ok().flatten(),
        Err(_) => None,
    };
    let name =
        user.map(|user| json!({"firstname": user.name.firstname, "surname": user.name.surname}));
    ApiError::new(ErrorCode::Conflict, message)
        .with_details(json!({"assignedTo": {"id": holder, "name": name}}))
}
