//! Whether a scope lets someone reach another user's account.

use serde::{Deserialize, Serialize};

use crate::{Jurisdiction, Person, Scope};

/// What of a user decides who may reach their account. For one to be created or moved: what they
/// are going to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserView {
    /// The role's id.
    pub role: String,
    /// The hierarchy of their office, root first.
    pub administrative_hierarchy: Vec<String>,
    /// Their office.
    pub primary_office_id: String,
}

/// Whether `scope`, one of the `user.` kinds, lets `person` reach the account of `other`.
/// Scopes of other kinds reach nobody.
#[must_use]
pub fn may_access_user(scope: &Scope, person: &Person, other: &UserView) -> bool {
    let options = scope.options();
    let near_enough = match options.access_level {
        None | Some(Jurisdiction::All) => true,
        Some(Jurisdiction::Location) => {
            person.primary_office_id.as_ref() == Some(&other.primary_office_id)
        }
        Some(Jurisdiction::AdministrativeArea) => person
            .administrative_area_id
            .as_ref()
            .is_none_or(|area| other.administrative_hierarchy.contains(area)),
    };
    matches!(
        scope.kind(),
        "user.read" | "user.search" | "user.create" | "user.edit"
    ) && near_enough
        && options
            .role
            .as_ref()
            .is_none_or(|roles| roles.contains(&other.role))
}
