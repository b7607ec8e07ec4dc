//! Several nodes on one store.

use std::{collections::HashMap, time::Duration};

use jiff::SignedDuration;
use records::DeliveryId;
use storage::{DeliveryStore as _, NodeStore as _};

use crate::scene::{Scene, hangs, seconds_pass, well};

#[tokio::test(start_paused = true)]
async fn what_a_killed_node_had_is_tried_by_another_within_five_seconds() {
    let scene = Scene::new();
    scene.country.answers(|_| hangs());
    let (killed, _other) = (scene.node("a", 4), scene.node("b", 4));
    seconds_pass(10).await;
    let mut all = vec![];
    for _ in 0..3 {
        all.push(scene.begins("DECLARE").await);
    }
    killed.engine.wake();
    seconds_pass(2).await;
    assert_eq!(scene.country.seen().len(), 3);
    scene.country.answers(|_| well(10));
    let died_at = scene.now();
    killed.dies().await;
    for id in &all {
        assert_eq!(scene.delivered(*id).await.attempts, 2);
    }
    assert!(scene.now() - died_at < Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_was_cut_by_a_kill_is_shown_as_lost() {
    let scene = Scene::new();
    scene.country.answers(|_| hangs());
    let killed = scene.node("a", 4);
    let id = scene.begins("DECLARE").await;
    killed.engine.wake();
    seconds_pass(2).await;
    killed.dies().await;
    scene.country.answers(|_| well(10));
    let again = scene.node("a", 4);
    scene.delivered(id).await;
    let attempts = scene.store.attempts(id).await.unwrap();
    let told: Vec<_> = attempts
        .iter()
        .map(|attempt| (attempt.number, attempt.outcome.as_str()))
        .collect();
    assert_eq!(told, [(1, "lost"), (2, "acknowledged")]);
    again.stops().await;
}

#[tokio::test(start_paused = true)]
async fn a_node_that_starts_again_takes_its_own_up_at_once() {
    let scene = Scene::new();
    scene.country.answers(|_| hangs());
    let killed = scene.node("a", 4);
    let id = scene.begins("DECLARE").await;
    killed.engine.wake();
    seconds_pass(1).await;
    killed.dies().await;
    scene.country.answers(|_| well(10));
    let again_at = scene.now();
    let _again = scene.node("a", 4);
    scene.delivered(id).await;
    assert!(scene.now() - again_at < Duration::from_millis(100));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_stops_finishes_what_is_under_way_and_leaves() {
    let scene = Scene::new();
    scene.country.answers(|_| well(5_000));
    let node = scene.node("a", 4);
    let id = scene.begins("DECLARE").await;
    node.engine.wake();
    seconds_pass(1).await;
    node.stops().await;
    assert_eq!(scene.delivered(id).await.attempts, 1);
    assert_eq!(scene.store.nodes().await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn what_a_stopping_node_cannot_finish_is_due_for_others_at_once() {
    let scene = Scene::new();
    scene.country.answers(|_| hangs());
    let node = scene.node("a", 4);
    let id = scene.begins("DECLARE").await;
    node.engine.wake();
    seconds_pass(1).await;
    scene.country.answers(|_| well(10));
    let other = scene.node("b", 4);
    let stops_at = scene.now();
    node.stops().await;
    let waited = scene.now() - stops_at;
    assert!(waited <= Duration::from_secs(16), "{waited:?}");
    scene.delivered(id).await;
    assert!(scene.now() - stops_at < waited + Duration::from_millis(100));
    other.stops().await;
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_name_another_takes_delivers_nothing_any_more() {
    let scene = Scene::new();
    let (first, second) = (scene.node("a", 4), {
        seconds_pass(3).await;
        scene.node("a", 4)
    });
    seconds_pass(3).await;
    assert!(first.engine.status().replaced);
    assert!(!second.engine.status().replaced);
    second.stops().await;
    let id = scene.begins("DECLARE").await;
    first.engine.wake();
    seconds_pass(60).await;
    assert_eq!(scene.delivery(id).await.attempts, 0);
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_clock_was_set_back_while_it_was_gone_delivers_all_the_same() {
    let scene = Scene::new();
    let ahead = storage::Beat {
        node: "a".to_owned(),
        run: uuid::Uuid::max(),
        version: String::new(),
        started_at: scene.world.now(),
        at: scene.world.now() + SignedDuration::from_hours(1),
    };
    let ahead = storage::Beat {
        run: uuid::Uuid::from_u128(ahead.run.as_u128() - 1),
        ..ahead
    };
    assert!(scene.store.beat(ahead).await.unwrap());
    let node = scene.node("a", 4);
    let id = scene.begins("DECLARE").await;
    scene.delivered(id).await;
    assert!(!node.engine.status().replaced);
    assert!(scene.now() < Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn who_waits_on_another_node_is_told() {
    let scene = Scene::new();
    let (here, there) = (scene.node("a", 4), scene.node("b", 4));
    seconds_pass(1).await;
    let id = scene.begins("DECLARE").await;
    let mut watcher = there.engine.watch(id);
    let began = scene.now();
    here.engine.wake();
    watcher.moved(Duration::from_secs(60)).await;
    assert!(scene.now() - began < Duration::from_millis(20));
}

#[tokio::test(start_paused = true)]
async fn nodes_share_the_work_and_do_nothing_twice() {
    let scene = Scene::new();
    let nodes = [scene.node("a", 2), scene.node("b", 2), scene.node("c", 2)];
    let mut all = vec![];
    for _ in 0..300 {
        all.push(scene.begins("DECLARE").await);
        for node in &nodes {
            node.engine.wake();
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    for id in &all {
        scene.delivered(*id).await;
    }
    let mut seen: HashMap<DeliveryId, usize> = HashMap::new();
    for one in scene.country.seen() {
        *seen.entry(one.id).or_default() += 1;
    }
    assert_eq!(seen.len(), all.len());
    assert!(seen.values().all(|times| *times == 1));
}

#[tokio::test(start_paused = true)]
async fn what_answers_said_is_forgotten_in_time() {
    let scene = Scene::new();
    let node = scene.node_that_keeps_answers("a", Duration::from_secs(3 * 3_600));
    let id = scene.begins("DECLARE").await;
    node.engine.wake();
    scene.delivered(id).await;
    let answer = || async {
        let attempts = scene.store.attempts(id).await.unwrap();
        attempts[0].answer.clone()
    };
    assert_eq!(answer().await.as_deref(), Some(""));
    seconds_pass(2 * 3_600).await;
    assert_eq!(answer().await.as_deref(), Some(""));
    seconds_pass(2 * 3_600 + 120).await;
    assert_eq!(answer().await, None);
    let attempts = scene.store.attempts(id).await.unwrap();
    assert_eq!(attempts[0].outcome, "acknowledged");
}
