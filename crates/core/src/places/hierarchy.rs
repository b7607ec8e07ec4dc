//! Places as a tree.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use storage::{Place, PlaceKind};

/// All places at one moment.
#[derive(Debug, Default)]
pub struct Hierarchy {
    version: u64,
    /// In the order they came in.
    places: Vec<Arc<Place>>,
    by_id: HashMap<String, Arc<Place>>,
    /// Ids of what lies directly in a place.
    within: HashMap<String, Vec<String>>,
    leaf_areas: Arc<HashSet<String>>,
}

impl Hierarchy {
    pub(super) fn new(version: u64, places: Vec<Place>) -> Self {
        let places: Vec<Arc<Place>> = places.into_iter().map(Arc::new).collect();
        let mut by_id = HashMap::with_capacity(places.len());
        let mut within: HashMap<String, Vec<String>> = HashMap::new();
        for place in &places {
            let id = place.id.to_string();
            if let Some(parent) = place.parent_id {
                let beside = within.entry(parent.to_string()).or_default();
                beside.push(id.clone());
            }
            by_id.insert(id, Arc::clone(place));
        }
        let has_areas_within = |id: &str| {
            let inner = within.get(id).into_iter().flatten();
            inner
                .filter_map(|id| by_id.get(id))
                .any(|place| is_area(place))
        };
        let leaf_areas = places
            .iter()
            .filter(|place| is_area(place))
            .map(|place| place.id.to_string())
            .filter(|id| !has_areas_within(id))
            .collect();
        Self {
            version,
            leaf_areas: Arc::new(leaf_areas),
            places,
            by_id,
            within,
        }
    }

    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// Every place, in the order they came in.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Place>> {
        self.places.iter()
    }

    /// The place with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Place>> {
        self.by_id.get(id)
    }

    /// Whether this is the id of an office or a facility.
    #[must_use]
    pub fn is_location(&self, id: &str) -> bool {
        self.get(id).is_some_and(|place| !is_area(place))
    }

    pub(super) fn leaf_area_ids(&self) -> Arc<HashSet<String>> {
        Arc::clone(&self.leaf_areas)
    }

    pub(crate) fn above(&self, id: &str) -> Vec<String> {
        let mut chain = vec![id.to_owned()];
        let mut next = self.get(id).and_then(|place| place.parent_id);
        while let Some(parent) = next.map(|parent| parent.to_string()) {
            // Saving refuses places that lie in themselves; a store filled otherwise must not
            // hang us.
            if chain.contains(&parent) {
                break;
            }
            next = self.get(&parent).and_then(|place| place.parent_id);
            chain.push(parent);
        }
        chain.reverse();
        chain
    }

    pub(crate) fn below(&self, id: &str) -> Vec<String> {
        let mut found = vec![id];
        let mut known = HashSet::from([id]);
        let mut looked_into = 0;
        while let Some(outer) = found.get(looked_into).copied() {
            looked_into += 1;
            let inner = self.within.get(outer).into_iter().flatten();
            found.extend(inner.map(String::as_str).filter(|id| known.insert(id)));
        }
        found.into_iter().map(str::to_owned).collect()
    }
}

fn is_area(place: &Place) -> bool {
    place.kind == PlaceKind::AdministrativeArea
}
