//! Databases are brought up to date by whoever comes first, and none is harmed.

use futures::future::join_all;
use postgres_cluster::Database;
use storage::{ConfigurationKind, ConfigurationStore as _, StoreError, StoredConfiguration};
use storage_postgres::{Migrate, PostgresStore};
use world::World;

async fn connect(database: &Database, migrate: Migrate) -> Result<PostgresStore, StoreError> {
    PostgresStore::connect(&database.url(), migrate, World::real()).await
}

fn unreadable(refused: Result<PostgresStore, StoreError>) -> String {
    match refused {
        Err(StoreError::Unreadable { source, .. }) => source.to_string(),
        other => panic!("it can't be used: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_start_together_migrate_once() {
    let database = Database::new().unwrap();
    for node in join_all((0..4).map(|_| connect(&database, Migrate::Yes))).await {
        node.unwrap();
    }
    let twice = "SELECT count(*) - count(DISTINCT name) FROM countersign.migrations";
    assert_eq!(database.sql(twice).unwrap().trim(), "0");
}

#[tokio::test]
async fn a_database_that_is_not_prepared_is_left_alone_by_who_only_checks() {
    let database = Database::new().unwrap();
    let told = unreadable(connect(&database, Migrate::Check).await);
    assert!(told.contains("countersign migrate"), "{told}");
    let ours = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'countersign%'";
    assert_eq!(database.sql(ours).unwrap().trim(), "0");
    connect(&database, Migrate::Yes).await.unwrap();
    connect(&database, Migrate::Check).await.unwrap();
}

#[tokio::test]
async fn a_newer_database_is_used_as_long_as_it_allows_that() {
    let database = Database::new().unwrap();
    connect(&database, Migrate::Yes).await.unwrap();
    let newer = |number: u32, oldest: &str| {
        database
            .sql(&format!(
                "INSERT INTO countersign.migrations (number, name, oldest_program)
                 SELECT {number}, 'newer', {oldest} FROM countersign.migrations WHERE number = 1"
            ))
            .unwrap()
    };
    newer(1001, "1");
    connect(&database, Migrate::Yes).await.unwrap();
    connect(&database, Migrate::Check).await.unwrap();
    newer(1002, "1002");
    let told = unreadable(connect(&database, Migrate::Yes).await);
    assert!(told.contains("newer program"), "{told}");
}

#[tokio::test]
async fn what_a_newer_program_keeps_of_the_configuration_is_left_alone() {
    let database = Database::new().unwrap();
    let store = connect(&database, Migrate::Yes).await.unwrap();
    let document = StoredConfiguration {
        body: "[]".to_owned(),
        etag: None,
        at: jiff::Timestamp::UNIX_EPOCH,
    };
    let known = vec![(ConfigurationKind::Events, document)];
    store.save_configuration(known.clone()).await.unwrap();
    database
        .sql("INSERT INTO countersign.configuration (kind, body, at) VALUES ('tomorrow', '[]', 0)")
        .unwrap();
    assert_eq!(store.configuration().await.unwrap(), known);
    store.save_configuration(known).await.unwrap();
    let kinds = "SELECT string_agg(kind, ',' ORDER BY kind) FROM countersign.configuration";
    assert_eq!(database.sql(kinds).unwrap().trim(), "events,tomorrow");
}
