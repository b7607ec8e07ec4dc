//! The country's configuration as last found good.

use async_trait::async_trait;
use storage::{ConfigurationKind, ConfigurationStore, StoreError, StoredConfiguration};
use tokio_postgres::Row;

use crate::{
    PostgresStore,
    column::{harmless, optional_text, text, time},
    failure::Failure,
    store::Verdict,
};

#[async_trait]
impl ConfigurationStore for PostgresStore {
    async fn save_configuration(
        &self,
        documents: Vec<(ConfigurationKind, StoredConfiguration)>,
    ) -> Result<(), StoreError> {
        let documents = &documents;
        self.transaction(|connection| async move {
            // Documents that were found good together stay together, whoever else saves some.
            connection
                .batch("LOCK TABLE configuration IN SHARE ROW EXCLUSIVE MODE")
                .await?;
            for (kind, document) in documents {
                connection
                    .execute(
                        "INSERT INTO configuration (kind, body, etag, at) VALUES ($1, $2, $3, $4)
                         ON CONFLICT (kind) DO UPDATE SET body = excluded.body,
                           etag = excluded.etag, at = excluded.at",
                        &[
                            &kind.as_str(),
                            &harmless(&document.body),
                            &document.etag.as_deref().map(harmless),
                            &document.at.as_millisecond(),
                        ],
                    )
                    .await?;
            }
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn configuration(
        &self,
    ) -> Result<Vec<(ConfigurationKind, StoredConfiguration)>, StoreError> {
        self.read(|connection| async move {
            let rows = connection
                .rows(
                    "SELECT * FROM configuration ORDER BY kind COLLATE \"C\"",
                    &[],
                )
                .await?;
            rows.iter()
                .map(document)
                .filter_map(Result::transpose)
                .collect()
        })
        .await
    }
}

/// `None` for a kind that a newer program has saved.
fn document(row: &Row) -> Result<Option<(ConfigurationKind, StoredConfiguration)>, Failure> {
    let Some(kind) = ConfigurationKind::named(&text(row, "kind")?) else {
        return Ok(None);
    };
    let document = StoredConfiguration {
        body: text(row, "body")?,
        etag: optional_text(row, "etag")?,
        at: time(row, "at")?,
    };
    Ok(Some((kind, document)))
}
