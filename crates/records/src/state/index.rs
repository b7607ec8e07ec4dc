//! The shape of a record's state, as it stands on the wire.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Declaration, EventId, UserType};

/// How far a record has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the names say it")]
pub enum EventStatus {
    Created,
    Notified,
    Declared,
    Registered,
    Archived,
}

impl EventStatus {
    /// All of them, in the order a record passes them.
    pub const ALL: [Self; 5] = [
        Self::Created,
        Self::Notified,
        Self::Declared,
        Self::Registered,
        Self::Archived,
    ];

    /// The spelling on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Notified => "NOTIFIED",
            Self::Declared => "DECLARED",
            Self::Registered => "REGISTERED",
            Self::Archived => "ARCHIVED",
        }
    }
}

impl fmt::Display for EventStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The state of a record. What is not known, or was cleared, is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventIndex {
    /// The record's id.
    pub id: EventId,
    /// Such as `birth`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// How far the record has come.
    pub status: EventStatus,
    /// Who declared and registered it.
    pub legal_statuses: LegalStatuses,
    /// When it was started; ISO 8601.
    pub created_at: String,
    /// Who started it.
    pub created_by: String,
    /// Whether that was a person.
    pub created_by_user_type: UserType,
    /// The office they worked in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at_location: Option<String>,
    /// When an action was last accepted; ISO 8601.
    pub updated_at: String,
    /// Who last asked for an action, accepted or not.
    pub updated_by: String,
    /// Their role then; absent for system clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_by_user_role: Option<String>,
    /// Their office then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at_location: Option<String>,
    /// Who holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<String>,
    /// Six characters of `0-9A-Z`.
    pub tracking_id: String,
    /// The id of the place it happened at, or of the office it was started in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place_of_event: Option<String>,
    /// `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_of_event: Option<String>,
    /// `{id, trackingId}` of each.
    pub potential_duplicates: Vec<Value>,
    /// Those of actions first, then the inherent ones, then the country's own.
    pub flags: Vec<String>,
    /// All answers, without cleared fields.
    pub declaration: Declaration,
}

/// The two steps with legal effect; absent when not taken.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LegalStatuses {
    /// The declaration.
    #[serde(rename = "DECLARED", default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<ActionCreation>,
    /// The registration.
    #[serde(
        rename = "REGISTERED",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub registered: Option<ActionCreation>,
}

/// Who took a step, where and when: the person who asked, not the system that accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionCreation {
    /// When it was asked for.
    pub created_at: String,
    /// Who asked.
    pub created_by: String,
    /// Whether that was a person.
    pub created_by_user_type: UserType,
    /// The office they worked in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at_location: Option<String>,
    /// When it was accepted.
    pub accepted_at: String,
    /// Their role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by_role: Option<String>,
    /// Of a registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
}
