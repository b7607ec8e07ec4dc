//! The flags on a record: what waits or was refused, what its history implies, and the country's
//! own.

use std::{collections::HashSet, mem::take};

use forms::{ActionConfig, ActionType, Conditional, Context, EventConfig, FlagOperation};
use serde_json::json;

use crate::{
    Action, ActionStatus, Declaration, EventDocument, UserType,
    accepted::{annotated, declared, in_time},
};

/// A flag that follows from a record's history whatever the configuration says, though the
/// configuration of an action may take it off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum InherentFlag {
    CorrectionRequested,
    Incomplete,
    Rejected,
    PotentialDuplicate,
    EditInProgress,
}

/// What an action does to an inherent flag.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    PutsOn,
    TakesOff,
    Leaves,
}

impl InherentFlag {
    /// All of them, in the order they are listed on a record.
    pub const ALL: [Self; 5] = [
        Self::CorrectionRequested,
        Self::Incomplete,
        Self::Rejected,
        Self::PotentialDuplicate,
        Self::EditInProgress,
    ];

    /// The spelling on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CorrectionRequested => "correction-requested",
            Self::Incomplete => "incomplete",
            Self::Rejected => "rejected",
            Self::PotentialDuplicate => "potential-duplicate",
            Self::EditInProgress => "edit-in-progress",
        }
    }

    fn effect(self, action: ActionType) -> Effect {
        use ActionType::{
            ApproveCorrection, Archive, Create, Declare, DuplicateDetected, Edit, MarkAsDuplicate,
            MarkAsNotDuplicate, Notify, Register, Reject, RejectCorrection, RequestCorrection,
        };
        match (self, action) {
            (Self::CorrectionRequested, RequestCorrection)
            | (Self::Incomplete, Notify)
            | (Self::Rejected, Reject)
            | (Self::PotentialDuplicate, DuplicateDetected)
            | (Self::EditInProgress, Edit) => Effect::PutsOn,
            (Self::CorrectionRequested, ApproveCorrection | RejectCorrection)
            | (Self::Incomplete, Create | Declare | Register | Archive)
            | (Self::Rejected, Notify | Declare | Edit | Register)
            | (Self::PotentialDuplicate, MarkAsDuplicate | MarkAsNotDuplicate)
            | (Self::EditInProgress, _) => Effect::TakesOff,
            _ => Effect::Leaves,
        }
    }
}

/// All flags: of actions, inherent, the country's own; in that order.
pub(super) fn flags(event: &EventDocument, config: &EventConfig) -> Vec<String> {
    let mut actions = in_time(event);
    actions.retain(|action| {
        !matches!(
            action.action_type,
            ActionType::Assign | ActionType::Unassign | ActionType::Read
        )
    });
    let mut flags = action_flags(&actions);

    actions.retain(|action| action.status == ActionStatus::Accepted);
    let mut inherent = [false; InherentFlag::ALL.len()];
    let mut own: Vec<&str> = Vec::new();
    let mut history = History::new(event);
    for (at, action) in actions.iter().enumerate() {
        history.add(&actions[..=at]);
        let configured = governing(config, action);
        let changes: Vec<_> = configured
            .map(ActionConfig::flags)
            .unwrap_or_default()
            .iter()
            .filter(|change| {
                change
                    .conditional
                    .as_ref()
                    .is_none_or(|when| history.meets(when, action))
            })
            .collect();
        let takes_off = |id: &str| {
            changes
                .iter()
                .any(|change| change.operation == FlagOperation::Remove && change.id == id)
        };

        for (flag, on) in InherentFlag::ALL.into_iter().zip(&mut inherent) {
            match flag.effect(action.action_type) {
                Effect::PutsOn => *on = true,
                Effect::TakesOff => *on = false,
                Effect::Leaves => *on = *on && !takes_off(flag.as_str()),
            }
        }
        for change in &changes {
            if change.operation == FlagOperation::Add && !own.contains(&change.id.as_str()) {
                own.push(&change.id);
            }
        }
        own.retain(|id| !takes_off(id));
    }
    let inherent = InherentFlag::ALL
        .into_iter()
        .zip(inherent)
        .filter(|(_, on)| *on);
    flags.extend(inherent.map(|(flag, _)| flag.as_str().to_owned()));
    flags.extend(own.into_iter().map(str::to_owned));
    flags
}

/// `declare:requested`, `register:rejected`: per type of action what became of the last one,
/// unless it was accepted. In the order in which the types first came up.
fn action_flags(actions: &[&Action]) -> Vec<String> {
    let mut last: Vec<(ActionType, ActionStatus)> = Vec::new();
    for action in actions {
        match last
            .iter_mut()
            .find(|(known, _)| *known == action.action_type)
        {
            Some((_, status)) => *status = action.status,
            None => last.push((action.action_type, action.status)),
        }
    }
    let word = |status| match status {
        ActionStatus::Requested => Some("requested"),
        ActionStatus::Rejected => Some("rejected"),
        ActionStatus::Accepted => None,
    };
    last.into_iter()
        .filter_map(|(kind, status)| Some(format!("{}:{}", kind.as_str(), word(status)?)))
        .map(|flag| flag.to_lowercase())
        .collect()
}

/// The configuration whose flags an action changes. The answers to a correction go by the
/// request's configuration in everything else, but change no flags.
fn governing<'a>(config: &'a EventConfig, action: &Action) -> Option<&'a ActionConfig> {
    match action.action_type {
        ActionType::ApproveCorrection | ActionType::RejectCorrection => None,
        kind => config.action(kind, action.custom_action_type.as_deref()),
    }
}

/// The form as it stood after each action, which is what conditional flags are decided on.
struct History<'a> {
    event: &'a EventDocument,
    declaration: Declaration,
    annotation: Declaration,
}

impl<'a> History<'a> {
    fn new(event: &'a EventDocument) -> Self {
        Self {
            event,
            declaration: Declaration::new(),
            annotation: Declaration::new(),
        }
    }

    /// Adds the last of these accepted actions.
    fn add(&mut self, until: &[&'a Action]) {
        let Some(last) = until.last().copied() else {
            return;
        };
        let declaration = take(&mut self.declaration);
        self.declaration = declared(self.event, until, declaration, last);
        self.annotation = annotated(self.event, take(&mut self.annotation), last);
    }

    /// Whether a condition held on the day of the action, for the one who took it.
    fn meets(&self, condition: &Conditional, action: &Action) -> bool {
        let mut form = self.declaration.clone();
        form.extend(self.annotation.clone());
        let mut user = json!({
            "sub": "", "exp": "", "algorithm": "", "scope": [],
            "userType": match action.created_by_user_type {
                UserType::User => "user",
                UserType::System => "system",
            },
        });
        if let Some(role) = &action.created_by_role {
            user["role"] = json!(role);
        }
        let today = action.created_at.split('T').next().unwrap_or_default();
        condition.holds(&Context {
            form: &form,
            now: today,
            online: true,
            user: Some(&user),
            leaf_locations: &HashSet::new(),
            flags: None,
            status: None,
            event: None,
        })
    }
}
