//! A country config that is gone, and comes back.

use std::{collections::HashMap, time::Duration};

use delivery::PeerState;
use storage::DeliveryStore as _;

use crate::scene::{Scene, refused, seconds_pass, status, well};

#[tokio::test(start_paused = true)]
async fn while_it_is_down_no_delivery_spends_attempts_and_probes_are_few() {
    let scene = Scene::new();
    let node = scene.node("a", 8);
    scene.country.goes();
    let mut all = vec![];
    for _ in 0..200 {
        all.push(scene.begins("DECLARE").await);
    }
    node.engine.wake();
    seconds_pass(600).await;
    assert_eq!(node.engine.status().peer.state, PeerState::Down);
    let mut spent = 0;
    for id in &all {
        spent += scene.delivery(*id).await.attempts;
    }
    assert!(spent <= 8, "{spent} attempts for finding out");
    let probes = scene.country.probes();
    assert!((60..70).contains(&probes), "{probes} in ten minutes");

    scene.country.comes_back();
    for id in &all {
        scene.delivered(*id).await;
    }
    assert_eq!(node.engine.status().peer.state, PeerState::Up);
}

#[tokio::test(start_paused = true)]
async fn on_its_return_what_has_gathered_is_sent_slowly_at_first() {
    let scene = Scene::new();
    let node = scene.node("a", 16);
    scene.country.goes();
    let mut all = vec![];
    for _ in 0..300 {
        all.push(scene.begins("DECLARE").await);
    }
    node.engine.wake();
    seconds_pass(60).await;
    scene.country.comes_back();
    for id in &all {
        scene.delivered(*id).await;
    }
    let among: Vec<usize> = scene.country.seen().iter().map(|seen| seen.among).collect();
    assert_eq!(among[0], 1);
    assert!(among[..3].iter().all(|among| *among <= 2), "{among:?}");
    assert!(among[..15].iter().all(|among| *among <= 8), "{among:?}");
    assert_eq!(among.iter().max(), Some(&12), "one kind's share of 16");
}

#[tokio::test(start_paused = true)]
async fn first_attempts_go_before_late_retries() {
    let scene = Scene::new();
    scene.country.answers(|_| status(500, None, 1));
    let node = scene.node("a", 4);
    let mut late = vec![];
    for number in 0..4 {
        late.push(scene.begins(&format!("KIND{number}")).await);
    }
    node.engine.wake();
    seconds_pass(3).await;
    scene.country.goes();
    scene.begins("DECLARE").await;
    for number in 0..8 {
        scene.begins(&format!("OTHER{number}")).await;
    }
    node.engine.wake();
    seconds_pass(600).await;
    assert_eq!(node.engine.status().peer.state, PeerState::Down);
    let fresh = scene.begins("DECLARE").await;
    scene.country.answers(|_| well(10));
    let before = scene.country.seen().len();
    scene.country.comes_back();
    scene.delivered(fresh).await;
    let since = &scene.country.seen()[before..];
    let at = since.iter().position(|seen| seen.id == fresh).unwrap();
    let first_retry = since.iter().position(|seen| seen.attempt > 1);
    assert!(first_retry.is_none_or(|retry| retry > at), "{since:?}");
}

#[tokio::test(start_paused = true)]
async fn no_two_attempts_of_a_delivery_are_made_within_a_second() {
    let scene = Scene::new();
    scene.country.answers(|_| status(500, None, 3));
    let _node = scene.node("a", 4);
    let id = scene.begins("DECLARE").await;
    seconds_pass(3_600).await;
    let attempts = scene.store.attempts(id).await.unwrap();
    assert!(attempts.len() > 10);
    for pair in attempts.windows(2) {
        let second = |at: usize| pair[at].started_at.as_second();
        assert!(second(0) < second(1), "{pair:?}");
    }
    let numbers: Vec<u32> = attempts.iter().map(|attempt| attempt.number).collect();
    assert_eq!(numbers, (1..=numbers.len() as u32).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_kept_going_for_ever_but_slowly() {
    let scene = Scene::new();
    scene.country.answers(|_| status(500, None, 3));
    let _node = scene.node("a", 4);
    let id = scene.begins("DECLARE").await;
    seconds_pass(86_400).await;
    let attempts = scene.delivery(id).await.attempts;
    assert!(
        (86_400 / 300..86_400 / 75).contains(&attempts),
        "{attempts}"
    );
    scene.country.answers(|_| well(3));
    scene.delivered(id).await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_one_record_always_breaks_takes_no_other_down() {
    let scene = Scene::new();
    scene
        .country
        .answers(|delivery| match delivery.new.kind.as_str() {
            "POISON" => refused(),
            _ => well(10),
        });
    let node = scene.node("a", 4);
    scene.begins("POISON").await;
    let mut took: HashMap<Duration, usize> = HashMap::new();
    for _ in 0..60 {
        let id = scene.begins("DECLARE").await;
        node.engine.wake();
        *took.entry(scene.took(id).await).or_default() += 1;
        seconds_pass(1).await;
    }
    assert!(took.keys().all(|took| took.as_millis() <= 20), "{took:?}");
}
