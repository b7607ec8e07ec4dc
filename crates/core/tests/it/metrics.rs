//! What `/metrics` shows, and that everything that watches it asks for what is there.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::json;

use crate::{core_under_test::CoreUnderTest, country_under_test::Answer, small_country::REGISTRAR};

const DASHBOARD: &str = include_str!("../../../../ops/grafana/countersign.json");
const ALERTS: &str = include_str!("../../../../ops/prometheus/alerts.yml");

/// The page of a Core that has seen good and bad days: records were declared, and then country
/// config failed at so many registrations that they are held back.
async fn page() -> String {
    let under_test =
        CoreUnderTest::start_with(|settings| settings.user_wait = Duration::from_secs(1)).await;
    let registrar = under_test.person(REGISTRAR).await;
    let mut records = Vec::new();
    for _ in 0..6 {
        records.push(registrar.declared().await);
    }
    under_test.country.always(Answer::With(500, json!({})));
    let registrar = &registrar;
    let asked = records.iter().map(|record| async move {
        let transaction = format!("register-{record}");
        let more = json!({ "declaration": {} });
        registrar.ask("register", record, &transaction, more).await
    });
    for answer in futures::future::join_all(asked).await {
        answer.unwrap_err();
    }
    loop {
        let page = under_test.get("/metrics").await.text().await.unwrap();
        if page.contains("countersign_breaker_open") {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The metrics that a text names.
fn named(text: &str) -> BTreeSet<&str> {
    let is_part_of_a_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    text.split(|letter| !is_part_of_a_name(letter))
        .filter(|word| word.starts_with("countersign_") || word.starts_with("process_"))
        .map(|name| {
            let part = ["_bucket", "_sum", "_count"].iter();
            part.fold(name, |name, part| name.strip_suffix(part).unwrap_or(name))
        })
        .collect()
}

#[tokio::test]
async fn the_dashboard_and_the_alerts_ask_for_what_there_is() {
    let page = page().await;
    let metrics = described(&page);
    for (what, text) in [("dashboard", DASHBOARD), ("alerts", ALERTS)] {
        let named = named(text);
        assert!(named.len() > 5, "the {what} names {named:?}");
        for name in named {
            assert!(
                metrics.contains_key(name),
                "the {what} asks for {name}, which is not in\n{page}"
            );
        }
    }
}

#[test]
fn the_dashboard_is_json_and_every_alert_says_what_to_do() {
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    assert!(!dashboard["panels"].as_array().unwrap().is_empty());
    let alerts: Vec<&str> = ALERTS.split("- alert: ").skip(1).collect();
    assert!(alerts.len() > 5);
    for alert in alerts {
        for part in ["summary: ", "description: ", "severity: "] {
            assert!(alert.contains(part), "{part}is missing in {alert}");
        }
        let runbook = alert.lines().find_map(|line| {
            let command = line.trim().strip_prefix("runbook: ")?;
            Some(command.trim_matches('"'))
        });
        let command = runbook.unwrap_or_default();
        assert!(command.starts_with("countersign "), "no command in {alert}");
    }
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
