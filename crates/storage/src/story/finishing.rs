//! Deliveries end: delivered, or too late to be of use.

use serde_json::{Value, json};

use super::{
    Scene,
    scene::{at, result},
};
use crate::{Delivery, DeliveryState, DeliveryTotals, Next, Subject};

pub async fn attempts_are_kept_first_to_last(scene: &Scene) {
    let pending = scene.pending(0).await;
    let mut expected = vec![];
    for (second, next) in [
        (1, Next::Retry(at(2))),
        (2, Next::Retry(at(3))),
        (3, Next::Delivered),
    ] {
        let claim = scene.claim_one("node", second).await;
        let result = result(&claim, second, next);
        expected.push(result.attempt.clone());
        assert!(scene.store.finish_attempt(result).await.unwrap());
    }
    assert_eq!(
        scene.store.attempts(pending.delivery.id).await.unwrap(),
        expected
    );
    assert_eq!(expected.last().map(|attempt| attempt.number), Some(3));
    let delivery = scene
        .store
        .delivery(pending.delivery.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((delivery.attempts, delivery.last_error), (3, None));
    assert_eq!(delivery.last_outcome.as_deref(), Some("accepted"));
}

pub async fn a_result_is_written_once(scene: &Scene) {
    let pending = scene.pending(0).await;
    let claim = scene.claim_one("node", 1).await;
    assert!(scene.finish(&claim, 1, Next::Retry(at(5))).await);
    assert!(
        !scene.finish(&claim, 1, Next::Delivered).await,
        "the claim ended with its result"
    );
    assert_eq!(
        scene
            .store
            .attempts(pending.delivery.id)
            .await
            .unwrap()
            .len(),
        1
    );
    let delivery = scene
        .store
        .delivery(pending.delivery.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(delivery.state, DeliveryState::Queued);
}

pub async fn an_expired_code_is_never_claimed(scene: &Scene) {
    let code = scene.code("", 0, Some(60));
    scene.store.enqueue_delivery(code.clone()).await.unwrap();
    let claim = scene.claim_one("node", 1).await;
    assert!(scene.finish(&claim, 1, Next::Retry(at(70))).await);
    assert_eq!(scene.claim("node", 71, 10).await, []);
    let closed = scene.store.delivery(code.id).await.unwrap().unwrap();
    assert_eq!(
        (closed.state, closed.finished_at),
        (DeliveryState::Expired, Some(at(71)))
    );
    assert_eq!(scene.store.next_delivery_due(&[]).await.unwrap(), None);
}

pub async fn a_fresh_code_takes_the_place_of_the_old_one(scene: &Scene) {
    let (old, others) = (scene.code("ada", 0, None), scene.code("bob", 0, None));
    for code in [&old, &others] {
        scene.store.enqueue_delivery(code.clone()).await.unwrap();
    }
    let in_flight = scene.claim("node", 1, 1).await.remove(0);
    assert_eq!(in_flight.delivery.new.id, old.id);
    let fresh = scene.code("ada", 2, None);
    scene.store.enqueue_delivery(fresh.clone()).await.unwrap();
    let state = |delivery: Option<Delivery>| delivery.unwrap().state;
    assert_eq!(
        state(scene.store.delivery(old.id).await.unwrap()),
        DeliveryState::Expired
    );
    assert_eq!(
        state(scene.store.delivery(others.id).await.unwrap()),
        DeliveryState::Queued
    );
    assert!(!scene.finish(&in_flight, 1, Next::Retry(at(3))).await);
    let claims = scene.claim("node", 4, 10).await;
    let claimed: Vec<_> = claims.iter().map(|claim| claim.delivery.new.id).collect();
    assert_eq!(claimed, [others.id, fresh.id]);
}

pub async fn what_is_finished_keeps_no_body(scene: &Scene) {
    let codes = [
        scene.code("", 0, None),
        scene.code("ada", 1, None),
        scene.code("", 2, Some(5)),
    ];
    for code in &codes {
        scene.store.enqueue_delivery(code.clone()).await.unwrap();
    }
    let claim = scene.claim("node", 3, 1).await.remove(0);
    let Subject::Account { body, .. } = &claim.delivery.new.subject else {
        panic!("it is about an account");
    };
    assert_eq!(
        body,
        &json!({ "code": "123456" }),
        "who tries it must know the code"
    );
    assert!(scene.finish(&claim, 3, Next::Delivered).await);
    scene
        .store
        .enqueue_delivery(scene.code("ada", 4, None))
        .await
        .unwrap();
    scene.claim("node", 6, 0).await;
    for code in &codes {
        let kept = scene.store.delivery(code.id).await.unwrap().unwrap();
        assert!(kept.finished_at.is_some());
        let Subject::Account { body, .. } = kept.new.subject else {
            panic!("it is about an account");
        };
        assert_eq!(body, Value::Null);
    }
}

pub async fn totals_count_by_kind_and_state(scene: &Scene) {
    assert_eq!(scene.store.delivery_totals().await.unwrap(), []);
    for second in 0..4 {
        let mut code = scene.code("", second, None);
        code.kind = if second == 3 { "REGISTER" } else { "user/2fa" }.to_owned();
        scene.store.enqueue_delivery(code).await.unwrap();
    }
    let delivered = scene.claim("node", 5, 1).await.remove(0);
    assert!(scene.finish(&delivered, 5, Next::Delivered).await);
    scene.claim("node", 6, 1).await;
    let total = |kind: &str, state, oldest: Option<i64>| DeliveryTotals {
        kind: kind.to_owned(),
        state,
        count: 1,
        oldest: oldest.map(at),
    };
    let mut totals = scene.store.delivery_totals().await.unwrap();
    totals.sort_by_key(|total| (total.kind.clone(), total.oldest));
    assert_eq!(
        totals,
        [
            total("REGISTER", DeliveryState::Queued, Some(3)),
            total("user/2fa", DeliveryState::Delivered, None),
            total("user/2fa", DeliveryState::Leased, Some(1)),
            total("user/2fa", DeliveryState::Queued, Some(2)),
        ]
    );
}
