//! What can be planted in an empty Core, and how it is read.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use storage::{Place, PlaceKind};
use uuid::Uuid;

use super::event::{self, Action, Event};
use crate::{
    Core,
    accounts::{self, BroughtCredentials, BroughtUser, SyncedUser},
    error::{ApiError, ErrorCode},
    places,
};

/// One seed.
pub(super) enum Seed {
    /// Areas and locations, as places of ours.
    Places(Vec<Place>),
    User(Box<BroughtUser>, Option<BroughtCredentials>),
    SyncUser(SyncedUser),
    Event(Event, Vec<Action>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Area {
    id: Uuid,
    name: String,
    parent_id: Option<Uuid>,
    valid_until: Option<String>,
    external_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    id: Uuid,
    name: String,
    administrative_area_id: Option<Uuid>,
    valid_until: Option<String>,
    external_id: Option<String>,
    location_type: Option<String>,
}

/// Reads a seed: one kind of thing, named by its only key (a user may come with `credentials`, an
/// event comes with `actions`).
///
/// # Errors
/// 400 saying what cannot be read.
pub(super) fn read(body: &[u8]) -> Result<Seed, ApiError> {
    let mut parts: Map<String, Value> =
        serde_json::from_slice(body).map_err(|error| bad(format!("Not a JSON object: {error}")))?;
    let mut names: Vec<String> = parts.keys().cloned().collect();
    names.sort_unstable();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match names.as_slice() {
        ["administrativeAreas"] => {
            let areas: Vec<Area> = take(&mut parts, "administrativeAreas")?;
            let place = |area: Area| Place {
                id: area.id,
                external_id: area.external_id,
                name: area.name,
                parent_id: area.parent_id,
                kind: PlaceKind::AdministrativeArea,
                valid_until: area.valid_until,
            };
            Ok(Seed::Places(areas.into_iter().map(place).collect()))
        }
        ["locations"] => {
            let locations: Vec<Location> = take(&mut parts, "locations")?;
            let place = |location: Location| Place {
                id: location.id,
                external_id: location.external_id,
                name: location.name,
                parent_id: location.administrative_area_id,
                kind: PlaceKind::Location {
                    location_type: location.location_type,
                },
                valid_until: location.valid_until,
            };
            Ok(Seed::Places(locations.into_iter().map(place).collect()))
        }
        ["user"] => Ok(Seed::User(Box::new(take(&mut parts, "user")?), None)),
        ["credentials", "user"] => Ok(Seed::User(
            Box::new(take(&mut parts, "user")?),
            take(&mut parts, "credentials")?,
        )),
        ["syncUser"] => Ok(Seed::SyncUser(take(&mut parts, "syncUser")?)),
        ["actions", "event"] => Ok(Seed::Event(
            take(&mut parts, "event")?,
            take(&mut parts, "actions")?,
        )),
        _ => Err(bad(format!(
            "A seed is one of {{administrativeAreas}}, {{locations}}, {{user, credentials}}, \
             {{syncUser}} and {{event, actions}}, not {{{}}}",
            names.join(", ")
        ))),
    }
}

/// Writes what was seeded.
///
/// # Errors
/// 400 for what cannot be as it is given, 409 for what is taken, or the store's failure.
pub(super) async fn plant(core: &Core, seed: Seed) -> Result<(), ApiError> {
    match seed {
        Seed::Places(places) => places::save(core, places).await.map(drop),
        Seed::User(user, credentials) => accounts::bring_in(core, *user, credentials).await,
        Seed::SyncUser(change) => accounts::sync(core, change).await,
        Seed::Event(event, actions) => event::plant(core, event, actions).await,
    }
}

fn take<T: DeserializeOwned>(parts: &mut Map<String, Value>, name: &str) -> Result<T, ApiError> {
    let part = parts.remove(name).unwrap_or_default();
    T::deserialize(part).map_err(|error| bad(format!("{name}: {error}")))
}

/// A seed that cannot be planted.
pub(super) fn bad(reason: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, reason)
}
