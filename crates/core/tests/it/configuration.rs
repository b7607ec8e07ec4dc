//! The country's configuration: the last good one is in use, whatever country config serves.

use std::sync::Arc;

use countersign_core::{
    Core, ErrorCode, Settings,
    configuration::{RefreshError, Refreshed},
};
use serde_json::json;
use storage::ConfigurationKind;
use storage_sqlite::SqliteStore;
use world::World;

use crate::{core_under_test::CoreUnderTest, country_under_test::CountryUnderTest, small_country};

#[tokio::test]
async fn a_bad_configuration_is_refused_where_it_is_wrong_and_the_last_good_one_goes_on() {
    let under_test = CoreUnderTest::start().await;
    let configuration = &under_test.core.configuration;
    let good = configuration.event("birth").unwrap();
    let mut bad = small_country::events();
    bad[0]["declaration"]["pages"][0]["fields"][1]["type"] = json!("DAYTE");
    under_test.country.serve("/config/events", bad);

    let refused = configuration.refresh(&under_test.core).await.unwrap_err();
    let RefreshError::Refused(refused) = refused else {
        panic!("{refused}")
    };
    assert_eq!(refused.problems[0].document, ConfigurationKind::Events);
    let path = "/0/declaration/pages/0/fields/1/type";
    assert_eq!(refused.problems[0].path, path);
    assert_eq!(configuration.problem(), Some(refused));
    assert!(Arc::ptr_eq(&configuration.event("birth").unwrap(), &good));

    // It stays refused without being read again, until country config serves something else.
    let again = configuration.refresh(&under_test.core).await;
    assert!(matches!(again, Err(RefreshError::Refused(_))));
    under_test
        .country
        .serve("/config/events", small_country::events());
    let mended = configuration.refresh(&under_test.core).await.unwrap();
    assert_eq!(mended, Refreshed::Changed);
    assert_eq!(configuration.problem(), None);
}

#[tokio::test]
async fn the_last_good_configuration_outlives_country_config_and_a_restart() {
    let under_test = CoreUnderTest::start().await;
    let mut bad = small_country::roles();
    bad[0]["scopes"][0] = json!("type=record.crate");
    under_test.country.serve("/config/roles", bad);
    let refused = under_test
        .core
        .configuration
        .refresh(&under_test.core)
        .await;
    let reason = refused.unwrap_err().to_string();
    assert_eq!(
        reason,
        "the configuration was refused: /config/roles at /0/scopes/0: \
         \"type=record.crate\" is not a scope"
    );

    under_test.country.serve_nothing();
    let down = under_test
        .core
        .configuration
        .refresh(&under_test.core)
        .await;
    assert!(matches!(down, Err(RefreshError::Peer(_))));
    let under_test = under_test.restart().await;
    assert!(under_test.core.configuration.event("birth").is_ok());
    let scopes = under_test
        .core
        .configuration
        .role_scopes(small_country::CLERK);
    assert_eq!(scopes.unwrap().len(), 3);
    let registrar = under_test.person(small_country::REGISTRAR).await;
    registrar.declared().await;
}

#[tokio::test]
async fn what_did_not_change_is_not_read_again() {
    let under_test = CoreUnderTest::start().await;
    let configuration = &under_test.core.configuration;
    let event = configuration.event("birth").unwrap();
    let same = configuration.refresh(&under_test.core).await.unwrap();
    assert_eq!(same, Refreshed::Unchanged);

    let application = json!({"SYSTEM_IANA_TIMEZONE": "Asia/Dhaka"});
    under_test.country.serve("/config/application", application);
    let changed = configuration.refresh(&under_test.core).await.unwrap();
    assert_eq!(changed, Refreshed::Changed);
    assert!(Arc::ptr_eq(&configuration.event("birth").unwrap(), &event));
    let zone = configuration.current().unwrap().time_zone().clone();
    assert_eq!(zone.iana_name(), Some("Asia/Dhaka"));
}

#[tokio::test]
async fn the_same_documents_under_another_name_are_downloaded_once() {
    let under_test = CoreUnderTest::start().await;
    let configuration = &under_test.core.configuration;
    for name in ["\"one\"", "\"two\""] {
        under_test.country.call_documents(name);
        let before = under_test.country.downloads();
        for _ in 0..3 {
            let refreshed = configuration.refresh(&under_test.core).await.unwrap();
            assert_eq!(refreshed, Refreshed::Unchanged);
        }
        assert_eq!(under_test.country.downloads() - before, 4);
    }
}

#[tokio::test]
async fn records_follow_the_events_when_the_country_changes_them() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(small_country::REGISTRAR).await;
    let record = registrar.declared().await;
    let found = async || {
        let search = json!({"query": {"text": "banda"}});
        let page = registrar.call("event.search", search).await.unwrap();
        page["total"].as_u64().unwrap()
    };
    assert_eq!(found().await, 1);

    let mut events = small_country::events();
    events[0]["declaration"]["pages"][0]["fields"][0]["type"] = json!("TEXTAREA");
    under_test.country.serve("/config/events", events);
    let configuration = &under_test.core.configuration;
    configuration.refresh(&under_test.core).await.unwrap();
    let follows = async {
        while found().await > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let patience = std::time::Duration::from_secs(20);
    tokio::time::timeout(patience, follows).await.unwrap();

    under_test
        .country
        .serve("/config/events", small_country::events());
    configuration.refresh(&under_test.core).await.unwrap();
    // Walks follow each other: when this one has ended, so has the one for the new events.
    let id = under_test.core.begin_rebuild().await.unwrap();
    let walk = under_test.core.rebuild_ended(id).await.unwrap();
    assert_eq!(walk.processed, 1);
    assert_eq!(found().await, 1);
    let read = registrar.read(&record).await;
    assert_eq!(read["id"], record);
}

