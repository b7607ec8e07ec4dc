//! Places, configuration and the audit trail.

use serde_json::json;

use super::{Scene, scene::at};
use crate::{
    AuditEntry, AuditSearch, ConfigurationKind, Place, PlaceKind, Rebuild, RebuildState,
    StoreError, StoredConfiguration,
};

pub async fn places_are_replaced_and_counted(scene: &Scene) {
    let area = Place {
        id: scene.id(),
        external_id: Some("area".to_owned()),
        name: "Ibombo".to_owned(),
        parent_id: None,
        kind: PlaceKind::AdministrativeArea,
        valid_until: None,
    };
    let mut office = Place {
        id: scene.id(),
        external_id: Some("office".to_owned()),
        name: "Ibombo District Office".to_owned(),
        parent_id: Some(area.id),
        kind: PlaceKind::Location {
            location_type: Some("CRVS_OFFICE".to_owned()),
        },
        valid_until: Some("2030-01-01".to_owned()),
    };
    let read = || async { scene.store.places().await.unwrap() };
    let before = scene.store.places_version().await.unwrap();
    scene
        .store
        .save_places(vec![office.clone(), area.clone()])
        .await
        .unwrap();
    let after = scene.store.places_version().await.unwrap();
    assert!(after > before);
    assert_eq!(read().await, [office.clone(), area.clone()]);

    office.name = "Ibombo Office".to_owned();
    scene.store.save_places(vec![office.clone()]).await.unwrap();
    assert!(scene.store.places_version().await.unwrap() > after);
    assert_eq!(read().await, [office.clone(), area.clone()]);

    let mut double = office.clone();
    double.id = scene.id();
    let mut renamed = area.clone();
    renamed.name = "Never".to_owned();
    let refused = scene.store.save_places(vec![renamed, double]).await;
    assert!(
        matches!(refused, Err(StoreError::Refused { .. })),
        "{refused:?}"
    );
    assert_eq!(read().await, [office, area], "all of it or nothing");
}

pub async fn configuration_is_saved_together(scene: &Scene) {
    assert_eq!(scene.store.configuration().await.unwrap(), []);
    let document = |body: &str, etag: Option<&str>, second| StoredConfiguration {
        body: body.to_owned(),
        etag: etag.map(str::to_owned),
        at: at(second),
    };
    let all: Vec<_> = ConfigurationKind::ALL
        .map(|kind| (kind, document(kind.as_str(), Some("v1"), 1)))
        .into();
    scene.store.save_configuration(all.clone()).await.unwrap();
    let read = || async {
        let mut documents = scene.store.configuration().await.unwrap();
        documents.sort_by_key(|(kind, _)| *kind);
        documents
    };
    assert_eq!(read().await, all);
    let newer = (ConfigurationKind::Events, document("[ 1 ]", None, 2));
    scene
        .store
        .save_configuration(vec![newer.clone()])
        .await
        .unwrap();
    let mut expected = all;
    expected[0] = newer;
    assert_eq!(read().await, expected);

    // What country config serves besides is kept apart from it.
    let served = |path: &str, body: &str| (path.to_owned(), document(body, None, 3));
    let both = vec![
        served("/content/login", "{}"),
        served("/fonts/plain.ttf", "AAEC"),
    ];
    let store = &scene.store;
    store.save_served(both.clone(), vec![]).await.unwrap();
    assert_eq!(store.served().await.unwrap(), both);
    let newer = served("/content/login", "{ }");
    let gone = vec!["/fonts/plain.ttf".to_owned()];
    store.save_served(vec![newer.clone()], gone).await.unwrap();
    assert_eq!(store.served().await.unwrap(), [newer]);
    assert_eq!(read().await, expected);
    store
        .save_served(vec![], vec!["/content/login".to_owned()])
        .await
        .unwrap();
}

pub async fn audit_is_listed_newest_first(scene: &Scene) {
    let (one, other) = (scene.id(), scene.id());
    let mut entries = vec![];
    for (event, client) in [
        (Some(one), "ada"),
        (Some(other), "ada"),
        (None, "bob"),
        (Some(one), "bob"),
    ] {
        let mut entry = scene.audit_of(event, "event.get");
        entry.client_id = client.to_owned();
        entry.details = json!({ "actionId": entry.id, "n": 1 });
        entries.push(entry);
    }
    scene.store.append_audit(entries.clone()).await.unwrap();
    entries.reverse();
    let [fourth, third, second, first] = [0, 1, 2, 3].map(|index| entries[index].clone());
    for (event, client, expected) in [
        (None, None, entries.clone()),
        (Some(one), None, vec![fourth.clone(), first.clone()]),
        (None, Some("ada"), vec![second, first.clone()]),
        (None, Some("bob"), vec![fourth, third]),
        (Some(one), Some("ada"), vec![first]),
        (Some(scene.id()), None, vec![]),
    ] {
        let listed = scene.store.audit(event, client, 0, 10).await.unwrap();
        assert_eq!(listed, (expected.clone(), expected.len() as u64));
    }
    let page = scene.store.audit(None, None, 1, 2).await.unwrap();
    assert_eq!(page, (entries[1..3].to_vec(), 4));
}

