//! All nodes go by the database's clock.

use std::sync::Arc;

use jiff::SignedDuration;
use storage_postgres::DatabaseClock;
use world::Clock as _;

use crate::database;

#[tokio::test]
async fn nodes_have_the_databases_time() {
    let database = database().await;
    let first = Arc::new(DatabaseClock::connect(&database.url()).await.unwrap());
    let second = DatabaseClock::connect(&database.url()).await.unwrap();
    let asked =
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.USZ')";
    let before = first.now();
    let there: jiff::Timestamp = database.sql(asked).unwrap().trim().parse().unwrap();
    let after = second.now();
    // As far as a measurement goes: half of what the quickest of a few questions took.
    let slack = SignedDuration::from_millis(500);
    assert!(
        before - slack <= there && there <= after + slack,
        "{before} {there} {after}"
    );
}
