//! However many nodes there are, a delivery is one's at a time, and each record's go in their order.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicU64, Ordering},
};

use futures::future::join_all;
use jiff::Timestamp;
use postgres_cluster::Database;
use records::{ActionId, DeliveryId, EventId};
use storage::{
    Attempt, AttemptResult, Claim, DeliveryState, DeliveryStore, NewDelivery, Next, Subject,
};
use storage_postgres::PostgresStore;
use uuid::Uuid;

use crate::{database, node};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

fn id() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u128(NEXT.fetch_add(1, Ordering::Relaxed).into())
}

/// A message, which may take the place of one before.
fn message(key: Option<&str>) -> NewDelivery {
    NewDelivery {
        id: DeliveryId(id()),
        kind: "user/2fa".to_owned(),
        path: "/triggers/user/2fa".to_owned(),
        subject: Subject::Account {
            body: serde_json::json!({ "code": "123456" }),
            superseded_by_key: key.map(str::to_owned),
        },
        correlation: "0123456789abcdef0123456789abcdef".to_owned(),
        created_at: at(0),
        expires_at: None,
        lease: None,
    }
}

fn about(event: EventId) -> NewDelivery {
    NewDelivery {
        kind: "REGISTER".to_owned(),
        subject: Subject::Action {
            event_id: event,
            action_id: ActionId(id()),
        },
        ..message(None)
    }
}

/// A record, made without what a record is otherwise.
fn record(database: &Database) -> EventId {
    let record = EventId(id());
    let sql = format!(
        "INSERT INTO countersign.events VALUES ('{0}', 'birth', '{0}', '{0}', '', '', 1, 0)",
        record.0
    );
    database.sql(&sql).unwrap();
    record
}

fn ended(claim: &Claim, next: Next) -> AttemptResult {
    AttemptResult {
        delivery_id: claim.delivery.new.id,
        fence: claim.fence,
        attempt: Attempt {
            number: claim.delivery.attempts,
            started_at: at(1),
            duration_ms: 5,
            status: None,
            answer: Some("any\0thing".to_owned()),
            outcome: "connect".to_owned(),
            error: None,
        },
        next,
    }
}

async fn state(store: &PostgresStore, new: &NewDelivery) -> DeliveryState {
    store.delivery(new.id).await.unwrap().unwrap().state
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_due_is_shared_and_nothing_is_claimed_twice() {
    let database = database().await;
    let stores = [node(&database).await, node(&database).await];
    let mut expected = BTreeSet::new();
    for n in 0..400 {
        let mut new = message(None);
        new.kind = format!("kind {}", n % 5);
        expected.insert(new.id);
        stores[0].enqueue_delivery(new).await.unwrap();
    }
    // Until nobody finds any more: what another is taking at the moment is passed over.
    let claimed = join_all((0..8).map(|n| {
        let store = stores[n % 2].clone();
        tokio::spawn(async move {
            let (owner, mut mine) = (format!("node {n}"), vec![]);
            loop {
                let claims = store
                    .claim_deliveries(&owner, at(5), at(50), 7, &[])
                    .await
                    .unwrap();
                if claims.is_empty() {
                    return mine;
                }
                assert!(claims.len() <= 7);
                mine.extend(claims.into_iter().map(|claim| claim.delivery.new.id));
            }
        })
    }))
    .await;
    let claimed: Vec<_> = claimed.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(claimed.len(), 400);
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>(), expected);
}

/// Nodes claim and finish while others begin deliveries on the same records. Each record's are
/// finished in the order of their beginnings, one at a time, and none is left behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_records_next_delivery_is_never_overlooked() {
    const RECORDS: usize = 4;
    const EACH: usize = 40;
    let database = database().await;
    let stores = [node(&database).await, node(&database).await];
    let records: Vec<_> = (0..RECORDS).map(|_| record(&database)).collect();
    let beginning = records.iter().map(|record| {
        let (url, record) = (database.url(), *record);
        tokio::spawn(async move { begin_many(&url, record, EACH).await })
    });
    let working = (0..4).map(|n| {
        let store = stores[n % 2].clone();
        tokio::spawn(async move {
            let owner = format!("node {n}");
            let mut done = vec![];
            loop {
                let claims = store
                    .claim_deliveries(&owner, at(5), at(50), 3, &[])
                    .await
                    .unwrap();
                let idle = claims.is_empty();
                for claim in claims {
                    assert!(
                        store
                            .finish_attempt(ended(&claim, Next::Delivered))
                            .await
                            .unwrap()
                    );
                    done.push(claim.delivery.new.id);
                }
                let totals = store.delivery_totals().await.unwrap();
                let finished = totals
                    .iter()
                    .find(|total| total.state == DeliveryState::Delivered);
                if idle && finished.is_some_and(|total| total.count == (RECORDS * EACH) as u64) {
                    return done;
                }
            }
        })
    });
    let (begun, done) = tokio::join!(join_all(beginning), join_all(working));
    for begun in begun {
        begun.unwrap();
    }
    let done: Vec<_> = done.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(done.iter().collect::<BTreeSet<_>>().len(), RECORDS * EACH);
    assert_eq!(done.len(), RECORDS * EACH);
    let left = "SELECT count(*) FROM countersign.unfinished_deliveries";
    assert_eq!(database.sql(left).unwrap().trim(), "0");
}

