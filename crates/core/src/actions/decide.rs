//! Applying the country's decision to a pending action, exactly once.

use std::sync::Arc;

use jiff::Timestamp;
use records::{
    Action, ActionId, ActionStatus, ActionType, Declaration, EventDocument, EventId,
    KeepAssignment, Resolution, UserType,
};
use serde_json::{Map, Value, json};
use storage::{AttemptResult, Change, Committed, StoredEvent};

use super::{
    duplicates::detected,
    record::not_found,
    request::{CHANGE_TRIES, busy, operation},
};
use crate::{
    Core,
    error::{ApiError, ErrorCode},
};

/// What the country decided.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// The action applies, with what the country adds to it.
    Accept(Box<Acceptance>),
    /// The action counts as if it had never been.
    Reject {
        /// Shown to whoever asked.
        reason: Option<String>,
    },
}

/// What the country adds to an action that it accepts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Acceptance {
    /// Merged over what was declared.
    pub declaration: Option<Declaration>,
    /// Merged over what was annotated.
    pub annotation: Option<Declaration>,
    /// REGISTER.
    pub registration_number: Option<String>,
    /// Replaces what was requested, key by key.
    pub content: Option<Value>,
}

/// On whose behalf a decision is written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Decider {
    /// Who; `None`: whoever asked for the action (country config answered the trigger).
    pub by: Option<DecidedBy>,
    /// The transaction of the decision; `None`: that of the request.
    pub transaction_id: Option<String>,
    /// What is wished about assignment; what the request says comes second.
    pub keep: KeepAssignment,
    /// How it came about; kept with the decision where the country did not decide.
    pub how: How,
    /// Ties the decision to everything else about the action.
    pub correlation: String,
}

/// How a decision came about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum How {
    /// The country decided.
    #[default]
    Country,
    /// An operator decided by hand.
    ByHand {
        /// Why.
        reason: String,
        /// Refused so that whoever asked may put it right and ask again.
        handed_back: bool,
    },
    /// The country's deadline has passed, and the country has said what follows.
    Deadline {
        /// Why, as the country words it.
        reason: String,
    },
}

impl How {
    /// What the decision's content says of it: the reason, and that it was not the country's.
    fn told(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Country => Vec::new(),
            Self::ByHand {
                reason,
                handed_back,
            } => {
                let mut told = vec![("reason", json!(reason)), (BY_HAND, json!(true))];
                told.extend(handed_back.then_some((HANDED_BACK, json!(true))));
                told
            }
            Self::Deadline { reason } => {
                vec![("reason", json!(reason)), (DEADLINE_PASSED, json!(true))]
            }
        }
    }

    /// Puts that into a decision's content, beside what is there. A reason that is there already
    /// is the one that was requested (why a declaration is rejected, say), and stays.
    fn tell(&self, content: &mut Option<Value>) {
        let told = self.told();
        if let Some(Value::Object(fields)) = content {
            // Nobody can claim these for themselves.
            for name in [BY_HAND, HANDED_BACK, DEADLINE_PASSED, DECISION_REASON] {
                fields.shift_remove(name);
            }
        }
        if told.is_empty() {
            return;
        }
        let mut fields = match content.take() {
            Some(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        for (name, value) in told {
            let name = match name {
                "reason" if fields.contains_key(name) => DECISION_REASON,
                name => name,
            };
            fields.insert(name.to_owned(), value);
        }
        *content = Some(Value::Object(fields));
    }
}

/// In a decision's content: an operator decided.
pub(crate) const BY_HAND: &str = "byHand";
/// In a decision's content: it was refused so that it may be put right and asked for again.
pub(crate) const HANDED_BACK: &str = "handedBack";
/// In a decision's content: the country's deadline has passed.
pub(crate) const DEADLINE_PASSED: &str = "deadlinePassed";
/// In a decision's content: why it was decided so, where `reason` says why the action was asked for.
pub(crate) const DECISION_REASON: &str = "decisionReason";

/// Under this name Core decides by itself.
pub(crate) const CORE: &str = "core";

/// The caller that a decision is written down under, as the fields of its action have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedBy {
    pub id: String,
    pub user_type: UserType,
    pub role: Option<String>,
    pub location: Option<String>,
    pub signature: Option<String>,
}

/// What became of a decision.
#[derive(Debug, Clone, PartialEq)]
pub enum Decided {
    /// It is applied.
    Now(Box<EventDocument>),
    /// The same decision had been applied before; nothing changed. The record is as that decision
    /// left it.
    Before(Box<EventDocument>),
    /// The opposite had been decided before, by this action; nothing changed.
    Against(Box<Action>),
    /// The attempt that brought it no longer holds its claim; nothing changed.
    ClaimLost,
}

