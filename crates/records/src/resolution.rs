//! What became of an action that country config decides on.

use crate::{Action, ActionId, ActionStatus, EventDocument};

/// What became of a Requested action.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Resolution<'a> {
    /// Country config has not decided yet.
    Unresolved,
    /// It was accepted, by this action.
    Accepted(&'a Action),
    /// It was refused, by this action.
    Rejected(&'a Action),
}

/// What became of the Requested action `id`: what its first resolution says. Storage lets no
/// second one in.
#[must_use]
pub fn resolution(event: &EventDocument, id: ActionId) -> Resolution<'_> {
    let decision = event.actions.iter().find(|action| {
        action.original_action_id == Some(id) && action.status != ActionStatus::Requested
    });
    match decision {
        None => Resolution::Unresolved,
        Some(action) if action.status == ActionStatus::Accepted => Resolution::Accepted(action),
        Some(action) => Resolution::Rejected(action),
    }
}

/// The actions that still wait for a decision, oldest first.
pub fn pending(event: &EventDocument) -> impl Iterator<Item = &Action> {
    event.actions.iter().filter(|action| {
        action.status == ActionStatus::Requested
            && resolution(event, action.id) == Resolution::Unresolved
    })
}
