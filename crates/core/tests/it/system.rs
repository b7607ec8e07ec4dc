//! What administrators are shown of configuration and health.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{core_under_test::CoreUnderTest, small_country};

const SCOPE: &str = "type=delivery.read";

async fn shown(under_test: &CoreUnderTest, path: &str) -> Value {
    let administrator = under_test.system(&[SCOPE]).await;
    let answer = under_test
        .ask_path(&administrator.token, Method::GET, path)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

#[tokio::test]
async fn a_refused_configuration_says_what_is_wrong_and_since_when() {
    let under_test = CoreUnderTest::start().await;
    let good = shown(&under_test, "/configuration/status").await;
    assert_eq!(good["refused"], json!(null));
    assert_eq!(good["failure"], json!(null));
    assert!(
        good["since"].is_string() && good["answeredAt"].is_string(),
        "{good}"
    );

    let mut bad = small_country::roles();
    bad[0]["scopes"][0] = json!("type=record.crate");
    under_test.country.serve("/config/roles", bad);
    let refresh = async || {
        under_test
            .core
            .configuration
            .refresh(&under_test.core)
            .await
    };
    refresh().await.unwrap_err();
    let refused = shown(&under_test, "/configuration/status").await;
    assert_eq!(
        refused["version"], good["version"],
        "the last good one goes on"
    );
    let problem = &refused["refused"]["problems"][0];
    assert_eq!(problem["document"], "roles");
    assert_eq!(problem["path"], "/0/scopes/0");
    assert!(problem["reason"].as_str().unwrap().contains("record.crate"));
    assert!(refused["refused"]["since"].is_string());

    under_test.country.serve_nothing();
    refresh().await.unwrap_err();
    let away = shown(&under_test, "/configuration/status").await;
    assert!(
        away["failure"].as_str().unwrap().contains("/config/"),
        "{away}"
    );
    assert_eq!(away["version"], good["version"]);
}

#[tokio::test]
async fn health_tells_of_the_database_the_country_and_the_nodes() {
    let under_test = CoreUnderTest::start().await;
    let health = shown(&under_test, "/system/health").await;
    assert_eq!(health["database"], json!({ "ok": true, "error": null }));
    assert_eq!(health["country"]["state"], "up");
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    let version = under_test.core.configuration.current().unwrap();
    assert_eq!(health["configuration"]["version"], version.version());
    let node = under_test.core.settings.node.as_str();
    assert_eq!(health["node"], node);
    let nodes = health["nodes"].as_array().unwrap();
    assert!(
        nodes
            .iter()
            .any(|one| one["node"] == node && one["silent"] == false),
        "{health}"
    );
}

#[tokio::test]
async fn only_who_may_see_deliveries_sees_any_of_it() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    for path in ["/configuration/status", "/system/health"] {
        let answer = under_test
            .ask_path(&registrar.token, Method::GET, path)
            .await;
        assert_eq!(answer.status, 403, "{path}");
        assert_eq!(
            answer.body["data"]["details"]["missingScope"],
            "delivery.read"
        );
    }
}
