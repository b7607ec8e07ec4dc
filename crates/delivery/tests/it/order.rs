//! What stands behind another delivery of its record.

use std::time::Duration;

use crate::scene::{Scene, seconds_pass};

#[tokio::test(start_paused = true)]
async fn what_stands_behind_another_goes_as_soon_as_that_one_has_ended() {
    let scene = Scene::new();
    let node = scene.node("a", 4);
    seconds_pass(1).await;
    let first = scene.is_asked_for(&node, "DECLARE", Some(2_000)).await;
    let second = scene.is_asked_for_next(&node, first, 1).await;
    // Meanwhile the queue is looked at for others, and something is found there.
    seconds_pass(1).await;
    let other = scene.begins("DECLARE").await;
    node.engine.wake();
    scene.delivered(other).await;
    let waited = scene.took(second).await;
    assert!(
        waited < Duration::from_millis(2_500),
        "the first took two seconds, the second came after {waited:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_stood_in_the_queue_behind_another_goes_as_soon_as_that_one_has_ended() {
    let scene = Scene::new();
    let nobody = scene.node("gone", 4);
    let first = scene.is_asked_for(&nobody, "DECLARE", Some(60_000)).await;
    let second = scene.is_asked_for_next(&nobody, first, 1).await;
    nobody.dies().await;
    scene.country.turns_slow(first, 1_000);
    let node = scene.node("a", 4);
    let waited = scene.delivered(second).await.finished_at.unwrap()
        - scene.delivered(first).await.finished_at.unwrap();
    let waited = Duration::try_from(jiff::SignedDuration::try_from(waited).unwrap()).unwrap();
    assert!(
        waited < Duration::from_millis(500),
        "the second came {waited:?} after the first"
    );
    node.stops().await;
}
