//! What can be planted in an empty Core, and how it is read.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use storage::Place;

use super::event::{self, Action, Event};
use crate::{
    Core,
    accounts::{self, BroughtCredentials, BroughtUser, SyncedUser},
    error::{ApiError, ErrorCode},
    places::{self, NewArea, NewLocation},
};

/// One seed.
pub(super) enum Seed {
    /// Areas and locations, as places of ours.
    Places(Vec<Place>),
    User(Box<BroughtUser>, Option<BroughtCredentials>),
    SyncUser(SyncedUser),
    Event(Event, Vec<Action>),
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
            let areas: Vec<NewArea> = take(&mut parts, "administrativeAreas")?;
            Ok(Seed::Places(areas.into_iter().map(Place::from).collect()))
        }
        ["locations"] => {
            let locations: Vec<NewLocation> = take(&mut parts, "locations")?;
            let places = locations.into_iter().map(Place::from);
            Ok(Seed::Places(places.collect()))
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
