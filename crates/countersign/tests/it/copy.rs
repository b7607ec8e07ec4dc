//! A deployment is copied to another database by the real program.

use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
    sync::Arc,
    time::Duration,
};

use postgres_cluster::Database;
use reqwest::Client;
use serde_json::json;
use storage::{
    moving::{Kept, MovingStore as _},
    story::{Scene, moving},
};
use storage_sqlite::SqliteStore;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use world::{SystemClock, World};

use faults::{
    deployment::Deployment,
    desk::{Asked, Desk, until},
    work::birth,
};

use crate::deployment::{self, program};

/// A file, as the program is told of it.
fn sqlite(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

async fn countersign(arguments: &[&str]) -> Output {
    program().args(arguments).output().await.unwrap()
}

async fn copy(from: &str, to: &str) -> Output {
    countersign(&["copy", "--from", from, "--to", to]).await
}

fn printed(output: &Output) -> String {
    let (said, told) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(said),
        String::from_utf8_lossy(told)
    )
}

/// A store with some of everything, closed.
async fn filled(folder: &TempDir) -> PathBuf {
    let file = folder.path().join("from.sqlite");
    let store = SqliteStore::open(&file, World::real()).unwrap();
    moving::fill(&Scene::new(Arc::new(store))).await;
    file
}

/// Copies, and is killed when it has told so much.
async fn killed_after(lines: usize, from: &str, to: &str) {
    let mut copying = program()
        .args(["copy", "--from", from, "--to", to])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut told = BufReader::new(copying.stderr.take().unwrap()).lines();
    for _ in 0..lines {
        told.next_line().await.unwrap();
    }
    copying.kill().await.unwrap();
}

#[tokio::test]
async fn a_copy_that_is_killed_again_and_again_gets_there_and_doubles_nothing() {
    let folder = TempDir::new().unwrap();
    let (file, copied) = (filled(&folder).await, folder.path().join("to.sqlite"));
    let (from, to) = (sqlite(&file), sqlite(&copied));
    for lines in [1, 6, 13, 18, 21, 27, 36, 37] {
        killed_after(lines, &from, &to).await;
    }
    let output = copy(&from, &to).await;
    let printed = printed(&output);
    assert!(output.status.success(), "{printed}");
    for kind in Kept::ALL {
        let line = printed
            .lines()
            .find(|line| line.starts_with(kind.as_str()))
            .unwrap();
        assert!(line.ends_with("the same in both"), "{line}");
    }
    let [from, to] = [&file, &copied].map(|file| SqliteStore::open(file, World::real()).unwrap());
    for kind in Kept::ALL {
        assert_eq!(
            to.count_kept(kind).await.unwrap(),
            from.count_kept(kind).await.unwrap(),
            "{}",
            kind.as_str()
        );
    }
}

#[tokio::test]
async fn what_must_not_be_copied_is_refused_in_words() {
    let folder = TempDir::new().unwrap();
    let (file, other) = (filled(&folder).await, folder.path().join("other.sqlite"));
    let (from, to) = (sqlite(&file), sqlite(&other));

    let open = SqliteStore::open(&file, World::real()).unwrap();
    let refused = printed(&copy(&from, &to).await);
    assert!(refused.contains("is Core stopped?"), "{refused}");
    drop(open);

    let theirs = SqliteStore::open(&other, World::real()).unwrap();
    Scene::new(Arc::new(theirs)).created().await;
    let output = copy(&from, &to).await;
    let refused = printed(&output);
    assert!(!output.status.success());
    assert!(
        refused.contains("the target is not empty: it holds records"),
        "{refused}"
    );

    let same = printed(&copy(&from, &from).await);
    assert!(same.contains("source and target are the same"), "{same}");
    let missing = printed(&copy("sqlite:no/such/file", &to).await);
    assert!(
        missing.contains("there is no file no/such/file"),
        "{missing}"
    );
}

