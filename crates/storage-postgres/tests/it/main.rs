//! Two stores on one database are two nodes.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod clock;
mod connections;
mod deliveries;
mod duplicates;
mod migrating;
mod moving;
mod nodes;
mod story;

use postgres_cluster::Database;
use storage_postgres::{Migrate, PostgresStore};
use world::World;

/// A database of one's own, brought up to date.
async fn database() -> Database {
    let database = Database::new().unwrap();
    node(&database).await;
    database
}

/// Another node of those that share a database.
async fn node(database: &Database) -> PostgresStore {
    PostgresStore::connect(&database.url(), Migrate::Yes, World::real())
        .await
        .unwrap()
}
