use std::{path::PathBuf, sync::Arc, time::Duration};

use axum::{Router, http::StatusCode, routing::get};
use countersign_core::{Core, Settings, accounts::tokens::DATA_SEEDER};
use serde_json::{Value, json};
use storage::UserFilter;
use storage_sqlite::SqliteStore;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use world::World;

use super::{Counts, Known, Plan, SeedOptions, Wanted, seed};

fn country() -> Wanted {
    Wanted {
        places: json!({
            "administrativeAreas": [
                {"id": "inner", "name": "Inner", "partOf": "Location/outer"},
                {"id": "outer", "name": "Outer", "partOf": "Location/0"},
            ],
            "locations": [
                {"id": "office", "name": "Office", "partOf": "Location/inner", "locationType": "CRVS_OFFICE"},
            ],
        }),
        users: json!([{
            "username": "a.banda", "givenNames": "Amina", "familyName": "Banda",
            "role": "REGISTRAR", "primaryOfficeId": "CRVS_OFFICE_office", "password": "secret",
        }]),
        roles: json!([{"id": "REGISTRAR", "scopes": []}]),
    }
}

fn nothing() -> Known {
    Known {
        areas: json!([]),
        locations: json!([]),
        usernames: [].into(),
    }
}

#[test]
fn a_country_whose_ids_are_uuids_keeps_them() {
    let id = "9dae74fe-25f1-5a16-9ad4-84804bf66076";
    let mut country = country();
    country.places["administrativeAreas"][1]["id"] = json!(id);
    country.places["administrativeAreas"][0]["partOf"] = json!(format!("Location/{id}"));
    let plan = Plan::new(&country, &nothing(), false, &World::real()).unwrap();
    assert_eq!(plan.areas[0]["id"], id);
    assert_eq!(plan.areas[0]["externalId"], id);
}

#[test]
fn outer_areas_come_first_and_people_find_their_office() {
    let plan = Plan::new(&country(), &nothing(), false, &World::real()).unwrap();
    let names: Vec<_> = plan.areas.iter().map(|area| area["name"].clone()).collect();
    assert_eq!(names, ["Outer", "Inner"]);
    assert_eq!(plan.areas[1]["parentId"], plan.areas[0]["id"]);
    assert_eq!(
        plan.locations[0]["administrativeAreaId"],
        plan.areas[1]["id"]
    );
    assert_eq!(plan.users[0]["primaryOfficeId"], plan.locations[0]["id"]);
    assert_eq!(plan.users[0].get("status"), None);
}

#[test]
fn what_core_has_is_not_sent_again() {
    let first = Plan::new(&country(), &nothing(), true, &World::real()).unwrap();
    let known = Known {
        areas: json!(first.areas),
        locations: json!(first.locations),
        usernames: [("a.banda".to_owned(), "id".to_owned())].into(),
    };
    let second = Plan::new(&country(), &known, true, &World::real()).unwrap();
    assert_eq!(second.size(), 0);
    assert!(second.report.changed_nothing());

    let mut renamed = country();
    renamed.places["locations"][0]["name"] = json!("New office");
    let third = Plan::new(&renamed, &known, true, &World::real()).unwrap();
    assert_eq!(third.size(), 1);
    assert_eq!(third.locations[0]["id"], first.locations[0]["id"]);
}

#[test]
fn everything_that_refers_to_nothing_is_named_at_once() {
    let mut country = country();
    country.places["administrativeAreas"][0]["partOf"] = json!("Location/nowhere");
    country.places["locations"][0]["partOf"] = json!("inner");
    country.users[0]["role"] = json!("WIZARD");
    country.users[0]["primaryOfficeId"] = json!("CRVS_OFFICE_castle");
    let problems = Plan::new(&country, &nothing(), true, &World::real()).unwrap_err();
    assert_eq!(
        problems,
        [
            "place inner (Inner): lies in nowhere, which is no administrative area",
            "place office (Office): partOf must be Location/ and an area's id",
            "user a.banda: there is no role WIZARD",
            "user a.banda: there is no office castle",
        ]
    );
}

