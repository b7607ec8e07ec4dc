//! What Core's procedures take.

use records::{Action, ActionType, Declaration};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which kind of action a callback resolves, and what its procedure wants repeated.
///
/// OpenCRVS checks an accept against the whole input of the action it resolves, so the parts of
/// the request that have no default there travel along; Countersign ignores them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionShape {
    /// The kind of action.
    pub action_type: ActionType,
    /// CUSTOM: which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_action_type: Option<String>,
    /// APPROVE_CORRECTION and REJECT_CORRECTION: the request they answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The request's `content`, if it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Value>,
}

impl ActionShape {
    /// The shape of a requested action.
    #[must_use]
    pub fn of(action: &Action) -> Self {
        Self {
            action_type: action.action_type,
            custom_action_type: action.custom_action_type.clone(),
            request_id: action.request_id.clone(),
            content: action.content.clone(),
        }
    }

    /// A kind of action that has nothing to repeat, such as REGISTER.
    #[must_use]
    pub const fn plain(action_type: ActionType) -> Self {
        Self {
            action_type,
            custom_action_type: None,
            request_id: None,
            content: None,
        }
    }

    /// The group of procedures, such as `event.actions.correction.request`; `None` for actions
    /// that no country decides on.
    pub(super) const fn procedures(&self) -> Option<&'static str> {
        Some(match self.action_type {
            ActionType::Notify => "event.actions.notify",
            ActionType::Declare => "event.actions.declare",
            ActionType::Edit => "event.actions.edit",
            ActionType::Register => "event.actions.register",
            ActionType::Reject => "event.actions.reject",
            ActionType::Archive => "event.actions.archive",
            ActionType::PrintCertificate => "event.actions.printCertificate",
            ActionType::RequestCorrection => "event.actions.correction.request",
            ActionType::ApproveCorrection => "event.actions.correction.approve",
            ActionType::RejectCorrection => "event.actions.correction.reject",
            ActionType::Custom => "event.actions.custom",
            _ => return None,
        })
    }
}

/// A record to create.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewEvent {
    /// The event type, such as `birth`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// Makes the call repeatable: the same id gives the same record.
    pub transaction_id: String,
    /// The office, for system clients (a place without places below it).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at_location: Option<String>,
}

/// A notification from a hospital or another system: a declaration that need not be complete.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// Makes the call repeatable: the same id gives the same action.
    pub transaction_id: String,
    /// What is known.
    pub declaration: Declaration,
    /// About the notification itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotation: Option<Declaration>,
    /// The office, for system clients (a place without places below it).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at_location: Option<String>,
}
