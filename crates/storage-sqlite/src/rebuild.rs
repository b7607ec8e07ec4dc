//! Walks over all records, as they stand.

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, Row, ToSql, params};
use storage::{Rebuild, RebuildStore, StoreError};

use crate::{
    SqliteStore,
    column::{id, optional_id, optional_time, signed, time, to_word, word},
    failure::Failure,
    writer::Verdict,
};

#[async_trait]
impl RebuildStore for SqliteStore {
    async fn save_rebuild(&self, rebuild: Rebuild) -> Result<(), StoreError> {
        self.write(move |connection| save(connection, &rebuild).map(Verdict::Keep))
            .await
    }

    async fn projection_rules(&self) -> Result<u32, StoreError> {
        self.read(|connection| {
            let mut select = connection.prepare_cached("SELECT version FROM projection_rules")?;
            Ok(select.query_row([], |row| row.get(0))?)
        })
        .await
    }

    async fn save_projection_rules(&self, version: u32, walk: Rebuild) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection.execute("UPDATE projection_rules SET version = ?1", [version])?;
            save(connection, &walk).map(Verdict::Keep)
        })
        .await
    }

    async fn rebuilds(&self, limit: usize) -> Result<Vec<Rebuild>, StoreError> {
        let limit = signed(limit.try_into().unwrap_or(u64::MAX));
        self.read(move |connection| {
            let newest = "for_country ORDER BY started_at DESC, id DESC LIMIT ?1";
            select(connection, newest, params![limit])
        })
        .await
    }

    async fn running_rebuilds(&self) -> Result<Vec<Rebuild>, StoreError> {
        self.read(|connection| {
            let oldest = "state = 'running' ORDER BY started_at, id";
            select(connection, oldest, params![])
        })
        .await
    }

    async fn forget_rebuilds(&self, before: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection.execute(
                "DELETE FROM rebuilds WHERE ended_at < ?1",
                [before.as_millisecond()],
            )?;
            Ok(Verdict::Keep(()))
        })
        .await
    }
}

fn save(connection: &Connection, rebuild: &Rebuild) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO rebuilds
               (id, started_at, for_country, state, after_id, processed, error, ended_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            rebuild.id.as_bytes(),
            rebuild.started_at.as_millisecond(),
            rebuild.for_country,
            to_word(rebuild.state)?,
            rebuild.after.map(|id| id.0.into_bytes()),
            signed(rebuild.processed),
            rebuild.error,
            rebuild.ended_at.map(Timestamp::as_millisecond),
        ])?;
    Ok(())
}

fn select(
    connection: &Connection,
    which: &str,
    values: &[&dyn ToSql],
) -> Result<Vec<Rebuild>, Failure> {
    let mut select = connection.prepare_cached(&format!("SELECT * FROM rebuilds WHERE {which}"))?;
    select.query_and_then(values, read)?.collect()
}

fn read(row: &Row<'_>) -> Result<Rebuild, Failure> {
    Ok(Rebuild {
        id: id(row, "id")?,
        started_at: time(row, "started_at")?,
        for_country: row.get("for_country")?,
        state: word(row, "state", "the state of a rebuild")?,
        after: optional_id(row, "after_id")?,
        processed: row.get("processed")?,
        error: row.get("error")?,
        ended_at: optional_time(row, "ended_at")?,
    })
}