/// Serves a folder of JSON at `/config/…`; what comes to it otherwise is not there.
async fn serve(folder: PathBuf) -> String {
    let answer = move |axum::extract::Path(name): axum::extract::Path<String>| async move {
        let body = std::fs::read_to_string(folder.join(format!("{name}.json")));
        // Real country configs serve some of these as text.
        body.map_err(|_| StatusCode::NOT_FOUND)
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().route("/config/{name}", get(answer));
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn a_real_country_seeds_once_and_a_second_run_changes_nothing() {
    let data =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/farajaland-2.0.0");
    if !data.exists() {
        eprintln!("skipped: the data of a real country is not beside the checkout");
        return;
    }
    let country_url = serve(data).await;
    let folder = tempfile::tempdir().unwrap();
    let world = World::real();
    let store = SqliteStore::open(&folder.path().join("core.db"), world.clone()).unwrap();
    let settings = Settings::new(&country_url);
    let ready = Core::open(Arc::new(store), world.clone(), settings)
        .await
        .unwrap();
    let core = ready.core().clone();
    core.configuration.refresh(&core).await.unwrap();
    let current = core.configuration.current().unwrap();
    let events: Vec<&str> = current.events().map(|event| event.id()).collect();
    assert_eq!(events, ["tennis-club-membership", "birth", "death"]);
    assert_eq!(current.warnings(), []);

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = SeedOptions {
        core_url: format!("http://{}", listener.local_addr().unwrap()),
        country_url,
        service_token: core
            .tokens
            .sign_service(&world, Duration::from_secs(600), DATA_SEEDER)
            .unwrap(),
        activate_users: true,
        progress: false,
        world,
    };
    let stop = CancellationToken::new();
    let running = tokio::spawn(ready.run(listener, stop.clone()));

    let first = seed(options.clone()).await.unwrap();
    let all_new = |brought_in| Counts {
        brought_in,
        there: 0,
    };
    assert_eq!(first.areas, all_new(84));
    assert_eq!(first.locations, all_new(95));
    assert_eq!(first.users, all_new(54));

    let second = seed(options).await.unwrap();
    assert!(second.changed_nothing(), "{second}");
    assert_eq!(second.users.there, 54);
    assert_eq!(core.store.places().await.unwrap().len(), 179);
    let (_, users) = core
        .store
        .users(&UserFilter::default(), 0, 1)
        .await
        .unwrap();
    assert_eq!(users, 54);
    let ready = core.store.deliveries(false, 0, 10).await.unwrap();
    let kinds: Vec<_> = ready
        .iter()
        .map(|delivery| delivery.new.kind.clone())
        .collect();
    assert_eq!(kinds, ["system/ready"]);

    stop.cancel();
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_token_that_core_does_not_know_is_said_to_be_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    for (name, document) in [
        ("locations", country().places),
        ("users", country().users),
        ("roles", country().roles),
    ] {
        let file = folder.path().join(format!("{name}.json"));
        std::fs::write(file, Value::to_string(&document)).unwrap();
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let core_url = format!("http://{}", listener.local_addr().unwrap());
    let refuse = || async {
        (
            StatusCode::UNAUTHORIZED,
            r#"{"error":{"json":{"message":"UNAUTHORIZED"}}}"#,
        )
    };
    let app = Router::new().fallback(refuse);
    tokio::spawn(async move { axum::serve(listener, app).await });
    let options = SeedOptions {
        core_url,
        country_url: serve(folder.path().to_owned()).await,
        service_token: "unknown".to_owned(),
        activate_users: false,
        progress: false,
        world: World::real(),
    };
    let error = seed(options).await.unwrap_err();
    assert!(format!("{error:#}").starts_with("Core does not accept the token for seeding"));
}
