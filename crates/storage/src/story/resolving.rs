//! Actions are resolved, each once.

use forms::ActionType;
use futures::future::join_all;
use records::ActionStatus;
use serde_json::json;

use super::{
    Scene,
    scene::{at, at_version, projection, result},
};
use crate::{Change, Committed, DeliveryState, Next, StoreError};

pub async fn an_action_is_resolved_once(scene: &Scene) {
    let pending = scene.pending(0).await;
    let accepted = scene.resolution(&pending.action, ActionStatus::Accepted);
    let change = Change {
        actions: vec![accepted],
        ..scene.change(pending.event, 2)
    };
    assert_eq!(scene.store.commit(change).await.unwrap(), at_version(3));
    // Even for a caller that knows the newest version and should have looked.
    for status in [ActionStatus::Accepted, ActionStatus::Rejected] {
        let actions = vec![scene.resolution(&pending.action, status)];
        let again = scene
            .store
            .commit(Change {
                actions,
                ..scene.change(pending.event, 3)
            })
            .await;
        assert!(
            matches!(again, Err(StoreError::Refused { .. })),
            "{again:?}"
        );
    }
    let record = scene.store.record(pending.event).await.unwrap().unwrap();
    assert_eq!((record.version, record.document.actions.len()), (3, 3));
}

pub async fn a_transaction_does_a_thing_to_a_record_once(scene: &Scene) {
    let id = scene.created().await.id;
    let action = |kind, status| {
        let mut action = scene.action(kind, status);
        action.transaction_id = "t".to_owned();
        action
    };
    let first = action(ActionType::Declare, ActionStatus::Requested);
    scene
        .store
        .commit(Change {
            actions: vec![first],
            ..scene.change(id, 1)
        })
        .await
        .unwrap();
    let again = action(ActionType::Declare, ActionStatus::Requested);
    let refused = scene
        .store
        .commit(Change {
            actions: vec![again],
            ..scene.change(id, 2)
        })
        .await;
    assert!(
        matches!(refused, Err(StoreError::Refused { .. })),
        "{refused:?}"
    );
    let other = action(ActionType::Register, ActionStatus::Requested);
    let accepted = scene
        .store
        .commit(Change {
            actions: vec![other],
            ..scene.change(id, 2)
        })
        .await;
    assert_eq!(accepted.unwrap(), at_version(3));
}

pub async fn holding_a_record_may_repeat_in_a_transaction(scene: &Scene) {
    let id = scene.created().await.id;
    let kinds = [ActionType::Assign, ActionType::Unassign, ActionType::Assign];
    let actions = kinds.map(|kind| {
        let mut action = scene.action(kind, ActionStatus::Accepted);
        action.transaction_id = "t".to_owned();
        action
    });
    let committed = scene
        .store
        .commit(Change {
            actions: actions.into(),
            ..scene.change(id, 1)
        })
        .await;
    assert_eq!(committed.unwrap(), at_version(2));
}

pub async fn a_registration_number_is_on_one_record(scene: &Scene) {
    let (one, other) = (scene.created().await.id, scene.created().await.id);
    let register = |event, version| {
        let mut projection = projection(event, json!({ "status": "REGISTERED" }));
        projection.registration_number = Some("2026-B-7".to_owned());
        Change {
            actions: vec![scene.action(ActionType::Register, ActionStatus::Accepted)],
            projection: Some(projection),
            ..scene.change(event, version)
        }
    };
    assert_eq!(
        scene.store.commit(register(one, 1)).await.unwrap(),
        at_version(2)
    );
    let taken = scene.store.commit(register(other, 1)).await;
    assert!(
        matches!(taken, Err(StoreError::RegistrationNumberTaken)),
        "{taken:?}"
    );
    let untouched = scene.store.record(other).await.unwrap().unwrap();
    assert_eq!(
        (untouched.version, untouched.document.actions.len()),
        (1, 1)
    );
    // The record that has it may keep it through later changes.
    assert_eq!(
        scene.store.commit(register(one, 2)).await.unwrap(),
        at_version(3)
    );
}

