//! The story that every store must pass.

use postgres_cluster::Database;
use storage_postgres::PostgresStore;

use crate::{database, node};

async fn make() -> (PostgresStore, Database) {
    let database = database().await;
    (node(&database).await, database)
}

storage::stories!(make);
