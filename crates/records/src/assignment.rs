//! Who holds a record. A person must hold it to change it, and lets go when that is done.

use forms::ActionType;
use serde::{Deserialize, Serialize};

use crate::{Action, ActionStatus, EventDocument, UserType, accepted::latest_accepted};

/// The account that holds the record, if any does.
#[must_use]
pub fn assigned_to(event: &EventDocument) -> Option<&str> {
    let last = latest_accepted(event, |kind| {
        matches!(kind, ActionType::Assign | ActionType::Unassign)
    })?;
    last.assigned_to
        .as_deref()
        .filter(|_| last.action_type == ActionType::Assign)
}

/// Why somebody may not change a record now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentRefusal {
    /// A person does not hold the record. Clients rely on the message.
    #[error("You are not assigned to this event")]
    NotYours {
        /// Who does, if anybody.
        held_by: Option<String>,
    },
    /// A system client asks, and a person is at work on the record.
    #[error("System user can not perform action on assigned event")]
    Taken {
        /// Who.
        held_by: String,
    },
}

/// Whether `who` may change the record as far as holding it goes: a person must hold it, a system
/// client may act only while nobody does.
///
/// # Errors
/// Says who holds the record instead.
pub fn may_act(event: &EventDocument, who: &str, kind: UserType) -> Result<(), AssignmentRefusal> {
    match (kind, assigned_to(event)) {
        (UserType::User, Some(holder)) if holder == who => Ok(()),
        (UserType::User, holder) => Err(AssignmentRefusal::NotYours {
            held_by: holder.map(str::to_owned),
        }),
        (UserType::System, None) => Ok(()),
        (UserType::System, Some(holder)) => Err(AssignmentRefusal::Taken {
            held_by: holder.to_owned(),
        }),
    }
}

/// What somebody who sends an action wishes about keeping the record afterwards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeepAssignment {
    /// Whatever the outcome, unless one of the others says otherwise for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_assignment: Option<bool>,
    /// When accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_assignment_if_accepted: Option<bool>,
    /// When rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_assignment_if_rejected: Option<bool>,
}

impl KeepAssignment {
    /// Whether the record is to be kept if it comes out so. While an action waits for its
    /// decision, a record is always kept.
    #[must_use]
    pub fn after(self, outcome: ActionStatus) -> bool {
        let wish = match outcome {
            ActionStatus::Requested => return true,
            ActionStatus::Accepted => self.keep_assignment_if_accepted,
            ActionStatus::Rejected => self.keep_assignment_if_rejected,
        };
        wish.or(self.keep_assignment).unwrap_or(false)
    }
}

/// Whether the record must be let go of now that `action` has come out so; if so, the caller
/// writes an UNASSIGN after the outcome. `action` is the one the person sent: the Requested half,
/// or an action that needed no decision. Its own wishes count (`keep_assignment_if_…`).
///
/// Only who sent the action lets go: somebody who has been given the record in the meantime keeps
/// it, where OpenCRVS would take it from them.
#[must_use]
pub fn releases(event: &EventDocument, action: &Action, outcome: ActionStatus) -> bool {
    let wishes = KeepAssignment {
        keep_assignment: None,
        keep_assignment_if_accepted: action.keep_assignment_if_accepted,
        keep_assignment_if_rejected: action.keep_assignment_if_rejected,
    };
    action.action_type.is_write()
        && action.created_by_user_type == UserType::User
        && !wishes.after(outcome)
        && assigned_to(event) == Some(action.created_by.as_str())
}
