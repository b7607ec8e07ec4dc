//! Databases that say that something is written before it is.
//!
//! Core tells people that their action is safe once the database says so. A server may be set to say
//! it early, which is quicker, and loses the last of it when the machine fails.

use crate::{connection::Connection, failure::Failure};

/// Settings by which a server acknowledges what is not on its disk.
pub(crate) async fn early(connection: &Connection) -> Result<Vec<String>, Failure> {
    let sql = "SELECT name FROM pg_settings
        WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'
        ORDER BY name";
    let rows = connection.rows(sql, &[]).await?;
    rows.iter()
        .map(|row| crate::column::text(row, "name"))
        .collect()
}

/// Says so to whoever runs it.
pub(crate) async fn warn(connection: &Connection) -> Result<(), Failure> {
    for setting in early(connection).await? {
        tracing::warn!(
            setting,
            "the database acknowledges what is not on its disk yet: when its machine fails, records \
             that people were told are safe may be gone; turn the setting on"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use postgres_cluster::Database;
    use world::World;

    use super::*;
    use crate::{Migrate, PostgresStore};

    #[tokio::test]
    async fn a_database_that_acknowledges_too_early_is_known() {
        let database = Database::new().unwrap();
        let early_at = async |database: &Database| {
            let store = PostgresStore::connect(&database.url(), Migrate::Yes, World::real()).await;
            let store = store.unwrap();
            let found = store.read(|connection| async move { early(&connection).await });
            found.await.unwrap()
        };
        for (setting, early) in [("on", false), ("local", false), ("off", true)] {
            let set = format!(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = {setting}',
                   current_database()); END $$"
            );
            database.sql(&set).unwrap();
            let known = early_at(&database).await;
            assert_eq!(
                known.contains(&"synchronous_commit".to_owned()),
                early,
                "{setting}"
            );
        }
    }
}
