//! What the accepted actions of a record add up to.
//!
//! An accepted action has two halves where country config decided on it: the Requested action,
//! with what the person sent, and the Accepted one that names it, with what the country added.
//! "Complete" below means both halves put together.

use forms::{ActionType, lay_over, remove_nulls};
use serde_json::Value;

use crate::{Action, ActionId, ActionStatus, Declaration, EventDocument, EventStatus};

/// All actions, by the time they were written. The document usually has them in that order.
pub(crate) fn in_time(event: &EventDocument) -> Vec<&Action> {
    let mut actions: Vec<&Action> = event.actions.iter().collect();
    actions.sort_by(|a, b| a.created_at.cmp(&b.created_at));
    actions
}

/// Of these actions the one that was written last; of several at that very time, the last listed.
pub(crate) fn latest<'a>(actions: impl Iterator<Item = &'a Action>) -> Option<&'a Action> {
    actions.max_by(|a, b| a.created_at.cmp(&b.created_at))
}

/// The accepted action of these types that was written last.
pub(crate) fn latest_accepted(
    event: &EventDocument,
    of: impl Fn(ActionType) -> bool,
) -> Option<&Action> {
    latest(
        event
            .actions
            .iter()
            .filter(|action| action.status == ActionStatus::Accepted && of(action.action_type)),
    )
}

/// The halves of an action, in the order in which they count.
fn halves<'a>(event: &'a EventDocument, action: &'a Action) -> impl Iterator<Item = &'a Action> {
    let request = request_of(event, action).filter(|half| half.status == ActionStatus::Requested);
    request.into_iter().chain([action])
}

/// The action that a resolution resolves.
fn request_of<'a>(event: &'a EventDocument, action: &Action) -> Option<&'a Action> {
    event.action(action.original_action_id?)
}

/// The correction request that an approval names, if it was accepted.
fn approved_request<'a>(event: &'a EventDocument, approval: &Action) -> Option<&'a Action> {
    let wanted: ActionId = approval.request_id.as_deref()?.parse().ok()?;
    let mut actions = event.actions.iter();
    actions.find(|action| action.id == wanted && action.status == ActionStatus::Accepted)
}

/// The answers on a record as its accepted actions build them up, one after another.
pub(crate) struct Answers<'a> {
    event: &'a EventDocument,
    /// A field that was cleared is `null`.
    pub(crate) declaration: Declaration,
    pub(crate) annotation: Declaration,
}

impl<'a> Answers<'a> {
    /// Those before anything was done to the record.
    pub(crate) fn none(event: &'a EventDocument) -> Self {
        Self {
            event,
            declaration: Declaration::new(),
            annotation: Declaration::new(),
        }
    }

    /// Lays an accepted action over what was answered before it. An approved correction counts as
    /// what it approves and then itself.
    pub(crate) fn add(&mut self, action: &Action) {
        match action.action_type {
            ActionType::ApproveCorrection => {
                if let Some(request) = approved_request(self.event, action) {
                    self.declare(request);
                    self.declare(action);
                }
            }
            // What a correction asks for goes in with its approval, not before.
            ActionType::RequestCorrection
            | ActionType::RejectCorrection
            | ActionType::PrintCertificate => {}
            _ => self.declare(action),
        }
        for half in halves(self.event, action) {
            lay(&mut self.annotation, half.annotation.as_ref());
        }
    }

    fn declare(&mut self, action: &Action) {
        for half in halves(self.event, action) {
            lay(&mut self.declaration, half.declaration.as_ref());
        }
    }
}

fn lay(ground: &mut Declaration, layer: Option<&Declaration>) {
    if let Some(layer) = layer {
        lay_over(ground, layer);
    }
}

/// What an action says about the declaration: what was sent, and what country config put over it.
#[must_use]
pub fn complete_declaration(event: &EventDocument, action: &Action) -> Declaration {
    let mut complete = Declaration::new();
    for half in halves(event, action) {
        lay(&mut complete, half.declaration.as_ref());
    }
    complete
}

/// An action's annotation, put together in the same way.
#[must_use]
pub fn complete_annotation(event: &EventDocument, action: &Action) -> Declaration {
    let mut complete = Declaration::new();
    for half in halves(event, action) {
        lay(&mut complete, half.annotation.as_ref());
    }
    complete
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

/// The declaration as all accepted actions leave it; a field that was cleared is `null`.
#[must_use]
pub fn current_declaration(event: &EventDocument) -> Declaration {
    let mut answers = Answers::none(event);
    for action in in_time(event) {
        if action.status == ActionStatus::Accepted {
            answers.add(action);
        }
    }
    answers.declaration
}

/// The annotation of the last accepted action of this type, without cleared fields. Annotations
/// belong to one action each: an earlier printing says nothing about a later one.
#[must_use]
pub fn annotation(event: &EventDocument, action_type: ActionType) -> Declaration {
    let last = event.actions.iter().rfind(|action| {
        action.status == ActionStatus::Accepted && action.action_type == action_type
    });
    let mut annotation = last
        .map(|action| complete_annotation(event, action))
        .unwrap_or_default();
    remove_nulls(&mut annotation);
    annotation
}

/// How far the record has come.
#[must_use]
pub fn status(event: &EventDocument) -> EventStatus {
    let last = latest_accepted(event, |kind| reached(kind).is_some());
    last.and_then(|action| reached(action.action_type))
        .unwrap_or(EventStatus::Created)
}

/// How far an action of this type brings a record, if anywhere.
const fn reached(action_type: ActionType) -> Option<EventStatus> {
    match action_type {
        ActionType::Create => Some(EventStatus::Created),
        ActionType::Notify => Some(EventStatus::Notified),
        ActionType::Declare => Some(EventStatus::Declared),
        ActionType::Register => Some(EventStatus::Registered),
        ActionType::Archive => Some(EventStatus::Archived),
        _ => None,
    }
}

/// The accepted correction request that still waits for its approval or rejection.
#[must_use]
pub fn pending_correction(event: &EventDocument) -> Option<&Action> {
    use ActionType::{ApproveCorrection, RejectCorrection, RequestCorrection};
    latest_accepted(event, |kind| {
        matches!(
            kind,
            RequestCorrection | ApproveCorrection | RejectCorrection
        )
    })
    .filter(|last| last.action_type == RequestCorrection)
}

/// Records this one may be a duplicate of, as `{id, trackingId}`; none once somebody has decided.
#[must_use]
pub fn potential_duplicates(event: &EventDocument) -> Vec<Value> {
    use ActionType::{DuplicateDetected, MarkAsDuplicate, MarkAsNotDuplicate};
    let last = latest_accepted(event, |kind| {
        matches!(
            kind,
            DuplicateDetected | MarkAsDuplicate | MarkAsNotDuplicate
        )
    });
    last.filter(|action| action.action_type == DuplicateDetected)
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
