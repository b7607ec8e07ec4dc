//! The country resolves a pending action by calling back.

use records::{ActionStatus, ActionType, DeliveryId, UserType};
use serde_json::Value;
use tracing::{Instrument, info, info_span};

use super::{
    create::to_value,
    decide::{Acceptance, Decided, DecidedBy, Decider, Decision, How, decided_otherwise},
    input::CallbackInput,
    request::operation,
};
use crate::{
    Core,
    api::procedure::Call,
    caller::{ActionGrant, Caller},
    correlation::step,
    error::{ApiError, ErrorCode},
};

/// `event.actions.….accept`: the pending action applies. Accepting again answers the same record.
///
/// # Errors
/// 403 without a token for this very action, 400, 404, 409 when it was rejected before.
pub async fn accept(core: Core, call: Call, action_type: ActionType) -> Result<Value, ApiError> {
    let input = authorised(&call, action_type, true)?;
    let decision = Decision::Accept(Box::new(Acceptance {
        declaration: input.declaration.clone(),
        annotation: input.annotation.clone(),
        registration_number: input.registration_number.clone(),
        content: input.content.clone(),
    }));
    resolve(&core, &call, action_type, &input, &decision).await
}

/// `event.actions.….reject`: the pending action counts as if it had never been; the reason is
/// kept. Rejecting again answers the same record.
///
/// # Errors
/// As [`accept`]; 409 when it was accepted before.
pub async fn reject(core: Core, call: Call, action_type: ActionType) -> Result<Value, ApiError> {
    let input = authorised(&call, action_type, false)?;
    let decision = Decision::Reject {
        reason: input.reason.clone(),
    };
    resolve(&core, &call, action_type, &input, &decision).await
}

/// [`accept`], of whatever type the action is.
///
/// # Errors
/// As [`accept`].
pub async fn accept_any(core: Core, call: Call) -> Result<Value, ApiError> {
    let action_type = pending_type(&core, &call).await?;
    accept(core, call, action_type).await
}

/// [`reject`], of whatever type the action is.
///
/// # Errors
/// As [`reject`].
pub async fn reject_any(core: Core, call: Call) -> Result<Value, ApiError> {
    let action_type = pending_type(&core, &call).await?;
    reject(core, call, action_type).await
}

/// The type of the action that a decision is about.
async fn pending_type(core: &Core, call: &Call) -> Result<ActionType, ApiError> {
    // Whether this caller may decide it comes first. The type does not matter for that, and a
    // refusal needs no more than the ids.
    let input = authorised(call, ActionType::Declare, false)?;
    let stored = core.store.record(input.event_id).await?;
    let known = stored.and_then(|stored| {
        let action = stored.document.action(input.action_id)?;
        Some(action.action_type)
    });
    known.ok_or_else(|| ApiError::new(ErrorCode::NotFound, "Action not found."))
}

/// The token must have been exchanged for this record and this action, or belong to a system
/// client that holds the right to decide as its own.
fn authorised(
    call: &Call,
    action_type: ActionType,
    accept: bool,
) -> Result<CallbackInput, ApiError> {
    let caller = call.caller()?;
    let forbidden = |message: &str| Err(ApiError::new(ErrorCode::Forbidden, message));
    let input = CallbackInput::read(&call.input, action_type, accept);
    let scopes = ["record.confirm-registration", "record.reject-registration"];
    if !scopes.iter().all(|kind| caller.scopes.has(kind)) {
        return forbidden("Missing required scopes for action confirmation");
    }
    if caller.grant.is_none() && !caller.is_system() {
        return forbidden("Missing required claims for action confirmation");
    }
    let input = input?;
    let wanted = ActionGrant {
        event_id: input.event_id,
        action_id: input.action_id,
    };
    if caller.grant.is_some_and(|grant| grant != wanted) {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    Ok(input)
}

async fn resolve(
    core: &Core,
    call: &Call,
    action_type: ActionType,
    input: &CallbackInput,
    decision: &Decision,
) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let stored = core.store.record(input.event_id).await?;
    let stored = stored.ok_or_else(|| super::record::not_found(input.event_id))?;
    let requested = stored
        .document
        .action(input.action_id)
        .filter(|action| action.status == ActionStatus::Requested)
        .ok_or_else(|| ApiError::new(ErrorCode::NotFound, "Action not found."))?;
    if requested.action_type != action_type {
        return Err(ApiError::new(
            ErrorCode::BadRequest,
            format!(
                "The action is of type {}, not {action_type}",
                requested.action_type
            ),
        ));
    }
    let delivery = DeliveryId(input.action_id.0);
    // The id that the user's click began with, also where the country did not pass it on.
    let correlation = match core.store.delivery(delivery).await? {
        Some(delivery) => delivery.new.correlation,
        None => call.correlation.clone(),
    };
    info!(action_correlation = correlation, action = %input.action_id, "callback");
    let decider = Decider {
        by: Some(decided_by(caller)),
        transaction_id: Some(input.transaction_id.clone()),
        keep: input.keep,
        how: How::Country,
        correlation,
    };
    // Where the country did not pass the id on, this is in another trace than the call around it.
    let span = info_span!(
        "callback",
        action = %input.action_id,
        correlation = decider.correlation,
        parent = step(delivery.0),
    );
    let decided = core
        .decide(input.event_id, input.action_id, decision, &decider, None)
        .instrument(span)
        .await?;
    core.engine.moved(delivery);
    // What waited behind this delivery may go now.
    core.engine.wake();
    match decided {
        Decided::Now(document) => to_value(&document),
        Decided::Before(document) => {
            let step = operation(action_type, "decided-before");
            core.note_shown(caller, &step, &document).await;
            to_value(&document)
        }
        Decided::Against(other) => Err(decided_otherwise(&other)),
        Decided::ClaimLost => Err(ApiError::internal("a callback holds no claim to lose")),
    }
}

/// The fields of a decision that say who made it.
pub(crate) fn decided_by(caller: &Caller) -> DecidedBy {
    DecidedBy {
        id: caller.person.id.clone(),
        user_type: if caller.is_system() {
            UserType::System
        } else {
            UserType::User
        },
        role: caller.person.role.clone(),
        location: caller.person.primary_office_id.clone(),
        signature: caller.signature.clone(),
    }
}
