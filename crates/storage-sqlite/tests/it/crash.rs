//! A process that is killed in the middle of its work loses nothing it had acknowledged.

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
};

use records::EventId;
use storage::{DeliveryStore as _, RecordStore as _, story::Scene};
use storage_sqlite::SqliteStore;
use tempfile::TempDir;
use world::World;

/// Says to a test process that it is to be the one that is killed, and on which file.
const VICTIM: &str = "STORAGE_SQLITE_TEST_VICTIM";

/// How many acknowledgements to wait for before the kill.
const ENOUGH: usize = 200;

/// Not a test of its own: this test binary started again, writing until it is killed.
#[tokio::test]
async fn the_victim() {
    let Some(path) = std::env::var_os(VICTIM) else {
        return;
    };
    let store = Arc::new(SqliteStore::open(&PathBuf::from(path), World::real()).unwrap());
    let scene = Arc::new(Scene::seeded(store, std::process::id().into()));
    for _ in 0..8 {
        let scene = Arc::clone(&scene);
        tokio::spawn(async move {
            loop {
                let pending = scene.pending(0).await;
                // One line at a time, flushed: what stands there was acknowledged.
                writeln!(std::io::stdout().lock(), "\nacknowledged {}", pending.event).unwrap();
            }
        });
    }
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_killed_process_loses_nothing_it_acknowledged() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("store.sqlite");
    let mut acknowledged: BTreeSet<EventId> = BTreeSet::new();
    for round in 1..=3 {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::the_victim", "--nocapture"])
            .env(VICTIM, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
        for line in lines.map_while(Result::ok) {
            if let Some(id) = line.strip_prefix("acknowledged ") {
                acknowledged.insert(id.parse().unwrap());
            }
            if acknowledged.len() >= round * ENOUGH {
                break;
            }
        }
        victim.kill().unwrap();
        victim.wait().unwrap();
        assert!(
            acknowledged.len() >= round * ENOUGH,
            "the victim worked until it was killed"
        );

        let store = SqliteStore::open(&path, World::real()).unwrap();
        for id in &acknowledged {
            let record = store.record(*id).await.unwrap().expect("acknowledged");
            assert_eq!((record.version, record.document.actions.len()), (2, 2));
            let requested = record.document.actions[1].id;
            assert!(store.delivery_of_action(requested).await.unwrap().is_some());
        }
    }
}
