//! The flags on a record: what waits or was refused, what its history implies, and the country's
//! own.

use std::{borrow::Cow, cell::OnceCell, collections::HashSet};

use forms::{
    ActionConfig, ActionType, Conditional, Context, EventConfig, FlagChange, FlagOperation,
};
use serde_json::{Value, json};

use crate::{Action, ActionStatus, Declaration, UserType, accepted::Answers};

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

/// `declare:requested`, `register:rejected`: per type of action what became of the last one,
/// unless it was accepted. In the order in which the types first came up.
pub(super) fn of_actions(actions: &[&Action]) -> Vec<String> {
    let mut last: Vec<(ActionType, ActionStatus)> = Vec::with_capacity(actions.len());
    for action in actions.iter().filter(|action| !is_about_holding(action)) {
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
        .map(|mut flag| {
            flag.make_ascii_lowercase();
            flag
        })
        .collect()
}

/// Who holds or looked at a record says nothing about it.
const fn is_about_holding(action: &Action) -> bool {
    matches!(
        action.action_type,
        ActionType::Assign | ActionType::Unassign | ActionType::Read
    )
}

/// The flags that accepted actions leave on a record: inherent ones, and the country's own.
pub(super) struct LastingFlags<'a> {
    config: &'a EventConfig,
    inherent: [bool; InherentFlag::ALL.len()],
    own: Vec<&'a str>,
}

impl<'a> LastingFlags<'a> {
    /// Those of a record to which nothing was done yet.
    pub(super) fn of(config: &'a EventConfig) -> Self {
        Self {
            config,
            inherent: [false; InherentFlag::ALL.len()],
            own: Vec::new(),
        }
    }

    /// What the next accepted action does to them; `answers` are those with the action's own.
    pub(super) fn add(&mut self, action: &Action, answers: &Answers<'_>) {
        if is_about_holding(action) {
            return;
        }
        let moment = Moment::new(action, answers);
        let changes: Vec<&FlagChange> = governing(self.config, action)
            .map(ActionConfig::flags)
            .unwrap_or_default()
            .iter()
            .filter(|change| {
                let when = change.conditional.as_ref();
                when.is_none_or(|when| moment.meets(when))
            })
            .collect();
        let takes_off = |id: &str| {
            changes
                .iter()
                .any(|change| change.operation == FlagOperation::Remove && change.id == id)
        };

        for (flag, on) in InherentFlag::ALL.into_iter().zip(&mut self.inherent) {
            match flag.effect(action.action_type) {
                Effect::PutsOn => *on = true,
                Effect::TakesOff => *on = false,
                Effect::Leaves => *on = *on && !takes_off(flag.as_str()),
            }
        }
        for change in &changes {
            if change.operation == FlagOperation::Add && !self.own.contains(&change.id.as_str()) {
                self.own.push(&change.id);
            }
        }
        self.own.retain(|id| !takes_off(id));
    }

    /// Lists them after those that are there: the inherent ones, then the country's own.
    pub(super) fn list(self, flags: &mut Vec<String>) {
        let inherent = InherentFlag::ALL.into_iter().zip(self.inherent);
        let inherent = inherent
            .filter(|(_, on)| *on)
            .map(|(flag, _)| flag.as_str());
        flags.extend(inherent.chain(self.own).map(str::to_owned));
    }
}

/// The configuration whose flags an action changes. The answers to a correction go by the
/// request's configuration in everything else, but change no flags.
fn governing<'a>(config: &'a EventConfig, action: &Action) -> Option<&'a ActionConfig> {
    match action.action_type {
        ActionType::ApproveCorrection | ActionType::RejectCorrection => None,
        kind => config.action(kind, action.custom_action_type.as_deref()),
    }
}

/// What conditions on flags are decided on: the form as an action left it, and who took the action
/// on which day. Most flags have no condition, so it is made ready when the first one asks.
struct Moment<'a> {
    action: &'a Action,
    answers: &'a Answers<'a>,
    ready: OnceCell<(Cow<'a, Declaration>, Value)>,
}

impl<'a> Moment<'a> {
    fn new(action: &'a Action, answers: &'a Answers<'a>) -> Self {
        Self {
            action,
            answers,
            ready: OnceCell::new(),
        }
    }

    fn meets(&self, condition: &Conditional) -> bool {
        let (form, user) = self.ready.get_or_init(|| (self.form(), self.user()));
        let day = self.action.created_at.split('T').next();
        condition.holds(&Context {
            form,
            now: day.unwrap_or_default(),
            online: true,
            user: Some(user),
            leaf_locations: &HashSet::new(),
            flags: None,
            status: None,
            event: None,
        })
    }

    fn form(&self) -> Cow<'a, Declaration> {
        let Answers {
            declaration,
            annotation,
            ..
        } = self.answers;
        if annotation.is_empty() {
            return Cow::Borrowed(declaration);
        }
        let mut form = declaration.clone();
        form.extend(annotation.clone());
        Cow::Owned(form)
    }

    fn user(&self) -> Value {
        let mut user = json!({
            "sub": "", "exp": "", "algorithm": "", "scope": [],
            "userType": match self.action.created_by_user_type {
                UserType::User => "user",
                UserType::System => "system",
            },
        });
        if let Some(role) = &self.action.created_by_role {
            user["role"] = json!(role);
        }
        user
    }
}