pub async fn what_is_audited_again_is_kept_once(scene: &Scene) {
    let first = scene.audit_of(None, "event.get");
    let entries = vec![first.clone()];
    scene.store.append_audit(entries).await.unwrap();
    // As by somebody whom the answer to the first call did not reach.
    let second = scene.audit_of(None, "event.get");
    let entries = vec![first.clone(), second.clone()];
    scene.store.append_audit(entries).await.unwrap();
    let mut altered = first.clone();
    altered.operation = "never".to_owned();
    scene.store.append_audit(vec![altered]).await.unwrap();
    let kept = scene.store.audit(None, None, 0, 10).await.unwrap();
    assert_eq!(kept, (vec![second, first], 2));
}

pub async fn rebuilds_are_kept_until_they_are_forgotten(scene: &Scene) {
    let rebuild = |second, for_country| Rebuild {
        id: scene.id(),
        started_at: at(second),
        for_country,
        state: RebuildState::Running,
        after: None,
        processed: 0,
        error: None,
        ended_at: None,
    };
    let save = |rebuild: &Rebuild| scene.store.save_rebuild(rebuild.clone());
    let (mut first, mut own, second) = (rebuild(1, true), rebuild(2, false), rebuild(3, true));
    for begun in [&first, &own, &second] {
        save(begun).await.unwrap();
    }
    first.state = RebuildState::Failed;
    first.error = Some("the country did not answer".to_owned());
    first.ended_at = Some(at(10));
    own.after = Some(scene.id());
    own.processed = 200;
    for moved in [&first, &own] {
        save(moved).await.unwrap();
    }
    let running = scene.store.running_rebuilds().await.unwrap();
    assert_eq!(running, [own.clone(), second.clone()]);
    let asked_for = scene.store.rebuilds(10).await.unwrap();
    assert_eq!(asked_for, [second.clone(), first.clone()]);
    let newest = scene.store.rebuilds(1).await.unwrap();
    assert_eq!(newest, std::slice::from_ref(&second));

    scene.store.forget_rebuilds(at(10)).await.unwrap();
    assert_eq!(scene.store.rebuilds(10).await.unwrap().len(), 2);
    scene.store.forget_rebuilds(at(11)).await.unwrap();
    let left = scene.store.rebuilds(10).await.unwrap();
    assert_eq!(left, std::slice::from_ref(&second));
    let running = scene.store.running_rebuilds().await.unwrap();
    assert_eq!(running, [own, second], "what runs is never forgotten");
}

pub async fn audit_is_searched_newest_first(scene: &Scene) {
    let store = &scene.store;
    let event = scene.id();
    let mut all = Vec::new();
    for number in 0..8_i64 {
        let operation = if number % 2 == 0 { "even" } else { "odd" };
        let mut entry = scene.audit_of((number < 4).then_some(event), operation);
        entry.at = at(number);
        entry.client_id = format!("caller {}", number % 3);
        entry.client_type = if number == 0 { "system" } else { "user" }.to_owned();
        all.push(entry);
    }
    all.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    store.append_audit(all.clone()).await.unwrap();
    let (first, last) = (all[5].id, all[2].id);
    let text = |text: &str| Some(text.to_owned());
    let any = AuditSearch::default;
    type Fits<'a> = &'a dyn Fn(&AuditEntry) -> bool;
    let searches: [(AuditSearch, Fits<'_>); 8] = [
        (any(), &|_| true),
        (
            AuditSearch {
                client_id: text("caller 1"),
                ..any()
            },
            &|entry| entry.client_id == "caller 1",
        ),
        (
            AuditSearch {
                client_type: text("system"),
                ..any()
            },
            &|entry| entry.client_type == "system",
        ),
        (
            AuditSearch {
                operation: text("odd"),
                ..any()
            },
            &|entry| entry.operation == "odd",
        ),
        (
            AuditSearch {
                event_id: Some(event),
                operation: text("even"),
                ..any()
            },
            &|entry| entry.event_id == Some(event) && entry.operation == "even",
        ),
        (
            AuditSearch {
                from: Some(at(2)),
                until: Some(at(5)),
                ..any()
            },
            &|entry| entry.at >= at(2) && entry.at < at(5),
        ),
        (
            AuditSearch {
                first: Some(first),
                before: Some(last),
                ..any()
            },
            &|entry| entry.id >= first && entry.id < last,
        ),
        (
            AuditSearch {
                client_id: text("caller"),
                ..any()
            },
            &|_| false,
        ),
    ];
    for (search, fits) in searches {
        let expected: Vec<_> = all.iter().filter(|entry| fits(entry)).cloned().collect();
        let found = store.search_audit(&search, 100).await.unwrap();
        assert_eq!(found, expected, "{search:?}");
        let found = store.search_audit(&search, 2).await.unwrap();
        let page: Vec<_> = expected.into_iter().take(2).collect();
        assert_eq!(found, page, "{search:?}");
    }
}
