//! Servers go away and come back.

use std::time::Duration;

use futures::future::join_all;
use postgres_cluster::{Cluster, Database, Durability};
use storage::{
    Field, Filter, PendingStore as _, RecordQuery, RecordStore as _, StoreError, story::Scene,
};
use storage_postgres::{Migrate, PostgresStore};
use world::World;

async fn connect(url: &str) -> PostgresStore {
    PostgresStore::connect(url, Migrate::Yes, World::real())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_store_goes_on_after_its_server_was_killed() {
    let cluster = Cluster::start(Durability::Real).unwrap();
    cluster.create_database("registry", None).unwrap();
    let store = connect(&cluster.url("registry")).await;
    let scene = Scene::new(std::sync::Arc::new(store.clone()));
    let before = scene.created().await;
    cluster.kill().unwrap();
    let refused = store.record(before.id).await;
    let Err(StoreError::Unavailable { reason, .. }) = &refused else {
        panic!("there is no server: {refused:?}");
    };
    assert!(reason.contains("database"), "{reason}");
    cluster.start_again().unwrap();
    // Connections that were lost are not used again, however many there were.
    let reads = join_all((0..20).map(|_| store.record(before.id))).await;
    for read in reads {
        assert_eq!(read.unwrap().unwrap().document, before);
    }
    scene.created().await;
}

#[tokio::test]
async fn a_store_follows_a_failover() {
    let primary = Cluster::start(Durability::Real).unwrap();
    primary.create_database("registry", None).unwrap();
    let standby = primary.standby(true).unwrap();
    let url = format!(
        "postgres://postgres@127.0.0.1:{},127.0.0.1:{}/registry?sslmode=disable",
        standby.port(),
        primary.port()
    );
    let store = connect(&url).await;
    let scene = Scene::new(std::sync::Arc::new(store.clone()));
    let before = scene.created().await;
    primary.kill().unwrap();
    standby.promote().unwrap();
    let read = loop {
        match store.record(before.id).await {
            Ok(read) => break read,
            Err(StoreError::Unavailable { .. }) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(read.unwrap().document, before);
    scene.created().await;
}

#[tokio::test]
async fn what_a_database_is_set_to_changes_nothing() {
    let database = Database::new().unwrap();
    for set in [
        "statement_timeout = 1",
        "lock_timeout = 1",
        "default_transaction_isolation = serializable",
        "default_transaction_deferrable = on",
        "\"TimeZone\" = 'Asia/Kathmandu'",
        "\"DateStyle\" = 'German, DMY'",
    ] {
        let sql = format!(
            "DO $do$ BEGIN EXECUTE format($$ALTER DATABASE %I SET {set}$$, current_database()); \
             END $do$"
        );
        // Whoever comes after the first has no more time than that, either.
        database
            .sql(&format!("SET statement_timeout = 0; {sql}"))
            .unwrap();
    }
    let store = connect(&database.url()).await;
    let scene = Scene::new(std::sync::Arc::new(store.clone()));
    let pending = scene.pending(0).await;
    let waits = store.pending_action(pending.action.id).await.unwrap();
    let asked: jiff::Timestamp = pending.action.created_at.parse().unwrap();
    assert_eq!(waits.unwrap().requested_at, asked);
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_stopped() {
    let database = crate::database().await;
    let store = crate::node(&database).await;
    let scene = Scene::new(std::sync::Arc::new(store.clone()));
    scene.created().await;
    // Somebody keeps everybody else from the records for a while.
    let hold = "BEGIN; LOCK TABLE countersign.projections; SELECT pg_sleep(60); COMMIT";
    let url = database.url();
    let holding = tokio::task::spawn_blocking(move || drop(database.sql(hold)));
    let everything = RecordQuery {
        filter: Filter::Present(Field::at(["type"])),
        sort: vec![],
        offset: 0,
        limit: 1,
    };
    let other = connect_only(&url).await;
    let waiting = |what: &'static str| {
        let other = &other;
        async move {
            let sql = format!(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND {what}"
            );
            let row = other.query_one(&sql, &[]).await.unwrap();
            row.get::<_, i64>(0)
        }
    };
    let until = |what: &'static str, wanted: bool| async move {
        while (waiting(what).await > 0) != wanted {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    until("wait_event = 'PgSleep'", true).await;
    let search = tokio::spawn(async move { store.find_records(&everything).await });
    let stuck = "wait_event_type = 'Lock' AND query LIKE '%FROM projections%'";
    until(stuck, true).await;
    search.abort();
    until(stuck, false).await;
    let stop = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    other.query(stop, &[]).await.unwrap();
    holding.await.unwrap();
}

/// A connection beside the store's.
async fn connect_only(url: &str) -> tokio_postgres::Client {
    let connected = tokio_postgres::connect(url, tokio_postgres::NoTls).await;
    let (client, connection) = connected.unwrap();
    tokio::spawn(connection);
    client
}
