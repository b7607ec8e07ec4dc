//! Bringing places in, again and again without harm.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use storage::{Place, PlaceKind};
use uuid::Uuid;

use super::Hierarchy;
use crate::{
    Core,
    error::{ApiError, InputProblem},
};

/// Saves places, new or changed, and answers which of them were. What is there already and the
/// same is not touched; what an incoming place leaves open (`validUntil`, `externalId`) stays as
/// it was, and is taken away by an empty text. A place whose external id is known is that place, whatever id it comes with, so that
/// bringing in the same country twice never doubles it.
///
/// # Errors
/// 400 naming every place that lies nowhere, in itself or in a location, changes its kind, or
/// comes twice; the store's failure.
pub async fn save(core: &Core, incoming: Vec<Place>) -> Result<Vec<Uuid>, ApiError> {
    core.places.refresh(core.store.as_ref()).await?;
    let known = core.places.now();
    let changed = merged(&known, incoming).map_err(|problems| ApiError::invalid(&problems))?;
    let ids: Vec<Uuid> = changed.iter().map(|place| place.id).collect();
    if !changed.is_empty() {
        core.store.save_places(changed).await?;
        core.places.refresh(core.store.as_ref()).await?;
    }
    Ok(ids)
}

/// The incoming places as they will be kept, without those that are kept so already.
fn merged(known: &Hierarchy, incoming: Vec<Place>) -> Result<Vec<Place>, Vec<InputProblem>> {
    let by_external: HashMap<&str, Uuid> = known
        .all()
        .filter_map(|place| Some((place.external_id.as_deref()?, place.id)))
        .collect();
    let kept_as: HashMap<Uuid, Uuid> = incoming
        .iter()
        .filter_map(|place| {
            let external = given(&place.external_id)?;
            Some((place.id, *by_external.get(external)?))
        })
        .collect();
    let kept_as = |id: Uuid| kept_as.get(&id).copied().unwrap_or(id);

    let mut problems = Vec::new();
    let mut ids = HashSet::new();
    let mut external_ids = HashSet::new();
    let mut places: Vec<Place> = Vec::with_capacity(incoming.len());
    for (at, mut place) in incoming.into_iter().enumerate() {
        place.id = kept_as(place.id);
        place.parent_id = place.parent_id.map(kept_as);
        let mut refuse = |field: &str, message: &str| problems.push(problem(at, field, message));
        if !ids.insert(place.id) {
            refuse("id", "This place comes twice");
        }
        if let Some(external) = given(&place.external_id)
            && !external_ids.insert(external.to_owned())
        {
            refuse("externalId", "Another place has this external id");
        }
        if place.name.trim().is_empty() {
            refuse("name", "A place has a name");
        }
        if let Some(before) = known.get(&place.id.to_string()) {
            if is_area(before) != is_area(&place) {
                refuse(
                    "id",
                    "An area cannot become a location, nor a location an area",
                );
            }
            place.valid_until = place.valid_until.or_else(|| before.valid_until.clone());
            place.external_id = place.external_id.or_else(|| before.external_id.clone());
        }
        for text in [&mut place.valid_until, &mut place.external_id] {
            text.take_if(|text| text.is_empty());
        }
        places.push(place);
    }
    problems.extend(misplaced(known, &places));
    if !problems.is_empty() {
        return Err(problems);
    }
    let is_new = |place: &Place| {
        let before = known.get(&place.id.to_string());
        before.is_none_or(|before| **before != *place)
    };
    places.retain(is_new);
    Ok(places)
}

/// Places that do not lie in an area, or lie in themselves by way of others.
fn misplaced(known: &Hierarchy, places: &[Place]) -> Vec<InputProblem> {
    let incoming: HashMap<Uuid, &Place> = places.iter().map(|place| (place.id, place)).collect();
    let find = |id: Uuid| {
        let before = || known.get(&id.to_string()).map(AsRef::as_ref);
        incoming.get(&id).copied().or_else(before)
    };
    let mut problems = Vec::new();
    for (at, place) in places.iter().enumerate() {
        let field = if is_area(place) {
            "parentId"
        } else {
            "administrativeAreaId"
        };
        let mut above = HashSet::from([place.id]);
        let mut next = place.parent_id;
        while let Some(parent) = next {
            let message = match find(parent) {
                None => "There is no such area",
                Some(parent) if !is_area(parent) => "A place lies in an area, not in a location",
                Some(_) if !above.insert(parent) => "A place cannot lie in itself",
                Some(parent) => {
                    next = parent.parent_id;
                    continue;
                }
            };
            problems.push(problem(at, field, message));
            break;
        }
    }
    problems
}

fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

fn problem(at: usize, field: &str, message: &str) -> InputProblem {
    InputProblem {
        code: "custom".to_owned(),
        path: vec![Value::from(at), Value::from(field)],
        message: message.to_owned(),
    }
}

fn is_area(place: &Place) -> bool {
    place.kind == PlaceKind::AdministrativeArea
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(id: u128, parent: Option<u128>) -> Place {
        Place {
            id: Uuid::from_u128(id),
            external_id: Some(format!("area-{id}")),
            name: format!("Area {id}"),
            parent_id: parent.map(Uuid::from_u128),
            kind: PlaceKind::AdministrativeArea,
            valid_until: None,
        }
    }

    fn office(id: u128, parent: Option<u128>) -> Place {
        Place {
            external_id: Some(format!("office-{id}")),
            kind: PlaceKind::Location {
                location_type: Some("CRVS_OFFICE".to_owned()),
            },
            ..area(id, parent)
        }
    }

    fn messages(known: &Hierarchy, places: Vec<Place>) -> Vec<String> {
        let problems = merged(known, places).unwrap_err();
        problems
            .into_iter()
            .map(|problem| problem.message)
            .collect()
    }

    #[test]
    fn bringing_in_the_same_places_again_changes_nothing() {
        let places = vec![area(1, None), area(2, Some(1)), office(3, Some(2))];
        let known = Hierarchy::new(1, places.clone());
        assert_eq!(merged(&known, places), Ok(Vec::new()));
    }

    #[test]
    fn a_place_is_recognised_by_its_external_id_and_others_follow_it() {
        let known = Hierarchy::new(1, vec![area(1, None)]);
        let mut again = area(77, None);
        again.external_id = Some("area-1".to_owned());
        again.name = "Renamed".to_owned();
        let saved = merged(&known, vec![again, office(3, Some(77))]).unwrap();
        assert_eq!(saved[0].id, Uuid::from_u128(1));
        assert_eq!(saved[0].name, "Renamed");
        assert_eq!(saved[1].parent_id, Some(Uuid::from_u128(1)));
    }

    #[test]
    fn what_an_incoming_place_leaves_open_stays() {
        let mut closed = area(1, None);
        closed.valid_until = Some("2020-01-01T00:00:00.000Z".to_owned());
        let known = Hierarchy::new(1, vec![closed]);
        let mut open = area(1, None);
        open.external_id = None;
        assert_eq!(merged(&known, vec![open]), Ok(Vec::new()));
    }

    #[test]
    fn an_empty_text_takes_away_what_was_there() {
        let mut closed = area(1, None);
        closed.valid_until = Some("2020-01-01T00:00:00.000Z".to_owned());
        let known = Hierarchy::new(1, vec![closed.clone(), area(2, None)]);
        closed.valid_until = Some(String::new());
        closed.external_id = Some(String::new());
        let mut nameless = area(2, None);
        nameless.external_id = Some(String::new());
        let saved = merged(&known, vec![closed, nameless]).unwrap();
        assert_eq!(saved.len(), 2);
        for place in saved {
            assert_eq!((place.valid_until, place.external_id), (None, None));
        }
    }

    #[test]
    fn a_place_lies_in_an_area_that_is_there_and_never_in_itself() {
        let none = Hierarchy::default();
        assert_eq!(
            messages(&none, vec![area(1, Some(9))]),
            ["There is no such area"]
        );
        assert_eq!(
            messages(&none, vec![office(1, None), area(2, Some(1))]),
            ["A place lies in an area, not in a location"]
        );
        let circle = messages(&none, vec![area(1, Some(2)), area(2, Some(1))]);
        assert_eq!(circle, ["A place cannot lie in itself"; 2]);
    }

    #[test]
    fn one_place_cannot_come_twice_nor_change_its_kind() {
        let known = Hierarchy::new(1, vec![area(1, None)]);
        assert_eq!(
            messages(&known, vec![area(2, None), area(2, None)]),
            [
                "This place comes twice",
                "Another place has this external id"
            ]
        );
        assert_eq!(
            messages(&known, vec![office(1, None)]),
            ["An area cannot become a location, nor a location an area"]
        );
    }
}
