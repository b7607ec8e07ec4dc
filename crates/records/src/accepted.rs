//! What the accepted actions of a record add up to.
//!
//! An accepted action has two halves where country config decided on it: the Requested action,
//! with what the person sent, and the Accepted one that names it, with what the country added.
//! "Complete" below means both halves put together.

use forms::{ActionType, deep_merge, drop_nulls};
use serde_json::Value;

use crate::{Action, ActionId, ActionStatus, Declaration, EventDocument, EventStatus};

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

/// The halves of an action, in the order in which they count.
fn halves<'a>(event: &'a EventDocument, action: &'a Action) -> impl Iterator<Item = &'a Action> {
    let request = request_of(event, action).filter(|half| half.status == ActionStatus::Requested);
    request.into_iter().chain([action])
}

fn laid_over<'a>(
    ground: Declaration,
    layers: impl IntoIterator<Item = &'a Option<Declaration>>,
) -> Declaration {
    let layers = layers.into_iter().flatten();
    layers.fold(ground, |below, layer| deep_merge(&below, layer))
}

/// What an action says about the declaration: what was sent, and what country config put over it.
#[must_use]
pub fn complete_declaration(event: &EventDocument, action: &Action) -> Declaration {
    let halves = halves(event, action).map(|half| &half.declaration);
    laid_over(Declaration::new(), halves)
}

/// An action's annotation, put together in the same way.
#[must_use]
pub fn complete_annotation(event: &EventDocument, action: &Action) -> Declaration {
    annotated(event, Declaration::new(), action)
}

/// An annotation with that of an accepted action over it.
pub(crate) fn annotated(
    event: &EventDocument,
    so_far: Declaration,
    action: &Action,
) -> Declaration {
    laid_over(so_far, halves(event, action).map(|half| &half.annotation))
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

/// The correction request that an approval names, among the accepted actions given.
fn approved_request<'a>(accepted: &[&'a Action], approval: &Action) -> Option<&'a Action> {
    let wanted: ActionId = approval.request_id.as_deref()?.parse().ok()?;
    accepted.iter().copied().find(|action| action.id == wanted)
}

/// A declaration with an accepted action over it. An approved correction counts as what it
/// approves and then itself, so `accepted` are the actions among which the request may be.
pub(crate) fn declared(
    event: &EventDocument,
    accepted: &[&Action],
    so_far: Declaration,
    action: &Action,
) -> Declaration {
    let steps = match action.action_type {
        ActionType::ApproveCorrection => match approved_request(accepted, action) {
            Some(request) => vec![request, action],
            None => Vec::new(),
        },
        // What a correction asks for goes in with its approval, not before.
        ActionType::RequestCorrection
        | ActionType::RejectCorrection
        | ActionType::PrintCertificate => Vec::new(),
        _ => vec![action],
    };
    steps.into_iter().fold(so_far, |so_far, step| {
        laid_over(so_far, halves(event, step).map(|half| &half.declaration))
    })
}

/// The declaration as all accepted actions leave it; a field that was cleared is `null`.
#[must_use]
pub fn current_declaration(event: &EventDocument) -> Declaration {
    let accepted = accepted_in_time(event);
    accepted.iter().fold(Declaration::new(), |so_far, action| {
        declared(event, &accepted, so_far, action)
    })
}

/// The annotation of the last accepted action of this type, without cleared fields. Annotations
/// belong to one action each: an earlier printing says nothing about a later one.
#[must_use]
pub fn annotation(event: &EventDocument, action_type: ActionType) -> Declaration {
    let last = event.actions.iter().rfind(|action| {
        action.status == ActionStatus::Accepted && action.action_type == action_type
    });
    last.map(|action| drop_nulls(&complete_annotation(event, action)))
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
