//! A deployment moves from one file to another.

use std::{path::PathBuf, sync::Arc};

use storage::story::{Scene, moving};
use storage_sqlite::SqliteStore;
use tempfile::TempDir;
use world::World;

struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn open(&self, name: &str) -> SqliteStore {
        SqliteStore::open_to_fill(&self.path(name), World::real()).unwrap()
    }

    fn scene(&self, name: &str) -> (Scene, SqliteStore) {
        let store = self.open(name);
        (Scene::new(Arc::new(store.clone())), store)
    }
}

#[tokio::test]
async fn a_deployment_moves_whole() {
    let files = Files::new();
    let (scene, from) = files.scene("from");
    let to = files.open("to");
    moving::a_deployment_moves_whole(&scene, &from, &to, &to).await;
}

#[tokio::test]
async fn a_move_that_is_broken_off_is_taken_up_again() {
    let files = Files::new();
    let (scene, from) = files.scene("from");
    let to = files.open("to");
    moving::a_move_that_is_broken_off_is_taken_up_again(&scene, &from, &to).await;
}

#[tokio::test]
async fn a_store_that_holds_something_is_refused() {
    let files = Files::new();
    let (from, to) = (files.open("from"), files.open("to"));
    moving::a_store_that_holds_something_is_refused(&from, &to, &to).await;
}

#[tokio::test]
async fn a_move_of_another_deployment_is_not_taken_up() {
    let files = Files::new();
    let (scene, from) = files.scene("from");
    let (other, to) = (files.open("other"), files.open("to"));
    moving::a_move_of_another_deployment_is_not_taken_up(&scene, &from, &other, &to).await;
}

#[tokio::test]
async fn a_source_that_changes_meanwhile_is_found_out() {
    let files = Files::new();
    let (scene, from) = files.scene("from");
    let to = files.open("to");
    moving::a_source_that_changes_meanwhile_is_found_out(&scene, &from, &to).await;
}

#[tokio::test]
async fn nobody_works_on_half_a_deployment() {
    use storage::moving::MovingStore as _;
    let files = Files::new();
    let from = files.open("from");
    let to = files.open("to");
    to.begin_move(from.deployment().await.unwrap())
        .await
        .unwrap();
    drop(to);
    let refused = SqliteStore::open(&files.path("to"), World::real());
    let refused = refused.expect_err("it is not whole").to_string();
    assert!(
        refused.contains("copying into it was broken off"),
        "{refused}"
    );
    let to = files.open("to");
    storage::moving::copy(&from, &to, &mut |_| {})
        .await
        .unwrap();
    drop(to);
    SqliteStore::open(&files.path("to"), World::real()).unwrap();
}

#[tokio::test]
async fn a_file_at_rest_is_nobody_elses_and_is_not_written() {
    use storage::{AccountStore as _, SigningKey};
    let files = Files::new();
    let path = files.path("from");
    assert!(SqliteStore::open_at_rest(&path, World::real()).is_err());
    assert!(!path.exists(), "and nothing is made");
    let open = files.open("from");
    let refused = SqliteStore::open_at_rest(&path, World::real());
    let refused = refused.expect_err("it is open").to_string();
    assert!(
        refused.contains("is in use by another process"),
        "{refused}"
    );
    drop(open);
    let at_rest = SqliteStore::open_at_rest(&path, World::real()).unwrap();
    assert!(SqliteStore::open(&path, World::real()).is_err());
    let key = SigningKey {
        id: "new".to_owned(),
        private_pem: "PEM".to_owned(),
        created_at: jiff::Timestamp::UNIX_EPOCH,
    };
    assert!(at_rest.add_signing_key(key, None).await.is_err());
}

#[test]
fn bringing_a_file_up_to_date_says_from_where() {
    let files = Files::new();
    let (before, now) = SqliteStore::migrate(&files.path("new")).unwrap();
    assert_eq!(before, 0);
    assert_eq!(
        SqliteStore::migrate(&files.path("new")).unwrap(),
        (now, now)
    );
}
