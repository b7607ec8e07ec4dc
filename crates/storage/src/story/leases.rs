//! The right to try: begun with, claimed, given back.

use std::collections::BTreeSet;

use forms::ActionType;
use futures::future::join;
use records::{ActionStatus, DeliveryId, EventId};

use super::{Scene, scene::at};
use crate::{Change, Claim, Committed, Delivery, DeliveryState, Lease, NewDelivery, Next, Pause};

/// Appends a request to a record, whose delivery the node means to try at once, and says whether
/// it may.
async fn begun(scene: &Scene, event: EventId, version: u64) -> (NewDelivery, bool) {
    let action = scene.action(ActionType::Custom, ActionStatus::Requested);
    let mut delivery = scene.delivery_of(event, action.id, 0);
    delivery.lease = Some(Lease {
        owner: "node".to_owned(),
        until: at(10),
    });
    let change = Change {
        actions: vec![action],
        delivery: Some(delivery.clone()),
        ..scene.change(event, version)
    };
    match scene.store.commit(change).await.unwrap() {
        Committed::At { leased, .. } => (delivery, leased),
        other => panic!("{other:?}"),
    }
}

async fn delivery(scene: &Scene, id: DeliveryId) -> Delivery {
    scene.store.delivery(id).await.unwrap().unwrap()
}

pub async fn a_delivery_may_begin_with_its_first_attempt(scene: &Scene) {
    let event = scene.created().await.id;
    let (new, leased) = begun(scene, event, 1).await;
    assert!(leased);
    let kept = delivery(scene, new.id).await;
    assert_eq!(
        (kept.state, kept.attempts, kept.due_at),
        (DeliveryState::Leased, 1, at(10))
    );
    assert_eq!(kept.new.lease, None, "it is no part of what is kept");
    assert_eq!(scene.claim("other", 5, 10).await, []);
    let claim = Claim {
        delivery: kept,
        fence: 1,
    };
    assert!(scene.finish(&claim, 1, Next::Delivered).await);
}

pub async fn a_first_attempt_that_is_never_made_is_made_by_another(scene: &Scene) {
    let event = scene.created().await.id;
    let (new, _) = begun(scene, event, 1).await;
    let again = scene.claim_one("other", 10).await;
    assert_eq!(again.delivery.new.id, new.id);
    assert_eq!((again.delivery.attempts, again.fence), (2, 2));
    assert_eq!(scene.store.release_claims("node", at(11)).await.unwrap(), 0);
}

pub async fn a_delivery_behind_another_of_its_record_begins_queued(scene: &Scene) {
    let first = scene.pending(0).await;
    let (second, leased) = begun(scene, first.event, first.version).await;
    assert!(!leased);
    let kept = delivery(scene, second.id).await;
    assert_eq!((kept.state, kept.attempts), (DeliveryState::Queued, 0));
    let claim = scene.claim_one("node", 1).await;
    assert_eq!(claim.delivery.new.id, first.delivery.id);
}

pub async fn a_delivery_of_a_paused_kind_begins_queued(scene: &Scene) {
    let event = scene.created().await.id;
    let stop = Pause {
        kind: Some(scene.code("", 0, None).kind),
        since: at(0),
        by: "operator".to_owned(),
        reason: None,
    };
    assert!(scene.store.pause(stop, vec![]).await.unwrap());
    let (new, leased) = begun(scene, event, 1).await;
    assert!(!leased);
    assert_eq!(delivery(scene, new.id).await.state, DeliveryState::Queued);
}

pub async fn only_a_change_to_a_record_begins_with_an_attempt(scene: &Scene) {
    let mut code = scene.code("", 0, None);
    code.lease = Some(Lease {
        owner: "node".to_owned(),
        until: at(10),
    });
    scene.store.enqueue_delivery(code.clone()).await.unwrap();
    assert_eq!(delivery(scene, code.id).await.state, DeliveryState::Queued);
    assert_eq!(scene.claim_one("node", 1).await.delivery.attempts, 1);
}

