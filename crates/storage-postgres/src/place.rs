//! Places.

use std::collections::BTreeMap;

use async_trait::async_trait;
use storage::{Place, PlaceStore, StoreError};

use crate::{
    PostgresStore,
    column::{count, json, key, to_json},
    store::Verdict,
};

#[async_trait]
impl PlaceStore for PostgresStore {
    async fn save_places(&self, places: Vec<Place>) -> Result<(), StoreError> {
        // Of a place that comes twice, the last word counts, at the place of the first.
        let mut order = BTreeMap::new();
        let mut last: Vec<&Place> = vec![];
        for place in &places {
            let at = *order.entry(place.id).or_insert(last.len());
            match last.get_mut(at) {
                Some(before) => *before = place,
                None => last.push(place),
            }
        }
        let ids: Vec<_> = last.iter().map(|place| place.id).collect();
        let external: Vec<_> = last
            .iter()
            .map(|place| place.external_id.as_deref().map(key))
            .collect();
        let documents: Result<Vec<_>, _> = last.iter().map(to_json).collect();
        let documents = documents.map_err(StoreError::from)?;
        let (ids, external, documents) = (&ids, &external, &documents);
        self.transaction(|connection| async move {
            // First, so that of two who save places one waits for the other, whichever places.
            connection
                .execute("UPDATE places_version SET version = version + 1", &[])
                .await?;
            connection
                .execute(
                    "INSERT INTO places (id, external_key, document)
                     SELECT id, external_key, document
                     FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY
                       AS new (id, external_key, document, place)
                     ORDER BY place
                     ON CONFLICT (id) DO UPDATE SET external_key = excluded.external_key,
                       document = excluded.document",
                    &[ids, external, documents],
                )
                .await?;
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn places(&self) -> Result<Vec<Place>, StoreError> {
        self.read(|connection| async move {
            let rows = connection
                .rows("SELECT document FROM places ORDER BY position", &[])
                .await?;
            rows.iter()
                .map(|row| json(row, "document", "a place"))
                .collect()
        })
        .await
    }

    async fn places_version(&self) -> Result<u64, StoreError> {
        self.read(|connection| async move {
            let row = connection
                .one("SELECT version FROM places_version", &[])
                .await?;
            count(&row, "version")
        })
        .await
    }
}
