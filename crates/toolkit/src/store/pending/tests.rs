use records::ActionType;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::store::tests::store_in;

fn waiting(token: &str, note: Value) -> WaitingAction {
    WaitingAction {
        key: PendingKey {
            event: Uuid::from_u128(1).into(),
            action: Uuid::from_u128(2).into(),
        },
        event_type: "birth".to_owned(),
        action: ActionShape::plain(ActionType::Register),
        token: Some(Secret::new(token)),
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned(),
        note,
    }
}

fn accept(number: &str) -> Resolution {
    Resolution::Accept(Accept::number(number).field("child.nid", "private"))
}

/// What Core has to be told now.
async fn due(pending: &Pending) -> Callback {
    pending.due(10).await.unwrap().remove(0)
}

async fn pending() -> (tempfile::TempDir, Pending, PendingKey) {
    let folder = tempfile::tempdir().unwrap();
    let pending = Pending::new(store_in(folder.path()).await);
    let held = waiting("ey.secret.token", json!({ "reference": 7 }));
    let key = held.key;
    pending.hold(held).await.unwrap();
    (folder, pending, key)
}

#[tokio::test]
async fn a_held_action_is_listed_with_its_note() {
    let (_folder, pending, key) = pending().await;
    let listed = pending.list().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].key, key);
    assert_eq!(listed[0].state, PendingState::Waiting);
    assert_eq!(listed[0].note, json!({ "reference": 7 }));
    assert!(
        pending.due(10).await.unwrap().is_empty(),
        "nothing to tell Core yet"
    );
}

#[tokio::test]
async fn holding_again_keeps_the_note_unless_there_is_a_new_one() {
    let (_folder, pending, key) = pending().await;
    pending.hold(waiting("fresh", Value::Null)).await.unwrap();
    let kept = pending.get(key.event, key.action).await.unwrap().unwrap();
    assert_eq!(kept.note, json!({ "reference": 7 }));
    pending.hold(waiting("fresh", json!(8))).await.unwrap();
    let changed = pending.get(key.event, key.action).await.unwrap().unwrap();
    assert_eq!(changed.note, json!(8));
    assert_eq!(changed.transaction_id, kept.transaction_id);
}

#[tokio::test]
async fn the_first_decision_stands() {
    let (_folder, pending, key) = pending().await;
    let first = pending
        .complete(key.event, key.action, accept("B-1"))
        .await
        .unwrap();
    assert_eq!(first, Completion::Recorded);
    let second = pending
        .complete(key.event, key.action, Resolution::reject("no"))
        .await
        .unwrap();
    assert_eq!(second, Completion::AlreadyDecided(accept("B-1")));
    let due = pending.due(10).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].resolution, accept("B-1"));
}

#[tokio::test]
async fn an_unknown_action_cannot_be_decided() {
    let (_folder, pending, key) = pending().await;
    let other = Uuid::from_u128(9).into();
    let done = pending
        .complete(key.event, other, accept("B-1"))
        .await
        .unwrap();
    assert_eq!(done, Completion::Unknown);
}

#[tokio::test]
async fn once_core_knows_neither_token_nor_fields_are_kept() {
    let (_folder, pending, key) = pending().await;
    pending
        .complete(key.event, key.action, accept("B-1"))
        .await
        .unwrap();
    pending
        .settle(due(&pending).await, Outcome::Done { conflict: None })
        .await
        .unwrap();
    let done = pending.get(key.event, key.action).await.unwrap().unwrap();
    assert_eq!(done.state, PendingState::Done);
    assert_eq!(
        done.resolution,
        Some(Resolution::Accept(Accept::number("B-1")))
    );
    assert!(pending.list().await.unwrap().is_empty());
    assert!(pending.due(10).await.unwrap().is_empty());
    assert_eq!(pending.next_due().await.unwrap(), None);
}

#[tokio::test]
async fn a_fresh_token_frees_a_stuck_action() {
    let (_folder, pending, key) = pending().await;
    pending
        .complete(key.event, key.action, accept("B-1"))
        .await
        .unwrap();
    let stuck = Outcome::Later {
        at: i64::MAX,
        error: "403".to_owned(),
        stuck: true,
    };
    let callback = due(&pending).await;
    pending.settle(callback, stuck).await.unwrap();
    assert_eq!(pending.list().await.unwrap()[0].state, PendingState::Stuck);
    assert!(pending.due(10).await.unwrap().is_empty());
    pending.renew(key, &Secret::new("fresh")).await.unwrap();
    let due = pending.due(10).await.unwrap();
    assert_eq!(pending.token(&due[0]).unwrap(), Some(Secret::new("fresh")));
}

