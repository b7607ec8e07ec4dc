//! Places.

use async_trait::async_trait;
use rusqlite::params;
use storage::{Place, PlaceStore, StoreError};

use crate::{
    SqliteStore,
    column::{json, to_json},
    writer::Verdict,
};

#[async_trait]
impl PlaceStore for SqliteStore {
    async fn save_places(&self, places: Vec<Place>) -> Result<(), StoreError> {
        self.write(move |connection| {
            for place in &places {
                connection
                    .prepare_cached(
                        "INSERT INTO places (id, external_id, document) VALUES (?1, ?2, ?3)
                         ON CONFLICT (id) DO UPDATE SET external_id = excluded.external_id,
                           document = excluded.document",
                    )?
                    .execute(params![
                        place.id.as_bytes(),
                        place.external_id,
                        to_json(place)?
                    ])?;
            }
            connection.execute("UPDATE places_version SET version = version + 1", [])?;
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn places(&self) -> Result<Vec<Place>, StoreError> {
        self.read(|connection| {
            let mut select =
                connection.prepare_cached("SELECT document FROM places ORDER BY rowid")?;
            let places = select.query_and_then([], |row| json(row, "document", "a place"))?;
            places.collect()
        })
        .await
    }

    async fn places_version(&self) -> Result<u64, StoreError> {
        self.read(|connection| {
            let mut select = connection.prepare_cached("SELECT version FROM places_version")?;
            Ok(select.query_row([], |row| row.get(0))?)
        })
        .await
    }
}