impl Core {
    /// Decides a pending action. Whoever commits first wins; everyone else learns what happened.
    ///
    /// # Errors
    /// 404 when there is no such record or action, 409 when the registration number is taken, or
    /// the store's failure.
    pub(crate) async fn decide(
        &self,
        event_id: EventId,
        action_id: ActionId,
        decision: &Decision,
        decider: &Decider,
        attempt: Option<AttemptResult>,
    ) -> Result<Decided, ApiError> {
        // The answer to the first attempt comes just after the request was committed, and most
        // often the record is still as it was then.
        let mut carried = attempt
            .as_ref()
            .and_then(|_| self.carried.take_asked(action_id));
        for _ in 0..CHANGE_TRIES {
            let stored = match carried.take() {
                Some(stored) => stored,
                None => {
                    let stored = self.store.record(event_id).await?;
                    Arc::new(stored.ok_or_else(|| not_found(event_id))?)
                }
            };
            let StoredEvent { document, version } = stored.as_ref();
            let request = document
                .action(action_id)
                .filter(|action| action.status == ActionStatus::Requested)
                .ok_or_else(|| ApiError::new(ErrorCode::NotFound, "Action not found."))?;
            let accepts = matches!(decision, Decision::Accept(_));
            let resolution = records::resolution(document, action_id);
            if resolution != Resolution::Unresolved {
                // Whoever is told so believes it, and never asks again.
                self.store.make_durable().await?;
            }
            match resolution {
                Resolution::Unresolved => {}
                Resolution::Accepted(decided) if accepts => {
                    return Ok(Decided::Before(Box::new(as_decided(document, decided))));
                }
                Resolution::Rejected(decided) if !accepts => {
                    return Ok(Decided::Before(Box::new(as_decided(document, decided))));
                }
                Resolution::Accepted(other) | Resolution::Rejected(other) => {
                    return Ok(Decided::Against(Box::new(other.clone())));
                }
            }
            let mut actions = self.resolving_actions(document, request, decision, decider);
            let audit = self.audit_of(document, request, decision, decider);
            let mut decided = document.clone();
            decided.actions.extend(actions.iter().cloned());
            let mut looked_for = None;
            if accepts
                && matches!(
                    request.action_type,
                    ActionType::Declare | ActionType::Notify
                )
            {
                let found = self
                    .find_duplicates(document, &decided, request.action_type)
                    .await?;
                let decision = actions.first().zip(found.content());
                let detected =
                    decision.map(|(cause, content)| detected(self, document, cause, content));
                decided.actions.extend(detected.clone());
                actions.extend(detected);
                looked_for = found.looked_for;
            }
            if let Some(last) = decided.actions.last() {
                decided.updated_at.clone_from(&last.created_at);
            }
            let change = Change {
                event_id,
                expected_version: *version,
                actions,
                projection: Some(crate::search::projection(self, &decided)?),
                delivery: None,
                closes_delivery_of: attempt.is_none().then_some(action_id),
                looked_for,
                attempt: attempt.clone(),
                audit,
            };
            match self.store.commit(change).await? {
                Committed::At { .. } => {
                    self.count_resolved(document, request);
                    self.stream.happened(event_id, request);
                    return Ok(Decided::Now(Box::new(decided)));
                }
                Committed::Stale => {}
                Committed::ClaimLost => return Ok(Decided::ClaimLost),
            }
        }
        Err(busy())
    }

    /// From the request to its decision.
    fn count_resolved(&self, document: &EventDocument, request: &Action) {
        if let Ok(requested_at) = request.created_at.parse::<Timestamp>() {
            let took = self.world.now().duration_since(requested_at);
            metrics::histogram!(
                "countersign_action_resolved_seconds",
                "event" => document.event_type.clone(),
                "action" => request.action_type.as_str(),
            )
            .record(took.as_secs_f64().max(0.0));
        }
    }

    /// The Accepted or Rejected action, and the letting go of the record where that follows.
    fn resolving_actions(
        &self,
        document: &EventDocument,
        request: &Action,
        decision: &Decision,
        decider: &Decider,
    ) -> Vec<Action> {
        let now = self.moment_after(&document.actions);
        let mut action = Action {
            id: self.world.new_id().into(),
            created_at: now,
            original_action_id: Some(request.id),
            annotation: None,
            keep_assignment_if_accepted: None,
            keep_assignment_if_rejected: None,
            ..request.clone()
        };
        if let Some(by) = &decider.by {
            action.created_by.clone_from(&by.id);
            action.created_by_user_type = by.user_type;
            action.created_by_role.clone_from(&by.role);
            action.created_by_signature.clone_from(&by.signature);
            action.created_at_location.clone_from(&by.location);
        }
        match decision {
            Decision::Accept(added) => {
                action.status = ActionStatus::Accepted;
                action.declaration = Some(added.declaration.clone().unwrap_or_default());
                action.annotation.clone_from(&added.annotation);
                if added.registration_number.is_some() {
                    action
                        .registration_number
                        .clone_from(&added.registration_number);
                }
                if added.content.is_some() {
                    action.content.clone_from(&added.content);
                }
            }
            Decision::Reject { reason } => {
                action.status = ActionStatus::Rejected;
                // The protocol leaves it away where a callback refused.
                action.declaration = decider.by.is_none().then(Declaration::new);
                action.registration_number = None;
                action.content = match decider.how {
                    How::Country => reason.as_ref().map(|reason| json!({ "reason": reason })),
                    How::ByHand { .. } | How::Deadline { .. } => None,
                };
            }
        }
        decider.how.tell(&mut action.content);
        // Whoever reuses an id must not be refused a decision for it.
        let free = |id: &&String| {
            !document.actions.iter().any(|other| {
                other.transaction_id == **id
                    && other.action_type == action.action_type
                    && other.status == action.status
            })
        };
        let wished = decider.transaction_id.iter();
        action.transaction_id = wished
            .chain([&request.transaction_id])
            .find(free)
            .map_or_else(|| self.world.new_id().to_string(), String::clone);
        let mut wishing = request.clone();
        let KeepAssignment {
            keep_assignment,
            keep_assignment_if_accepted,
            keep_assignment_if_rejected,
        } = decider.keep;
        let wish = |own: Option<bool>, asked| own.or(keep_assignment).or(asked);
        wishing.keep_assignment_if_accepted = wish(
            keep_assignment_if_accepted,
            request.keep_assignment_if_accepted,
        );
        wishing.keep_assignment_if_rejected = wish(
            keep_assignment_if_rejected,
            request.keep_assignment_if_rejected,
        );
        let released = records::releases(document, &wishing, action.status);
        let unassign = released.then(|| Action {
            id: self.world.new_id().into(),
            action_type: ActionType::Unassign,
            status: ActionStatus::Accepted,
            ..action.clone().emptied()
        });
        std::iter::once(action).chain(unassign).collect()
    }

