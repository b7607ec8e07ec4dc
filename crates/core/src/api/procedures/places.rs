//! Operations on places.

use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use serde_json::{Value, json};
use storage::{Place, PlaceKind};
use uuid::Uuid;

use crate::{
    Core,
    accounts::tokens::DATA_SEEDER,
    api::procedure::{Call, Callers, Procedure, procedure},
    error::{ApiError, ErrorCode, InputProblem},
    places::{self, NewArea, NewLocation},
};

/// The operations.
pub(super) static PROCEDURES: &[Procedure] = &[
    procedure!(
        "locations.list",
        Query,
        Callers::PeopleAndSystems,
        list_locations
    ),
    procedure!("locations.get", Query, Callers::PeopleAndSystems, location),
    procedure!(
        "locations.getLocationHierarchy",
        Query,
        Callers::PeopleAndSystems,
        hierarchy
    ),
    procedure!(
        "locations.set",
        Mutation,
        Callers::PeopleAndSystems,
        set_locations
    ),
    procedure!(
        "administrativeAreas.list",
        Query,
        Callers::PeopleAndSystems,
        list_areas
    ),
    procedure!(
        "administrativeAreas.set",
        Mutation,
        Callers::PeopleAndSystems,
        set_areas
    ),
];

/// The rights to change places while the system runs.
const CHANGE_PLACES: [&str; 2] = ["user.data-seeding", "config.update-all"];

/// The audit trail names no more of the places that changed at once.
const MOST_TOLD: usize = 20;

/// Which locations to list; `false` and absence narrow nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WhichLocations {
    is_active: Option<bool>,
    location_ids: Option<Vec<Uuid>>,
    location_type: Option<String>,
    external_id: Option<String>,
}

/// Offices and facilities.
pub(super) async fn list_locations(core: Core, call: Call) -> Result<Value, ApiError> {
    let which: WhichLocations = call.optional_input()?;
    let ids = which.location_ids.filter(|ids| !ids.is_empty());
    let now = core.world.now();
    let fits = |place: &Place, location_type: &Option<String>| {
        (which.is_active != Some(true) || is_active(place, now))
            && ids.as_ref().is_none_or(|ids| ids.contains(&place.id))
            && (which.location_type.is_none() || which.location_type == *location_type)
            && (which.external_id.is_none() || which.external_id == place.external_id)
    };
    let places = core.places.now();
    let found = places.all().filter_map(|place| match &place.kind {
        PlaceKind::Location { location_type } if fits(place, location_type) => {
            Some(location_json(place, location_type))
        }
        _ => None,
    });
    Ok(found.collect())
}

/// Which areas to list.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WhichAreas {
    is_active: Option<bool>,
    ids: Option<Vec<Uuid>>,
}

/// Administrative areas.
pub(super) async fn list_areas(core: Core, call: Call) -> Result<Value, ApiError> {
    let which: WhichAreas = call.optional_input()?;
    let ids = which.ids.filter(|ids| !ids.is_empty());
    let now = core.world.now();
    let places = core.places.now();
    let found = places.all().filter(|place| {
        place.kind == PlaceKind::AdministrativeArea
            && (which.is_active != Some(true) || is_active(place, now))
            && ids.as_ref().is_none_or(|ids| ids.contains(&place.id))
    });
    Ok(found.map(|place| area_json(place)).collect())
}

/// One office or facility.
async fn location(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    struct Which {
        id: Uuid,
    }
    let Which { id } = call.input()?;
    let place = core.places.get(&id.to_string());
    match place.as_deref() {
        Some(place) => match &place.kind {
            PlaceKind::Location { location_type } => Ok(location_json(place, location_type)),
            PlaceKind::AdministrativeArea => Err(no_location(id)),
        },
        None => Err(no_location(id)),
    }
}

