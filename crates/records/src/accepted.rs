//! What the accepted actions of a record add up to.
//!
//! An accepted action has two halves where country config decided on it: the Requested action,
//! with what the person sent, and the Accepted one that names it, with what the country added.
//! "Complete" below means both halves put together.

use forms::ActionType;
use serde_json::Value;

use crate::{
    Action, ActionStatus, Declaration, EventDocument, EventStatus,
    merge::{merge, without_nulls},
};

/// All actions, by the time they were written. The document usually has them in that order.
pub(crate) fn in_time(event: &EventDocument) -> Vec<&Action> {
    let mut actions: Vec<&Action> = event.actions.iter().collect();
    actions.sort_by(|a, b| a.created_at.cmp(&b.created_at));
    actions
}

/// The accepted ones, by the time they were written.
pub(crate) fn accepted_in_time(event: &EventDocument) -> Vec<&Action> {
    let mut actions = in_time(event);
    actions.retain(|action| action.status == ActionStatus::Accepted);
    actions
}

/// The Requested half of an action that resolves one.
fn request_of<'a>(event: &'a EventDocument, action: &Action) -> Option<&'a Action> {
    event.action(action.original_action_id?)
}

fn both_halves(request: Option<&Declaration>, own: Option<&Declaration>) -> Declaration {
    let mut both = request.cloned().unwrap_or_default();
    if let Some(own) = own {
        merge(&mut both, own);
    }
    both
}

/// What an action says about the declaration: what was sent, and what country config put over it.
#[must_use]
pub fn complete_declaration(event: &EventDocument, action: &Action) -> Declaration {
    let request = request_of(event, action).filter(|half| half.status == ActionStatus::Requested);
    both_halves(
        request.and_then(|half| half.declaration.as_ref()),
        action.declaration.as_ref(),
    )
}

/// An action's annotation, put together in the same way.
#[must_use]
pub fn complete_annotation(event: &EventDocument, action: &Action) -> Declaration {
    let request = request_of(event, action).filter(|half| half.status == ActionStatus::Requested);
    both_halves(
        request.and_then(|half| half.annotation.as_ref()),
        action.annotation.as_ref(),
    )
}

/// An action's content: the country's keys replace those that were sent, as wholes.
#[must_use]
pub fn complete_content(event: &EventDocument, action: &Action) -> Option<Value> {
    let sent = request_of(event, action).and_then(|half| half.content.as_ref());
    match (sent, &action.content) {
        (Some(Value::Object(sent)), Some(Value::Object(own))) => {
            let mut both = sent.clone();
            both.extend(own.clone());
            Some(Value::Object(both))
        }
        (Some(sent), None) => Some(sent.clone()),
        (_, own) => own.clone(),
    }
}

/// Whether what an action carries goes into the declaration. What a correction asks for goes in
/// only with its approval.
const fn declares(action_type: ActionType) -> bool {
    !matches!(
        action_type,
        ActionType::RequestCorrection | ActionType::RejectCorrection | ActionType::PrintCertificate
    )
}

/// The correction request that an approval names, among the accepted actions given.
pub(crate) fn approved_request<'a>(
    accepted: &[&'a Action],
    approval: &Action,
) -> Option<&'a Action> {
    let wanted = approval.request_id.as_deref()?;
    accepted
        .iter()
        .copied()
        .find(|action| action.id.to_string() == wanted)
}

/// The steps that make up the declaration at this action, oldest first: none, the action itself,
/// or, for an approved correction, the request and then the approval.
pub(crate) fn declaring<'a>(accepted: &[&'a Action], action: &'a Action) -> Vec<&'a Action> {
    match action.action_type {
        ActionType::ApproveCorrection => match approved_request(accepted, action) {
            Some(request) => vec![request, action],
            None => Vec::new(),
        },
        other if declares(other) => vec![action],
        _ => Vec::new(),
    }
}

/// The declaration as all accepted actions leave it; a field that was cleared is `null`.
#[must_use]
pub fn current_declaration(event: &EventDocument) -> Declaration {
    let accepted = accepted_in_time(event);
    let mut declaration = Declaration::new();
    for action in &accepted {
        for step in declaring(&accepted, action) {
            // The sent half goes in by itself first: where the country replaced an object by
            // something else and that by an object again, the outcome differs.
            let sent = request_of(event, step)
                .filter(|half| half.status == ActionStatus::Requested)
                .and_then(|half| half.declaration.as_ref());
            if let Some(sent) = sent {
                merge(&mut declaration, sent);
            }
            merge(&mut declaration, &complete_declaration(event, step));
        }
    }
    declaration
}

/// The annotation of the last accepted action of this type, without cleared fields. Annotations
/// belong to one action each: an earlier printing says nothing about a later one.
#[must_use]
pub fn annotation(event: &EventDocument, action_type: ActionType) -> Declaration {
    let last = event.actions.iter().rfind(|action| {
        action.status == ActionStatus::Accepted && action.action_type == action_type
    });
    last.map(|action| without_nulls(&complete_annotation(event, action)))
        .unwrap_or_default()
}

/// How far the record has come.
#[must_use]
pub fn status(event: &EventDocument) -> EventStatus {
    let reached = |action: &&Action| match action.action_type {
        ActionType::Create => Some(EventStatus::Created),
        ActionType::Notify => Some(EventStatus::Notified),
        ActionType::Declare => Some(EventStatus::Declared),
        ActionType::Register => Some(EventStatus::Registered),
        ActionType::Archive => Some(EventStatus::Archived),
        _ => None,
    };
    accepted_in_time(event)
        .iter()
        .rev()
        .find_map(reached)
        .unwrap_or(EventStatus::Created)
}

/// The accepted correction request that still waits for its approval or rejection.
#[must_use]
pub fn pending_correction(event: &EventDocument) -> Option<&Action> {
    let last = accepted_in_time(event).into_iter().rfind(|action| {
        matches!(
            action.action_type,
            ActionType::RequestCorrection
                | ActionType::ApproveCorrection
                | ActionType::RejectCorrection
        )
    })?;
    (last.action_type == ActionType::RequestCorrection).then_some(last)
}

/// Records this one may be a duplicate of, as `{id, trackingId}`; none once somebody has decided.
#[must_use]
pub fn potential_duplicates(event: &EventDocument) -> Vec<Value> {
    let last = accepted_in_time(event).into_iter().rfind(|action| {
        matches!(
            action.action_type,
            ActionType::DuplicateDetected
                | ActionType::MarkAsDuplicate
                | ActionType::MarkAsNotDuplicate
        )
    });
    last.filter(|action| action.action_type == ActionType::DuplicateDetected)
        .and_then(|action| {
            action
                .content
                .as_ref()?
                .get("duplicates")?
                .as_array()
                .cloned()
        })
        .unwrap_or_default()
}
