//! The country's configuration as last found good.

use async_trait::async_trait;
use rusqlite::params;
use storage::{ConfigurationKind, ConfigurationStore, StoreError, StoredConfiguration};

use crate::{SqliteStore, column::time, writer::Verdict};

#[async_trait]
impl ConfigurationStore for SqliteStore {
    async fn save_configuration(
        &self,
        documents: Vec<(ConfigurationKind, StoredConfiguration)>,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            for (kind, document) in &documents {
                connection
                    .prepare_cached(
                        "INSERT INTO configuration (kind, body, etag, at) VALUES (?1, ?2, ?3, ?4)
                         ON CONFLICT (kind) DO UPDATE SET body = excluded.body,
                           etag = excluded.etag, at = excluded.at",
                    )?
                    .execute(params![
                        kind.as_str(),
                        document.body,
                        document.etag,
                        document.at.as_millisecond(),
                    ])?;
            }
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn configuration(
        &self,
    ) -> Result<Vec<(ConfigurationKind, StoredConfiguration)>, StoreError> {
        self.read(|connection| {
            let mut select =
                connection.prepare_cached("SELECT * FROM configuration ORDER BY kind")?;
            let documents = select.query_and_then([], |row| {
                let Some(kind) = ConfigurationKind::named(&row.get::<_, String>("kind")?) else {
                    return Ok(None);
                };
                let document = StoredConfiguration {
                    body: row.get("body")?,
                    etag: row.get("etag")?,
                    at: time(row, "at")?,
                };
                Ok(Some((kind, document)))
            })?;
            documents.filter_map(Result::transpose).collect()
        })
        .await
    }
}
