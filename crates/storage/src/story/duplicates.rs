//! Possible duplicates are found by their keys, and none slips in between.

use std::collections::BTreeSet;

use records::{DuplicateKey, DuplicateLookup, EventId};
use serde_json::json;

use super::{
    Scene,
    scene::{at_version, projection},
};
use crate::{Candidates, Change, Committed, LookedFor};

fn key(block: &str, text: &str, day: i64) -> DuplicateKey {
    DuplicateKey {
        block: block.to_owned(),
        text: text.to_owned(),
        day,
        spelled: block == "names",
    }
}

fn lookup(block: &str, text: &str, edits: u8, days: (i64, i64)) -> DuplicateLookup {
    DuplicateLookup {
        block: block.to_owned(),
        text: text.to_owned(),
        edits,
        days,
    }
}

fn one(lookup: DuplicateLookup) -> BTreeSet<DuplicateLookup> {
    BTreeSet::from([lookup])
}

impl Scene {
    async fn keyed(&self, keys: &[DuplicateKey]) -> EventId {
        let transaction: uuid::Uuid = self.id();
        let mut new = self.new_record(&transaction.to_string());
        new.projection.duplicate_keys = keys.iter().cloned().collect();
        let id = new.document.id;
        self.store.create_record(new).await.unwrap();
        id
    }

    async fn look(&self, of: EventId, lookups: &BTreeSet<DuplicateLookup>) -> Candidates {
        self.store
            .duplicate_candidates(of, lookups, 100)
            .await
            .unwrap()
    }

    async fn meets(&self, lookup: DuplicateLookup) -> Vec<EventId> {
        let nobody: EventId = self.id();
        ids(&self.look(nobody, &one(lookup)).await)
    }
}

fn ids(candidates: &Candidates) -> Vec<EventId> {
    let ids = candidates.records.iter().map(|index| index["id"].as_str());
    let mut ids: Vec<EventId> = ids.map(|id| id.unwrap().parse().unwrap()).collect();
    ids.sort();
    ids
}

pub async fn keys_are_found_by_block_text_and_day(scene: &Scene) {
    let smith = scene.keyed(&[key("names", "smith", 100)]).await;
    let other = scene.keyed(&[key("numbers", "smith", 100)]).await;
    let any = (i64::MIN, i64::MAX);
    for (lookup, expected) in [
        (lookup("names", "smith", 0, any), vec![smith]),
        (lookup("numbers", "smith", 0, any), vec![other]),
        (lookup("towns", "smith", 0, any), vec![]),
        (lookup("names", "smit", 0, any), vec![]),
        (lookup("names", "smith", 0, (100, 100)), vec![smith]),
        (lookup("names", "smith", 0, (95, 105)), vec![smith]),
        (lookup("names", "smith", 0, (101, 105)), vec![]),
        (lookup("names", "smith", 0, (90, 99)), vec![]),
    ] {
        assert_eq!(scene.meets(lookup.clone()).await, expected, "{lookup:?}");
    }
}

pub async fn texts_that_are_nearly_the_same_are_found(scene: &Scene) {
    let katherine = scene.keyed(&[key("names", "katherine", 0)]).await;
    let smith = scene.keyed(&[key("names", "smith", 0)]).await;
    let long = "abcdefghijklmnopqrstuvwxyz";
    let alphabet = scene.keyed(&[key("names", long, 0)]).await;
    let indic = scene.keyed(&[key("names", "क्षमा", 0)]).await;
    for (text, edits, expected) in [
        ("katherin", 2, vec![katherine]),
        ("catherine", 1, vec![katherine]),
        ("atherin", 2, vec![katherine]),
        ("atherine", 0, vec![]),
        ("cathrin", 2, vec![]),
        ("smiht", 1, vec![smith]),
        ("smythe", 2, vec![smith]),
        ("smythe", 1, vec![]),
        ("abcdefghijklmnopqrstuvxwyz", 1, vec![alphabet]),
        ("bcdefghijklmnopqrstuvwxy", 2, vec![alphabet]),
        ("क्षम", 1, vec![indic]),
        ("", 2, vec![]),
    ] {
        let found = scene.meets(lookup("names", text, edits, (0, 0))).await;
        assert_eq!(found, expected, "{text} but for {edits}");
    }
}

