//! Deliveries begin and are claimed.

use std::collections::BTreeSet;

use futures::future::join_all;
use records::DeliveryId;

use super::{Scene, scene::at};
use crate::{Delivery, DeliveryState, Next};

fn ids<'a>(deliveries: impl IntoIterator<Item = &'a Delivery>) -> Vec<DeliveryId> {
    deliveries
        .into_iter()
        .map(|delivery| delivery.new.id)
        .collect()
}

pub async fn a_delivery_begins_with_its_change(scene: &Scene) {
    let pending = scene.pending(5).await;
    let expected = Delivery {
        new: pending.delivery.clone(),
        state: DeliveryState::Queued,
        attempts: 0,
        due_at: at(5),
        finished_at: None,
        last_error: None,
        last_outcome: None,
    };
    let by_id = scene.store.delivery(pending.delivery.id).await.unwrap();
    let by_action = scene
        .store
        .delivery_of_action(pending.action.id)
        .await
        .unwrap();
    assert_eq!(
        (by_id.as_ref(), by_action.as_ref()),
        (Some(&expected), Some(&expected))
    );
    assert_eq!(scene.store.delivery(scene.id()).await.unwrap(), None);
    assert_eq!(scene.claim("node", 4, 10).await, []);
    let claim = scene.claim_one("node", 5).await;
    assert_eq!(claim.delivery.new, pending.delivery);
    assert_eq!(
        (claim.delivery.state, claim.delivery.attempts),
        (DeliveryState::Leased, 1)
    );
}

pub async fn a_claim_is_exclusive(scene: &Scene) {
    let mut expected = BTreeSet::new();
    for second in 0..20 {
        expected.insert(scene.pending(second).await.delivery.id);
    }
    let owners: Vec<_> = (0..8).map(|node| format!("node {node}")).collect();
    let claims = join_all(owners.iter().map(|owner| scene.claim(owner, 30, 3))).await;
    let claimed: Vec<_> = claims
        .into_iter()
        .flatten()
        .map(|claim| claim.delivery.new.id)
        .collect();
    assert_eq!(claimed.len(), 20);
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>(), expected);
    assert_eq!(scene.claim("late", 30, 10).await, []);
}

pub async fn first_attempts_come_before_retries(scene: &Scene) {
    let old = scene.pending(0).await;
    let older = scene.claim_one("node", 1).await;
    scene.finish(&older, 1, Next::Retry(at(2))).await;
    let (second, third) = (scene.pending(3).await, scene.pending(4).await);
    let claims = scene.claim("node", 5, 2).await;
    assert_eq!(
        ids(claims.iter().map(|claim| &claim.delivery)),
        [second.delivery.id, third.delivery.id],
        "oldest first"
    );
    assert_eq!(
        scene.claim_one("node", 5).await.delivery.new.id,
        old.delivery.id
    );
    assert_eq!(scene.claim("node", 5, 0).await, []);
}

pub async fn a_retry_waits_for_its_time(scene: &Scene) {
    let pending = scene.pending(0).await;
    let claim = scene.claim_one("node", 1).await;
    assert!(scene.finish(&claim, 1, Next::Retry(at(60))).await);
    let delivery = scene
        .store
        .delivery(pending.delivery.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (delivery.state, delivery.due_at),
        (DeliveryState::Queued, at(60))
    );
    assert_eq!(delivery.last_error.as_deref(), Some("nobody is listening"));
    assert_eq!(scene.claim("node", 59, 10).await, []);
    let again = scene.claim_one("node", 60).await;
    assert_eq!(again.delivery.attempts, 2);
    assert!(again.fence > claim.fence);
}