    fn audit_of(
        &self,
        document: &EventDocument,
        request: &Action,
        decision: &Decision,
        decider: &Decider,
    ) -> Vec<storage::AuditEntry> {
        let step = match decision {
            Decision::Accept(_) => "accept",
            Decision::Reject { .. } => "reject",
        };
        let (client_id, client_type) = match &decider.by {
            Some(by) if by.id == CORE => (CORE, "core"),
            Some(by) if by.user_type == UserType::System => (by.id.as_str(), "system"),
            Some(by) => (by.id.as_str(), "user"),
            None => ("country-config", "core"),
        };
        let mut details = json!({
            "actionType": request.action_type,
            "actionId": request.id,
            "onBehalfOf": request.created_by,
            "eventType": document.event_type,
            "trackingId": document.tracking_id,
            "transactionId": request.transaction_id,
        });
        for (name, value) in decider.how.told() {
            details[name] = value;
        }
        vec![self.audit_entry_of(
            client_id,
            client_type,
            &operation(request.action_type, step),
            Some(document.id),
            details,
            &decider.correlation,
        )]
    }
}

/// The record as the decision left it, however much has happened since: whoever decided may learn
/// that again, and nothing more.
fn as_decided(document: &EventDocument, decision: &Action) -> EventDocument {
    let at = document
        .actions
        .iter()
        .position(|action| action.id == decision.id);
    let with_it = |next: &&Action| {
        let follows = match next.action_type {
            ActionType::Unassign => next.transaction_id == decision.transaction_id,
            kind => kind == ActionType::DuplicateDetected,
        };
        follows && next.created_at == decision.created_at
    };
    let after = at.and_then(|at| document.actions.get(at + 1..));
    let last = after
        .unwrap_or_default()
        .iter()
        .take_while(with_it)
        .last()
        .unwrap_or(decision)
        .id;
    document.as_of(last).unwrap_or_else(|| document.clone())
}

/// How an action was decided, by whom and when.
pub(crate) fn told_of(decision: &Action) -> Value {
    let mut told = json!({
        "resolution": match decision.status {
            ActionStatus::Accepted => "accepted",
            _ => "rejected",
        },
        "resolvedBy": decision.created_by,
        "resolvedByUserType": decision.created_by_user_type,
        "resolvedAt": decision.created_at,
    });
    let content = decision.content.as_ref();
    let part = |name: &str| content.and_then(|content| content.get(name)).cloned();
    for name in [BY_HAND, HANDED_BACK, DEADLINE_PASSED] {
        if let Some(value) = part(name) {
            told[name] = value;
        }
    }
    if let Some(reason) = reason_of(decision) {
        told["reason"] = reason.into();
    }
    told
}

/// Why an action was decided as it was, where somebody said so.
fn reason_of(decision: &Action) -> Option<&str> {
    let content = decision.content.as_ref()?;
    let own = |name: &str| content.get(name).is_some();
    let reason = if own(DECISION_REASON) {
        DECISION_REASON
    } else if decision.status == ActionStatus::Rejected || own(BY_HAND) || own(DEADLINE_PASSED) {
        "reason"
    } else {
        // The reason of an action that the country accepted is why it was asked for.
        return None;
    };
    content.get(reason)?.as_str()
}

/// The conflict that says who decided otherwise, how and when.
pub(crate) fn decided_otherwise(other: &Action) -> ApiError {
    let how = match other.status {
        ActionStatus::Accepted => "accepted",
        _ => "rejected",
    };
    ApiError::new(
        ErrorCode::Conflict,
        format!("Action has already been {how}."),
    )
    .with_details(told_of(other))
}
