//! The administrative hierarchy, kept in memory.
//!
//! A nation has thousands of places, asked for many times in every request and changed a few
//! times a year. So all of them are held here, in the form that questions are asked in, and read
//! again when the store says that somebody saved some, on this node or another.

mod hierarchy;
mod incoming;
mod saving;

use std::{collections::HashSet, sync::Arc};

use arc_swap::ArcSwap;
use storage::{Place, Store};

use crate::error::ApiError;

pub use hierarchy::Hierarchy;
pub(crate) use incoming::{NewArea, NewLocation};
pub use saving::save;

/// Places by id, and how they lie in each other.
#[derive(Debug, Default)]
pub struct Places(ArcSwap<Hierarchy>);

impl Places {
    /// Reads the places from the store.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn load(store: &dyn Store) -> Result<Self, ApiError> {
        let places = Self::default();
        places.read(store).await?;
        Ok(places)
    }

    /// Reads the places again if any were saved since they were last read; says whether there were.
    ///
    /// # Errors
    /// The store's failure; what was read before stays in use.
    pub async fn refresh(&self, store: &dyn Store) -> Result<bool, ApiError> {
        let saved_since = store.places_version().await? != self.0.load().version();
        if saved_since {
            self.read(store).await?;
        }
        Ok(saved_since)
    }

    /// Whether this is the id of an office or a facility, also of one that another node has saved
    /// just now: the store is asked before one that is not known here is refused.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn find_location(&self, id: &str, store: &dyn Store) -> Result<bool, ApiError> {
        if self.is_location(id) {
            return Ok(true);
        }
        // Whether or not this finds anything new: somebody else may have found it meanwhile.
        self.refresh(store).await?;
        Ok(self.is_location(id))
    }

    async fn read(&self, store: &dyn Store) -> Result<(), ApiError> {
        // The version first: places saved in between are then read twice, not missed.
        let version = store.places_version().await?;
        let places = store.places().await?;
        self.0.store(Arc::new(Hierarchy::new(version, places)));
        Ok(())
    }

    /// All places as they stand now, for more than one question.
    #[must_use]
    pub fn now(&self) -> Arc<Hierarchy> {
        self.0.load_full()
    }

    /// The areas a place lies in and the place itself, the outermost first; just the place itself
    /// when it is not known.
    #[must_use]
    pub fn hierarchy(&self, id: &str) -> Vec<String> {
        self.0.load().above(id)
    }

    /// Ids of the areas that no other area lies in, as conditionals see them.
    #[must_use]
    pub fn leaf_area_ids(&self) -> Arc<HashSet<String>> {
        self.0.load().leaf_area_ids()
    }

    /// The place with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<Place>> {
        self.0.load().get(id).cloned()
    }

    /// Whether this is the id of an office or a facility, rather than of an area or of nothing.
    #[must_use]
    pub fn is_location(&self, id: &str) -> bool {
        self.0.load().is_location(id)
    }

    /// The area that an office lies in and serves; `None` for an office at the top of the
    /// country, and for what is no place.
    #[must_use]
    pub fn area_of_office(&self, office_id: &str) -> Option<String> {
        let office = self.get(office_id)?;
        office.parent_id.map(|area| area.to_string())
    }

    /// The place and everything that lies in it; just the place itself when it is not known.
    #[must_use]
    pub fn descendants(&self, id: &str) -> Vec<String> {
        self.0.load().below(id)
    }
}
