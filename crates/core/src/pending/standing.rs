//! How a pending action stands: its age, its deadline, and whether somebody must look at it.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use storage::{DeliveryState, PendingAction};

use crate::{
    actions::delivery_on_wire,
    configuration::{Deadlines, Patience},
};

/// Whether somebody must look at a pending action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Alert {
    /// Not yet.
    None,
    /// It waits longer than the country finds usual.
    Due,
    /// Its deadline has passed.
    Overdue,
}

impl Alert {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Due => "due",
            Self::Overdue => "overdue",
        }
    }
}

/// How a pending action stands at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// How long it waits.
    pub age: SignedDuration,
    /// Whether somebody must look at it.
    pub alert: Alert,
    /// When it is due.
    pub due_at: Timestamp,
    /// When its deadline passes, if it has one.
    pub deadline: Option<Timestamp>,
}

impl Standing {
    /// How an action that was requested then stands now, under this patience.
    #[must_use]
    pub fn of(requested_at: Timestamp, patience: &Patience, now: Timestamp) -> Self {
        let after = |length: SignedDuration| {
            let at = requested_at.checked_add(length);
            at.unwrap_or(Timestamp::MAX)
        };
        let due_at = after(patience.alert_after);
        let deadline = patience.deadline.as_ref().map(|it| after(it.after));
        let alert = if deadline.is_some_and(|deadline| deadline <= now) {
            Alert::Overdue
        } else if due_at <= now {
            Alert::Due
        } else {
            Alert::None
        };
        Self {
            age: now.duration_since(requested_at).max(SignedDuration::ZERO),
            alert,
            due_at,
            deadline,
        }
    }
}

/// A pending action as operators and the country see it: ids, times and words, nothing of what was
/// declared.
pub(super) fn on_wire(action: &PendingAction, deadlines: &Deadlines, now: Timestamp) -> Value {
    let patience = deadlines.of(&action.event_type, action.action_type);
    let standing = Standing::of(action.requested_at, patience, now);
    let deadline = patience.deadline.as_ref();
    let delivered = |state| state == DeliveryState::Delivered;
    json!({
        "eventId": action.event_id,
        "eventType": action.event_type,
        "trackingId": action.tracking_id,
        "actionId": action.action_id,
        "actionType": action.action_type,
        "customActionType": action.custom_action_type,
        "transactionId": action.transaction_id,
        "requestedBy": action.created_by,
        "requestedAt": world::iso(action.requested_at),
        "ageSeconds": standing.age.as_secs(),
        "alert": standing.alert,
        "dueAt": world::iso(standing.due_at),
        "deadline": standing.deadline.map(world::iso),
        "whenPassed": deadline.map(|deadline| deadline.when_passed.as_str()),
        "delivered": action.delivery.as_ref().is_some_and(|it| delivered(it.state)),
        "delivery": action.delivery.as_ref().map(delivery_on_wire),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::{Deadline, WhenPassed};

    #[test]
    fn an_action_is_due_from_its_alert_on_and_overdue_from_its_deadline_on() {
        let hours = SignedDuration::from_hours;
        let patience = Patience {
            alert_after: hours(2),
            deadline: Some(Deadline {
                after: hours(5),
                when_passed: WhenPassed::Alert,
                reason: String::new(),
            }),
        };
        let requested_at = Timestamp::UNIX_EPOCH;
        let at = |age| Standing::of(requested_at, &patience, requested_at + age).alert;
        let moment = SignedDuration::from_millis(1);
        assert_eq!(at(hours(2) - moment), Alert::None);
        assert_eq!(at(hours(2)), Alert::Due);
        assert_eq!(at(hours(5) - moment), Alert::Due);
        assert_eq!(at(hours(5)), Alert::Overdue);
        assert_eq!(
            Standing::of(requested_at, &patience, requested_at - moment).age,
            SignedDuration::ZERO,
            "of a node whose clock is behind"
        );
    }
}
