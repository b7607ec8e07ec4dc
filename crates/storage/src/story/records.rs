//! Records begin, change and end.

use forms::ActionType;
use futures::future::join_all;
use records::{ActionStatus, EventId};
use serde_json::json;
use uuid::Uuid;

use super::{
    Scene,
    scene::{at_version, projection},
};
use crate::{Change, Committed, Created, Filter, Next, RecordQuery, StoreError};

fn everything() -> RecordQuery {
    RecordQuery {
        filter: Filter::All(vec![]),
        sort: vec![],
        offset: 0,
        limit: 100,
    }
}

pub async fn a_record_reads_back_as_it_was_written(scene: &Scene) {
    let mut new = scene.new_record("t");
    // Whatever a country's form asks, to the letter.
    let declaration =
        json!({ "child.name": { "firstname": "Zoë \"Z\" O'Neil" }, "n": 1.50, "x": null });
    new.document.actions[0].declaration = declaration.as_object().cloned();
    let document = new.document.clone();
    scene.store.create_record(new).await.unwrap();
    let record = scene
        .store
        .record(document.id)
        .await
        .unwrap()
        .expect("the record exists");
    assert_eq!((record.document, record.version), (document, 1));
    assert_eq!(scene.store.record(scene.id()).await.unwrap(), None);
}

pub async fn the_same_transaction_creates_one_record(scene: &Scene) {
    let first = scene.new_record("t");
    assert_eq!(
        scene.store.create_record(first.clone()).await.unwrap(),
        Created::New
    );
    let Created::Already(record) = scene
        .store
        .create_record(scene.new_record("t"))
        .await
        .unwrap()
    else {
        panic!("the transaction had created a record before");
    };
    assert_eq!(record.document, first.document);
    let mut of_another_type = scene.new_record("t");
    of_another_type.document.event_type = "death".to_owned();
    assert_eq!(
        scene.store.create_record(of_another_type).await.unwrap(),
        Created::New
    );
    assert_eq!(scene.store.record_ids(None, 10).await.unwrap().len(), 2);
    let (_, audited) = scene.store.audit(None, None, 0, 10).await.unwrap();
    assert_eq!(
        audited, 2,
        "what created nothing is not audited as creating"
    );
}

pub async fn transactions_that_race_create_one_record(scene: &Scene) {
    let created = join_all((0..8).map(|_| scene.store.create_record(scene.new_record("t")))).await;
    let new = created
        .into_iter()
        .filter(|created| *created.as_ref().unwrap() == Created::New);
    assert_eq!(new.count(), 1);
    assert_eq!(scene.store.record_ids(None, 10).await.unwrap().len(), 1);
}

pub async fn a_tracking_id_is_given_once(scene: &Scene) {
    let first = scene.created().await;
    let mut second = scene.new_record("t");
    second.document.tracking_id = first.tracking_id;
    let refused = scene.store.create_record(second.clone()).await;
    assert!(
        matches!(refused, Err(StoreError::TrackingIdTaken)),
        "{refused:?}"
    );
    assert_eq!(scene.store.record(second.document.id).await.unwrap(), None);
}

pub async fn a_record_that_begins_with_a_request_is_delivered(scene: &Scene) {
    let mut new = scene.new_record("t");
    let request = scene.action(ActionType::Notify, ActionStatus::Requested);
    let delivery = scene.delivery_of(new.document.id, request.id, 0);
    new.document.actions.push(request);
    new.deliveries = vec![delivery.clone()];
    scene.store.create_record(new.clone()).await.unwrap();
    // The same transaction again begins neither.
    new.deliveries = vec![scene.delivery_of(new.document.id, scene.id(), 0)];
    scene.store.create_record(new).await.unwrap();
    assert_eq!(scene.claim_one("node", 1).await.delivery.new, delivery);
}

