use std::{path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::Path,
    http::StatusCode,
    routing::{get, post},
};
use countersign_core::{
    Core, Settings, StartError, accounts::tokens::DATA_SEEDER, attachments::UnknownFiles,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use storage::{DeliveryFilter, UserFilter};
use storage_sqlite::SqliteStore;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use world::World;

use super::{Counts, Known, Plan, SeedOptions, Wanted, seed};
use crate::remote::{Remote, http};

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

/// Serves a folder of JSON at `/config/…`, and agrees to whatever it is asked.
async fn serve(folder: PathBuf) -> String {
    let document = move |Path(name): Path<String>| async move {
        let body = std::fs::read_to_string(folder.join(format!("{name}.json")));
        // Real country configs serve some of these as text.
        body.map_err(|_| StatusCode::NOT_FOUND)
    };
    let agree = || async { Json(json!({"registrationNumber": "2026BREG0001"})) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new()
        .route("/config/{name}", get(document))
        .fallback(post(agree));
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

/// A Core that runs on the configuration of a real country.
struct RealCountry {
    core: Core,
    options: SeedOptions,
    stop: CancellationToken,
    running: JoinHandle<Result<(), StartError>>,
    folder: TempDir,
}

impl RealCountry {
    /// `None`, said aloud, when that country's configuration is not beside the checkout.
    async fn start() -> Option<Self> {
        let data = "../../../shared/data/farajaland-2.0.0";
        let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(data);
        if !data.exists() {
            eprintln!("skipped: the data of a real country is not beside the checkout");
            return None;
        }
        let country_url = serve(data).await;
        let folder = tempfile::tempdir().unwrap();
        let world = World::real();
        let store = SqliteStore::in_directory(folder.path(), world.clone()).unwrap();
        let mut settings = Settings::new(&country_url);
        settings.attachments.unknown = UnknownFiles::Accepted;
        let ready = Core::open(Arc::new(store), world.clone(), settings)
            .await
            .unwrap();
        let core = ready.core().clone();
        core.configuration.refresh(&core).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let life = Duration::from_secs(600);
        let options = SeedOptions {
            core_url: format!("http://{}", listener.local_addr().unwrap()),
            country_url,
            service_token: core.tokens.sign_service(&world, life, DATA_SEEDER).unwrap(),
            activate_users: true,
            progress: false,
            world,
        };
        let stop = CancellationToken::new();
        let running = tokio::spawn(ready.run(listener, stop.clone()));
        Some(Self {
            core,
            options,
            stop,
            running,
            folder,
        })
    }

    /// Core as somebody with this username calls it.
    async fn as_user(&self, username: &str) -> Remote {
        let found = self.core.store.user_to_sign_in(username).await.unwrap();
        let (user, _) = found.unwrap();
        let life = Duration::from_secs(600);
        let scopes = self.core.configuration.role_scopes(&user.role).unwrap();
        let tokens = &self.core.tokens;
        let id = user.id.to_string();
        let token = tokens.sign_user(&self.core.world, life, &id, &user.role, scopes);
        let http = http(Duration::from_secs(30)).unwrap();
        Remote::new(http, &self.options.core_url, "events").with_token(token.unwrap())
    }

    /// The id of the place that the country calls so.
    fn place(&self, external: &str) -> String {
        let places = self.core.places.now();
        let mut places = places.all();
        let place = places.find(|place| place.external_id.as_deref() == Some(external));
        place.unwrap().id.to_string()
    }

    async fn stop(self) {
        self.stop.cancel();
        self.running.await.unwrap().unwrap();
        drop(self.folder);
    }
}

#[tokio::test]
async fn a_real_country_seeds_once_and_a_second_run_changes_nothing() {
    let Some(country) = RealCountry::start().await else {
        return;
    };
    let core = &country.core;
    let current = core.configuration.current().unwrap();
    let events: Vec<&str> = current.events().map(|event| event.id()).collect();
    assert_eq!(events, ["tennis-club-membership", "birth", "death"]);
    assert_eq!(current.warnings(), []);

    let first = seed(country.options.clone()).await.unwrap();
    let all_new = |brought_in| Counts {
        brought_in,
        there: 0,
    };
    assert_eq!(first.areas, all_new(84));
    assert_eq!(first.locations, all_new(95));
    assert_eq!(first.users, all_new(54));

    let second = seed(country.options.clone()).await.unwrap();
    assert!(second.changed_nothing(), "{second}");
    assert_eq!(second.users.there, 54);
    assert_eq!(core.store.places().await.unwrap().len(), 179);
    let (_, users) = core
        .store
        .users(&UserFilter::default(), 0, 1)
        .await
        .unwrap();
    assert_eq!(users, 54);
    let told = core
        .store
        .deliveries(&DeliveryFilter::default(), None, 10)
        .await
        .unwrap()
        .deliveries;
    let kinds: Vec<_> = told
        .iter()
        .map(|delivery| delivery.new.kind.clone())
        .collect();
    assert_eq!(kinds, ["system/ready"]);
    country.stop().await;
}

#[tokio::test]
async fn a_registrar_of_a_real_country_registers_a_birth_and_her_queues_count_it() {
    let Some(country) = RealCountry::start().await else {
        return;
    };
    seed(country.options.clone()).await.unwrap();
    let registrar = country.as_user("k.mweene").await;
    let begun = json!({"type": "birth", "transactionId": "begin"});
    let event = registrar.mutate("event.create", begun).await.unwrap()["id"].clone();
    let act =
        |action: &str| json!({"eventId": event, "transactionId": action, "keepAssignment": true});
    let count = async |slug: &str| {
        let input = json!([{"slug": slug}]);
        registrar.mutate("workqueue.count", input).await.unwrap()[slug].clone()
    };
    assert_eq!(count("assigned-to-you").await, 0);

    let mut declared = act("declare");
    declared["declaration"] = birth(&country);
    declared["annotation"] = json!({
        "review.comment": "Complete",
        "review.signature": {
            "path": "/signature.png", "originalFilename": "signature.png", "type": "image/png",
        },
    });
    let declared = registrar
        .mutate("event.actions.declare.request", declared)
        .await;
    declared.unwrap();
    assert_eq!(count("assigned-to-you").await, 1);
    assert_eq!(count("pending-registration").await, 1);
    assert_eq!(count("pending-certification").await, 0);

    let registered = registrar
        .mutate("event.actions.register.request", act("register"))
        .await
        .unwrap();
    let last = registered["actions"].as_array().unwrap().last().unwrap();
    assert_eq!(last["registrationNumber"], "2026BREG0001");
    assert_eq!(count("pending-registration").await, 0);
    assert_eq!(count("pending-certification").await, 1);

    let elsewhere = country.as_user("k.mwale").await;
    let everything = json!({"query": {"eventType": "birth"}});
    let found = elsewhere.mutate("event.search", everything.clone()).await;
    assert_eq!(found.unwrap()["total"], 0);
    let found = registrar.mutate("event.search", everything).await;
    assert_eq!(found.unwrap()["total"], 1);
    country.stop().await;
}

/// A birth in the district hospital, declared by the mother.
fn birth(country: &RealCountry) -> Value {
    let born = country.core.world.now() - SignedDuration::from_hours(48);
    json!({
        "child.name": {"firstname": "Amina", "surname": "Banda"},
        "child.gender": "female",
        "child.dob": born.to_string().get(..10),
        "child.placeOfBirth": "HEALTH_FACILITY",
        "child.birthLocation": country.place("t0qT1Vh8qi3"),
        "informant.relation": "MOTHER",
        "informant.email": "mother@example.org",
        "mother.name": {"firstname": "Chipo", "surname": "Banda"},
        "mother.dob": "1995-05-05",
        "mother.nationality": "FAR",
        "mother.idType": "NONE",
        "mother.address": {
            "country": "FAR",
            "addressType": "DOMESTIC",
            "administrativeArea": country.place("IkYcYBUcyY2"),
            "streetLevelDetails": {},
        },
        "father.detailsNotAvailable": true,
        "father.reason": "Not known",
    })
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
