//! Nodes live, fall silent and leave.

use uuid::Uuid;

use super::{Scene, scene::at};
use crate::{Beat, DeliveryState, Next};

fn beat(scene: &Scene, node: &str, second: i64) -> Beat {
    Beat {
        node: node.to_owned(),
        run: scene.id(),
        version: "0.1.0".to_owned(),
        started_at: at(second),
        at: at(second),
    }
}

pub async fn nodes_that_live_are_known(scene: &Scene) {
    let store = &scene.store;
    let (mut one, other) = (beat(scene, "one", 1), beat(scene, "other", 2));
    for sign in [&other, &one] {
        assert!(store.beat(sign.clone()).await.unwrap());
    }
    one.at = at(3);
    assert!(store.beat(one.clone()).await.unwrap());
    assert_eq!(store.nodes().await.unwrap(), [one.clone(), other.clone()]);
    store.leave("one", one.run, at(4)).await.unwrap();
    assert_eq!(store.nodes().await.unwrap(), [other]);
}

pub async fn a_name_belongs_to_its_latest_run(scene: &Scene) {
    let store = &scene.store;
    let (mut old, new) = (beat(scene, "node", 1), beat(scene, "node", 2));
    for sign in [&old, &new] {
        assert!(store.beat(sign.clone()).await.unwrap());
    }
    old.at = at(3);
    assert!(!store.beat(old.clone()).await.unwrap());
    let pending = scene.pending(0).await;
    let claim = scene.claim_one("node", 3).await;
    store.leave("node", old.run, at(4)).await.unwrap();
    assert_eq!(store.nodes().await.unwrap(), std::slice::from_ref(&new));
    assert!(
        scene.finish(&claim, 4, Next::Retry(at(5))).await,
        "what the later run claimed is its own"
    );
    assert_eq!(scene.claim_one("node", 5).await.delivery.attempts, 2);
    store.leave("node", new.run, at(6)).await.unwrap();
    let claim = scene.claim_one("other", 6).await;
    assert_eq!(claim.delivery.new.id, pending.delivery.id, "due at once");
}

pub async fn a_silent_nodes_claims_are_due_at_once(scene: &Scene) {
    let store = &scene.store;
    let mut deliveries = vec![];
    for (second, owner) in [(0, "silent"), (1, "lives"), (2, "never gave a sign")] {
        deliveries.push(scene.pending(second).await.delivery);
        assert_eq!(scene.claim(owner, 3, 1).await.len(), 1);
    }
    assert!(store.beat(beat(scene, "silent", 3)).await.unwrap());
    assert!(store.beat(beat(scene, "lives", 5)).await.unwrap());
    let released = store.release_claims_of_silent(at(5), at(7)).await;
    assert_eq!(released.unwrap(), 2);
    let again = store.release_claims_of_silent(at(5), at(7)).await;
    assert_eq!(again.unwrap(), 0);
    let claims = scene.claim("lives", 7, 10).await;
    assert_eq!(claims.len(), 2);
    assert!(claims.iter().all(|claim| claim.delivery.attempts == 2));
    let kept = store.delivery(deliveries[1].id).await.unwrap().unwrap();
    assert_eq!((kept.state, kept.attempts), (DeliveryState::Leased, 1));
    assert_eq!(
        store.nodes().await.unwrap().len(),
        2,
        "a silent node is still known"
    );
}

pub async fn a_duty_is_one_nodes_at_a_time(scene: &Scene) {
    let store = &scene.store;
    let take = |node, now, until| store.take_duty("rebuild", node, at(now), at(until));
    assert!(take("one", 0, 10).await.unwrap());
    assert!(!take("other", 5, 15).await.unwrap());
    assert!(take("one", 5, 15).await.unwrap(), "it keeps it");
    assert!(!take("other", 14, 20).await.unwrap());
    assert!(take("other", 15, 25).await.unwrap(), "its time ran out");
    assert!(!take("one", 16, 26).await.unwrap());
    let elsewhere = store.take_duty("sendings", "one", at(16), at(26)).await;
    assert!(elsewhere.unwrap(), "duties are apart");

    store.give_up_duty("rebuild", "one").await.unwrap();
    assert!(!take("one", 17, 27).await.unwrap(), "it was not its own");
    store.give_up_duty("rebuild", "other").await.unwrap();
    assert!(take("one", 17, 27).await.unwrap());
}

pub async fn who_leaves_or_falls_silent_has_no_duties(scene: &Scene) {
    let store = &scene.store;
    let (one, other) = (beat(scene, "one", 0), beat(scene, "other", 9));
    for sign in [&one, &other] {
        assert!(store.beat(sign.clone()).await.unwrap());
    }
    let take = |duty, node| store.take_duty(duty, node, at(9), at(100));
    assert!(take("rebuild", "one").await.unwrap());
    assert!(take("sendings", "other").await.unwrap());
    store.release_claims_of_silent(at(5), at(9)).await.unwrap();
    assert!(take("rebuild", "third").await.unwrap());
    assert!(!take("sendings", "third").await.unwrap());
    store.leave("other", other.run, at(9)).await.unwrap();
    assert!(take("sendings", "third").await.unwrap());
    // Leaving what one never joined is no fault.
    store.leave("nobody", Uuid::nil(), at(9)).await.unwrap();
}
