//! The country's configuration as last found good.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use storage::{ConfigurationKind, ConfigurationStore, StoreError, StoredConfiguration};

use crate::{SqliteStore, column::time, failure::Failure, writer::Verdict};

#[async_trait]
impl ConfigurationStore for SqliteStore {
    async fn save_configuration(
        &self,
        documents: Vec<(ConfigurationKind, StoredConfiguration)>,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            for (kind, document) in &documents {
                save(connection, kind.as_str(), document)?;
            }
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn configuration(
        &self,
    ) -> Result<Vec<(ConfigurationKind, StoredConfiguration)>, StoreError> {
        self.read(|connection| {
            let mut select = connection.prepare_cached(
                "SELECT * FROM configuration WHERE kind NOT LIKE '/%' ORDER BY kind",
            )?;
            let documents = select.query_and_then([], |row| {
                let Some(kind) = ConfigurationKind::named(&row.get::<_, String>("kind")?) else {
                    return Ok(None);
                };
                Ok(Some((kind, document(row)?)))
            })?;
            documents.filter_map(Result::transpose).collect()
        })
        .await
    }

    async fn save_served(
        &self,
        served: Vec<(String, StoredConfiguration)>,
        gone: Vec<String>,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            for (path, document) in &served {
                save(connection, path, document)?;
            }
            for path in &gone {
                connection
                    .prepare_cached("DELETE FROM configuration WHERE kind = ?1")?
                    .execute([path])?;
            }
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn served(&self) -> Result<Vec<(String, StoredConfiguration)>, StoreError> {
        self.read(|connection| {
            let mut select = connection
                .prepare_cached("SELECT * FROM configuration WHERE kind LIKE '/%' ORDER BY kind")?;
            let served = select.query_and_then([], |row| Ok((row.get("kind")?, document(row)?)))?;
            served.collect()
        })
        .await
    }
}

/// Writes a document over what is kept of it.
fn save(
    connection: &Connection,
    kind: &str,
    document: &StoredConfiguration,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO configuration (kind, body, etag, at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (kind) DO UPDATE SET body = excluded.body,
               etag = excluded.etag, at = excluded.at",
        )?
        .execute(params![
            kind,
            document.body,
            document.etag,
            document.at.as_millisecond(),
        ])?;
    Ok(())
}

fn document(row: &Row<'_>) -> Result<StoredConfiguration, Failure> {
    Ok(StoredConfiguration {
        body: row.get("body")?,
        etag: row.get("etag")?,
        at: time(row, "at")?,
    })
}