pub async fn a_change_appends_and_raises_the_version(scene: &Scene) {
    let created = scene.created().await;
    let declare = scene.action(ActionType::Declare, ActionStatus::Accepted);
    let unassign = scene.action(ActionType::Unassign, ActionStatus::Accepted);
    let change = Change {
        actions: vec![declare.clone(), unassign.clone()],
        projection: Some(projection(created.id, json!({ "status": "DECLARED" }))),
        audit: vec![scene.audit_of(Some(created.id), "event.actions.declare.request")],
        ..scene.change(created.id, 1)
    };
    assert_eq!(scene.store.commit(change).await.unwrap(), at_version(2));
    let record = scene.store.record(created.id).await.unwrap().unwrap();
    assert_eq!(record.version, 2);
    assert_eq!(record.document.updated_at, unassign.created_at);
    assert_eq!(record.document.actions[1..], [declare, unassign]);
    let found = scene.store.find_records(&everything()).await.unwrap();
    assert_eq!(found.records[0]["status"], "DECLARED");
    assert_eq!(
        scene
            .store
            .audit(Some(created.id), None, 0, 10)
            .await
            .unwrap()
            .1,
        2
    );

    // Without actions, only the version moves.
    assert_eq!(
        scene
            .store
            .commit(scene.change(created.id, 2))
            .await
            .unwrap(),
        at_version(3)
    );
    let after = scene.store.record(created.id).await.unwrap().unwrap();
    assert_eq!((after.version, after.document), (3, record.document));
}

pub async fn a_stale_change_writes_nothing(scene: &Scene) {
    let created = scene.created().await;
    scene
        .store
        .commit(scene.change(created.id, 1))
        .await
        .unwrap();
    let before = scene.store.record(created.id).await.unwrap();
    let action = scene.action(ActionType::Declare, ActionStatus::Requested);
    let delivery = scene.delivery_of(created.id, action.id, 0);
    for version in [0, 1, 3] {
        let stale = Change {
            actions: vec![action.clone()],
            projection: Some(projection(created.id, json!({ "status": "WRONG" }))),
            delivery: Some(delivery.clone()),
            audit: vec![scene.audit_of(Some(created.id), "wrong")],
            ..scene.change(created.id, version)
        };
        assert_eq!(scene.store.commit(stale).await.unwrap(), Committed::Stale);
    }
    assert_eq!(scene.store.record(created.id).await.unwrap(), before);
    assert_eq!(scene.store.delivery(delivery.id).await.unwrap(), None);
    let found = scene.store.find_records(&everything()).await.unwrap();
    assert_eq!(found.records[0]["status"], "CREATED");
    assert_eq!(scene.store.audit(None, None, 0, 10).await.unwrap().1, 1);
    let unknown = scene.store.commit(scene.change(scene.id(), 1)).await;
    assert_eq!(unknown.unwrap(), Committed::Stale);
}

pub async fn of_changes_made_on_one_version_one_wins(scene: &Scene) {
    let created = scene.created().await;
    let changes = (0..8).map(|_| {
        let actions = vec![scene.action(ActionType::Edit, ActionStatus::Accepted)];
        scene.store.commit(Change {
            actions,
            ..scene.change(created.id, 1)
        })
    });
    let committed: Vec<_> = join_all(changes)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(
        committed
            .iter()
            .filter(|outcome| **outcome == at_version(2))
            .count(),
        1
    );
    assert_eq!(
        committed
            .iter()
            .filter(|outcome| **outcome == Committed::Stale)
            .count(),
        7
    );
    let record = scene.store.record(created.id).await.unwrap().unwrap();
    assert_eq!((record.version, record.document.actions.len()), (2, 2));
}

pub async fn a_transaction_finds_its_actions(scene: &Scene) {
    let (one, other) = (scene.created().await.id, scene.created().await.id);
    let mut expected = vec![];
    for (event, kind, version) in [
        (one, ActionType::Notify, 1),
        (other, ActionType::Notify, 1),
        (one, ActionType::Declare, 2),
    ] {
        let mut action = scene.action(kind, ActionStatus::Accepted);
        action.transaction_id = "shared".to_owned();
        let change = Change {
            actions: vec![action.clone()],
            ..scene.change(event, version)
        };
        scene.store.commit(change).await.unwrap();
        expected.push((event, action));
    }
    assert_eq!(scene.store.transaction("shared").await.unwrap(), expected);
    assert_eq!(scene.store.transaction("unheard of").await.unwrap(), []);
}