/// The ids of the areas a place lies in, the outermost first, and its own; nothing for what is no
/// place.
async fn hierarchy(core: Core, call: Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Which {
        location_id: Uuid,
    }
    let Which { location_id } = call.input()?;
    let id = location_id.to_string();
    let known = core.places.get(&id).is_some();
    Ok(json!(if known {
        core.places.hierarchy(&id)
    } else {
        Vec::new()
    }))
}

async fn set_locations(core: Core, call: Call) -> Result<Value, ApiError> {
    may_change_places(&call)?;
    save_locations(core, call).await
}

async fn set_areas(core: Core, call: Call) -> Result<Value, ApiError> {
    may_change_places(&call)?;
    save_areas(core, call).await
}

fn may_change_places(call: &Call) -> Result<(), ApiError> {
    if call.caller()?.scopes.has_any(&CHANGE_PLACES) {
        Ok(())
    } else {
        Err(ApiError::plain(ErrorCode::Forbidden))
    }
}

/// Saves offices and facilities; see [`places::save`].
pub(super) async fn save_locations(core: Core, call: Call) -> Result<Value, ApiError> {
    let incoming: Vec<NewLocation> = call.input()?;
    let places = incoming.into_iter().map(Place::from).collect();
    save(&core, &call, "locations.set", places).await
}

/// Saves administrative areas; see [`places::save`].
pub(super) async fn save_areas(core: Core, call: Call) -> Result<Value, ApiError> {
    let incoming: Vec<NewArea> = call.input()?;
    let places = incoming.into_iter().map(Place::from).collect();
    save(&core, &call, "administrativeAreas.set", places).await
}

async fn save(
    core: &Core,
    call: &Call,
    operation: &str,
    places: Vec<Place>,
) -> Result<Value, ApiError> {
    let refused = |path, message: &str| {
        ApiError::invalid(&[InputProblem {
            code: "custom".to_owned(),
            path,
            message: message.to_owned(),
        }])
    };
    if places.is_empty() {
        let message = "Too small: expected array to have >=1 items";
        return Err(ApiError::empty_list(&[], message));
    }
    for (at, place) in places.iter().enumerate() {
        if place
            .valid_until
            .as_deref()
            .is_some_and(|until| !until.is_empty() && ends(until).is_none())
        {
            let path = vec![Value::from(at), Value::from("validUntil")];
            return Err(refused(path, "Must be an ISO date or time"));
        }
    }
    let sent = places.len();
    let changed = places::save(core, places).await?;
    let which: Vec<Uuid> = changed.iter().take(MOST_TOLD).copied().collect();
    let details = json!({"sent": sent, "changed": changed.len(), "placeIds": which});
    let entry = match &call.caller {
        Some(caller) => core.audit_entry(caller, operation, None, details),
        None => core.audit_entry_of(
            DATA_SEEDER,
            "core",
            operation,
            None,
            details,
            &call.correlation,
        ),
    };
    core.store.append_audit(vec![entry]).await?;
    Ok(Value::Null)
}

fn is_active(place: &Place, now: Timestamp) -> bool {
    let ended = place.valid_until.as_deref().and_then(ends);
    ended.is_none_or(|end| end > now)
}

/// The moment an ISO date or time says; a date means its beginning, in UTC.
fn ends(until: &str) -> Option<Timestamp> {
    let day = || {
        let day: Date = until.parse().ok()?;
        Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    };
    until.parse().ok().or_else(day)
}

fn location_json(place: &Place, location_type: &Option<String>) -> Value {
    json!({
        "id": place.id,
        "name": place.name,
        "externalId": place.external_id,
        "administrativeAreaId": place.parent_id,
        "validUntil": place.valid_until,
        "locationType": location_type,
    })
}

fn area_json(place: &Place) -> Value {
    json!({
        "id": place.id,
        "name": place.name,
        "externalId": place.external_id,
        "parentId": place.parent_id,
        "validUntil": place.valid_until,
    })
}

fn no_location(id: Uuid) -> ApiError {
    ApiError::new(
        ErrorCode::NotFound,
        format!("Location with id {id} not found"),
    )
}
