//! Walks over all records, as they stand.

use async_trait::async_trait;
use jiff::Timestamp;
use storage::{Rebuild, RebuildStore, StoreError};
use tokio_postgres::Row;

use crate::{
    PostgresStore,
    column::{
        count, get, harmless, id, optional_id, optional_text, optional_time, signed, time, to_word,
        word,
    },
    connection::{Connection, Values},
    failure::Failure,
    store::Verdict,
};

#[async_trait]
impl RebuildStore for PostgresStore {
    async fn save_rebuild(&self, rebuild: Rebuild) -> Result<(), StoreError> {
        let rebuild = &rebuild;
        self.write(|connection| async move { save(&connection, rebuild).await })
            .await
    }

    async fn projection_rules(&self) -> Result<u32, StoreError> {
        self.read(|connection| async move {
            let row = connection
                .one("SELECT version FROM projection_rules", &[])
                .await?;
            u32::try_from(get::<i64>(&row, "version")?)
                .map_err(|error| Failure::unreadable("the version of the rules", error))
        })
        .await
    }

    async fn save_projection_rules(&self, version: u32, walk: Rebuild) -> Result<(), StoreError> {
        let walk = &walk;
        self.transaction(|connection| async move {
            let sql = "UPDATE projection_rules SET version = $1";
            connection.execute(sql, &[&i64::from(version)]).await?;
            save(&connection, walk).await?;
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn rebuilds(&self, limit: usize) -> Result<Vec<Rebuild>, StoreError> {
        let limit = signed(limit.try_into().unwrap_or(u64::MAX));
        self.read(|connection| async move {
            let newest = "for_country ORDER BY started_at DESC, id DESC LIMIT $1";
            select(&connection, newest, &[&limit]).await
        })
        .await
    }

    async fn running_rebuilds(&self) -> Result<Vec<Rebuild>, StoreError> {
        self.read(|connection| async move {
            let oldest = "state = 'running' ORDER BY started_at, id";
            select(&connection, oldest, &[]).await
        })
        .await
    }

    async fn forget_rebuilds(&self, before: Timestamp) -> Result<(), StoreError> {
        let before = before.as_millisecond();
        self.write(|connection| async move {
            let sql = "DELETE FROM rebuilds WHERE ended_at < $1";
            connection.execute(sql, &[&before]).await.map(drop)
        })
        .await
    }
}

async fn save(connection: &Connection, rebuild: &Rebuild) -> Result<(), Failure> {
    connection
        .execute(
            "INSERT INTO rebuilds
               (id, started_at, for_country, state, after_id, processed, error, ended_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (id) DO UPDATE SET started_at = excluded.started_at,
               for_country = excluded.for_country, state = excluded.state,
               after_id = excluded.after_id, processed = excluded.processed,
               error = excluded.error, ended_at = excluded.ended_at",
            &[
                &rebuild.id,
                &rebuild.started_at.as_millisecond(),
                &rebuild.for_country,
                &to_word(rebuild.state)?,
                &rebuild.after.map(|id| id.0),
                &signed(rebuild.processed),
                &rebuild.error.as_deref().map(harmless),
                &rebuild.ended_at.map(Timestamp::as_millisecond),
            ],
        )
        .await
        .map(drop)
}

async fn select(
    connection: &Connection,
    which: &str,
    values: Values<'_>,
) -> Result<Vec<Rebuild>, Failure> {
    let sql = format!("SELECT * FROM rebuilds WHERE {which}");
    let rows = connection.rows(&sql, values).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Rebuild, Failure> {
    Ok(Rebuild {
        id: id(row, "id")?,
        started_at: time(row, "started_at")?,
        for_country: get(row, "for_country")?,
        state: word(row, "state", "the state of a rebuild")?,
        after: optional_id(row, "after_id")?,
        processed: count(row, "processed")?,
        error: optional_text(row, "error")?,
        ended_at: optional_time(row, "ended_at")?,
    })
}
