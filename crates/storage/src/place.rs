//! Places: administrative areas and the offices and facilities in them.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::StoreError;

/// An area, or a location in one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum PlaceKind {
    /// A province, a district.
    AdministrativeArea,
    /// An office or a facility.
    #[serde(rename_all = "camelCase")]
    Location {
        /// `CRVS_OFFICE`, `HEALTH_FACILITY`, …
        location_type: Option<String>,
    },
}

/// A place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Ours.
    pub id: Uuid,
    /// The country's, unique: how seeding recognises what it has brought in before.
    pub external_id: Option<String>,
    /// For people.
    pub name: String,
    /// The area it lies in; `None` at the top.
    pub parent_id: Option<Uuid>,
    /// Area or location.
    #[serde(flatten)]
    pub kind: PlaceKind,
    /// ISO date or time past which it is no longer used.
    pub valid_until: Option<String>,
}

/// Keeps places.
#[async_trait]
pub trait PlaceStore: Send + Sync {
    /// Writes places, new or changed, in one transaction.
    async fn save_places(&self, places: Vec<Place>) -> Result<(), StoreError>;

    /// All places, in the order they came in. The service keeps them in memory.
    async fn places(&self) -> Result<Vec<Place>, StoreError>;

    /// Grows with every [`PlaceStore::save_places`], on any node: tells when to read them again.
    async fn places_version(&self) -> Result<u64, StoreError>;
}
