//! Places as they come in: from country config, an administrator, or a test.

use serde::Deserialize;
use storage::{Place, PlaceKind};
use uuid::Uuid;

/// An administrative area.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewArea {
    id: Uuid,
    name: String,
    external_id: Option<String>,
    parent_id: Option<Uuid>,
    valid_until: Option<String>,
}

/// An office or a facility.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewLocation {
    id: Uuid,
    name: String,
    external_id: Option<String>,
    administrative_area_id: Option<Uuid>,
    valid_until: Option<String>,
    location_type: Option<String>,
}

impl From<NewArea> for Place {
    fn from(area: NewArea) -> Self {
        Self {
            id: area.id,
            external_id: area.external_id,
            name: area.name,
            parent_id: area.parent_id,
            kind: PlaceKind::AdministrativeArea,
            valid_until: area.valid_until,
        }
    }
}

impl From<NewLocation> for Place {
    fn from(location: NewLocation) -> Self {
        Self {
            id: location.id,
            external_id: location.external_id,
            name: location.name,
            parent_id: location.administrative_area_id,
            kind: PlaceKind::Location {
                location_type: location.location_type,
            },
            valid_until: location.valid_until,
        }
    }
}
