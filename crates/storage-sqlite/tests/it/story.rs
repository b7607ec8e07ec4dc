//! The story that every store must pass.

use storage_sqlite::SqliteStore;
use tempfile::TempDir;
use world::World;

async fn make() -> (SqliteStore, TempDir) {
    let directory = TempDir::new().unwrap();
    let store = SqliteStore::in_directory(directory.path(), World::real()).unwrap();
    (store, directory)
}

storage::stories!(make);
