//! Who touched a record, where and when.

use forms::ActionType;

use super::{ActionCreation, LegalStatuses};
use crate::{Action, ActionStatus, EventDocument, accepted::latest};

/// Whether an action of this type counts as touching the record.
const fn touches(action_type: ActionType) -> bool {
    action_type.awaits_country() || matches!(action_type, ActionType::Create)
}

/// The last action that touched the record among those given, oldest first. Of a resolution, the
/// action it resolves counts, when that is among those given: it names the person who asked.
pub(super) fn last_update<'a>(actions: &[&'a Action]) -> Option<&'a Action> {
    let last = actions
        .iter()
        .copied()
        .rfind(|action| touches(action.action_type))?;
    let asked = last
        .original_action_id
        .and_then(|id| actions.iter().copied().find(|action| action.id == id));
    Some(asked.unwrap_or(last))
}

/// Who declared and registered the record.
pub(super) fn legal_statuses(event: &EventDocument) -> LegalStatuses {
    LegalStatuses {
        declared: creation(event, ActionType::Declare),
        registered: creation(event, ActionType::Register),
    }
}

fn creation(event: &EventDocument, action_type: ActionType) -> Option<ActionCreation> {
    let last = |status| {
        let of_type = |action: &&Action| action.action_type == action_type;
        let actions = event.actions.iter().filter(of_type);
        latest(actions.filter(|action| action.status == status))
    };
    let accepted = last(ActionStatus::Accepted)?;
    // The last request, even when it is not the one that was accepted: so says the protocol.
    let asked = last(ActionStatus::Requested);
    let by = asked.unwrap_or(accepted);
    // What the one who asked left blank, the acceptance may know.
    let or_accepted =
        |of: fn(&Action) -> &Option<String>| of(by).clone().or_else(|| of(accepted).clone());
    Some(ActionCreation {
        created_at: by.created_at.clone(),
        created_by: by.created_by.clone(),
        created_by_user_type: by.created_by_user_type,
        created_at_location: or_accepted(|action| &action.created_at_location),
        accepted_at: accepted.created_at.clone(),
        created_by_role: or_accepted(|action| &action.created_by_role),
        registration_number: accepted
            .registration_number
            .clone()
            .filter(|_| action_type == ActionType::Register),
    })
}
