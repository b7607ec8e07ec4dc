//! What has to be sent: what the country has, less what Core has.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};
use uuid::Uuid;
use world::World;

use super::{Counts, SeedReport};

/// What country config serves.
pub(super) struct Wanted {
    /// `/config/locations`.
    pub(super) places: Value,
    /// `/config/users`.
    pub(super) users: Value,
    /// `/config/roles`.
    pub(super) roles: Value,
}

/// What Core has.
pub(super) struct Known {
    /// Its administrative areas.
    pub(super) areas: Value,
    /// Its locations.
    pub(super) locations: Value,
    /// Ids of its users, by username in lower case.
    pub(super) usernames: HashMap<String, String>,
}

/// What has to be sent, and what it comes to.
#[derive(Debug)]
pub(super) struct Plan {
    /// Areas, outer ones first.
    pub(super) areas: Vec<Value>,
    /// Offices and facilities.
    pub(super) locations: Vec<Value>,
    /// People.
    pub(super) users: Vec<Value>,
    /// What it comes to.
    pub(super) report: SeedReport,
}

impl Plan {
    /// Compares the two. Places are recognised by the country's own ids, people by username.
    /// Everything in the country that refers to nothing is answered as a problem.
    pub(super) fn new(
        wanted: &Wanted,
        known: &Known,
        activate: bool,
        world: &World,
    ) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let area_ids = Ids::new(&wanted.places, "administrativeAreas", &known.areas, world);
        let location_ids = Ids::new(&wanted.places, "locations", &known.locations, world);
        problems.extend(area_ids.twice("administrative area"));
        problems.extend(location_ids.twice("location"));

        let mut areas = area_ids.places(&area_ids, "parentId", &mut problems);
        let mut locations = location_ids.places(&area_ids, "administrativeAreaId", &mut problems);
        outer_first(&mut areas);
        let (all_areas, all_locations) = (areas.len(), locations.len());
        areas.retain(|place| !is_known(&known.areas, place));
        locations.retain(|place| !is_known(&known.locations, place));

        let roles: HashSet<&str> = list(&wanted.roles)
            .iter()
            .filter_map(|r| text(r, "id"))
            .collect();
        let everybody = list(&wanted.users);
        let mut users = Vec::new();
        let mut names = HashSet::new();
        for user in everybody {
            let Some(username) = text(user, "username") else {
                problems.push("a user has no username".to_owned());
                continue;
            };
            if !names.insert(username.to_lowercase()) {
                problems.push(format!("user {username}: is there twice"));
            }
            match account(user, &location_ids, &roles, activate) {
                Ok(_) if known.usernames.contains_key(&username.to_lowercase()) => {}
                Ok(account) => users.push(account),
                Err(found) => {
                    problems.extend(
                        found
                            .iter()
                            .map(|reason| format!("user {username}: {reason}")),
                    );
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let counts = |sent: usize, all: usize| Counts {
            brought_in: sent,
            there: all - sent,
        };
        Ok(Self {
            report: SeedReport {
                areas: counts(areas.len(), all_areas),
                locations: counts(locations.len(), all_locations),
                users: counts(users.len(), everybody.len()),
            },
            areas,
            locations,
            users,
        })
    }

    /// How many things are to be sent.
    pub(super) fn size(&self) -> usize {
        self.areas.len() + self.locations.len() + self.users.len()
    }
}

/// The places of one kind, and the id of each in Core by the country's own.
struct Ids<'a> {
    places: &'a [Value],
    by_external: HashMap<&'a str, String>,
}

impl<'a> Ids<'a> {
    fn new(served: &'a Value, kind: &str, known: &Value, world: &World) -> Self {
        let there: HashMap<&str, &str> = list(known)
            .iter()
            .filter_map(|place| Some((text(place, "externalId")?, text(place, "id")?)))
            .collect();
        let places = served.get(kind).map(list).unwrap_or_default();
        let ids = places.iter().filter_map(|place| text(place, "id"));
        let by_external = ids.map(|external| {
            // A country whose own ids are UUIDs keeps them, so that what it configures can name
            // places as Core does.
            let keeps = || Some(external.parse::<Uuid>().ok()?.to_string());
            let id = there.get(external).map(|id| (*id).to_owned());
            let id = id.or_else(keeps);
            (external, id.unwrap_or_else(|| world.new_id().to_string()))
        });
        Self {
            by_external: by_external.collect(),
            places,
        }
    }