#[tokio::test]
async fn migrate_says_what_it_did() {
    let folder = TempDir::new().unwrap();
    let url = sqlite(&folder.path().join("new.sqlite"));
    let migrate = ["migrate", "--database-url", &url];
    let said = printed(&countersign(&migrate).await);
    assert!(said.contains("was made, at version"), "{said}");
    let said = printed(&countersign(&migrate).await);
    assert!(said.contains("is up to date, at version"), "{said}");
    let data = folder.path().display().to_string();
    let said = printed(&countersign(&["migrate", "--data", &data]).await);
    assert!(said.contains("countersign.sqlite was made"), "{said}");
    let wrong = countersign(&["migrate", "--database-url", "mysql://x"]).await;
    assert!(!wrong.status.success());
}

#[tokio::test]
async fn a_killed_copy_gets_to_postgresql_and_back() {
    let folder = TempDir::new().unwrap();
    let (file, back) = (filled(&folder).await, folder.path().join("back.sqlite"));
    let database = Database::new().unwrap();
    let (from, server, back) = (sqlite(&file), database.url(), sqlite(&back));
    for lines in [1, 13, 21, 36] {
        killed_after(lines, &from, &server).await;
    }
    for (from, to) in [(&from, &server), (&server, &back)] {
        let output = copy(from, to).await;
        let printed = printed(&output);
        assert!(output.status.success(), "{printed}");
        let same = printed.matches("the same in both").count();
        assert_eq!(same, Kept::ALL.len(), "{printed}");
    }
    let said = printed(&countersign(&["migrate", "--database-url", &server]).await);
    assert!(said.contains("is up to date, at version"), "{said}");
}

#[tokio::test]
async fn a_deployment_copied_to_another_file_delivers_what_waited() {
    let mut moved = Moved::begin(7).await;
    let new = moved.deployment.folder().join("moved");
    std::fs::create_dir(&new).unwrap();
    moved
        .copy_to(&sqlite(&new.join(SqliteStore::FILE_NAME)))
        .await;
    moved.deployment.cores[0].moves_to(&new);
    moved.delivers().await;
}

#[tokio::test]
async fn a_deployment_copied_to_postgresql_delivers_what_waited() {
    let database = Database::new().unwrap();
    let mut moved = Moved::begin(8).await;
    moved.copy_to(&database.url()).await;
    moved.deployment.cores[0].moves_to_database(&database.url());
    moved.delivers().await;
}

/// A deployment whose Core is stopped while a declaration waits for country config.
struct Moved {
    deployment: Deployment,
    desk: Desk,
    record: String,
}

impl Moved {
    async fn begin(seed: u64) -> Self {
        let world = World::seeded(Arc::new(SystemClock), seed);
        let builder = Client::builder().no_proxy();
        let http = builder.timeout(Duration::from_secs(10)).build().unwrap();
        let mut deployment = deployment::start(&http, &world, &[]).await;
        let desk = Desk::sign_in(&http, &deployment).await;
        let begin = json!({ "type": "birth", "transactionId": world.new_id() });
        let begun = desk.insist("/events", &begin).await;
        let record = begun["id"].as_str().unwrap().to_owned();

        deployment.country.kill().await;
        let declare = json!({
            "transactionId": world.new_id(),
            "declaration": birth(&world, "0600000001"),
            "annotation": {},
        });
        let path = format!("/events/{record}/actions/declare");
        let asked = desk.ask(&path, &declare).await;
        assert!(matches!(asked, Asked::Unknown(_)), "nobody took it");
        deployment.cores[0].kill().await;
        Self {
            deployment,
            desk,
            record,
        }
    }

    async fn copy_to(&self, to: &str) {
        let old = self.deployment.folder().join("core");
        let output = copy(&sqlite(&old.join(SqliteStore::FILE_NAME)), to).await;
        assert!(output.status.success(), "{}", printed(&output));
    }

    /// Starts both again, and sees the declaration accepted: with the token from before, since who
    /// is signed in stays so.
    async fn delivers(mut self) {
        for part in [&mut self.deployment.country, &mut self.deployment.cores[0]] {
            part.start();
            part.until_ready().await;
        }
        until("the declaration to be accepted", async || {
            let record = self.desk.shown(&format!("/events/{}", self.record)).await;
            let actions = record["actions"].as_array()?.clone();
            actions
                .into_iter()
                .find(|action| action["type"] == "DECLARE" && action["status"] == "Accepted")
        })
        .await;
        self.deployment.end().await;
    }
}
