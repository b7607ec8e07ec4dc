//! Emptying the database while it is in use, for test control.

use async_trait::async_trait;
use storage::{Forget, StoreError};

use crate::{PostgresStore, column::get, server::SCHEMA, store::Verdict};

/// What stays: without its keys a running service could not go on, and the version of the places
/// has to grow for others to notice. The database is still what it was migrated to, and whose it was.
const KEPT: [&str; 4] = ["deployment", "migrations", "places_version", "signing_keys"];

#[async_trait]
impl Forget for PostgresStore {
    async fn forget(&self) -> Result<(), StoreError> {
        self.transaction(|connection| async move {
            let rows = connection
                .rows(
                    "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') AS tables
                     FROM pg_tables WHERE schemaname = $1 AND tablename <> ALL ($2)",
                    &[&SCHEMA, &KEPT.as_slice()],
                )
                .await?;
            for row in &rows {
                // No list of tables is kept that a new one could be forgotten in.
                let tables: String = get(row, "tables")?;
                connection.run(&format!("TRUNCATE {tables}")).await?;
            }
            // The rows that some tables are made with.
            connection
                .run(
                    "INSERT INTO projection_rules (only, version) VALUES (true, 0);
                     UPDATE places_version SET version = version + 1",
                )
                .await?;
            Ok(Verdict::Keep(()))
        })
        .await
    }
}
