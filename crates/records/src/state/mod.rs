//! The state of a record: everything that lists, searches and conditions look at.

mod flags;
mod index;
mod metadata;
mod place_and_date;

pub use flags::InherentFlag;
pub use index::{ActionCreation, EventIndex, EventStatus, LegalStatuses};
pub(crate) use place_and_date::{date as date_of_event, place as place_of_event};

use forms::{ActionType, EventConfig, remove_nulls};

use crate::{
    ActionStatus, EventDocument, EventId,
    accepted::{Answers, in_time, potential_duplicates, status},
    assignment::assigned_to,
};
use flags::LastingFlags;

/// The document has no CREATE action, which every record begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("record {0} was never created: it has no CREATE action")]
pub struct NeverCreated(pub EventId);

/// The state that a record's actions and its event's configuration add up to. No clock, no
/// person, no access: the same for everybody, at any time.
///
/// Actions that wait for country config, or were refused by it, change nothing but the flag that
/// says so, and who touched the record last (`updatedBy`, `updatedByUserRole`,
/// `updatedAtLocation`; not `updatedAt`). One more follows from OpenCRVS's own rule: once a record
/// is declared, asking to declare it again moves who and when in `legalStatuses` to the new
/// request at once, and likewise for registering.
///
/// # Errors
/// When the record has no CREATE action.
pub fn state(event: &EventDocument, config: &EventConfig) -> Result<EventIndex, NeverCreated> {
    let actions = in_time(event);
    let created = actions
        .iter()
        .find(|action| action.action_type == ActionType::Create)
        .copied()
        .ok_or(NeverCreated(event.id))?;
    let touched = metadata::last_update(&actions).unwrap_or(created);
    let mut flags = flags::of_actions(&actions);

    let mut accepted = actions;
    accepted.retain(|action| action.status == ActionStatus::Accepted);
    let updated = metadata::last_update(&accepted).unwrap_or(created);
    let mut answers = Answers::none(event);
    let mut lasting = LastingFlags::of(config);
    for action in accepted {
        answers.add(action);
        lasting.add(action, &answers);
    }
    lasting.list(&mut flags);
    let office = created.created_at_location.as_deref();
    let place_of_event = place_and_date::place(config, &answers.declaration, office);
    let mut declaration = answers.declaration;
    remove_nulls(&mut declaration);

    let mut index = EventIndex {
        id: event.id,
        event_type: event.event_type.clone(),
        status: status(event),
        legal_statuses: metadata::legal_statuses(event),
        created_at: created.created_at.clone(),
        created_by: created.created_by.clone(),
        created_by_user_type: created.created_by_user_type,
        created_at_location: created.created_at_location.clone(),
        updated_at: updated.created_at.clone(),
        updated_by: touched.created_by.clone(),
        updated_by_user_role: touched.created_by_role.clone(),
        updated_at_location: touched.created_at_location.clone(),
        assigned_to: assigned_to(event).map(str::to_owned),
        tracking_id: event.tracking_id.clone(),
        place_of_event,
        date_of_event: None,
        potential_duplicates: potential_duplicates(event),
        flags,
        declaration,
    };
    index.date_of_event = place_and_date::date(config, &index);
    Ok(index)
}
