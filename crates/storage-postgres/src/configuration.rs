//! The country's configuration as last found good.

use async_trait::async_trait;
use storage::{ConfigurationKind, ConfigurationStore, StoreError, StoredConfiguration};
use tokio_postgres::Row;

use crate::{
    PostgresStore,
    column::{harmless, optional_text, text, time},
    connection::Connection,
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
                save(&connection, kind.as_str(), document).await?;
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
                    "SELECT * FROM configuration WHERE kind NOT LIKE '/%'
                     ORDER BY kind COLLATE \"C\"",
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

    async fn save_served(
        &self,
        served: Vec<(String, StoredConfiguration)>,
        gone: Vec<String>,
    ) -> Result<(), StoreError> {
        let (served, gone) = (&served, &gone);
        self.transaction(|connection| async move {
            connection
                .batch("LOCK TABLE configuration IN SHARE ROW EXCLUSIVE MODE")
                .await?;
            for (path, document) in served {
                save(&connection, path, document).await?;
            }
            connection
                .execute("DELETE FROM configuration WHERE kind = ANY($1)", &[gone])
                .await?;
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn served(&self) -> Result<Vec<(String, StoredConfiguration)>, StoreError> {
        self.read(|connection| async move {
            let rows = connection
                .rows(
                    "SELECT * FROM configuration WHERE kind LIKE '/%' ORDER BY kind COLLATE \"C\"",
                    &[],
                )
                .await?;
            let served = rows.iter();
            served
                .map(|row| Ok((text(row, "kind")?, stored(row)?)))
                .collect()
        })
        .await
    }
}

/// Writes a document over what is kept of it.
async fn save(
    connection: &Connection,
    kind: &str,
    document: &StoredConfiguration,
) -> Result<(), Failure> {
    connection
        .execute(
            "INSERT INTO configuration (kind, body, etag, at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (kind) DO UPDATE SET body = excluded.body,
               etag = excluded.etag, at = excluded.at",
            &[
                &kind,
                &harmless(&document.body),
                &document.etag.as_deref().map(harmless),
                &document.at.as_millisecond(),
            ],
        )
        .await?;
    Ok(())
}

fn stored(row: &Row) -> Result<StoredConfiguration, Failure> {
    Ok(StoredConfiguration {
        body: text(row, "body")?,
        etag: optional_text(row, "etag")?,
        at: time(row, "at")?,
    })
}

/// `None` for a kind that a newer program has saved.
fn document(row: &Row) -> Result<Option<(ConfigurationKind, StoredConfiguration)>, Failure> {
    let Some(kind) = ConfigurationKind::named(&text(row, "kind")?) else {
        return Ok(None);
    };
    Ok(Some((kind, stored(row)?)))
}
