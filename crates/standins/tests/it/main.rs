//! The stand-ins as their users meet them: over real HTTP and SMTP, with real files.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod callbacks;
mod messages;
mod national_id;

use std::{path::Path, time::Duration};

use serde_json::{Value, json};
use standins::{Running, StandinsSettings};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use world::World;

/// Stand-ins of one test, and a client to them.
struct Standins {
    running: Running,
    shutdown: CancellationToken,
    client: reqwest::Client,
    data: TempDir,
}

impl Standins {
    async fn start() -> Self {
        Self::start_on(TempDir::new().unwrap()).await
    }

    async fn start_on(data: TempDir) -> Self {
        let shutdown = CancellationToken::new();
        let running = serve(data.path(), shutdown.clone()).await;
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            running,
            shutdown,
            client,
            data,
        }
    }

    async fn restart(self) -> Self {
        self.shutdown.cancel();
        self.running.stopped().await;
        Self::start_on(self.data).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.http)
    }

    async fn get(&self, path: &str) -> Value {
        self.client
            .get(self.url(path))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let answer = self
            .client
            .post(self.url(path))
            .json(&body)
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn turn(&self, system: &str, knobs: Value) {
        let url = self.url(&format!("/{system}/knobs"));
        let answer = self.client.put(url).json(&knobs).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
}

async fn serve(data: &Path, shutdown: CancellationToken) -> Running {
    let any = "127.0.0.1:0".parse().unwrap();
    let settings = StandinsSettings {
        http: any,
        smtp: any,
        data: data.to_owned(),
    };
    standins::serve(settings, World::real(), shutdown)
        .await
        .unwrap()
}

/// An applicant by this reference and surname.
fn applicant(reference: &str, surname: &str) -> Value {
    json!({
        "reference": reference,
        "child": { "firstname": "Noé", "surname": surname },
        "mother": { "firstname": "Lise", "surname": surname },
        "dateOfBirth": "2026-01-04",
    })
}

/// Waits for `check` to answer, at most ten seconds.
async fn eventually<T>(mut check: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..400 {
        if let Some(found) = check().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it never came");
}