#[tokio::test]
async fn everything_wrong_with_the_documents_is_named_at_once() {
    let under_test = CoreUnderTest::start().await;
    let mut queues = small_country::workqueues();
    queues[0]["query"]["clauses"][0] = json!({
        "status": {"type": "exact", "term": "DECLARED"},
        "flag": {"anyOf": ["rejected"]},
    });
    let mut twice = queues[1].clone();
    twice["icon"] = json!("Copy");
    queues.as_array_mut().unwrap().push(twice);
    let unknown = json!({"data": {"child.nmae": {"type": "exact", "term": "A"}}});
    let mut lost = queues[1].clone();
    lost["query"] = unknown;
    queues.as_array_mut().unwrap().push(lost);
    under_test.country.serve("/config/workqueues", queues);
    let zone = json!({"SYSTEM_IANA_TIMEZONE": "Mars/Olympus"});
    under_test.country.serve("/config/application", zone);
    let mut roles = small_country::roles();
    roles[1]["id"] = json!("REGISTRAR");
    under_test.country.serve("/config/roles", roles);

    let configuration = &under_test.core.configuration;
    configuration.refresh(&under_test.core).await.unwrap_err();
    let refused = configuration.problem().unwrap();
    let places: Vec<String> = refused
        .problems
        .iter()
        .map(|problem| format!("{}{}", problem.document.as_str(), problem.path))
        .collect();
    assert_eq!(
        places,
        [
            "workqueues/0/query/clauses/0/flag",
            "workqueues/2/slug",
            "workqueues/3/query",
            "roles/1/id",
            "application/SYSTEM_IANA_TIMEZONE",
        ]
    );
}

#[tokio::test]
async fn a_scope_that_names_what_is_not_there_is_only_warned_of() {
    let under_test = CoreUnderTest::start().await;
    let mut roles = small_country::roles();
    roles[1]["scopes"] = json!(["type=record.create&event=brith", "type=workqueue&ids=mine"]);
    under_test.country.serve("/config/roles", roles);
    let configuration = &under_test.core.configuration;
    configuration.refresh(&under_test.core).await.unwrap();
    let current = configuration.current().unwrap();
    let warnings: Vec<String> = current.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "/config/roles at /1/scopes/0: there is no event 'brith'",
            "/config/roles at /1/scopes/1: there is no workqueue 'mine'",
        ]
    );
}

#[tokio::test]
async fn before_any_configuration_core_asks_for_patience() {
    let country = CountryUnderTest::start().await;
    country.serve_nothing();
    let folder = tempfile::tempdir().unwrap();
    let world = World::real();
    let store = SqliteStore::in_directory(folder.path(), world.clone()).unwrap();
    let settings = Settings::new(&country.url);
    let ready = Core::open(Arc::new(store), world, settings).await.unwrap();
    let refused = ready.core().configuration.event("birth").unwrap_err();
    assert_eq!(refused.code, ErrorCode::ServiceUnavailable);
    assert!(refused.retry_after.is_some());
}

#[tokio::test]
async fn everybody_signed_in_can_read_events_and_workqueues_as_the_country_wrote_them() {
    let under_test = CoreUnderTest::start().await;
    let clerk = under_test.person(small_country::CLERK).await;
    let events = clerk.call("event.config.get", json!(null)).await.unwrap();
    assert_eq!(events, small_country::events());
    let queues = clerk.call("workqueue.config.list", json!(null)).await;
    assert_eq!(queues.unwrap(), small_country::workqueues());
    let settings = clerk.call("application.config.get", json!(null)).await;
    assert_eq!(settings.unwrap(), small_country::application());
}

#[tokio::test]
async fn a_country_need_not_serve_more_than_its_events() {
    let country = CountryUnderTest::start().await;
    for part in ["workqueues", "roles", "application"] {
        country.serve_no(&format!("/config/{part}"));
    }
    let directory = tempfile::tempdir().unwrap();
    let world = World::real();
    let store = SqliteStore::in_directory(directory.path(), world.clone()).unwrap();
    let settings = Settings::new(&country.url);
    let ready = Core::open(Arc::new(store), world, settings).await.unwrap();
    let core = ready.core();
    core.configuration.refresh(core).await.unwrap();
    let current = core.configuration.current().unwrap();
    assert_eq!(current.workqueues().count(), 0);
    assert_eq!(current.application(), &json!({}));

    // What it has served once it does not mean to take away by not finding it.
    country.serve("/config/roles", small_country::roles());
    core.configuration.refresh(core).await.unwrap();
    country.serve_no("/config/roles");
    let unchanged = core.configuration.refresh(core).await.unwrap();
    assert_eq!(unchanged, Refreshed::Unchanged);
    assert_eq!(core.configuration.roles().len(), 3);
    // Without events there is nothing to work with.
    country.serve_no("/config/events");
    assert!(core.configuration.refresh(core).await.is_err());
}
