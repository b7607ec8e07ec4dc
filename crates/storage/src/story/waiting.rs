//! Actions wait for the country's decision.

use forms::ActionType;
use records::ActionStatus;

use super::{
    Scene,
    scene::{Pending, at, at_version, projection},
};
use crate::{Change, Created, Next, PendingAction, PendingFilter, PendingTotals};

/// When an action was requested, to the millisecond.
fn asked(pending: &Pending) -> jiff::Timestamp {
    pending.action.created_at.parse().unwrap()
}

async fn found(scene: &Scene, filter: &PendingFilter) -> Vec<PendingAction> {
    let found = scene.store.pending_actions(filter, None, 100).await;
    let found = found.unwrap();
    let count = scene.store.count_pending(filter).await.unwrap();
    assert_eq!(count, found.len() as u64);
    found
}

async fn decide(scene: &Scene, pending: &Pending, version: u64, status: ActionStatus) {
    let change = Change {
        actions: vec![scene.resolution(&pending.action, status)],
        closes_delivery_of: Some(pending.action.id),
        ..scene.change(pending.event, version)
    };
    let committed = scene.store.commit(change).await.unwrap();
    assert_eq!(committed, at_version(version + 1));
}

pub async fn a_requested_action_waits_until_it_is_decided(scene: &Scene) {
    let all = PendingFilter::default();
    assert_eq!(found(scene, &all).await, []);
    let pending = scene.pending(0).await;
    let record = scene.store.record(pending.event).await.unwrap().unwrap();
    let expected = PendingAction {
        event_id: pending.event,
        event_type: "birth".to_owned(),
        tracking_id: record.document.tracking_id,
        action_id: pending.action.id,
        action_type: ActionType::Custom,
        custom_action_type: None,
        transaction_id: pending.action.transaction_id.clone(),
        created_by: "somebody".to_owned(),
        requested_at: asked(&pending),
        delivery: scene.store.delivery(pending.delivery.id).await.unwrap(),
    };
    assert_eq!(found(scene, &all).await, std::slice::from_ref(&expected));
    let one = |id| scene.store.pending_action(id);
    assert_eq!(one(pending.action.id).await.unwrap(), Some(expected));
    assert_eq!(one(scene.id()).await.unwrap(), None);

    let other = scene.requested(pending.event, 2, 1).await;
    decide(scene, &pending, 3, ActionStatus::Rejected).await;
    assert_eq!(one(pending.action.id).await.unwrap(), None);
    let left = found(scene, &all).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].action_id, other.action.id);
    decide(scene, &other, 4, ActionStatus::Accepted).await;
    assert_eq!(found(scene, &all).await, []);
}

pub async fn what_a_record_begins_with_waits_too(scene: &Scene) {
    let mut new = scene.new_record("t");
    let asked = scene.action(ActionType::Notify, ActionStatus::Requested);
    let decided = scene.action(ActionType::Declare, ActionStatus::Requested);
    let decision = scene.resolution(&decided, ActionStatus::Accepted);
    new.document
        .actions
        .extend([asked.clone(), decided, decision]);
    assert_eq!(scene.store.create_record(new).await.unwrap(), Created::New);
    let waiting = found(scene, &PendingFilter::default()).await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].action_id, asked.id);
    assert_eq!(waiting[0].delivery, None, "it was brought in without one");
}

pub async fn nothing_of_a_deleted_record_waits(scene: &Scene) {
    let mut new = scene.new_record("t");
    let custom = scene.action(ActionType::Custom, ActionStatus::Requested);
    new.document.actions.push(custom.clone());
    let id = new.document.id;
    assert_eq!(scene.store.create_record(new).await.unwrap(), Created::New);
    assert_eq!(found(scene, &PendingFilter::default()).await.len(), 1);
    assert!(scene.store.delete_record(id, 1, vec![]).await.unwrap());
    assert_eq!(found(scene, &PendingFilter::default()).await, []);
    assert_eq!(scene.store.pending_action(custom.id).await.unwrap(), None);
}

