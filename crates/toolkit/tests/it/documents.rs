//! What Core reads: the country's configuration, cheaply when nothing changed.

use serde_json::{Value, json};
use toolkit::Configuration;

use crate::{
    country::{Country, claims, claims_of_core, settings},
    fake_core::FakeCore,
};

async fn country() -> (FakeCore, tempfile::TempDir, Country) {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let configuration = Configuration {
        events: json!([{ "id": "birth" }]),
        users: json!([{ "username": "k.mweene" }]),
        ..Configuration::default()
    };
    let configuration = configuration
        .texts("login", json!({ "languages": [] }))
        .certificate("birth", "<svg/>");
    let country = Country::start(settings(&core, folder.path()), |it| {
        it.configuration(configuration)
    })
    .await;
    (core, folder, country)
}

#[tokio::test]
async fn a_document_is_sent_once_and_then_only_said_to_be_unchanged() {
    let (_core, _folder, country) = country().await;
    let url = country.url("/config/events");
    let first = country.http.get(&url).send().await.unwrap();
    assert_eq!(first.status(), 200);
    assert_eq!(first.headers()["content-type"], "application/json");
    let etag = first.headers()["etag"].clone();
    assert_eq!(
        first.json::<Value>().await.unwrap(),
        json!([{ "id": "birth" }])
    );
    let second = country
        .http
        .get(&url)
        .header("if-none-match", etag)
        .send()
        .await
        .unwrap();
    assert_eq!(second.status(), 304);
    assert!(second.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn every_document_of_the_protocol_is_there_if_only_empty() {
    let (_core, _folder, country) = country().await;
    for path in [
        "/config/workqueues",
        "/config/roles",
        "/config/application",
        "/config/deadlines",
        "/config/locations",
        "/certificates",
        "/certificates/birth.svg",
        "/content/login",
        "/ping",
    ] {
        let answer = country.http.get(country.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
    }
    let answer = country
        .http
        .get(country.url("/nowhere"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 404);
}

#[tokio::test]
async fn the_first_accounts_are_for_the_service_that_brings_them_in_only() {
    let (core, _folder, country) = country().await;
    let url = country.url("/config/users");
    let stranger = country.http.get(&url).send().await.unwrap();
    assert_eq!(stranger.status(), 401);
    let mut seeder = claims();
    seeder["sub"] = json!("opencrvs:data-seeder-service");
    let ask = async |claims| {
        let token = core.key().sign(&claims);
        let request = country.http.get(&url).bearer_auth(token);
        request.send().await.unwrap()
    };
    for other in [claims(), claims_of_core()] {
        assert_eq!(ask(other).await.status(), 403);
    }
    let known = ask(seeder).await;
    assert_eq!(
        known.json::<Value>().await.unwrap(),
        json!([{ "username": "k.mweene" }])
    );
}
