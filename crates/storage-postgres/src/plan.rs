//! For tests: a database of one's own, and how it means to go about a statement.

use postgres_cluster::Database;
use world::World;

use crate::{Migrate, PostgresStore, query::Sql};

/// A store in a new database.
pub(crate) async fn new_store() -> (PostgresStore, Database) {
    let database = Database::new().unwrap();
    let url = database.url();
    let store = PostgresStore::connect(&url, Migrate::Yes, World::real()).await;
    (store.unwrap(), database)
}

/// The plan, a line a step, when there are more records than anybody would walk: that is what the
/// planner is made to believe of tables that are empty.
pub(crate) async fn plan(store: &PostgresStore, sql: &str) -> String {
    explained(store, sql, &[]).await
}

/// The same of a query with its values.
pub(crate) async fn plan_of(store: &PostgresStore, sql: &Sql) -> String {
    explained(store, &sql.text, &sql.parameters()).await
}

async fn explained(
    store: &PostgresStore,
    sql: &str,
    values: &[(
        &(dyn tokio_postgres::types::ToSql + Sync),
        tokio_postgres::types::Type,
    )],
) -> String {
    let explain = format!("EXPLAIN (COSTS OFF) {sql}");
    let rows = store.read(|connection| {
        let explain = &explain;
        async move {
            for setting in ["enable_seqscan", "enable_bitmapscan"] {
                let off = "SELECT set_config($1, 'off', false)";
                connection.execute(off, &[&setting]).await?;
            }
            connection.once(explain, values).await
        }
    });
    let steps: Vec<String> = rows.await.unwrap().iter().map(|row| row.get(0)).collect();
    steps.join("\n")
}
