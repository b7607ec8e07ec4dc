//! Applying the country's decision to a pending action, exactly once.

use jiff::Timestamp;
use records::{
    Action, ActionId, ActionStatus, ActionType, Declaration, EventDocument, EventId,
    KeepAssignment, Resolution, UserType,
};
use serde_json::{Value, json};
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
    /// Ties the decision to everything else about the action.
    pub correlation: String,
}

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
    pub(super) async fn decide(
        &self,
        event_id: EventId,
        action_id: ActionId,
        decision: &Decision,
        decider: &Decider,
        attempt: Option<AttemptResult>,
    ) -> Result<Decided, ApiError> {
        for _ in 0..CHANGE_TRIES {
            let stored = self.store.record(event_id).await?;
            let StoredEvent { document, version } = stored.ok_or_else(|| not_found(event_id))?;
            let request = document
                .action(action_id)
                .filter(|action| action.status == ActionStatus::Requested)
                .ok_or_else(|| ApiError::new(ErrorCode::NotFound, "Action not found."))?;
            let accepts = matches!(decision, Decision::Accept(_));
            match records::resolution(&document, action_id) {
                Resolution::Unresolved => {}
                Resolution::Accepted(decided) if accepts => {
                    return Ok(Decided::Before(Box::new(as_decided(&document, decided))));
                }
                Resolution::Rejected(decided) if !accepts => {
                    return Ok(Decided::Before(Box::new(as_decided(&document, decided))));
                }
                Resolution::Accepted(other) | Resolution::Rejected(other) => {
                    return Ok(Decided::Against(Box::new(other.clone())));
                }
            }
            let mut actions = self.resolving_actions(&document, request, decision, decider);
            let audit = self.audit_of(&document, request, decision, decider);
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
                    .find_duplicates(&document, &decided, request.action_type)
                    .await?;
                let decision = actions.first().zip(found.content());
                let detected =
                    decision.map(|(cause, content)| detected(self, &document, cause, content));
                decided.actions.extend(detected.clone());
                actions.extend(detected);
                looked_for = found.looked_for;
            }
            if let Some(last) = decided.actions.last() {
                decided.updated_at.clone_from(&last.created_at);
            }
            let change = Change {
                event_id,
                expected_version: version,
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
                    self.count_resolved(&document, request);
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
                action.content = reason.as_ref().map(|reason| json!({ "reason": reason }));
            }
        }
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
            declaration: Some(Declaration::new()),
            annotation: None,
            original_action_id: None,
            registration_number: None,
            request_id: None,
            custom_action_type: None,
            content: None,
            ..action.clone()
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
            Some(by) if by.user_type == UserType::System => (by.id.as_str(), "system"),
            Some(by) => (by.id.as_str(), "user"),
            None => ("country-config", "core"),
        };
        let details = json!({
            "actionType": request.action_type,
            "actionId": request.id,
            "onBehalfOf": request.created_by,
            "eventType": document.event_type,
            "trackingId": document.tracking_id,
            "transactionId": request.transaction_id,
        });
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

/// The conflict that says who decided otherwise, how and when.
pub(super) fn decided_otherwise(other: &Action) -> ApiError {
    let how = match other.status {
        ActionStatus::Accepted => "accepted",
        _ => "rejected",
    };
    ApiError::new(
        ErrorCode::Conflict,
        format!("Action has already been {how}."),
    )
    .with_details(json!({
        "resolution": how,
        "resolvedBy": other.created_by,
        "resolvedByUserType": other.created_by_user_type,
        "resolvedAt": other.created_at,
    }))
}
