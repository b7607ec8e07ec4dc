//! Of two that race to be the first, one sees the other, whichever nodes they are on.

use std::collections::BTreeSet;

use forms::ActionType;
use futures::future::join_all;
use postgres_cluster::Database;
use records::{ActionStatus, DuplicateKey, DuplicateLookup, EventId};
use serde_json::json;
use storage::{
    Change, Committed, LookedFor, Projection, RecordStore as _,
    story::{Scene, scene::projection},
};

use crate::{database, node};

const RACERS: usize = 12;

/// Everybody is called nearly the same.
fn key(racer: usize) -> DuplicateKey {
    let names = ["smith", "smyth", "smiths", "smit"];
    DuplicateKey {
        block: "names".to_owned(),
        text: names[racer % names.len()].to_owned(),
        day: 0,
        spelled: true,
    }
}

fn lookups(racer: usize) -> BTreeSet<DuplicateLookup> {
    BTreeSet::from([DuplicateLookup {
        block: "names".to_owned(),
        text: key(racer).text,
        edits: 2,
        days: (-5, 5),
    }])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_changes_that_race_each_sees_all_that_were_before_it() {
    race(&database().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn they_do_so_however_the_database_isolates_transactions_by_itself() {
    for isolation in ["repeatable read", "serializable"] {
        let database = database().await;
        let set = format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = %L', \
             current_database(), '{isolation}'); END $$"
        );
        database.sql(&set).unwrap();
        race(&database).await;
    }
}

async fn race(database: &Database) {
    let stores = [node(database).await, node(database).await];
    let scene = Scene::new(std::sync::Arc::new(stores[0].clone()));
    for _ in 0..5 {
        let mut racers = vec![];
        for racer in 0..RACERS {
            let id = scene.created().await.id;
            let action = scene.action(ActionType::Declare, ActionStatus::Accepted);
            racers.push((racer, id, action));
        }
        let before = seen(&stores[0], EventId(uuid::Uuid::nil()), 0).await.0;
        let raced = join_all(racers.into_iter().map(|(racer, id, action)| {
            let store = stores[racer % 2].clone();
            let scene = &scene;
            async move {
                loop {
                    let (company, as_of) = seen(&store, id, racer).await;
                    let change = Change {
                        actions: vec![action.clone()],
                        projection: Some(Projection {
                            duplicate_keys: BTreeSet::from([key(racer)]),
                            ..projection(id, json!({}))
                        }),
                        looked_for: Some(LookedFor {
                            lookups: lookups(racer),
                            as_of,
                        }),
                        ..scene.change(id, 1)
                    };
                    match store.commit(change).await.unwrap() {
                        Committed::At { .. } => return company,
                        Committed::Stale => {}
                        Committed::ClaimLost => panic!("there was no claim"),
                    }
                }
            }
        }))
        .await;
        // Each saw one more than the one before it, whatever the order was.
        let mut seen: Vec<usize> = raced.into_iter().map(|company| company - before).collect();
        seen.sort_unstable();
        assert_eq!(seen, Vec::from_iter(0..RACERS));
    }
}

/// How many possible duplicates there are, and when that was.
async fn seen(store: &storage_postgres::PostgresStore, of: EventId, racer: usize) -> (usize, u64) {
    let found = store.duplicate_candidates(of, &lookups(racer), 1000).await;
    let found = found.unwrap();
    (found.records.len(), found.as_of)
}