pub async fn no_record_is_its_own_duplicate(scene: &Scene) {
    let keys = [key("names", "smith", 0), key("names", "smyth", 0)];
    let [own, other] = [scene.keyed(&keys).await, scene.keyed(&keys).await];
    let asked = one(lookup("names", "smith", 1, (0, 0)));
    assert_eq!(ids(&scene.look(own, &asked).await), [other]);
    assert_eq!(ids(&scene.look(other, &asked).await), [own]);
}

pub async fn too_many_candidates_are_told_of(scene: &Scene) {
    let keys = [key("names", "smith", 0)];
    let mut all = vec![];
    for _ in 0..3 {
        all.push(scene.keyed(&keys).await);
    }
    let nobody: EventId = scene.id();
    let asked = one(lookup("names", "smith", 0, (0, 0)));
    for (limit, complete) in [(2, false), (3, true), (4, true)] {
        let found = scene.store.duplicate_candidates(nobody, &asked, limit);
        let found = found.await.unwrap();
        assert_eq!(found.records.len(), limit.min(3));
        assert_eq!(found.all, complete);
    }
}

pub async fn keys_follow_the_record(scene: &Scene) {
    let id = scene
        .keyed(&[key("names", "smith", 1), key("names", "ann", 1)])
        .await;
    let with = |keys: &[DuplicateKey]| crate::Projection {
        duplicate_keys: keys.iter().cloned().collect(),
        ..projection(id, json!({}))
    };
    let changed = with(&[key("names", "smith", 2), key("names", "ann", 1)]);
    let change = Change {
        projection: Some(changed.clone()),
        ..scene.change(id, 1)
    };
    scene.store.commit(change).await.unwrap();
    let smith = |day| lookup("names", "smith", 0, (day, day));
    assert_eq!(scene.meets(smith(1)).await, []);
    assert_eq!(scene.meets(smith(2)).await, [id]);
    assert_eq!(scene.meets(lookup("names", "ann", 0, (1, 1))).await, [id]);
    let kept = scene.store.projection(id).await.unwrap().unwrap();
    assert_eq!(kept.duplicate_keys, changed.duplicate_keys);
    let none = with(&[]);
    assert!(scene.store.rebuild_projection(id, 2, none).await.unwrap());
    assert_eq!(scene.meets(smith(2)).await, []);
}

pub async fn a_change_is_stale_when_a_candidate_came_meanwhile(scene: &Scene) {
    let of = scene.keyed(&[]).await;
    let lookups = one(lookup("names", "smith", 1, (0, 9)));
    let commit = |version: u64, as_of: u64| {
        let change = Change {
            looked_for: Some(LookedFor {
                lookups: lookups.clone(),
                as_of,
            }),
            actions: vec![scene.action(forms::ActionType::Edit, records::ActionStatus::Accepted)],
            ..scene.change(of, version)
        };
        async move { scene.store.commit(change).await.unwrap() }
    };
    let as_of = scene.look(of, &lookups).await.as_of;
    // Others come and go without being looked for; nor is the record its own company.
    scene.keyed(&[key("names", "jones", 1)]).await;
    scene.keyed(&[key("names", "smith", 10)]).await;
    assert_eq!(commit(1, as_of).await, at_version(2));
    assert_eq!(commit(2, as_of).await, at_version(3));

    let as_of = scene.look(of, &lookups).await.as_of;
    let smyth = scene.keyed(&[key("names", "smyth", 5)]).await;
    assert_eq!(commit(3, as_of).await, Committed::Stale);
    let seen = scene.look(of, &lookups).await;
    assert_eq!(ids(&seen), [smyth]);
    assert_eq!(commit(3, seen.as_of).await, at_version(4));

    // One that was there before and moved on counts, too: it may be another than was judged.
    let action = scene.action(forms::ActionType::Edit, records::ActionStatus::Accepted);
    let moved = Change {
        actions: vec![action],
        ..scene.change(smyth, 1)
    };
    assert_eq!(scene.store.commit(moved).await.unwrap(), at_version(2));
    assert_eq!(commit(4, seen.as_of).await, Committed::Stale);
}
