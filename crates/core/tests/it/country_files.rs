//! What the country serves for people's screens: Core hands it on, also while the country is down,
//! and nothing that it did not mean to serve.

use reqwest::Response;
use serde_json::{Value, json};

use crate::core_under_test::CoreUnderTest;

const DRAWING: &str =
    "<svg><script>alert(1)</script><text>{{$lookup $declaration \"x\"}}</text></svg>";

fn texts(greeting: &str) -> Value {
    json!({ "languages": [
        { "lang": "en", "displayName": "English", "messages": { "greeting": greeting } },
        { "lang": "fr", "displayName": "Français", "messages": { "greeting": "Bonjour" } },
    ] })
}

fn certificates() -> Value {
    json!([{
        "id": "birth-certificate", "event": "birth", "isDefault": true,
        "svgUrl": "/api/countryconfig/certificates/v2.birth.svg",
        "fonts": { "Plain": { "normal": "/api/countryconfig/fonts/Plain.ttf" } },
    }])
}

/// A Core whose country serves all of it.
async fn with_files() -> CoreUnderTest {
    let under_test = CoreUnderTest::start().await;
    let country = &under_test.country;
    country.serve("/content/client", texts("Hello"));
    country.serve("/content/login", texts("Hello"));
    country.serve("/certificates", certificates());
    country.serve_file("/certificates/v2.birth.svg", DRAWING);
    country.serve_file("/fonts/Plain.ttf", "TTF");
    under_test.ask_for_files().await.unwrap();
    under_test
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn texts_certificates_and_fonts_are_there_before_anybody_signs_in() {
    let under_test = with_files().await;
    let client = under_test.get("/content/client").await;
    assert_eq!(header(&client, "content-type"), "application/json");
    assert_eq!(client.json::<Value>().await.unwrap(), texts("Hello"));
    let list: Value = under_test.get("/certificates").await.json().await.unwrap();
    assert_eq!(list[0]["svgUrl"], "/certificates/birth-certificate.svg");
    assert_eq!(list[0]["fonts"]["Plain"]["normal"], "/fonts/Plain.ttf");

    let drawing = under_test.get("/certificates/birth-certificate.svg").await;
    assert_eq!(header(&drawing, "content-type"), "image/svg+xml");
    assert_eq!(header(&drawing, "x-content-type-options"), "nosniff");
    let policy = header(&drawing, "content-security-policy").to_owned();
    assert!(
        policy.contains("default-src 'none'"),
        "scripts do not run: {policy}"
    );
    assert!(!policy.contains("script-src"), "{policy}");
    assert_eq!(drawing.text().await.unwrap(), DRAWING);

    let font = under_test.get("/fonts/Plain.ttf").await;
    assert_eq!(header(&font, "content-type"), "font/ttf");
    assert_eq!(font.text().await.unwrap(), "TTF");
}

#[tokio::test]
async fn a_browser_that_has_it_is_told_so() {
    let under_test = with_files().await;
    for path in ["/content/login", "/certificates", "/desk.json"] {
        let first = under_test.get(path).await;
        let tag = header(&first, "etag").to_owned();
        assert!(tag.starts_with('"'), "{path}: {tag}");
        let again = under_test.get_if_new(path, &tag).await;
        assert_eq!(again.status(), 304, "{path}");
    }
    let tag = header(&under_test.get("/content/login").await, "etag").to_owned();
    under_test
        .country
        .serve("/content/login", texts("Good day"));
    under_test.ask_for_files().await.unwrap();
    let newer = under_test.get_if_new("/content/login", &tag).await;
    assert_eq!(newer.status(), 200);
    assert_eq!(newer.json::<Value>().await.unwrap(), texts("Good day"));
}

#[tokio::test]
async fn it_outlives_country_config_and_a_restart() {
    let under_test = with_files().await;
    under_test.country.serve_nothing();
    under_test.ask_for_files().await.unwrap();
    let under_test = under_test.restart().await;
    for path in [
        "/content/client",
        "/content/login",
        "/certificates",
        "/certificates/birth-certificate.svg",
        "/fonts/Plain.ttf",
    ] {
        assert_eq!(under_test.get(path).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn what_is_broken_stays_as_it_was_and_what_is_no_longer_named_goes() {
    let under_test = with_files().await;
    let country = &under_test.country;
    country.serve("/content/client", json!({ "oops": true }));
    country.serve_file("/certificates/v2.birth.svg", "<html>Not found</html>");
    under_test.ask_for_files().await.unwrap();
    let client = under_test.get("/content/client").await;
    assert_eq!(client.json::<Value>().await.unwrap(), texts("Hello"));
    let drawing = under_test.get("/certificates/birth-certificate.svg").await;
    assert_eq!(drawing.text().await.unwrap(), DRAWING);

    country.serve("/certificates", json!([]));
    under_test.ask_for_files().await.unwrap();
    for path in ["/certificates/birth-certificate.svg", "/fonts/Plain.ttf"] {
        assert_eq!(under_test.get(path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn nothing_else_of_the_countrys_can_be_had() {
    let under_test = with_files().await;
    let country = &under_test.country;
    country.serve("/config/users", json!([{ "password": "hush" }]));
    country.serve_file("/fonts/Other.ttf", "hush");
    under_test.ask_for_files().await.unwrap();
    for path in [
        "/certificates/..%2fconfig%2fusers.svg",
        "/fonts/..%2fconfig%2fusers",
        "/fonts/Other.ttf",
        "/fonts/%2e%2e",
        "/certificates/v2.birth.svg",
        "/certificates/birth-certificate",
        "/content/notification",
        "/content/users",
    ] {
        let answer = under_test.get(path).await;
        assert_eq!(answer.status(), 404, "{path}");
        let text = answer.text().await.unwrap();
        assert!(!text.contains("hush"), "{path}");
    }
}

#[tokio::test]
async fn a_country_need_not_serve_any_of_it() {
    let under_test = CoreUnderTest::start().await;
    under_test.ask_for_files().await.unwrap();
    let answer = under_test.get("/content/client").await;
    assert_eq!(answer.status(), 404);
    let body: Value = answer.json().await.unwrap();
    let message = "The country serves nothing at /content/client";
    assert_eq!(body["message"], message);
}

#[tokio::test]
async fn anybody_learns_what_the_country_is_called_and_which_languages_it_speaks() {
    let under_test = with_files().await;
    let application = json!({
        "APPLICATION_NAME": "Elsewhere", "COUNTRY_LOGO": { "file": "data:," },
        "SECRET": "hush",
    });
    under_test.country.serve("/config/application", application);
    let core = &under_test.core;
    core.configuration.refresh(core).await.unwrap();
    let about: Value = under_test.get("/desk.json").await.json().await.unwrap();
    let current = core.configuration.current().unwrap();
    assert_eq!(
        about,
        json!({
            "applicationName": "Elsewhere", "logo": "data:,", "loginBackground": null,
            "defaultLanguage": "en",
            "languages": ["en", "fr"],
            "coreVersion": env!("CARGO_PKG_VERSION"),
            "configurationVersion": current.version(),
        })
    );
}