    fn twice(&self, what: &str) -> Vec<String> {
        let mut seen = HashSet::new();
        let ids = self.places.iter().filter_map(|place| text(place, "id"));
        let twice = ids.filter(|id| !seen.insert(*id));
        twice
            .map(|id| format!("{what} {id}: is there twice"))
            .collect()
    }

    /// The places as Core takes them.
    fn places(&self, areas: &Ids<'_>, parent_key: &str, problems: &mut Vec<String>) -> Vec<Value> {
        let mut places = Vec::with_capacity(self.places.len());
        for place in self.places {
            let (Some(external), Some(name)) = (text(place, "id"), text(place, "name")) else {
                problems.push(format!("a place lacks an id or a name: {place}"));
                continue;
            };
            let within =
                text(place, "partOf").and_then(|part_of| part_of.strip_prefix("Location/"));
            let parent = match within {
                Some("0") => None,
                Some(within) => match areas.by_external.get(within) {
                    Some(parent) => Some(parent),
                    None => {
                        problems.push(format!(
                            "place {external} ({name}): lies in {within}, which is no administrative area"
                        ));
                        continue;
                    }
                },
                None => {
                    problems.push(format!(
                        "place {external} ({name}): partOf must be Location/ and an area's id"
                    ));
                    continue;
                }
            };
            let mut sent = json!({
                "id": self.by_external.get(external),
                "externalId": external,
                "name": name,
                "validUntil": place.get("validUntil").unwrap_or(&Value::Null),
            });
            sent[parent_key] = json!(parent);
            if parent_key != "parentId" {
                sent["locationType"] = place.get("locationType").cloned().unwrap_or_default();
            }
            places.push(sent);
        }
        places
    }
}

/// An area comes after the one it lies in, since they may be sent in more than one call.
fn outer_first(areas: &mut [Value]) {
    let parents: HashMap<String, String> = areas
        .iter()
        .filter_map(|area| {
            Some((
                text(area, "id")?.to_owned(),
                text(area, "parentId")?.to_owned(),
            ))
        })
        .collect();
    let depth = |area: &Value| {
        let mut depth = 0;
        let mut next = text(area, "id").and_then(|id| parents.get(id));
        // Areas that lie in each other have no depth; Core refuses them.
        while let Some(parent) = next.filter(|_| depth <= parents.len()) {
            depth += 1;
            next = parents.get(parent);
        }
        depth
    };
    areas.sort_by_cached_key(depth);
}

/// Whether Core has the place as it is to be; what the country leaves open does not count.
fn is_known(known: &Value, place: &Value) -> bool {
    let there = list(known)
        .iter()
        .find(|there| there.get("id") == place.get("id"));
    there.is_some_and(|there| {
        let mut parts = place.as_object().into_iter().flatten();
        parts.all(|(key, part)| {
            let open = part.is_null() && key == "validUntil";
            open || there.get(key).unwrap_or(&Value::Null) == part
        })
    })
}

/// The account as Core takes it.
fn account(
    user: &Value,
    locations: &Ids<'_>,
    roles: &HashSet<&str>,
    activate: bool,
) -> Result<Value, Vec<String>> {
    let mut problems = Vec::new();
    let needed = |key: &str, problems: &mut Vec<String>| {
        let found = text(user, key).unwrap_or_default();
        if found.is_empty() {
            problems.push(format!("has no {key}"));
        }
        found.to_owned()
    };
    let firstname = needed("givenNames", &mut problems);
    let surname = needed("familyName", &mut problems);
    let role = needed("role", &mut problems);
    if !role.is_empty() && !roles.contains(role.as_str()) {
        problems.push(format!("there is no role {role}"));
    }
    let written = needed("primaryOfficeId", &mut problems);
    // `CRVS_OFFICE_LHUYvwY2Aq1`: the office's id comes last.
    let external = written.rsplit('_').next().unwrap_or_default();
    let office = locations.by_external.get(external);
    if office.is_none() && !written.is_empty() {
        problems.push(format!("there is no office {external}"));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut account = json!({
        "username": text(user, "username"),
        "name": {"firstname": firstname, "surname": surname},
        "role": role,
        "primaryOfficeId": office,
    });
    for key in ["mobile", "email", "password", "fullHonorificName", "device"] {
        if let Some(part) = text(user, key) {
            account[key] = json!(part);
        }
    }
    if activate {
        account["status"] = json!("active");
    }
    Ok(account)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}
