//! How many decisions a second one database keeps, beside how many plain commits it does at all.
//!
//! `cargo run --release -p storage-postgres --example commits -- [seconds] [at once] [nodes]`

#![expect(clippy::unwrap_used, reason = "a measurement fails by panicking")]

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use forms::ActionType;
use futures::future::join_all;
use postgres_cluster::{Cluster, Durability};
use records::{ActionStatus, DuplicateKey, DuplicateLookup, EventId};
use serde_json::json;
use storage::{
    Attempt, AttemptResult, Change, Committed, LookedFor, Next, Projection, RecordStore as _,
    SearchText,
    story::{
        Scene,
        scene::{at, projection},
    },
};
use storage_postgres::{Migrate, PostgresStore};
use world::World;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|text| text.parse::<u64>().unwrap());
    let time = Duration::from_secs(arguments.next().unwrap_or(5));
    let at_once = arguments.next().unwrap_or(16);
    let nodes = arguments.next().unwrap_or(1);
    let cluster = Cluster::start(Durability::Real).unwrap();
    cluster.create_database("registry", None).unwrap();
    let url = cluster.url("registry");
    plain(&url, time, at_once).await;
    let mut stores = vec![];
    for _ in 0..nodes {
        let store = PostgresStore::connect(&url, Migrate::Yes, World::real());
        stores.push(store.await.unwrap());
    }
    let (flows, commits, stale) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let begun = Instant::now();
    join_all((0..at_once).map(|one| {
        let store = stores[usize::try_from(one % nodes).unwrap()].clone();
        let (flows, commits, stale) = (&flows, &commits, &stale);
        async move {
            let scene = Scene::seeded(Arc::new(store.clone()), one + 1);
            while begun.elapsed() < time {
                flow(&store, &scene, commits, stale).await;
                flows.fetch_add(1, Ordering::Relaxed);
            }
        }
    }))
    .await;
    let took = begun.elapsed().as_secs_f64();
    println!(
        "{:.0} flows/s of create, declare, register: {:.0} commits/s, {} decided again",
        flows.load(Ordering::Relaxed) as f64 / took,
        commits.load(Ordering::Relaxed) as f64 / took,
        stale.load(Ordering::Relaxed),
    );
}

/// As many sessions, each of which writes a small row and waits for it to be durable.
async fn plain(url: &str, time: Duration, at_once: u64) {
    let commits = AtomicU64::new(0);
    let mut clients = vec![];
    for _ in 0..at_once {
        let connected = tokio_postgres::connect(url, tokio_postgres::NoTls).await;
        let (client, connection) = connected.unwrap();
        tokio::spawn(connection);
        clients.push(client);
    }
    let table = "CREATE TABLE plain (n bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, text text)";
    clients[0].batch_execute(table).await.unwrap();
    let begun = Instant::now();
    join_all(clients.iter().map(|client| {
        let commits = &commits;
        async move {
            let insert = client
                .prepare("INSERT INTO plain (text) VALUES ($1)")
                .await
                .unwrap();
            while begun.elapsed() < time {
                client.execute(&insert, &[&"a small row"]).await.unwrap();
                commits.fetch_add(1, Ordering::Relaxed);
            }
        }
    }))
    .await;
    let rate = commits.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64();
    println!("{rate:.0} plain commits/s with {at_once} at once");
}

