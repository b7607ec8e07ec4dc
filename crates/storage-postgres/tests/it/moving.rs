//! Deployments move into PostgreSQL, out of it, and from one database to another.

use std::sync::Arc;

use postgres_cluster::Database;
use storage::story::{Scene, moving};
use storage_postgres::{Migrate, PostgresStore};
use storage_sqlite::SqliteStore;
use tempfile::TempDir;
use world::World;

use crate::node;

/// A new, empty database, for as long as it is kept.
async fn empty() -> (PostgresStore, Database) {
    let database = Database::new().unwrap();
    let store = PostgresStore::connect_to_fill(&database.url(), Migrate::Yes, World::real())
        .await
        .unwrap();
    (store, database)
}

fn file() -> (SqliteStore, TempDir) {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::in_directory(folder.path(), World::real()).unwrap();
    (store, folder)
}

#[tokio::test]
async fn a_deployment_moves_from_a_file_to_a_database() {
    let ((from, _folder), (to, _database)) = (file(), empty().await);
    let scene = Scene::new(Arc::new(from.clone()));
    moving::a_deployment_moves_whole(&scene, &from, &to, &to).await;
}

#[tokio::test]
async fn a_deployment_moves_from_a_database_to_a_file() {
    let ((from, _database), (to, _folder)) = (empty().await, file());
    let scene = Scene::new(Arc::new(from.clone()));
    moving::a_deployment_moves_whole(&scene, &from, &to, &to).await;
}

#[tokio::test]
async fn a_deployment_moves_from_one_database_to_another() {
    let ((from, _one), (to, _other)) = (empty().await, empty().await);
    let scene = Scene::new(Arc::new(from.clone()));
    moving::a_deployment_moves_whole(&scene, &from, &to, &to).await;
}

#[tokio::test]
async fn a_move_that_is_broken_off_is_taken_up_again() {
    let ((from, _folder), (to, _database)) = (file(), empty().await);
    let scene = Scene::new(Arc::new(from.clone()));
    moving::a_move_that_is_broken_off_is_taken_up_again(&scene, &from, &to).await;
}

#[tokio::test]
async fn a_database_that_holds_something_is_refused() {
    let ((from, _folder), (to, _database)) = (file(), empty().await);
    moving::a_store_that_holds_something_is_refused(&from, &to, &to).await;
}

#[tokio::test]
async fn a_move_of_another_deployment_is_not_taken_up() {
    let ((from, _folder), (other, _another)) = (file(), file());
    let (to, _database) = empty().await;
    let scene = Scene::new(Arc::new(from.clone()));
    moving::a_move_of_another_deployment_is_not_taken_up(&scene, &from, &other, &to).await;
}

#[tokio::test]
async fn nobody_works_on_half_a_deployment() {
    use storage::moving::{MovingStore as _, copy};
    let ((from, _folder), (to, database)) = (file(), empty().await);
    to.begin_move(from.deployment().await.unwrap())
        .await
        .unwrap();
    let refused = PostgresStore::connect(&database.url(), Migrate::Yes, World::real()).await;
    let refused = refused.expect_err("it is not whole").to_string();
    assert!(
        refused.contains("copying into it was broken off"),
        "{refused}"
    );
    copy(&from, &to, &mut |_| {}).await.unwrap();
    node(&database).await;
}

#[tokio::test]
async fn a_database_that_nodes_work_on_is_not_at_rest() {
    use storage::{Beat, NodeStore as _};
    let (store, database) = empty().await;
    let world = World::real();
    let url = database.url();
    let at_rest = || PostgresStore::connect_at_rest(&url, world.clone());
    at_rest().await.unwrap();
    let run = world.new_id();
    let beat = Beat {
        node: "one".to_owned(),
        run,
        version: "0.1.0".to_owned(),
        started_at: world.now(),
        at: world.now(),
    };
    assert!(store.beat(beat).await.unwrap());
    let refused = at_rest().await.expect_err("a node lives").to_string();
    assert!(
        refused.contains("the node one works on the database"),
        "{refused}"
    );
    store.leave("one", run, world.now()).await.unwrap();
    at_rest().await.unwrap();
}

#[tokio::test]
async fn bringing_a_database_up_to_date_says_from_where() {
    let database = Database::new().unwrap();
    let (before, now) = PostgresStore::migrate(&database.url()).await.unwrap();
    assert_eq!(before, 0);
    let again = PostgresStore::migrate(&database.url()).await.unwrap();
    assert_eq!(again, (now, now));
}