/// Begins deliveries about a record, each in a transaction as a change to the record is.
async fn begin_many(url: &str, record: EventId, many: usize) {
    let (mut client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let code: String = client
        .query_one(
            "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'countersign_code%'",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    client
        .batch_execute(&format!("SET search_path = {code}, countersign"))
        .await
        .unwrap();
    for _ in 0..many {
        let new = about(record);
        let Subject::Action { action_id, .. } = new.subject else {
            unreachable!("it is about an action");
        };
        let change = client.transaction().await.unwrap();
        change
            .execute(
                "UPDATE events SET version = version + 1 WHERE id = $1",
                &[&record.0],
            )
            .await
            .unwrap();
        change
            .execute(
                "SELECT begin_delivery($1, $2, '/', $3, $4, NULL, NULL, '', $5, NULL, NULL, NULL)",
                &[
                    &new.id.0,
                    &new.kind,
                    &record.0,
                    &action_id.0,
                    &at(0).as_millisecond(),
                ],
            )
            .await
            .unwrap();
        change.commit().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_messages_that_take_each_others_place_one_is_left() {
    let database = database().await;
    let stores = [node(&database).await, node(&database).await];
    let messages: Vec<_> = (0..40)
        .map(|n| message(Some(["ada", "bob"][n % 2])))
        .collect();
    let begun = messages.iter().enumerate().map(|(n, new)| {
        let (store, new) = (stores[(n / 2) % 2].clone(), new.clone());
        tokio::spawn(async move { store.enqueue_delivery(new).await.unwrap() })
    });
    for begun in join_all(begun).await {
        begun.unwrap();
    }
    let mut states = BTreeMap::<_, usize>::new();
    for new in &messages {
        *states
            .entry(state(&stores[0], new).await as u8)
            .or_default() += 1;
    }
    let expected = [
        (DeliveryState::Queued as u8, 2),
        (DeliveryState::Expired as u8, 38),
    ];
    assert_eq!(states, expected.into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_nodes_that_begin_the_same_messages_one_does() {
    let database = database().await;
    let stores = [node(&database).await, node(&database).await];
    let messages: Vec<_> = (0..300).map(|_| message(None)).collect();
    let begun = (0..6).map(|n| {
        let (store, all) = (stores[n % 2].clone(), messages.clone());
        tokio::spawn(async move { store.enqueue_together(all, vec![]).await.unwrap() })
    });
    let begun: Vec<_> = join_all(begun)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(begun.iter().filter(|began| **began).count(), 1);
    let queued = stores[1]
        .count_deliveries(&storage::DeliveryFilter::default(), 1000)
        .await;
    assert_eq!(queued.unwrap(), 300);
    // A message that is finished is known, too.
    let claims = stores[0]
        .claim_deliveries("node", at(1), at(9), 300, &[])
        .await
        .unwrap();
    for claim in &claims {
        assert!(
            stores[0]
                .finish_attempt(ended(claim, Next::Delivered))
                .await
                .unwrap()
        );
    }
    let one = vec![message(None), messages[7].clone()];
    assert!(
        !stores[1]
            .enqueue_together(one.clone(), vec![])
            .await
            .unwrap()
    );
    assert_eq!(stores[1].delivery(one[0].id).await.unwrap(), None);
}

#[tokio::test]
async fn a_claim_goes_along_an_index_however_much_waits_that_it_must_leave() {
    let database = database().await;
    let store = node(&database).await;
    let fill = "INSERT INTO countersign.unfinished_deliveries (id, position, turn, kind, path,
          correlation, created_at, state, head, attempts, fence, due_at)
        SELECT gen_random_uuid(), -n, -n, 'paused', '/', '', 0, 'queued', true, 0, 0, 0
        FROM generate_series(1, 50000) AS n";
    database.sql(fill).unwrap();
    let new = message(None);
    store.enqueue_delivery(new.clone()).await.unwrap();
    let claims = store
        .claim_deliveries("node", at(1), at(9), 10, &["paused".to_owned()])
        .await
        .unwrap();
    assert_eq!(claims.len(), 1);
    assert_eq!(claims[0].delivery.new.id, new.id);
    let code = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'countersign_code%'";
    let code = database.sql(code).unwrap();
    let read = format!(
        "BEGIN;
         SET LOCAL search_path = {}, countersign;
         SELECT count(*) FROM claim_deliveries('node', 1, 9, 10, '{{paused}}');
         SELECT next_delivery_due('{{paused}}');
         SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
         FROM pg_stat_xact_all_tables WHERE relname = 'unfinished_deliveries';
         COMMIT",
        code.trim()
    );
    let read = database.sql(&read).unwrap();
    let mut rows = read
        .split_whitespace()
        .filter_map(|word| word.parse::<u64>().ok());
    let rows = rows.next_back().unwrap();
    assert!(rows < 100, "{rows} rows were read: {read}");
}
