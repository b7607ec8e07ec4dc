//! One kind of trigger that fails, and the others.

use std::time::Duration;

use delivery::BreakerState;

use crate::scene::{Scene, hangs, seconds_pass, status, well};

const SMS: &str = "user/2fa";

#[tokio::test(start_paused = true)]
async fn a_dead_gateway_never_delays_another_kind_however_it_is_dead() {
    for dead in [
        || status(502, None, 5),
        || status(503, Some(60), 5),
        || status(500, None, 5_000),
        hangs,
    ] {
        let scene = Scene::new();
        scene
            .country
            .answers(move |delivery| match delivery.new.kind.as_str() {
                SMS => dead(),
                _ => well(10),
            });
        let node = scene.node("a", 4);
        for _ in 0..100 {
            scene.begins(SMS).await;
            let id = scene.begins("REGISTER").await;
            node.engine.wake();
            let took = scene.took(id).await;
            assert!(took <= Duration::from_millis(300), "{took:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_fails_is_left_alone_and_tried_with_one_until_it_works() {
    let scene = Scene::new();
    scene.country.answers(|_| status(502, None, 5));
    let node = scene.node("a", 8);
    let mut all = vec![];
    for _ in 0..100 {
        all.push(scene.begins(SMS).await);
    }
    node.engine.wake();
    seconds_pass(4).await;
    let breakers = node.engine.status().breakers;
    assert_eq!(breakers.len(), 1);
    assert_eq!(breakers[0].kind, SMS);
    assert_eq!(breakers[0].state, BreakerState::Open);
    let before = scene.country.seen().len();
    assert!(before <= 8, "{before} attempts until it was left alone");
    seconds_pass(600).await;
    let tried = scene.country.seen().len() - before;
    assert!((8..=15).contains(&tried), "{tried} trials in ten minutes");

    scene.country.answers(|_| well(5));
    for id in &all {
        let delivery = scene.delivered(*id).await;
        assert!(delivery.attempts <= 3, "{}", delivery.attempts);
    }
    assert_eq!(node.engine.status().breakers, []);
}

#[tokio::test(start_paused = true)]
async fn a_single_record_that_always_fails_leaves_its_kind_alone() {
    let scene = Scene::new();
    let poison = scene.begins("REGISTER").await;
    scene
        .country
        .answers(move |delivery| match delivery.new.id {
            id if id == poison => status(503, Some(30), 5),
            _ => well(10),
        });
    let node = scene.node("a", 4);
    for _ in 0..1_000 {
        let id = scene.begins("REGISTER").await;
        node.engine.wake();
        assert!(scene.took(id).await <= Duration::from_millis(30));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let attempts = scene.delivery(poison).await.attempts;
    assert!((3..20).contains(&attempts), "{attempts} in ten minutes");
}

#[tokio::test(start_paused = true)]
async fn when_to_come_back_is_heeded() {
    let scene = Scene::new();
    scene.country.answers(|_| status(429, Some(100), 1));
    let _node = scene.node("a", 4);
    let id = scene.begins("REGISTER").await;
    seconds_pass(99).await;
    assert_eq!(scene.delivery(id).await.attempts, 1);
    scene.country.answers(|_| well(1));
    seconds_pass(10).await;
    assert_eq!(scene.delivered(id).await.attempts, 2);
}
