//! What may be done next with a record, given where it stands.

use std::fmt;

use forms::{ActionType, Context, EventConfig};
use serde::{Serialize, Serializer};

use crate::{EventIndex, EventStatus, InherentFlag};

/// Something that may be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AvailableAction {
    /// An action.
    Action(ActionType),
    /// What clients call looking at a correction request before it is approved or rejected.
    ReviewCorrectionRequest,
}

impl AvailableAction {
    /// The spelling on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Action(action) => action.as_str(),
            Self::ReviewCorrectionRequest => "REVIEW_CORRECTION_REQUEST",
        }
    }
}

impl fmt::Display for AvailableAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for AvailableAction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Why an action may not be taken now. Clients rely on the messages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The record's state does not allow it.
    #[error(
        "Action '{action}' cannot be performed on an event in '{status}' state with [{}] flags. \
         Available actions: {}.",
        flags.join(", "),
        joined(available)
    )]
    NotNow {
        /// What was asked for.
        action: ActionType,
        /// Where the record stands.
        status: EventStatus,
        /// Its flags.
        flags: Vec<String>,
        /// What may be done instead.
        available: Vec<AvailableAction>,
    },
    /// The country's own conditions for the action do not hold.
    #[error("Conditions for action: {action} were not met, action cannot be performed")]
    ConditionsNotMet {
        /// What was asked for.
        action: ActionType,
    },
}

fn joined(actions: &[AvailableAction]) -> String {
    let names: Vec<&str> = actions.iter().map(|action| action.as_str()).collect();
    names.join(", ")
}

/// What may be done next with a record of this status and these flags, before the country's own
/// conditions are asked.
#[must_use]
pub fn available_actions(status: EventStatus, flags: &[String]) -> Vec<AvailableAction> {
    let has = |flag: InherentFlag| flags.iter().any(|known| known == flag.as_str());
    let waiting = flags.iter().any(|flag| flag.ends_with(":requested"));
    by_status(status, &has)
        .iter()
        .copied()
        .filter(|available| {
            use ActionType::{
                ApproveCorrection, Archive, Custom, Edit, MarkAsDuplicate, PrintCertificate,
                Register, Reject, RejectCorrection, RequestCorrection,
            };
            use AvailableAction::{Action, ReviewCorrectionRequest};
            match available {
                Action(PrintCertificate | RequestCorrection) => {
                    !waiting && !has(InherentFlag::CorrectionRequested)
                }
                Action(ApproveCorrection | RejectCorrection) | ReviewCorrectionRequest => {
                    !waiting && has(InherentFlag::CorrectionRequested)
                }
                Action(MarkAsDuplicate) => !waiting && has(InherentFlag::PotentialDuplicate),
                Action(Edit | Register) => !waiting && !has(InherentFlag::PotentialDuplicate),
                Action(Reject) => !waiting && !has(InherentFlag::Rejected),
                Action(Archive | Custom) => !waiting,
                Action(_) => true,
            }
        })
        .collect()
}

/// Whether the record allows the action now, and the country's own conditions for it hold: those
/// of its configuration's first SHOW and first ENABLE. `custom` says which CUSTOM action it is.
///
/// `around` gives the day, the person and the places; its form, flags and status are replaced by
/// the record's.
///
/// # Errors
/// Says which of the two it was, in words clients know.
pub fn allowed(
    index: &EventIndex,
    config: &EventConfig,
    action: ActionType,
    custom: Option<&str>,
    around: &Context<'_>,
) -> Result<(), Refusal> {
    let available = available_actions(index.status, &index.flags);
    if !available.contains(&AvailableAction::Action(action)) {
        let flags = index.flags.clone();
        return Err(Refusal::NotNow {
            action,
            status: index.status,
            flags,
            available,
        });
    }
    let context = Context {
        form: &index.declaration,
        flags: Some(&index.flags),
        status: Some(index.status.as_str()),
        ..*around
    };
    match config.action(action, custom) {
        Some(configured) if !configured.is_available(&context) => {
            Err(Refusal::ConditionsNotMet { action })
        }
        _ => Ok(()),
    }
}

/// What a status offers. The order is part of the protocol: clients show and compare it.
fn by_status(
    status: EventStatus,
    has: &impl Fn(InherentFlag) -> bool,
) -> &'static [AvailableAction] {
    use ActionType::{
        ApproveCorrection, Archive, Custom, Declare, Delete, Edit, MarkAsDuplicate, Notify,
        PrintCertificate, Read, Register, Reject, RejectCorrection, RequestCorrection,
    };
    use AvailableAction::{Action, ReviewCorrectionRequest};

    // An edit is the first half of declaring, notifying or registering anew.
    if has(InherentFlag::EditInProgress) {
        return &[Action(Notify), Action(Declare), Action(Register)];
    }
    if has(InherentFlag::Rejected) && status != EventStatus::Archived {
        return &[
            Action(Read),
            Action(Notify),
            Action(Custom),
            Action(Edit),
            Action(Archive),
        ];
    }
    match status {
        EventStatus::Created => &[
            Action(Read),
            Action(Declare),
            Action(Notify),
            Action(Delete),
            Action(Custom),
        ],
        EventStatus::Notified => &[
            Action(Read),
            Action(Edit),
            Action(MarkAsDuplicate),
            Action(Archive),
            Action(Reject),
            Action(Custom),
        ],
        EventStatus::Declared => &[
            Action(Read),
            Action(Register),
            Action(MarkAsDuplicate),
            Action(Archive),
            Action(Reject),
            Action(Custom),
            Action(Edit),
        ],
        EventStatus::Registered => &[
            Action(Read),
            Action(PrintCertificate),
            Action(RequestCorrection),
            Action(ApproveCorrection),
            Action(RejectCorrection),
            Action(Custom),
            ReviewCorrectionRequest,
        ],
        EventStatus::Archived => &[Action(Read), Action(Custom)],
    }
}
