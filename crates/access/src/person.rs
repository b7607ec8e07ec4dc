//! Who asks.

use serde::{Deserialize, Serialize};

/// A person, or a system client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum UserType {
    User,
    System,
}

/// Who asks, and where they work. Scopes name places relative to these ("my office", "my area").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The account's id.
    pub id: String,
    /// Whether this is a person or a system client.
    #[serde(rename = "type")]
    pub user_type: UserType,
    /// The role's id; system clients have none.
    #[serde(default)]
    pub role: Option<String>,
    /// The office they work in. Without one, nothing limited to an office can be reached.
    #[serde(default)]
    pub primary_office_id: Option<String>,
    /// The area that office serves. Without one they serve the whole country.
    #[serde(default)]
    pub administrative_area_id: Option<String>,
}
