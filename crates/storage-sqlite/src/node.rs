//! The nodes that share the file: one at a time, and the runs of it that come after one another.

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use storage::{Beat, NodeStore, StoreError};
use uuid::Uuid;

use crate::{
    SqliteStore,
    column::{id, time},
    delivery,
    failure::Failure,
    writer::Verdict,
};

#[async_trait]
impl NodeStore for SqliteStore {
    async fn beat(&self, beat: Beat) -> Result<bool, StoreError> {
        self.write(move |connection| {
            let written = connection
                .prepare_cached(
                    "INSERT INTO nodes (node, run, version, started_at, at)
                     VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT (node) DO UPDATE SET run = excluded.run,
                       version = excluded.version, started_at = excluded.started_at,
                       at = excluded.at
                     WHERE run <= excluded.run",
                )?
                .execute(params![
                    beat.node,
                    beat.run.as_bytes(),
                    beat.version,
                    beat.started_at.as_millisecond(),
                    beat.at.as_millisecond(),
                ])?;
            Ok(Verdict::Keep(written > 0))
        })
        .await
    }

    async fn leave(&self, node: &str, run: Uuid, now: Timestamp) -> Result<(), StoreError> {
        let node = node.to_owned();
        self.write(move |connection| leave(connection, &node, run, now).map(Verdict::Keep))
            .await
    }

    async fn nodes(&self) -> Result<Vec<Beat>, StoreError> {
        self.read(|connection| {
            let mut select = connection.prepare_cached("SELECT * FROM nodes ORDER BY node")?;
            select.query_and_then([], beat)?.collect()
        })
        .await
    }

    async fn release_claims_of_silent(
        &self,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.write(move |connection| {
            connection.execute(
                "DELETE FROM duties WHERE node NOT IN (SELECT node FROM nodes WHERE at >= ?1)",
                [since.as_millisecond()],
            )?;
            delivery::release_of_silent(connection, since, now).map(Verdict::Keep)
        })
        .await
    }

    async fn take_duty(
        &self,
        duty: &str,
        node: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let (duty, node) = (duty.to_owned(), node.to_owned());
        self.write(move |connection| {
            let taken = connection
                .prepare_cached(
                    "INSERT INTO duties (duty, node, until) VALUES (?1, ?2, ?4)
                     ON CONFLICT (duty) DO UPDATE SET node = excluded.node, until = excluded.until
                     WHERE node = excluded.node OR until <= ?3",
                )?
                .execute(params![
                    duty,
                    node,
                    now.as_millisecond(),
                    until.as_millisecond()
                ])?;
            Ok(Verdict::Keep(taken > 0))
        })
        .await
    }

    async fn give_up_duty(&self, duty: &str, node: &str) -> Result<(), StoreError> {
        let (duty, node) = (duty.to_owned(), node.to_owned());
        self.write(move |connection| {
            let delete = "DELETE FROM duties WHERE duty = ?1 AND node = ?2";
            connection.execute(delete, [&duty, &node])?;
            Ok(Verdict::Keep(()))
        })
        .await
    }
}

fn leave(connection: &Connection, node: &str, run: Uuid, now: Timestamp) -> Result<(), Failure> {
    let taken_over = connection
        .prepare_cached("SELECT 1 FROM nodes WHERE node = ?1 AND run > ?2")?
        .exists(params![node, run.as_bytes()])?;
    if taken_over {
        return Ok(());
    }
    connection.execute("DELETE FROM nodes WHERE node = ?1", [node])?;
    connection.execute("DELETE FROM duties WHERE node = ?1", [node])?;
    delivery::release(connection, node, now)?;
    Ok(())
}

fn beat(row: &Row<'_>) -> Result<Beat, Failure> {
    Ok(Beat {
        node: row.get("node")?,
        run: id(row, "run")?,
        version: row.get("version")?,
        started_at: time(row, "started_at")?,
        at: time(row, "at")?,
    })
}
