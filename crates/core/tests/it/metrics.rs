//! What `/metrics` shows, and that everything that watches it asks for what is there.

use std::collections::BTreeMap;

use crate::{core_under_test::CoreUnderTest, small_country::REGISTRAR};

/// The page of a Core that has done something.
async fn page() -> String {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(REGISTRAR).await;
    registrar.declared().await;
    under_test.get("/ping").await;
    under_test.get("/metrics").await.text().await.unwrap()
}

/// Metrics by their names, with what each is said to be.
fn described(page: &str) -> BTreeMap<&str, (bool, bool)> {
    let mut metrics: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for line in page.lines() {
        let mut words = line.split(' ');
        match (words.next(), words.next(), words.next()) {
            (Some("#"), Some("HELP"), Some(name)) => metrics.entry(name).or_default().0 = true,
            (Some("#"), Some("TYPE"), Some(name)) => metrics.entry(name).or_default().1 = true,
            _ => {}
        }
    }
    metrics
}

#[tokio::test]
async fn every_metric_says_what_it_is() {
    let page = page().await;
    let metrics = described(&page);
    assert!(metrics.contains_key("countersign_http_request_seconds"));
    assert!(metrics.contains_key("process_cpu_seconds_total"));
    let silent: Vec<_> = metrics.iter().filter(|(_, (help, _))| !help).collect();
    assert!(silent.is_empty(), "without a description: {silent:?}");
}

#[tokio::test]
async fn requests_are_counted_by_their_routes_and_never_by_their_paths() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(REGISTRAR).await;
    let record = registrar.declared().await;
    under_test.get(&format!("/events/{record}")).await;
    under_test.get(&format!("/nowhere/{record}")).await;
    let page = under_test.get("/metrics").await.text().await.unwrap();
    for route in ["/events/{eventId}", "event.create", "none"] {
        let label = format!("route=\"{route}\"");
        assert!(page.contains(&label), "{label} in {page}");
    }
    assert!(!page.contains(&record), "a record's id is nobody's label");
}
