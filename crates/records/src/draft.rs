//! Drafts: what somebody has begun to fill in, and what the record would look like with it.

use forms::{ActionType, EventConfig, lay_over, remove_nulls};
use uuid::Uuid;

use crate::{
    Action, ActionId, ActionStatus, Declaration, EventDocument, EventId, EventIndex, NeverCreated,
    UserType, complete_annotation, state,
    state::{date_of_event, place_of_event},
};

/// An action somebody prepares on a record they hold. Nobody else sees it, and it changes nothing.
/// A person has at most one draft on a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Its own id; a draft that takes the place of another has a new one.
    pub id: Uuid,
    /// The record.
    pub event_id: EventId,
    /// The transaction that saved it; the same one again changes nothing.
    pub transaction_id: String,
    /// The action it prepares.
    pub action_type: ActionType,
    /// ISO 8601, UTC, milliseconds.
    pub created_at: String,
    /// The person's account.
    pub created_by: String,
    /// Their role when they saved it.
    pub created_by_role: Option<String>,
    /// Answers so far.
    pub declaration: Declaration,
    /// Answers about the action itself so far.
    pub annotation: Option<Declaration>,
}

/// A record's state as its drafter sees it in a list: where the record stands does not change, but
/// the answers are the draft's, with the date and the place that follow from them, and it was
/// updated when the draft was.
#[must_use]
pub fn state_with_draft(index: &EventIndex, draft: &Draft, config: &EventConfig) -> EventIndex {
    let mut index = index.clone();
    index.updated_at.clone_from(&draft.created_at);
    lay_over(&mut index.declaration, &draft.declaration);
    let office = index.created_at_location.as_deref();
    index.place_of_event = place_of_event(config, &index.declaration, office);
    remove_nulls(&mut index.declaration);
    index.date_of_event = date_of_event(config, &index);
    index
}

/// The state the record would have if the draft were sent and accepted as it is, for a preview. A
/// correction counts as approved at once, so that what it changes is seen.
///
/// # Errors
/// When the record has no CREATE action.
pub fn state_after_draft(
    event: &EventDocument,
    draft: &Draft,
    config: &EventConfig,
) -> Result<EventIndex, NeverCreated> {
    let mut event = event.clone();
    let action = accepted(draft);
    let approval = (draft.action_type == ActionType::RequestCorrection).then(|| Action {
        // Nothing refers to an approval, so that it needs no id of its own.
        id: ActionId(Uuid::nil()),
        action_type: ActionType::ApproveCorrection,
        request_id: Some(draft.id.to_string()),
        ..action.clone()
    });
    event.actions.push(action);
    event.actions.extend(approval);
    state(&event, config)
}

/// The annotation of the last accepted action of this type, with that of a draft of one laid over
/// it by time; without cleared fields.
#[must_use]
pub fn annotation_with_draft(
    event: &EventDocument,
    action_type: ActionType,
    draft: &Draft,
) -> Declaration {
    let last = event.actions.iter().rfind(|action| {
        action.status == ActionStatus::Accepted && action.action_type == action_type
    });
    let kept = last.map(|action| (&action.created_at, complete_annotation(event, action)));
    let drafted = draft
        .annotation
        .clone()
        .filter(|_| draft.action_type == action_type)
        .map(|annotation| (&draft.created_at, annotation));
    let mut layers: Vec<_> = kept.into_iter().chain(drafted).collect();
    layers.sort_by_key(|(at, _)| *at);
    let mut annotation = Declaration::new();
    for (_, layer) in layers {
        lay_over(&mut annotation, &layer);
    }
    remove_nulls(&mut annotation);
    annotation
}

/// The action a draft prepares, as if it had been sent and accepted.
fn accepted(draft: &Draft) -> Action {
    Action {
        created_by_role: draft.created_by_role.clone(),
        declaration: Some(draft.declaration.clone()),
        annotation: draft.annotation.clone(),
        ..Action::empty(
            ActionId(draft.id),
            draft.transaction_id.clone(),
            draft.action_type,
            ActionStatus::Accepted,
            draft.created_at.clone(),
            draft.created_by.clone(),
            UserType::User,
        )
    }
}
