//! Places.

use std::sync::Arc;

use async_trait::async_trait;
use storage::{Place, PlaceStore, StoreError};

use crate::{MemoryStore, Verdict, refused};

#[async_trait]
impl PlaceStore for MemoryStore {
    async fn save_places(&self, places: Vec<Place>) -> Result<(), StoreError> {
        self.write(|tables| {
            let kept = Arc::make_mut(&mut tables.places);
            for place in places {
                let double = |other: &Place| {
                    other.id != place.id
                        && place.external_id.is_some()
                        && other.external_id == place.external_id
                };
                if kept.iter().any(double) {
                    return Err(refused("another place has this external id"));
                }
                match kept.iter_mut().find(|other| other.id == place.id) {
                    Some(before) => *before = place,
                    None => kept.push(place),
                }
            }
            tables.places_version += 1;
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn places(&self) -> Result<Vec<Place>, StoreError> {
        self.read(|tables| tables.places.to_vec()).await
    }

    async fn places_version(&self) -> Result<u64, StoreError> {
        self.read(|tables| tables.places_version).await
    }
}
