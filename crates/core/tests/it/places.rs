//! Places: what lies where, and who may change that.

use std::time::Duration;

use countersign_core::accounts::tokens::DATA_SEEDER;
use serde_json::{Value, json};
use storage::{Place, PlaceKind};

use crate::{
    core_under_test::CoreUnderTest,
    person::birth,
    small_country::{self, ADMIN, CLERK, DISTRICT, HEAD_OFFICE, OFFICE, REGISTRAR, text},
};

const VILLAGE: &str = "0b45feab-3e4f-4ddc-9b0d-8e1f0a4b6caa";

fn seeder(under_test: &CoreUnderTest) -> String {
    let life = Duration::from_secs(600);
    let tokens = &under_test.core.tokens;
    tokens
        .sign_service(&under_test.core.world, life, DATA_SEEDER)
        .unwrap()
}

fn village() -> Value {
    json!({
        "id": VILLAGE, "name": "Village", "externalId": "village",
        "parentId": DISTRICT, "validUntil": null,
    })
}

#[tokio::test]
async fn everybody_signed_in_sees_where_places_lie() {
    let under_test = CoreUnderTest::start().await;
    let clerk = under_test.person(CLERK).await;
    let areas = clerk.call("administrativeAreas.list", json!(null)).await;
    assert_eq!(
        areas.unwrap(),
        json!([{
            "id": DISTRICT, "name": "District", "externalId": "District",
            "parentId": null, "validUntil": null,
        }])
    );
    let one = clerk
        .call("locations.list", json!({"locationIds": [OFFICE]}))
        .await;
    let office = json!({
        "id": OFFICE, "name": "Office", "externalId": "Office",
        "administrativeAreaId": DISTRICT, "validUntil": null, "locationType": "CRVS_OFFICE",
    });
    assert_eq!(one.unwrap(), json!([office]));
    let got = clerk.call("locations.get", json!({"id": OFFICE})).await;
    assert_eq!(got.unwrap(), office);
    let within = json!({"locationId": OFFICE});
    let hierarchy = clerk.call("locations.getLocationHierarchy", within).await;
    assert_eq!(hierarchy.unwrap(), json!([DISTRICT, OFFICE]));
    let (status, _) = clerk
        .call("locations.get", json!({"id": DISTRICT}))
        .await
        .unwrap_err();
    assert_eq!(status, 404);
}

#[tokio::test]
async fn a_place_past_its_time_is_not_active() {
    let under_test = CoreUnderTest::start().await;
    let closed = json!([{
        "id": HEAD_OFFICE, "name": "Head office", "administrativeAreaId": null,
        "validUntil": "2000-01-01T00:00:00.000Z", "locationType": "CRVS_OFFICE",
    }]);
    let token = seeder(&under_test);
    under_test
        .ask_with(&token, "initialisation.locations.set", closed)
        .await
        .unwrap();
    let clerk = under_test.person(CLERK).await;
    for (which, expected) in [(json!({"isActive": true}), 1), (json!({}), 2)] {
        let listed = clerk.call("locations.list", which).await.unwrap();
        assert_eq!(listed.as_array().unwrap().len(), expected);
    }
}

#[tokio::test]
async fn a_place_that_another_node_saved_just_now_is_one_at_once() {
    let under_test = CoreUnderTest::start().await;
    let mut events = small_country::events();
    events[0]["declaration"]["pages"][0]["fields"]
        .as_array_mut()
        .unwrap()
        .push(json!({
            "id": "child.village", "type": "TEXT", "label": text("village"),
            "validation": [{"message": text("no village"), "validator": {
                "type": "object",
                "properties": {"$form": {
                    "type": "object",
                    "properties": {"child.village": {"isLeafLevelLocation": true}},
                }},
            }}],
        }));
    under_test.country.serve("/config/events", events);
    let core = &under_test.core;
    core.configuration.refresh(core).await.unwrap();
    let registrar = under_test.person(REGISTRAR).await;
    let mut declaration = birth();
    declaration["child.village"] = json!(VILLAGE);
    let event = registrar.begin().await;
    let declare = |transaction: &'static str| {
        let more = json!({ "declaration": declaration });
        registrar.ask("declare", &event, transaction, more)
    };
    let (status, error) = declare("too early").await.unwrap_err();
    assert_eq!(status, 400, "{error}");
    // The store alone knows of these.
    let place = |id, kind| Place {
        id,
        external_id: None,
        name: "New".to_owned(),
        parent_id: Some(DISTRICT),
        kind,
        valid_until: None,
    };
    let village = place(VILLAGE.parse().unwrap(), PlaceKind::AdministrativeArea);
    core.store.save_places(vec![village]).await.unwrap();
    declare("in time").await.unwrap();

    let office = core.world.new_id();
    let location_type = None;
    let saved = place(office, PlaceKind::Location { location_type });
    core.store.save_places(vec![saved]).await.unwrap();
    let client = under_test.system(&["type=record.create"]).await;
    let begin = json!({"type": "birth", "transactionId": "b", "createdAtLocation": office});
    client.call("event.create", begin).await.unwrap();
}