pub async fn what_waits_is_listed_oldest_first_a_page_at_a_time(scene: &Scene) {
    let mut all = vec![];
    for second in 0..5 {
        all.push(scene.pending(second).await);
    }
    let mut seen = vec![];
    let mut after = None;
    loop {
        let filter = PendingFilter::default();
        let page = scene
            .store
            .pending_actions(&filter, after, 2)
            .await
            .unwrap();
        let Some(last) = page.last() else {
            break;
        };
        after = Some((last.requested_at, last.action_id));
        seen.extend(page.iter().map(|found| found.action_id));
        // What is decided meanwhile hides nothing that comes after it.
        if seen.len() == 2 {
            decide(scene, &all[1], 2, ActionStatus::Accepted).await;
        }
    }
    let expected: Vec<_> = all.iter().map(|pending| pending.action.id).collect();
    assert_eq!(seen, expected);
}

pub async fn what_waits_is_found_by_record_type_age_and_delivery(scene: &Scene) {
    let (first, second) = (scene.pending(0).await, scene.pending(1).await);
    let mut death = scene.new_record("t");
    death.document.event_type = "death".to_owned();
    death.projection = projection(death.document.id, serde_json::json!({ "type": "death" }));
    let declare = scene.action(ActionType::Declare, ActionStatus::Requested);
    death.document.actions.push(declare.clone());
    scene.store.create_record(death).await.unwrap();
    let claim = scene.claim("node", 2, 1).await.remove(0);
    assert!(scene.finish(&claim, 2, Next::Delivered).await);

    let all = PendingFilter::default;
    let (one, two, three) = (first.action.id, second.action.id, declare.id);
    for (filter, expected) in [
        (all(), vec![one, two, three]),
        (
            PendingFilter {
                event_types: vec!["death".to_owned(), "marriage".to_owned()],
                ..all()
            },
            vec![three],
        ),
        (
            PendingFilter {
                action_types: vec!["CUSTOM".to_owned()],
                ..all()
            },
            vec![one, two],
        ),
        (
            PendingFilter {
                event_id: Some(second.event),
                ..all()
            },
            vec![two],
        ),
        (
            PendingFilter {
                delivered: Some(true),
                ..all()
            },
            vec![one],
        ),
        (
            PendingFilter {
                delivered: Some(false),
                ..all()
            },
            vec![two, three],
        ),
        (
            PendingFilter {
                from: Some(asked(&second)),
                ..all()
            },
            vec![two, three],
        ),
        (
            PendingFilter {
                until: Some(asked(&second)),
                ..all()
            },
            vec![one],
        ),
    ] {
        let ids: Vec<_> = found(scene, &filter)
            .await
            .iter()
            .map(|found| found.action_id)
            .collect();
        assert_eq!(ids, expected, "{filter:?}");
    }
}

pub async fn what_waits_is_counted_by_type_and_age(scene: &Scene) {
    assert_eq!(scene.store.pending_totals(&[]).await.unwrap(), []);
    let (first, second) = (scene.pending(0).await, scene.pending(1).await);
    let change = Change {
        actions: vec![scene.action(ActionType::Register, ActionStatus::Requested)],
        ..scene.change(second.event, 2)
    };
    let register: jiff::Timestamp = change.actions[0].created_at.parse().unwrap();
    assert_eq!(scene.store.commit(change).await.unwrap(), at_version(3));
    let times = [asked(&first), asked(&second), at(1_000_000)];
    let mut totals = scene.store.pending_totals(&times).await.unwrap();
    totals.sort_by_key(|total| total.oldest);
    let total = |action_type, count, oldest, before: [u64; 3]| PendingTotals {
        event_type: "birth".to_owned(),
        action_type,
        count,
        oldest,
        before: before.into(),
    };
    let expected = [
        total(ActionType::Custom, 2, asked(&first), [0, 1, 2]),
        total(ActionType::Register, 1, register, [0, 0, 1]),
    ];
    assert_eq!(totals, expected);
}