pub async fn of_one_record_deliveries_go_in_order(scene: &Scene) {
    let first = scene.pending(0).await;
    let second = scene.requested(first.event, 2, 1).await;
    let third = scene.requested(first.event, 3, 2).await;
    let elsewhere = scene.pending(3).await;
    let claims = scene.claim("node", 5, 10).await;
    assert_eq!(
        ids(claims.iter().map(|claim| &claim.delivery)),
        [first.delivery.id, elsewhere.delivery.id]
    );
    // While the first waits for its retry, the others wait behind it and cost no attempt.
    assert!(scene.finish(&claims[0], 5, Next::Retry(at(100))).await);
    assert!(scene.finish(&claims[1], 5, Next::Delivered).await);
    assert_eq!(scene.claim("node", 50, 10).await, []);
    assert_eq!(
        scene.store.next_delivery_due(&[]).await.unwrap(),
        Some(at(100))
    );
    for (expected, second) in [(&first, 100), (&second, 101), (&third, 102)] {
        let claim = scene.claim_one("node", second).await;
        assert_eq!(claim.delivery.new.id, expected.delivery.id);
        assert!(scene.finish(&claim, second, Next::Delivered).await);
    }
    assert_eq!(scene.store.next_delivery_due(&[]).await.unwrap(), None);
}

pub async fn a_lease_that_ran_out_is_claimed_by_another(scene: &Scene) {
    let pending = scene.pending(0).await;
    let slow = scene.claim_one("slow", 1).await;
    assert_eq!(
        scene.claim("quick", 10, 10).await,
        [],
        "the lease ends at 11"
    );
    let quick = scene.claim_one("quick", 11).await;
    assert_eq!(quick.delivery.new.id, pending.delivery.id);
    assert_eq!(quick.delivery.attempts, 2);
    assert!(!scene.finish(&slow, 1, Next::Delivered).await);
    let id = pending.delivery.id;
    let attempts = scene.store.attempts(id).await.unwrap();
    assert_eq!(attempts.len(), 1, "it was made, so it is in the log");
    let delivery = scene.store.delivery(id).await.unwrap().unwrap();
    assert_eq!(delivery.state, DeliveryState::Leased, "and nothing follows");
    assert!(scene.finish(&quick, 11, Next::Delivered).await);
}

pub async fn a_kind_that_is_excepted_is_left(scene: &Scene) {
    let waiting = scene.pending(0).await;
    let kinds = [waiting.delivery.kind.clone()];
    let store = &scene.store;
    let claims = store
        .claim_deliveries("node", at(1), at(11), 10, &kinds)
        .await;
    assert_eq!(claims.unwrap(), []);
    let others = ["OTHER".to_owned()];
    let claims = store
        .claim_deliveries("node", at(1), at(11), 10, &others)
        .await;
    assert_eq!(claims.unwrap().len(), 1);
}

pub async fn released_claims_are_due_at_once(scene: &Scene) {
    let (mine, others) = (scene.pending(0).await, scene.pending(1).await);
    let before = scene.claim("mine", 1, 1).await.remove(0);
    assert_eq!(scene.claim("other", 1, 1).await.len(), 1);
    assert_eq!(scene.store.release_claims("mine", at(2)).await.unwrap(), 1);
    assert_eq!(scene.store.release_claims("mine", at(2)).await.unwrap(), 0);
    let again = scene.claim_one("mine", 2).await;
    assert_eq!(again.delivery.new.id, mine.delivery.id);
    assert!(
        !scene.finish(&before, 1, Next::Delivered).await,
        "it was claimed anew"
    );
    let other = scene
        .store
        .delivery(others.delivery.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(other.state, DeliveryState::Leased);
}

pub async fn the_next_time_is_known(scene: &Scene) {
    let due = || async { scene.store.next_delivery_due(&[]).await.unwrap() };
    assert_eq!(due().await, None);
    scene.pending(7).await;
    scene.pending(9).await;
    assert_eq!(due().await, Some(at(7)));
    let first = scene.claim_one("node", 8).await;
    assert_eq!(due().await, Some(at(9)), "before the lease ends, at 18");
    let second = scene.claim_one("node", 9).await;
    assert_eq!(due().await, Some(at(18)), "the first lease's end");
    scene.finish(&first, 8, Next::Retry(at(30))).await;
    assert_eq!(due().await, Some(at(19)));
    scene.finish(&second, 9, Next::Delivered).await;
    assert_eq!(due().await, Some(at(30)));
}
