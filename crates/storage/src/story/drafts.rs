//! Drafts: kept for one person, ended by what is done.

use forms::ActionType;
use records::{ActionStatus, EventId};
use serde_json::{Map, json};

use super::{Scene, accounts::user, scene::at_version};
use crate::{Change, Draft, Drafted, DraftsWanted};

/// A draft of a declaration by this person.
pub(super) fn draft(scene: &Scene, event_id: EventId, person: &str, transaction: &str) -> Draft {
    let id = scene.id();
    let mut declaration = Map::new();
    declaration.insert("child.name".to_owned(), json!({ "firstname": transaction }));
    Draft {
        id,
        event_id,
        transaction_id: transaction.to_owned(),
        action_type: ActionType::Declare,
        created_at: format!("2026-01-01T00:00:00.{:03}Z", id.as_u128() % 1000),
        created_by: person.to_owned(),
        created_by_role: Some("REGISTRAR".to_owned()),
        declaration,
        annotation: None,
    }
}

async fn save(scene: &Scene, draft: &Draft, version: u64) -> Drafted {
    let audit = vec![scene.audit_of(Some(draft.event_id), "event.draft.create")];
    scene
        .store
        .save_draft(draft.clone(), version, audit)
        .await
        .unwrap()
}

async fn audited(scene: &Scene, event: EventId) -> u64 {
    scene.store.audit(Some(event), None, 0, 1).await.unwrap().1
}

pub async fn a_person_has_one_draft_on_a_record(scene: &Scene) {
    let (one, other) = (scene.created().await.id, scene.created().await.id);
    let first = draft(scene, one, "ada", "first");
    let mut second = draft(scene, one, "ada", "second");
    second.action_type = ActionType::Notify;
    second.annotation = Some(Map::new());
    let elsewhere = draft(scene, other, "ada", "first");
    let of_bob = draft(scene, one, "bob", "first");
    for draft in [&first, &second, &elsewhere, &of_bob] {
        assert_eq!(save(scene, draft, 1).await, Drafted::New);
    }
    let mut expected = vec![second, elsewhere];
    expected.sort_by_key(|draft| draft.id);
    assert_eq!(
        scene
            .store
            .drafts(&DraftsWanted::of("ada", 100))
            .await
            .unwrap(),
        expected
    );
    assert_eq!(
        scene
            .store
            .drafts(&DraftsWanted::of("bob", 100))
            .await
            .unwrap(),
        [of_bob]
    );
    assert_eq!(
        scene
            .store
            .drafts(&DraftsWanted::of("eve", 100))
            .await
            .unwrap(),
        []
    );
}

pub async fn drafts_are_read_page_by_page_or_those_of_one_record(scene: &Scene) {
    let mut all = Vec::new();
    for number in 0..5 {
        let event = scene.created().await.id;
        let begun = draft(scene, event, "ada", &number.to_string());
        save(scene, &begun, 1).await;
        save(scene, &draft(scene, event, "bob", "another's"), 1).await;
        all.push(begun);
    }
    all.sort_by_key(|draft| draft.id);
    let mut wanted = DraftsWanted::of("ada", 2);
    let mut read = Vec::new();
    loop {
        let page = scene.store.drafts(&wanted).await.unwrap();
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        wanted.after = Some(last.id);
        read.extend(page);
    }
    assert_eq!(read, all);
    let one = DraftsWanted {
        event: Some(all[3].event_id),
        ..DraftsWanted::of("ada", 2)
    };
    assert_eq!(scene.store.drafts(&one).await.unwrap(), [all[3].clone()]);
    // Saving one again moves it to the end: nobody who pages misses what is newest.
    let again = draft(scene, all[0].event_id, "ada", "again");
    save(scene, &again, 1).await;
    wanted.after = Some(all[4].id);
    assert_eq!(scene.store.drafts(&wanted).await.unwrap(), [again]);
}

pub async fn the_same_transaction_saves_one_draft(scene: &Scene) {
    let event = scene.created().await.id;
    let first = draft(scene, event, "ada", "same");
    assert_eq!(save(scene, &first, 1).await, Drafted::New);
    let audits = audited(scene, event).await;
    let mut again = draft(scene, event, "ada", "same");
    again.declaration.clear();
    let already = Drafted::Already(Box::new(first.clone()));
    assert_eq!(save(scene, &again, 1).await, already);
    assert_eq!(
        scene
            .store
            .drafts(&DraftsWanted::of("ada", 100))
            .await
            .unwrap(),
        [first]
    );
    assert_eq!(audited(scene, event).await, audits);
}

pub async fn drafts_end_when_something_is_done(scene: &Scene) {
    for (kind, kept) in [
        (ActionType::Assign, true),
        (ActionType::Unassign, false),
        (ActionType::Declare, false),
    ] {
        let event = scene.created().await.id;
        let person = format!("draws up {kind}");
        save(scene, &draft(scene, event, &person, "draft"), 1).await;
        let actions = vec![scene.action(kind, ActionStatus::Accepted)];
        let change = Change {
            actions,
            ..scene.change(event, 1)
        };
        assert_eq!(scene.store.commit(change).await.unwrap(), at_version(2));
        let left = scene
            .store
            .drafts(&DraftsWanted::of(&person, 100))
            .await
            .unwrap();
        assert_eq!(!left.is_empty(), kept, "{kind}");
    }
}

pub async fn drafts_end_with_their_record(scene: &Scene) {
    let event = scene.created().await.id;
    save(scene, &draft(scene, event, "ada", "draft"), 1).await;
    assert!(scene.store.delete_record(event, 1, vec![]).await.unwrap());
    assert_eq!(
        scene
            .store
            .drafts(&DraftsWanted::of("ada", 100))
            .await
            .unwrap(),
        []
    );
}

pub async fn drafts_end_when_their_person_moves(scene: &Scene) {
    let event = scene.created().await.id;
    let mut ada = user(scene, "ada");
    let save_user = |user| scene.store.save_user(user, None, vec![], vec![]);
    save_user(ada.clone()).await.unwrap();
    let (id, other) = (ada.id.to_string(), "bob");
    save(scene, &draft(scene, event, &id, "draft"), 1).await;
    save(scene, &draft(scene, event, other, "draft"), 1).await;
    save_user(ada.clone()).await.unwrap();
    assert_eq!(
        scene
            .store
            .drafts(&DraftsWanted::of(&id, 100))
            .await
            .unwrap()
            .len(),
        1
    );
    ada.primary_office_id = scene.id();
    save_user(ada).await.unwrap();
    assert_eq!(
        scene
            .store
            .drafts(&DraftsWanted::of(&id, 100))
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        scene
            .store
            .drafts(&DraftsWanted::of(other, 100))
            .await
            .unwrap()
            .len(),
        1
    );
}

pub async fn a_draft_on_a_record_that_moved_is_not_kept(scene: &Scene) {
    let event = scene.created().await.id;
    let audits = audited(scene, event).await;
    let late = draft(scene, event, "ada", "draft");
    assert_eq!(save(scene, &late, 2).await, Drafted::Stale);
    let nowhere = draft(scene, scene.id(), "ada", "draft");
    assert_eq!(save(scene, &nowhere, 1).await, Drafted::Stale);
    assert_eq!(
        scene
            .store
            .drafts(&DraftsWanted::of("ada", 100))
            .await
            .unwrap(),
        []
    );
    assert_eq!(audited(scene, event).await, audits);
}
