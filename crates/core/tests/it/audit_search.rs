//! Administrators find out who has touched whose data.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    core_under_test::CoreUnderTest,
    small_country::{ADMIN, REGISTRAR},
};

async fn search(core: &CoreUnderTest, token: &str, query: &str) -> Value {
    core.core.reads.written().await;
    let answer = core
        .ask_path(token, Method::GET, &format!("/audit?{query}"))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn operations(page: &Value) -> Vec<&str> {
    let entries = page["entries"].as_array().unwrap().iter();
    entries
        .map(|entry| entry["operation"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn an_administrator_sees_what_was_done_to_a_record_and_by_whom() {
    let core = CoreUnderTest::start().await;
    let admin = core.person(ADMIN).await;
    let registrar = core.person(REGISTRAR).await;
    let event = registrar.declared().await;
    registrar.read(&event).await;
    let page = search(&core, &admin.token, &format!("event={event}")).await;
    assert_eq!(
        operations(&page),
        [
            "event.get",
            "event.actions.declare.accept",
            "event.actions.declare.request",
            "event.create"
        ]
    );
    let entries = page["entries"].as_array().unwrap();
    assert_eq!(entries[0]["by"], json!(registrar.id));
    assert_eq!(entries[1]["onBehalfOf"], json!(registrar.id));
    assert_eq!(entries[1]["correlation"], entries[2]["correlation"]);
    assert!(!page.to_string().contains("Amina"));
    let query = format!("user={}&operation=event.create", registrar.id);
    assert_eq!(
        operations(&search(&core, &admin.token, &query).await),
        ["event.create"]
    );
    let query = format!("client={}", registrar.id);
    assert!(operations(&search(&core, &admin.token, &query).await).is_empty());
    // To look is to leave a trace.
    let query = format!("user={}", admin.id);
    let looked = search(&core, &admin.token, &query).await;
    assert!(
        operations(&looked)
            .iter()
            .all(|operation| *operation == "audit.search")
    );
    assert_eq!(looked["entries"][2]["eventId"], json!(event));
}

#[tokio::test]
async fn pages_follow_each_other_and_a_period_bounds_them() {
    let core = CoreUnderTest::start().await;
    let admin = core.person(ADMIN).await;
    let registrar = core.person(REGISTRAR).await;
    let event = registrar.declared().await;
    let all = search(&core, &admin.token, &format!("event={event}")).await;
    let mut cursor = String::new();
    let mut found = Vec::new();
    loop {
        let query = format!("event={event}&limit=2{cursor}");
        let page = search(&core, &admin.token, &query).await;
        // What was looked at itself is about the record, too, and comes before the cursor.
        let entries = page["entries"].as_array().unwrap().clone();
        found.extend(
            entries
                .into_iter()
                .filter(|entry| entry["operation"] != "audit.search"),
        );
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(json!(found), all["entries"]);
    let at = |entry: &Value| entry["at"].as_str().unwrap().to_owned();
    let (last, first) = (at(&found[0]), at(found.last().unwrap()));
    let query =
        format!("event={event}&operation=event.create&from={first}&to=2100-01-01T00:00:00Z");
    assert_eq!(
        operations(&search(&core, &admin.token, &query).await),
        ["event.create"]
    );
    let query = format!("event={event}&from=2100-01-01T00:00:00Z");
    assert!(operations(&search(&core, &admin.token, &query).await).is_empty());
    let query = format!("event={event}&to=2000-01-01T00:00:00Z");
    assert!(
        operations(&search(&core, &admin.token, &query).await).is_empty(),
        "{last}"
    );
}

#[tokio::test]
async fn nobody_else_searches_the_trail() {
    let core = CoreUnderTest::start().await;
    let registrar = core.person(REGISTRAR).await;
    let answer = core.ask_path(&registrar.token, Method::GET, "/audit").await;
    assert_eq!(answer.status, 403);
    let admin = core.person(ADMIN).await;
    let answer = core
        .ask_path(&admin.token, Method::GET, "/audit?user=a&client=b&form=1")
        .await;
    assert_eq!(answer.status, 400);
    let message = answer.body["message"].as_str().unwrap().to_owned();
    for field in ["client", "form"] {
        assert!(message.contains(field), "{message}");
    }
}

#[tokio::test]
async fn a_record_is_found_by_the_tracking_id_that_people_know() {
    let core = CoreUnderTest::start().await;
    let admin = core.person(ADMIN).await;
    let registrar = core.person(REGISTRAR).await;
    let event = registrar.declared().await;
    let tracking_id = registrar.read(&event).await["trackingId"].clone();
    let spoken = tracking_id.as_str().unwrap().to_lowercase();
    let page = search(&core, &admin.token, &format!("trackingId={spoken}")).await;
    assert_eq!(operations(&page).last(), Some(&"event.create"));
    assert_eq!(page["entries"][0]["eventId"], json!(event));
    let none = search(&core, &admin.token, "trackingId=B0NOBODY").await;
    assert_eq!(none, json!({"entries": [], "next": null}));
    let both = format!("/audit?trackingId={spoken}&event={event}");
    let answer = core.ask_path(&admin.token, Method::GET, &both).await;
    assert_eq!(answer.status, 400);
}
