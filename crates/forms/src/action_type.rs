//! The kinds of action a person or a system can take on a record.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Every action type of the protocol, in the protocol's spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ActionType {
    Create,
    Notify,
    Declare,
    Edit,
    Register,
    Reject,
    Archive,
    PrintCertificate,
    RequestCorrection,
    ApproveCorrection,
    RejectCorrection,
    Custom,
    Read,
    Assign,
    Unassign,
    Delete,
    DuplicateDetected,
    MarkAsDuplicate,
    MarkAsNotDuplicate,
}

impl ActionType {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Create,
        Self::Notify,
        Self::Declare,
        Self::Edit,
        Self::Register,
        Self::Reject,
        Self::Archive,
        Self::PrintCertificate,
        Self::RequestCorrection,
        Self::ApproveCorrection,
        Self::RejectCorrection,
        Self::Custom,
        Self::Read,
        Self::Assign,
        Self::Unassign,
        Self::Delete,
        Self::DuplicateDetected,
        Self::MarkAsDuplicate,
        Self::MarkAsNotDuplicate,
    ];

    /// The spelling on the wire, such as `PRINT_CERTIFICATE`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Notify => "NOTIFY",
            Self::Declare => "DECLARE",
            Self::Edit => "EDIT",
            Self::Register => "REGISTER",
            Self::Reject => "REJECT",
            Self::Archive => "ARCHIVE",
            Self::PrintCertificate => "PRINT_CERTIFICATE",
            Self::RequestCorrection => "REQUEST_CORRECTION",
            Self::ApproveCorrection => "APPROVE_CORRECTION",
            Self::RejectCorrection => "REJECT_CORRECTION",
            Self::Custom => "CUSTOM",
            Self::Read => "READ",
            Self::Assign => "ASSIGN",
            Self::Unassign => "UNASSIGN",
            Self::Delete => "DELETE",
            Self::DuplicateDetected => "DUPLICATE_DETECTED",
            Self::MarkAsDuplicate => "MARK_AS_DUPLICATE",
            Self::MarkAsNotDuplicate => "MARK_AS_NOT_DUPLICATE",
        }
    }

    /// Whether country config decides on this action: it is requested first, handed over, and
    /// applied only once accepted.
    #[must_use]
    pub const fn awaits_country(self) -> bool {
        matches!(
            self,
            Self::Notify
                | Self::Declare
                | Self::Edit
                | Self::Register
                | Self::Reject
                | Self::Archive
                | Self::PrintCertificate
                | Self::RequestCorrection
                | Self::ApproveCorrection
                | Self::RejectCorrection
                | Self::Custom
        )
    }

    /// Whether the action changes a record, so that the person must hold it and lets go after it.
    #[must_use]
    pub const fn is_write(self) -> bool {
        !matches!(
            self,
            Self::Create | Self::Read | Self::Assign | Self::Unassign
        )
    }
}

impl fmt::Display for ActionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no action type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an action type")]
pub struct UnknownActionType(pub String);

impl FromStr for ActionType {
    type Err = UnknownActionType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownActionType(text.to_owned()))
    }
}