pub async fn what_is_handed_back_was_never_tried(scene: &Scene) {
    let (first, second) = (scene.pending(0).await, scene.pending(1).await);
    let retried = scene.pending(2).await;
    let mut claims = scene.claim("node", 3, 10).await;
    let third = claims.remove(2);
    assert!(scene.finish(&third, 3, Next::Retry(at(4))).await);
    claims.extend(scene.claim("node", 4, 10).await);
    let held: Vec<_> = claims
        .iter()
        .map(|claim| (claim.delivery.new.id, claim.fence))
        .collect();
    assert_eq!(held.len(), 3);
    let store = &scene.store;
    assert_eq!(store.hand_back(&held, at(6)).await.unwrap(), 3);
    assert_eq!(
        store.hand_back(&held, at(6)).await.unwrap(),
        0,
        "it has none of them any more"
    );
    let kept = delivery(scene, first.delivery.id).await;
    assert_eq!(
        (kept.state, kept.attempts, kept.due_at),
        (DeliveryState::Queued, 0, at(0)),
        "it has its old place"
    );
    let kept = delivery(scene, retried.delivery.id).await;
    assert_eq!((kept.attempts, kept.due_at), (1, at(6)));
    assert!(!scene.finish(&claims[0], 5, Next::Delivered).await);
    assert_eq!(scene.claim("node", 5, 10).await.len(), 2);
    let again = scene.claim_one("node", 6).await;
    assert_eq!(again.delivery.new.id, retried.delivery.id);
    assert!(
        again.fence > claims[2].fence,
        "an answer to an earlier claim is still refused"
    );
    assert_eq!(store.attempts(second.delivery.id).await.unwrap(), []);
}

pub async fn a_claim_that_was_lost_is_not_handed_back(scene: &Scene) {
    scene.pending(0).await;
    let slow = scene.claim_one("slow", 1).await;
    let quick = scene.claim_one("quick", 11).await;
    let held = [(slow.delivery.new.id, slow.fence)];
    assert_eq!(scene.store.hand_back(&held, at(12)).await.unwrap(), 0);
    assert!(scene.finish(&quick, 12, Next::Delivered).await);
}

pub async fn owners_that_claim_at_once_share_what_is_due(scene: &Scene) {
    let mut expected = BTreeSet::new();
    for second in 0..300 {
        let mut code = scene.code("", second, None);
        code.kind = format!("user/{}", second % 7);
        expected.insert(code.id);
        scene.store.enqueue_delivery(code).await.unwrap();
    }
    let until_empty = |owner: &'static str| async move {
        let mut claimed = vec![];
        loop {
            let claims = scene.claim(owner, 400, 7).await;
            if claims.is_empty() {
                return claimed;
            }
            claimed.extend(claims.into_iter().map(|claim| claim.delivery.new.id));
        }
    };
    let (mut one, other) = join(until_empty("one"), until_empty("other")).await;
    one.extend(other);
    assert_eq!(one.len(), 300, "nothing is claimed twice");
    assert_eq!(one.into_iter().collect::<BTreeSet<_>>(), expected);
}

pub async fn the_longest_due_go_first_whatever_their_kinds(scene: &Scene) {
    let mut expected = vec![];
    for (second, kind) in [(0, "c"), (1, "a"), (2, "c"), (3, "b"), (4, "a")] {
        let mut code = scene.code("", second, None);
        code.kind = kind.to_owned();
        expected.push(code.id);
        scene.store.enqueue_delivery(code).await.unwrap();
    }
    let mut claimed = vec![];
    for _ in 0..3 {
        let claims = scene.claim("node", 10, 2).await;
        claimed.extend(claims.into_iter().map(|claim| claim.delivery.new.id));
    }
    assert_eq!(claimed, expected);
}

pub async fn however_many_of_a_kind_are_left_the_others_are_claimed(scene: &Scene) {
    for second in 0..50 {
        let code = scene.code("", second, None);
        scene.store.enqueue_delivery(code).await.unwrap();
    }
    let mut last = scene.code("", 60, None);
    last.kind = "user/user-created".to_owned();
    scene.store.enqueue_delivery(last.clone()).await.unwrap();
    let left = ["user/2fa".to_owned()];
    let store = &scene.store;
    assert_eq!(
        store.next_delivery_due(&left).await.unwrap(),
        Some(at(60)),
        "what is left does not wake anybody"
    );
    let claims = store
        .claim_deliveries("node", at(70), at(80), 5, &left)
        .await
        .unwrap();
    assert_eq!(claims.len(), 1);
    assert_eq!(claims[0].delivery.new.id, last.id);
    assert_eq!(store.next_delivery_due(&left).await.unwrap(), Some(at(80)));
    let both = ["user/2fa".to_owned(), "user/user-created".to_owned()];
    assert_eq!(store.next_delivery_due(&both).await.unwrap(), None);
}
