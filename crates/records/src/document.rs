//! A record as it travels: the event document and its append-only actions.

use forms::ActionType;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ids::{ActionId, EventId};

/// Field values by field id; a `null` clears the field.
pub type Declaration = Map<String, Value>;

/// Where an action stands with the country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ActionStatus {
    /// Written down, waiting for country config.
    Requested,
    /// Approved: its effects apply.
    Accepted,
    /// Refused: it counts as if it had never been.
    Rejected,
}

/// Who acts: a person, or a system client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum UserType {
    User,
    System,
}

/// One action on a record. A resolution is an action of its own whose `original_action_id` names
/// the one it resolves; nothing is ever updated in place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the protocol's own names")]
pub struct Action {
    pub id: ActionId,
    pub transaction_id: String,
    #[serde(rename = "type")]
    pub action_type: ActionType,
    pub status: ActionStatus,
    /// ISO 8601, UTC, milliseconds.
    pub created_at: String,
    pub created_by: String,
    pub created_by_user_type: UserType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by_role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by_signature: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at_location: Option<String>,
    /// Absent on an action rejected after the fact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<Declaration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotation: Option<Declaration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_action_id: Option<ActionId>,
    /// ASSIGN: who holds the record from here on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<String>,
    /// REGISTER.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
    /// APPROVE_CORRECTION and REJECT_CORRECTION: the correction request they answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// CUSTOM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_action_type: Option<String>,
    /// `{reason}`, `{comment}`, `{templateId}`, `{duplicates}`, `{duplicateOf}` or
    /// `{immediateCorrection}`, by type; on a Rejected action `{reason}` says why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Value>,
    /// On a Requested action: whether the person stays assigned once it is accepted. The decision
    /// may come days later, so the wish is written down with the action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_assignment_if_accepted: Option<bool>,
    /// The same for once it is rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_assignment_if_rejected: Option<bool>,
}

impl Action {
    /// An action with nothing in it yet; of whoever takes it only their id and what they are.
    #[must_use]
    pub fn empty(
        id: ActionId,
        transaction_id: String,
        action_type: ActionType,
        status: ActionStatus,
        created_at: String,
        created_by: String,
        created_by_user_type: UserType,
    ) -> Self {
        Self {
            id,
            transaction_id,
            action_type,
            status,
            created_at,
            created_by,
            created_by_user_type,
            created_by_role: None,
            created_by_signature: None,
            created_at_location: None,
            declaration: Some(Declaration::new()),
            annotation: None,
            original_action_id: None,
            assigned_to: None,
            registration_number: None,
            request_id: None,
            custom_action_type: None,
            content: None,
            keep_assignment_if_accepted: None,
            keep_assignment_if_rejected: None,
        }
    }

    /// The same with nothing in it: what else its maker does goes on from there.
    #[must_use]
    pub fn emptied(self) -> Self {
        Self {
            created_by_role: self.created_by_role,
            created_by_signature: self.created_by_signature,
            created_at_location: self.created_at_location,
            ..Self::empty(
                self.id,
                self.transaction_id,
                self.action_type,
                self.status,
                self.created_at,
                self.created_by,
                self.created_by_user_type,
            )
        }
    }
}

/// A whole record: what it is, and everything that was ever done to it, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventDocument {
    /// The record's id.
    pub id: EventId,
    /// The event type of the country's configuration, such as `birth`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// ISO 8601, UTC, milliseconds.
    pub created_at: String,
    /// ISO 8601, UTC, milliseconds: when the last action was written.
    pub updated_at: String,
    /// Six characters of `0-9A-Z`, for people.
    pub tracking_id: String,
    /// Oldest first.
    pub actions: Vec<Action>,
}

impl EventDocument {
    /// The action with this id.
    #[must_use]
    pub fn action(&self, id: ActionId) -> Option<&Action> {
        self.actions.iter().find(|action| action.id == id)
    }

    /// The action that resolved `id`, if any has.
    #[must_use]
    pub fn resolution_of(&self, id: ActionId) -> Option<&Action> {
        self.actions
            .iter()
            .find(|action| action.original_action_id == Some(id))
    }

    /// The record as it stood when `id` was its last action: what a delivery of that action
    /// sends, however late. `None` when the record has no such action.
    #[must_use]
    pub fn as_of(&self, id: ActionId) -> Option<Self> {
        let last = self.actions.iter().position(|action| action.id == id)?;
        let mut earlier = self.clone();
        earlier.actions.truncate(last + 1);
        earlier
            .updated_at
            .clone_from(&earlier.actions[last].created_at);
        Some(earlier)
    }
}