pub async fn a_lost_claim_writes_nothing(scene: &Scene) {
    let pending = scene.pending(0).await;
    let old = scene.claim_one("slow", 1).await;
    let current = scene.claim_one("quick", 20).await;
    let accept = |claim| Change {
        actions: vec![scene.resolution(&pending.action, ActionStatus::Accepted)],
        attempt: Some(result(claim, 21, Next::Delivered)),
        audit: vec![scene.audit_of(Some(pending.event), "accepted")],
        ..scene.change(pending.event, pending.version)
    };
    let before = scene.store.record(pending.event).await.unwrap();
    assert_eq!(
        scene.store.commit(accept(&old)).await.unwrap(),
        Committed::ClaimLost
    );
    assert_eq!(scene.store.record(pending.event).await.unwrap(), before);
    assert_eq!(scene.store.attempts(pending.delivery.id).await.unwrap(), []);
    assert_eq!(
        scene
            .store
            .audit(Some(pending.event), None, 0, 10)
            .await
            .unwrap()
            .1,
        1
    );
    assert_eq!(
        scene.store.commit(accept(&current)).await.unwrap(),
        at_version(3)
    );
}

pub async fn an_answer_resolves_its_action_and_ends_its_delivery(scene: &Scene) {
    let pending = scene.pending(0).await;
    let claim = scene.claim_one("node", 1).await;
    let attempt = result(&claim, 1, Next::Delivered);
    let change = Change {
        actions: vec![scene.resolution(&pending.action, ActionStatus::Accepted)],
        attempt: Some(attempt.clone()),
        ..scene.change(pending.event, 2)
    };
    assert_eq!(scene.store.commit(change).await.unwrap(), at_version(3));
    let delivery = scene
        .store
        .delivery_of_action(pending.action.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(delivery.state, DeliveryState::Delivered);
    assert!(delivery.finished_at.is_some());
    assert_eq!(
        scene.store.attempts(delivery.new.id).await.unwrap(),
        [attempt.attempt]
    );
    let record = scene.store.record(pending.event).await.unwrap().unwrap();
    assert!(record.document.resolution_of(pending.action.id).is_some());
}

pub async fn a_decision_before_the_answer_ends_the_delivery(scene: &Scene) {
    let pending = scene.pending(0).await;
    let next = scene.requested(pending.event, 2, 1).await;
    let in_flight = scene.claim_one("node", 2).await;
    let callback = Change {
        actions: vec![scene.resolution(&pending.action, ActionStatus::Rejected)],
        closes_delivery_of: Some(pending.action.id),
        ..scene.change(pending.event, 3)
    };
    assert_eq!(scene.store.commit(callback).await.unwrap(), at_version(4));
    let delivery = scene
        .store
        .delivery(pending.delivery.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(delivery.state, DeliveryState::Delivered);
    assert!(
        !scene.finish(&in_flight, 2, Next::Retry(at(9))).await,
        "the claim ended with it"
    );
    assert_eq!(
        scene.claim_one("node", 3).await.delivery.new.id,
        next.delivery.id
    );
    // An action whose delivery was finished before has nothing left to close.
    let again = Change {
        closes_delivery_of: Some(pending.action.id),
        ..scene.change(pending.event, 4)
    };
    assert_eq!(scene.store.commit(again).await.unwrap(), at_version(5));
    assert_eq!(
        scene.store.delivery(pending.delivery.id).await.unwrap(),
        Some(delivery)
    );
}

pub async fn a_change_that_fails_leaves_its_neighbours_alone(scene: &Scene) {
    let mut changes = vec![];
    for _ in 0..16 {
        let pending = scene.pending(0).await;
        let accepted = scene.resolution(&pending.action, ActionStatus::Accepted);
        let rejected = scene.resolution(&pending.action, ActionStatus::Rejected);
        let change = |actions| Change {
            actions,
            ..scene.change(pending.event, 2)
        };
        // The second half of the bad one fails when its first half is written already.
        changes.push((
            pending.event,
            change(vec![accepted.clone(), rejected]),
            false,
        ));
        let fine = scene.pending(0).await;
        let accepted = scene.resolution(&fine.action, ActionStatus::Accepted);
        let fine_change = Change {
            actions: vec![accepted],
            ..scene.change(fine.event, 2)
        };
        changes.push((fine.event, fine_change, true));
    }
    let committed = join_all(
        changes
            .iter()
            .map(|(_, change, _)| scene.store.commit(change.clone())),
    )
    .await;
    for ((event, _, fine), committed) in changes.iter().zip(committed) {
        assert_eq!(committed.is_ok(), *fine, "{committed:?}");
        let actions = scene
            .store
            .record(*event)
            .await
            .unwrap()
            .unwrap()
            .document
            .actions;
        assert_eq!(actions.len(), if *fine { 3 } else { 2 });
    }
}
