//! A record's document that is broken somewhere: it is refused, or everything about it can be said.

use arbitrary::{Result, Unstructured};
use forms::ActionType;
use records::{
    AvailableAction, EventDocument, EventIndex, UserType, allowed, annotation, assigned_to,
    available_actions, complete_content, may_act, pending, pending_correction, releases,
    resolution, state,
};
use serde_json::{Value, json};

use super::{material, surroundings};
use crate::mutation::mutate;

pub(super) fn run(u: &mut Unstructured<'_>, show: &mut dyn FnMut(&str, &Value)) -> Result<()> {
    let config = u.choose(&material::EVENTS)?;
    let mut written = material::document(config, u)?;
    if u.ratio(2, 3)? {
        mutate(&mut written, u)?;
    }
    show("record", &written);
    let Ok(event) = serde_json::from_value::<EventDocument>(written) else {
        return Ok(());
    };

    let _ = assigned_to(&event);
    let _ = may_act(&event, "somebody", UserType::System);
    let _ = pending_correction(&event);
    for action in &event.actions {
        let _ = resolution(&event, action.id);
        let _ = complete_content(&event, action);
        let _ = releases(&event, action, action.status);
        let _ = annotation(&event, action.action_type);
    }
    let waiting = pending(&event).count();
    assert!(waiting <= event.actions.len(), "more waits than there is");

    let Ok(state) = state(&event, config) else {
        return Ok(());
    };
    let available = available_actions(state.status, &state.flags);
    for action in ActionType::ALL {
        let may = allowed(&state, config, action, None, &surroundings());
        let offered = available.contains(&AvailableAction::Action(action));
        assert!(offered || may.is_err(), "{action} is allowed, not offered");
    }
    let read: Option<EventIndex> = serde_json::from_value(json!(state)).ok();
    assert!(read.as_ref() == Some(&state), "a state is read as written");
    Ok(())
}
