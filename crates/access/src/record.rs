//! Whether a scope lets someone reach a record.

use serde::{Deserialize, Serialize};

use crate::{Jurisdiction, Person, Scope, kinds::Takes, scope::ActedBy};

/// What of a record decides who may reach it. Places are hierarchies: the country's uppermost
/// area first, the place itself last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordView {
    /// Such as `birth`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// Where it happened, as far as is known.
    #[serde(default)]
    pub place_of_event: Option<Vec<String>>,
    /// Who declared and registered it, and where.
    #[serde(default)]
    pub legal_statuses: LegalStatuses,
}

/// The two steps that scopes can refer to; `None` when not taken yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalStatuses {
    /// The declaration.
    #[serde(rename = "DECLARED", default)]
    pub declared: Option<Acted>,
    /// The registration.
    #[serde(rename = "REGISTERED", default)]
    pub registered: Option<Acted>,
}

/// Who took a step, and where they worked then.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Acted {
    /// The account's id.
    pub created_by: String,
    /// The hierarchy of their office.
    #[serde(default)]
    pub created_at_location: Option<Vec<String>>,
}

/// Whether `scope` lets `person` reach `record`: all that narrows the scope must hold.
///
/// Scopes for custom actions reach nothing unless `custom_action_type` is among those they name.
/// Scopes that are not about records reach none.
#[must_use]
pub fn may_access_record(
    scope: &Scope,
    person: &Person,
    record: &RecordView,
    custom_action_type: Option<&str>,
) -> bool {
    let options = scope.options();
    let LegalStatuses {
        declared,
        registered,
    } = &record.legal_statuses;
    scope.takes().is_about_records()
        && options
            .event
            .as_ref()
            .is_none_or(|types| types.contains(&record.event_type))
        && lies_within(
            options.place_of_event,
            person,
            record.place_of_event.as_deref(),
        )
        && lies_within(options.declared_in, person, place(declared))
        && is_by(options.declared_by, person, declared)
        && lies_within(options.registered_in, person, place(registered))
        && is_by(options.registered_by, person, registered)
        && (scope.takes() != Takes::CustomActions
            || names(options.custom_action_types.as_deref(), custom_action_type))
}

fn place(acted: &Option<Acted>) -> Option<&[String]> {
    acted.as_ref()?.created_at_location.as_deref()
}

fn is_by(limit: Option<ActedBy>, person: &Person, acted: &Option<Acted>) -> bool {
    match limit {
        None => true,
        Some(ActedBy::User) => acted
            .as_ref()
            .is_some_and(|acted| acted.created_by == person.id),
    }
}

fn names(types: Option<&[String]>, custom_action_type: Option<&str>) -> bool {
    match (types, custom_action_type) {
        (Some(types), Some(wanted)) => types.iter().any(|known| known == wanted),
        _ => false,
    }
}

/// Whether a place lies in someone's jurisdiction; a place that is not known lies in none.
fn lies_within(limit: Option<Jurisdiction>, person: &Person, place: Option<&[String]>) -> bool {
    match (limit, place) {
        (None | Some(Jurisdiction::All), _) => true,
        (_, None) => false,
        (Some(Jurisdiction::Location), Some(place)) => person
            .primary_office_id
            .as_ref()
            .is_some_and(|office| place.contains(office)),
        (Some(Jurisdiction::AdministrativeArea), Some(place)) => person
            .administrative_area_id
            .as_ref()
            .is_none_or(|area| place.contains(area)),
    }
}