/// A birth, from its beginning to its number: five commits, and a search for duplicates.
async fn flow(store: &PostgresStore, scene: &Scene, commits: &AtomicU64, stale: &AtomicU64) {
    let event = scene.created().await.id;
    let mut version = 1;
    for kind in [ActionType::Declare, ActionType::Register] {
        let mut request = scene.action(kind, ActionStatus::Requested);
        request.declaration = declaration(event).as_object().cloned();
        let mut delivery = scene.delivery_of(event, request.id, 0);
        delivery.lease = Some(storage::Lease {
            owner: "node".to_owned(),
            until: at(100),
        });
        let looking = BTreeSet::from([lookup(event)]);
        loop {
            let looked = store
                .duplicate_candidates(event, &looking, 100)
                .await
                .unwrap();
            let change = Change {
                actions: vec![request.clone()],
                projection: Some(whole(event, &request.created_at, None)),
                delivery: Some(delivery.clone()),
                looked_for: (kind == ActionType::Declare).then(|| LookedFor {
                    lookups: looking.clone(),
                    as_of: looked.as_of,
                }),
                audit: vec![scene.audit_of(Some(event), "event.actions.request")],
                ..scene.change(event, version)
            };
            match store.commit(change).await.unwrap() {
                Committed::At { .. } => break,
                _ => drop(stale.fetch_add(1, Ordering::Relaxed)),
            }
        }
        let accepted = scene.resolution(&request, ActionStatus::Accepted);
        let number = (kind == ActionType::Register).then(|| event.to_string());
        let change = Change {
            projection: Some(whole(event, &accepted.created_at, number)),
            actions: vec![accepted],
            attempt: Some(AttemptResult {
                delivery_id: delivery.id,
                fence: 1,
                attempt: Attempt {
                    number: 1,
                    started_at: at(1),
                    duration_ms: 3,
                    status: Some(200),
                    answer: None,
                    outcome: "accepted".to_owned(),
                    error: None,
                },
                next: Next::Delivered,
            }),
            audit: vec![scene.audit_of(Some(event), "event.actions.accept")],
            ..scene.change(event, version + 1)
        };
        let committed = store.commit(change).await.unwrap();
        assert!(matches!(committed, Committed::At { .. }), "{committed:?}");
        version += 2;
    }
    commits.fetch_add(5, Ordering::Relaxed);
}

/// A name like another's now and then.
fn name(event: EventId) -> String {
    const LETTERS: [&str; 8] = ["ka", "ri", "mo", "ne", "tu", "sa", "li", "do"];
    let noise = event.0.as_u128();
    (0..4)
        .map(|at| LETTERS[((noise >> (at * 3)) & 7) as usize])
        .collect()
}

fn lookup(event: EventId) -> DuplicateLookup {
    DuplicateLookup {
        block: "birth child.name child.dob".to_owned(),
        text: name(event),
        edits: 2,
        days: (20_000, 20_010),
    }
}

fn declaration(event: EventId) -> serde_json::Value {
    json!({
        "child.name": { "firstname": name(event), "surname": "of the measured" },
        "child.dob": "2026-01-20", "child.gender": "male",
        "child.placeOfBirth": "HEALTH_FACILITY",
        "mother.name": { "firstname": "Maria", "surname": "of the measured" },
        "mother.dob": "1996-04-02", "mother.idType": "NATIONAL_ID", "mother.nid": "1234567890",
        "father.name": { "firstname": "Peter", "surname": "of the measured" },
        "informant.relation": "MOTHER", "informant.phoneNo": "0911725897",
        "informant.email": "somebody@example.org",
    })
}

fn whole(event: EventId, updated: &str, number: Option<String>) -> Projection {
    let day = 20_000 + (event.0.as_u128() >> 20) as i64 % 30;
    let texts = [
        ("", event.to_string(), true),
        (
            "child.name",
            format!("{} of the measured", name(event)),
            true,
        ),
        ("mother.name", "Maria of the measured".to_owned(), true),
        ("father.name", "Peter of the measured".to_owned(), true),
        ("child.dob", "2026-01-20".to_owned(), false),
        ("mother.dob", "1996-04-02".to_owned(), false),
        ("mother.nid", "1234567890".to_owned(), false),
        ("informant.phoneNo", "0911725897".to_owned(), false),
        ("informant.email", "somebody@example.org".to_owned(), false),
    ];
    Projection {
        registration_number: number,
        texts: texts
            .into_iter()
            .map(|(name, text, quick)| SearchText {
                name: name.to_owned(),
                text,
                quick,
            })
            .collect(),
        attachments: BTreeSet::new(),
        duplicate_keys: BTreeSet::from([DuplicateKey {
            block: "birth child.name child.dob".to_owned(),
            text: name(event),
            day,
            spelled: true,
        }]),
        ..projection(
            event,
            json!({
                "updatedAt": updated, "createdAt": updated, "createdBy": "somebody",
                "updatedBy": "somebody", "updatedAtLocation": "an office",
                "createdAtLocation": "an office", "trackingId": "ABC123",
                "declaration": declaration(event),
            }),
        )
    }
}