pub async fn an_undeclared_record_is_deleted_whole(scene: &Scene) {
    let id = scene
        .created_with(json!({ "flags": ["incomplete"], "search": "Ada" }))
        .await;
    assert!(
        !scene.store.delete_record(id, 2, vec![]).await.unwrap(),
        "the version is another"
    );
    let audit = vec![scene.audit_of(Some(id), "event.delete")];
    assert!(scene.store.delete_record(id, 1, audit).await.unwrap());
    assert!(
        !scene.store.delete_record(id, 1, vec![]).await.unwrap(),
        "it is gone already"
    );
    assert_eq!(scene.store.record(id).await.unwrap(), None);
    for filter in [
        Filter::All(vec![]),
        Filter::Flag("incomplete".to_owned()),
        Filter::Text("ada".to_owned()),
    ] {
        let query = RecordQuery {
            filter,
            ..everything()
        };
        assert_eq!(scene.store.count_records(&[query]).await.unwrap(), [0]);
    }
    let (audited, _) = scene.store.audit(Some(id), None, 0, 10).await.unwrap();
    assert_eq!(
        audited[0].operation, "event.delete",
        "the trail outlives the record"
    );
}

pub async fn a_declared_record_is_never_deleted(scene: &Scene) {
    for kind in [
        ActionType::Notify,
        ActionType::Declare,
        ActionType::Register,
    ] {
        let id = scene.created().await.id;
        let actions = vec![scene.action(kind, ActionStatus::Accepted)];
        scene
            .store
            .commit(Change {
                actions,
                ..scene.change(id, 1)
            })
            .await
            .unwrap();
        let refused = scene.store.delete_record(id, 2, vec![]).await;
        assert!(
            matches!(refused, Err(StoreError::Refused { .. })),
            "{refused:?}"
        );
        assert_eq!(
            scene
                .store
                .record(id)
                .await
                .unwrap()
                .unwrap()
                .document
                .actions
                .len(),
            2
        );
    }
}

pub async fn a_record_with_an_unfinished_delivery_is_never_deleted(scene: &Scene) {
    let pending = scene.pending(0).await;
    let refused = scene.store.delete_record(pending.event, 2, vec![]).await;
    assert!(
        matches!(refused, Err(StoreError::Refused { .. })),
        "{refused:?}"
    );
    let claim = scene.claim_one("node", 1).await;
    assert!(scene.finish(&claim, 1, Next::Delivered).await);
    assert!(
        scene
            .store
            .delete_record(pending.event, 2, vec![])
            .await
            .unwrap()
    );
    assert_eq!(
        scene.store.delivery(pending.delivery.id).await.unwrap(),
        None
    );
    assert_eq!(scene.store.next_delivery_due(&[]).await.unwrap(), None);
}

pub async fn a_projection_is_rebuilt_on_its_version_alone(scene: &Scene) {
    let id = scene
        .created_with(json!({ "search": "Old", "flags": ["old"] }))
        .await;
    let rebuilt = projection(id, json!({ "search": "New", "flags": ["new"] }));
    assert!(
        !scene
            .store
            .rebuild_projection(id, 2, rebuilt.clone())
            .await
            .unwrap()
    );
    assert!(
        scene
            .store
            .rebuild_projection(id, 1, rebuilt.clone())
            .await
            .unwrap()
    );
    assert!(
        !scene
            .store
            .rebuild_projection(scene.id(), 1, rebuilt)
            .await
            .unwrap()
    );
    let queries = [
        Filter::Text("new".to_owned()),
        Filter::Text("old".to_owned()),
        Filter::Flag("new".to_owned()),
        Filter::Flag("old".to_owned()),
    ]
    .map(|filter| RecordQuery {
        filter,
        ..everything()
    });
    assert_eq!(
        scene.store.count_records(&queries).await.unwrap(),
        [1, 0, 1, 0]
    );
    assert_eq!(scene.store.record(id).await.unwrap().unwrap().version, 1);
    let kept = scene.store.projection(id).await.unwrap().unwrap();
    assert_eq!(kept.index["flags"], json!(["new"]));
    let texts: Vec<_> = kept.texts.iter().map(|kept| kept.text.as_str()).collect();
    assert_eq!(texts, ["new"]);
    assert_eq!(scene.store.projection(scene.id()).await.unwrap(), None);
}

pub async fn ids_of_records_come_in_pages(scene: &Scene) {
    let mut expected: Vec<EventId> = vec![];
    for _ in 0..5 {
        expected.push(scene.created().await.id);
    }
    expected.sort();
    let mut found = vec![];
    loop {
        let page = scene
            .store
            .record_ids(found.last().copied(), 2)
            .await
            .unwrap();
        if page.is_empty() {
            break;
        }
        found.extend(page);
    }
    assert_eq!(found, expected);
    let last: Uuid = Uuid::max();
    assert_eq!(
        scene.store.record_ids(Some(last.into()), 2).await.unwrap(),
        []
    );
}
