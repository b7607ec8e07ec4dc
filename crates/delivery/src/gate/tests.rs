use std::{
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
};

use jiff::Timestamp;
use uuid::Uuid;
use world::SetClock;

use super::*;

/// So many new ones at once.
const MANY: usize = 2000;
const LIMIT: usize = 10;

fn gate() -> Arc<Gate> {
    let (rules, timeout) = (Rules::default(), Duration::from_secs(30));
    let clock = Arc::new(SetClock::at(Timestamp::UNIX_EPOCH));
    Gate::new(World::seeded(clock, 1), rules, LIMIT, timeout)
}

fn id(number: usize) -> DeliveryId {
    DeliveryId(Uuid::from_u128(number as u128))
}

/// Lets everybody come who wants to be tried at once, and holds each place for a moment. Answers how
/// many got one, and how often any of those who waited was woken.
async fn throng(kinds: &[&'static str]) -> (usize, usize) {
    let (gate, polls, got) = (gate(), Arc::new(AtomicUsize::new(0)), Arc::default());
    let mut all = tokio::task::JoinSet::new();
    for number in 0..MANY {
        let kind = kinds[number % kinds.len()];
        let (gate, polls) = (Arc::clone(&gate), Arc::clone(&polls));
        let got: Arc<AtomicUsize> = Arc::clone(&got);
        all.spawn(async move {
            let slot = {
                let mut reserving = pin!(gate.reserve(id(number), kind));
                std::future::poll_fn(|context| {
                    polls.fetch_add(1, Ordering::Relaxed);
                    reserving.as_mut().poll(context)
                })
                .await
            };
            if slot.is_some() {
                got.fetch_add(1, Ordering::Relaxed);
                // An attempt: others run meanwhile, and no time passes.
                tokio::task::yield_now().await;
            }
        });
    }
    while all.join_next().await.is_some() {}
    (got.load(Ordering::Relaxed), polls.load(Ordering::Relaxed))
}

#[tokio::test(start_paused = true)]
async fn a_place_that_is_free_wakes_who_may_have_it_and_not_all_who_wait() {
    let (got, polls) = throng(&["REGISTER"]).await;
    assert_eq!(got, MANY, "there was room for all in turn");
    assert!(polls <= 6 * MANY, "{polls} wakes for {MANY}");
}

#[tokio::test(start_paused = true)]
async fn every_kind_has_its_line_and_none_is_forgotten() {
    let kinds = ["REGISTER", "DECLARE", "NOTIFY", "EDIT"];
    let (got, polls) = throng(&kinds).await;
    assert_eq!(got, MANY, "there was room for all in turn");
    assert!(polls <= 6 * kinds.len() * MANY, "{polls} wakes for {MANY}");
}

#[tokio::test(start_paused = true)]
async fn whoever_gives_up_at_the_head_of_a_line_lets_the_next_go() {
    let gate = gate();
    let mut held = Vec::new();
    for number in 0..LIMIT {
        held.extend(gate.reserve(id(number), ["A", "B"][number % 2]).await);
    }
    assert_eq!(held.len(), LIMIT);
    let begin = |number| {
        let gate = Arc::clone(&gate);
        tokio::spawn(async move { gate.reserve(id(number), "A").await })
    };
    let (first, second) = (begin(100), begin(101));
    tokio::task::yield_now().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    held.pop();
    assert!(second.await.unwrap().is_some());
}
