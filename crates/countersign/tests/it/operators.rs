//! `countersign deliveries`, as an operator runs it against a Core that runs.

use std::{path::PathBuf, process::Stdio};

use faults::{
    deployment::Deployment,
    desk::{Asked, Desk, until},
};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use world::World;

use crate::deployment::{self, program};

/// The national administrator of the reference country, and where codes reach them.
const ADMINISTRATOR: (&str, &str, &str) = ("s.amarin", "demo-only", "s.amarin@talvera.example");

/// What a command did.
struct Ended {
    code: i32,
    output: String,
    errors: String,
}

impl Ended {
    /// What it printed, if it did what it was asked.
    fn well(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.output, self.errors);
        self.output
    }
}

/// Somebody at a terminal, with what they sign in with.
struct Terminal {
    url: String,
    signed_in_with: Vec<(&'static str, String)>,
    folder: TempDir,
}

impl Terminal {
    fn new(url: &str, signed_in_with: &[(&'static str, &str)]) -> Self {
        let own = |(name, value): &(&'static str, &str)| (*name, (*value).to_owned());
        Self {
            url: url.to_owned(),
            signed_in_with: signed_in_with.iter().map(own).collect(),
            folder: TempDir::new().unwrap(),
        }
    }

    async fn run(&self, arguments: &[&str]) -> Ended {
        let mut program = program();
        program
            .arg("deliveries")
            .args(arguments)
            .env("COUNTERSIGN_URL", &self.url)
            .envs(self.signed_in_with.iter().cloned())
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        let output = program.output().await.unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Ended {
            code: output.status.code().unwrap(),
            output: text(&output.stdout),
            errors: text(&output.stderr),
        }
    }

    async fn json(&self, arguments: &[&str]) -> Value {
        let mut with_json = arguments.to_vec();
        with_json.push("--json");
        serde_json::from_str(&self.run(&with_json).await.well()).unwrap()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A system client with these scopes; answers how to sign in as it.
async fn client(desk: &Desk, scopes: &[&str]) -> Vec<(&'static str, String)> {
    let new = json!({ "name": "Operations", "scopes": scopes });
    let made = desk.told("/integrations", &new).await;
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    vec![
        ("COUNTERSIGN_CLIENT_ID", text("clientId")),
        ("COUNTERSIGN_CLIENT_SECRET", text("clientSecret")),
    ]
}

fn as_given<'a>(signed_in_with: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    let each = signed_in_with.iter();
    each.map(|(name, value)| (*name, value.as_str())).collect()
}

#[tokio::test]
async fn an_operator_finds_what_waits_stops_it_lifts_that_and_sends_it() {
    let (http, world) = (Client::builder().no_proxy().build().unwrap(), World::real());
    let mut deployment = deployment::start(&http, &world, &[]).await;
    let administrator = Desk::sign_in_as(&http, &deployment, ADMINISTRATOR).await;
    let registrar = Desk::sign_in(&http, &deployment).await;
    let operations = client(&administrator, &["delivery.read", "delivery.manage"]).await;
    let terminal = Terminal::new(&deployment.cores[0].url, &as_given(&operations));

    // The ministry's servers are away.
    deployment.country.kill().await;
    let new = json!({"type": "birth", "transactionId": world.new_id()});
    let record = registrar.insist("/events", &new).await;
    let record = record["id"].as_str().unwrap().to_owned();
    let declaration: Value =
        serde_json::from_str(include_str!("../../../country/samples/birth.json")).unwrap();
    let mut declaration = declaration;
    let born = world.now() - jiff::SignedDuration::from_hours(72);
    declaration["child.dob"] = json!(born.strftime("%Y-%m-%d").to_string());
    let asked = json!({
        "transactionId": world.new_id(), "declaration": declaration, "keepAssignment": true,
    });
    let path = format!("/events/{record}/actions/declare");
    assert!(matches!(
        registrar.ask(&path, &asked).await,
        Asked::Unknown(_)
    ));

    let waits = terminal
        .json(&["list", "--state", "queued,leased", "--kind", "DECLARE"])
        .await;
    let id = waits["deliveries"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(waits["deliveries"][0]["eventId"], *record);
    let table = terminal.run(&["list", "--record", &record]).await.well();
    let mut lines = table.lines();
    assert!(lines.next().unwrap().starts_with("ID "), "{table}");
    assert!(lines.next().unwrap().starts_with(&id), "{table}");
    until("an attempt that failed", async || {
        let shown = terminal.json(&["show", &id]).await;
        (shown["lastOutcome"] == "connection-lost").then_some(())
    })
    .await;
    let shown = terminal.run(&["show", &id]).await.well();
    assert!(
        shown.contains("DECLARE") && shown.contains("connection-lost"),
        "{shown}"
    );
    let summary = terminal.run(&["summary"]).await.well();
    assert!(summary.starts_with("1 delivery waits, since "), "{summary}");

    let why = ["--reason", "the ministry moves its servers"];
    let stopped = terminal
        .run(&["pause", "DECLARE", why[0], why[1]])
        .await
        .well();
    assert!(
        stopped.contains("the ministry moves its servers"),
        "{stopped}"
    );
    deployment.country.start();
    deployment.country.until_ready().await;
    let sent = terminal.run(&["send", &id]).await.well();
    assert!(sent.contains("its kind is stopped"), "{sent}");
    assert_eq!(terminal.json(&["show", &id]).await["paused"], true);
    terminal.run(&["resume", "DECLARE"]).await.well();
    // Whatever is left of it is sent, and waited for.
    let order = ["send", "--kind", "DECLARE", "--wait", why[0], why[1]];
    let done = terminal.run(&order).await.well();
    assert!(done.contains(": done, "), "{done}");
    until("the delivery", async || {
        let shown = terminal.json(&["show", &id]).await;
        (shown["state"] == "delivered").then_some(())
    })
    .await;
    assert_eq!(terminal.json(&["sendings"]).await[0]["state"], "done");

    terminal
        .run(&["export", "--output", "all.csv"])
        .await
        .well();
    let exported = std::fs::read_to_string(terminal.file("all.csv")).unwrap();
    assert!(
        exported.starts_with("id,kind,") && exported.contains(&id),
        "{exported}"
    );
    let rows = terminal
        .run(&["export", "--format", "ndjson", "--kind", "DECLARE"])
        .await
        .well();
    let row: Value = serde_json::from_str(rows.lines().next().unwrap()).unwrap();
    assert_eq!(row["id"], *id);

    // It is decided: there is nothing left to ask.
    assert_eq!(terminal.run(&["resend", &id]).await.code, 6);
    let unknown = world.new_id().to_string();
    assert_eq!(terminal.run(&["show", &unknown]).await.code, 5);
    refusals_say_what_to_do(&terminal, &administrator, &deployment).await;
    deployment.end().await;
}

/// Every failure has a code of its own, and words that say what to do next.
async fn refusals_say_what_to_do(
    terminal: &Terminal,
    administrator: &Desk,
    deployment: &Deployment,
) {
    let url = &deployment.cores[0].url;
    let refused = async |terminal: &Terminal, arguments: &[&str], code: i32, told: &str| {
        let ended = terminal.run(arguments).await;
        assert_eq!(ended.code, code, "{arguments:?}: {}", ended.errors);
        assert!(
            ended.errors.contains(told),
            "{arguments:?}: {}",
            ended.errors
        );
        assert_eq!(ended.output, "");
    };
    refused(
        terminal,
        &["pause", "REGSTER", "--reason", "r"],
        2,
        "REGISTER",
    )
    .await;
    refused(terminal, &["list", "--older-than", "long"], 2, "olderThan").await;
    refused(terminal, &["send"], 2, "--all").await;
    refused(terminal, &["send", "--all"], 2, "--reason").await;
    refused(terminal, &["show", "7"], 2, "no delivery's id").await;

    let reader = client(administrator, &["delivery.read"]).await;
    let reader = Terminal::new(url, &as_given(&reader));
    reader.run(&["list"]).await.well();
    let pause = ["pause", "--all", "--reason", "r"];
    refused(&reader, &pause, 4, "delivery.manage").await;
    refused(&reader, &pause, 4, "integration.create").await;

    let nobody = Terminal::new(url, &[]);
    refused(&nobody, &["list"], 2, "COUNTERSIGN_CLIENT_ID").await;
    let wrong = [
        (
            "COUNTERSIGN_CLIENT_ID",
            "0b45feab-3e4f-4ddc-9b0d-8e1f0a4b6c01",
        ),
        ("COUNTERSIGN_CLIENT_SECRET", "wrong"),
    ];
    refused(&Terminal::new(url, &wrong), &["list"], 4, "secret").await;
    let rubbish = [("COUNTERSIGN_TOKEN", "rubbish")];
    refused(
        &Terminal::new(url, &rubbish),
        &["list"],
        4,
        "COUNTERSIGN_TOKEN",
    )
    .await;
    let elsewhere = Terminal::new("http://127.0.0.1:1", &rubbish);
    refused(&elsewhere, &["summary"], 3, "COUNTERSIGN_URL").await;
}