#[tokio::test]
async fn a_handler_that_decides_after_all_lets_go_unless_someone_was_faster() {
    let (_folder, pending, key) = pending().await;
    assert_eq!(pending.release(key).await.unwrap(), None);
    assert_eq!(pending.get(key.event, key.action).await.unwrap(), None);
    pending.hold(waiting("t", Value::Null)).await.unwrap();
    pending
        .complete(key.event, key.action, accept("B-1"))
        .await
        .unwrap();
    assert_eq!(pending.release(key).await.unwrap(), Some(accept("B-1")));
}

#[tokio::test]
async fn the_token_cannot_be_read_in_the_file() {
    let (folder, pending, _) = pending().await;
    drop(pending);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let needle = b"ey.secret.token";
        assert!(!bytes.windows(needle.len()).any(|part| part == needle));
    }
}

#[tokio::test]
async fn what_is_done_is_forgotten_in_time_and_what_is_not_stays() {
    let (_folder, pending, key) = pending().await;
    pending.purge(i64::MAX).await.unwrap();
    assert_eq!(pending.list().await.unwrap().len(), 1);
    pending
        .complete(key.event, key.action, accept("B-1"))
        .await
        .unwrap();
    pending
        .settle(due(&pending).await, Outcome::Done { conflict: None })
        .await
        .unwrap();
    pending.purge(i64::MAX).await.unwrap();
    assert_eq!(pending.get(key.event, key.action).await.unwrap(), None);
}

#[tokio::test]
async fn a_registration_cannot_be_accepted_without_a_number() {
    let (_folder, pending, key) = pending().await;
    let bare = Resolution::Accept(Accept::default());
    let refused = pending.complete(key.event, key.action, bare).await.unwrap();
    assert_eq!(refused, Completion::NumberMissing);
    assert_eq!(
        pending.list().await.unwrap()[0].state,
        PendingState::Waiting
    );
}

#[tokio::test]
async fn only_a_stuck_decision_can_be_amended() {
    let (_folder, pending, key) = pending().await;
    pending
        .complete(key.event, key.action, accept("B-1"))
        .await
        .unwrap();
    let early = pending
        .amend(key.event, key.action, accept("B-2"))
        .await
        .unwrap();
    assert_eq!(early, Completion::AlreadyDecided(accept("B-1")));
    let stuck = Outcome::Later {
        at: i64::MAX,
        error: "400".to_owned(),
        stuck: true,
    };
    let callback = due(&pending).await;
    pending.settle(callback, stuck).await.unwrap();
    let amended = pending
        .amend(key.event, key.action, accept("B-2"))
        .await
        .unwrap();
    assert_eq!(amended, Completion::Recorded);
    assert_eq!(pending.due(10).await.unwrap()[0].resolution, accept("B-2"));
}

#[tokio::test]
async fn a_decision_amended_while_core_is_told_is_neither_lost_nor_taken_for_the_one_told() {
    let (_folder, pending, key) = pending().await;
    let stuck = || Outcome::Later {
        at: i64::MAX,
        error: "400".to_owned(),
        stuck: true,
    };
    pending
        .complete(key.event, key.action, accept("B-1"))
        .await
        .unwrap();
    let first = due(&pending).await;
    let under_way = due(&pending).await;
    let told_again = due(&pending).await;
    pending.settle(first, stuck()).await.unwrap();
    let amended = pending.amend(key.event, key.action, accept("B-2")).await;
    assert_eq!(amended.unwrap(), Completion::Recorded);

    // Core refuses the earlier decision once more: the amended one is still to be told.
    pending.settle(under_way, stuck()).await.unwrap();
    assert_eq!(due(&pending).await.resolution, accept("B-2"));

    // Core takes the earlier one after all: that is what stands, and the amended one did not.
    let done = Outcome::Done { conflict: None };
    pending.settle(told_again, done).await.unwrap();
    let done = pending.get(key.event, key.action).await.unwrap().unwrap();
    let stands = Resolution::Accept(Accept::number("B-1"));
    assert_eq!(
        (done.state, done.resolution),
        (PendingState::Done, Some(stands))
    );
    assert!(done.last_error.unwrap().contains("amended"));
}

#[tokio::test]
async fn a_renewed_token_takes_the_place_of_the_one_it_was_made_from_and_no_other() {
    let (_folder, pending, key) = pending().await;
    let stored = || async { pending.tokens().await.unwrap().remove(0) };
    let (old, older) = (stored().await, stored().await);
    pending
        .replace_token(old, &Secret::new("fresh"))
        .await
        .unwrap();
    assert_eq!(stored().await.token, Secret::new("fresh"));
    pending
        .replace_token(older, &Secret::new("late"))
        .await
        .unwrap();
    assert_eq!(stored().await.token, Secret::new("fresh"));
    assert_eq!(stored().await.key, key);
}