#[tokio::test]
async fn bringing_places_in_again_changes_nothing() {
    let under_test = CoreUnderTest::start().await;
    let token = seeder(&under_test);
    let set = "initialisation.administrativeAreas.set";
    under_test
        .ask_with(&token, set, json!([village()]))
        .await
        .unwrap();
    let store = &under_test.core.store;
    let version = store.places_version().await.unwrap();

    let mut again = village();
    again["id"] = json!("0b45feab-3e4f-4ddc-9b0d-8e1f0a4b6cbb");
    under_test
        .ask_with(&token, set, json!([again]))
        .await
        .unwrap();
    assert_eq!(store.places_version().await.unwrap(), version);
    assert_eq!(
        under_test.core.places.descendants(&DISTRICT.to_string()),
        [DISTRICT.to_string(), OFFICE.to_string(), VILLAGE.to_owned()]
    );
    let leaves = under_test.core.places.leaf_area_ids();
    assert_eq!(leaves.iter().collect::<Vec<_>>(), [VILLAGE]);
}

#[tokio::test]
async fn a_place_that_lies_nowhere_is_refused_by_name() {
    let under_test = CoreUnderTest::start().await;
    let mut lost = village();
    lost["parentId"] = json!(OFFICE);
    let (status, error) = under_test
        .ask_with(
            &seeder(&under_test),
            "initialisation.administrativeAreas.set",
            json!([lost]),
        )
        .await
        .unwrap_err();
    assert_eq!(status, 400);
    let problems: Value = serde_json::from_str(error["message"].as_str().unwrap()).unwrap();
    assert_eq!(problems[0]["path"], json!([0, "parentId"]));
}

#[tokio::test]
async fn only_those_with_the_right_change_places() {
    let under_test = CoreUnderTest::start().await;
    let admin = under_test.person(ADMIN).await;
    let areas = json!([village()]);
    let refused = admin.call("administrativeAreas.set", areas.clone()).await;
    assert_eq!(refused.unwrap_err().0, 403);
    let refused = admin
        .call("initialisation.administrativeAreas.set", areas)
        .await;
    assert_eq!(refused.unwrap_err().0, 401);
}

#[tokio::test]
async fn an_administrator_makes_a_place_closes_it_and_opens_it_again() {
    let under_test = CoreUnderTest::start().await;
    let user = under_test.user("places", ADMIN).await;
    let token = under_test.token_with(&user, &["type=config.update-all"]);
    let change = async |path: &str, place: &Value| {
        let answer = under_test.post_as(&token, path, json!([place])).await;
        (answer.status, answer.body)
    };
    let made = change("/administrative-areas", &village()).await;
    assert_eq!(made.0, 204, "{}", made.1);
    let mut clinic = json!({
        "id": HEAD_OFFICE, "name": "Clinic", "administrativeAreaId": VILLAGE,
        "locationType": "HEALTH_FACILITY", "validUntil": "2000-01-01",
    });
    assert_eq!(change("/locations", &clinic).await.0, 204);
    let kept = || {
        under_test
            .core
            .places
            .get(&HEAD_OFFICE.to_string())
            .unwrap()
    };
    assert_eq!(kept().name, "Clinic");
    assert_eq!(kept().valid_until.as_deref(), Some("2000-01-01"));
    clinic["validUntil"] = json!("");
    assert_eq!(change("/locations", &clinic).await.0, 204);
    assert_eq!(kept().valid_until, None);

    for (field, wrong) in [("validUntil", "some day"), ("name", " ")] {
        let mut refused = clinic.clone();
        refused[field] = json!(wrong);
        let (status, refusal) = change("/locations", &refused).await;
        assert_eq!(status, 400);
        let said = refusal["message"].as_str().unwrap();
        assert!(said.contains(field), "{said}");
    }
    let core = &under_test.core;
    let (trail, _) = core.store.audit(None, None, 0, 10).await.unwrap();
    assert_eq!(trail[0].operation, "locations.set");
    assert_eq!(trail[0].details["placeIds"], json!([HEAD_OFFICE]));
}

#[tokio::test]
async fn country_config_is_told_once_that_set_up_is_complete() {
    let under_test = CoreUnderTest::start().await;
    let token = seeder(&under_test);
    for _ in 0..2 {
        under_test
            .ask_with(&token, "initialisation.complete", json!(null))
            .await
            .unwrap();
    }
    let ready = "/triggers/system/ready";
    let told = under_test.country.received(ready, 0).await;
    assert_eq!(under_test.country.all_received(ready).len(), 1);

    // The token that came with it creates the clients that the country needs, and no more.
    let client = json!({"name": "notices", "scopes": ["type=record.notify"]});
    let made = under_test
        .call(&told.token(), "integrations.create", client)
        .await;
    assert!(made.result()["clientSecret"].is_string());
    let begun = json!({"type": "birth", "transactionId": "t"});
    let refused = under_test.call(&told.token(), "event.create", begun).await;
    assert_eq!(refused.status, 403);
}
