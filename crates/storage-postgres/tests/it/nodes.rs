//! Nodes hear of each other, and share what only one of them may do.

use std::time::Duration;

use futures::{FutureExt as _, StreamExt as _, stream::BoxStream};
use jiff::{SignedDuration, Timestamp};
use postgres_cluster::{Cluster, Durability};
use records::DeliveryId;
use storage::{Beat, News, NodeStore};
use storage_postgres::{Migrate, PostgresStore};
use uuid::Uuid;
use world::World;

use crate::{database, node};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

fn ids(numbers: std::ops::Range<u128>) -> Vec<DeliveryId> {
    numbers.map(|n| DeliveryId(Uuid::from_u128(n))).collect()
}

/// Tells until the listener has heard something: whoever has just begun to listen may miss some.
async fn heard(teller: &PostgresStore, listener: &mut BoxStream<'static, News>) -> News {
    let repeated = async {
        loop {
            teller.tell(News::Moved(ids(1..2)));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let patience = tokio::time::sleep(Duration::from_secs(60));
    tokio::select! {
        news = listener.next() => news.expect("the store goes on"),
        () = repeated => unreachable!("it goes on for ever"),
        () = patience => panic!("nothing was heard"),
    }
}

#[tokio::test]
async fn news_reach_the_other_nodes_and_not_the_one_that_tells() {
    let database = database().await;
    let (teller, other) = (node(&database).await, node(&database).await);
    let (mut own, mut news) = (teller.news(), other.news());
    assert_eq!(heard(&teller, &mut news).await, News::Moved(ids(1..2)));
    // Far more than one notification holds.
    teller.tell(News::Moved(ids(100..1100)));
    teller.tell(News::Due);
    let mut moved = vec![];
    while let News::Moved(some) = news.next().await.unwrap() {
        moved.extend(some.into_iter().filter(|id| id.0.as_u128() > 1));
    }
    assert_eq!(moved, ids(100..1100));
    assert!(
        own.next().now_or_never().is_none(),
        "nobody is told by themselves"
    );
}

#[tokio::test]
async fn news_are_heard_again_when_the_server_was_away() {
    let cluster = Cluster::start(Durability::None).unwrap();
    cluster.create_database("registry", None).unwrap();
    let url = cluster.url("registry");
    let connect = || PostgresStore::connect(&url, Migrate::Yes, World::real());
    let teller = connect().await.unwrap();
    let other = connect().await.unwrap();
    let mut news = other.news();
    heard(&teller, &mut news).await;
    cluster.kill().unwrap();
    cluster.start_again().unwrap();
    // Whatever was missed can be seen in the store: that is the first thing to be heard.
    loop {
        if heard(&teller, &mut news).await == News::Due {
            break;
        }
    }
    while heard(&teller, &mut news).await == News::Due {}
}

#[tokio::test]
async fn a_duty_is_one_nodes_however_many_ask_at_once() {
    let database = database().await;
    let (one, other) = (node(&database).await, node(&database).await);
    let nodes: Vec<_> = (0..16).map(|n| format!("node {n}")).collect();
    let asked = nodes.iter().enumerate().map(|(n, name)| {
        let store = if n % 2 == 0 { &one } else { &other };
        store.take_duty("rebuild", name, at(0), at(10))
    });
    let taken = futures::future::join_all(asked).await;
    let taken = taken.into_iter().filter(|taken| *taken.as_ref().unwrap());
    assert_eq!(taken.count(), 1);
}

#[tokio::test]
async fn a_duty_of_a_node_that_fell_silent_is_taken_over() {
    let database = database().await;
    let (one, other) = (node(&database).await, node(&database).await);
    let beat = |name: &str, second| Beat {
        node: name.to_owned(),
        run: Uuid::from_u128(1),
        version: "0".to_owned(),
        started_at: at(0),
        at: at(second),
    };
    assert!(one.beat(beat("one", 0)).await.unwrap());
    assert!(
        one.take_duty("rebuild", "one", at(0), at(3600))
            .await
            .unwrap()
    );
    assert!(other.beat(beat("other", 10)).await.unwrap());
    assert!(
        !other
            .take_duty("rebuild", "other", at(10), at(20))
            .await
            .unwrap()
    );
    other.release_claims_of_silent(at(5), at(10)).await.unwrap();
    assert!(
        other
            .take_duty("rebuild", "other", at(10), at(20))
            .await
            .unwrap()
    );
    assert!(
        !one.take_duty("rebuild", "one", at(11), at(20))
            .await
            .unwrap()
    );
    let again = at(20) + SignedDuration::from_secs(1);
    assert!(
        one.take_duty("rebuild", "one", again, at(60))
            .await
            .unwrap()
    );
}
