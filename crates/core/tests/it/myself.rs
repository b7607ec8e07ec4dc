//! Who one is, who others are, and what a system client is changed to.

use reqwest::Method;
use serde_json::json;

use crate::{
    core_under_test::CoreUnderTest,
    small_country::{ADMIN, CLERK, DISTRICT, OFFICE},
};

#[tokio::test]
async fn somebody_learns_who_they_are_and_what_they_may_do() {
    let core = CoreUnderTest::start().await;
    let token = core.token_of("c.clerk", CLERK).await;
    let answer = core.ask_path(&token, Method::GET, "/me").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let me = &answer.body;
    assert_eq!(me["username"], "c.clerk");
    assert_eq!(
        me["name"],
        json!({"firstname": "Ama", "surname": "c.clerk"})
    );
    assert_eq!(
        (&me["role"], &me["status"]),
        (&json!(CLERK), &json!("active"))
    );
    assert_eq!(me["primaryOfficeId"], json!(OFFICE));
    assert_eq!(me["jurisdiction"], json!([DISTRICT]));
    assert_eq!(
        me["scopes"],
        json!([
            "type=record.create",
            "type=record.declare",
            "type=record.read"
        ])
    );
    assert_eq!(me["email"], "c***@example.org");
}

#[tokio::test]
async fn names_of_those_who_acted_come_without_how_they_are_reached() {
    let core = CoreUnderTest::start().await;
    let (one, other) = (core.person(CLERK).await, core.person(ADMIN).await);
    let system = core.system(&["type=record.read"]).await;
    let nobody = core.core.world.new_id();
    let ids = [other.id, system.id, nobody]
        .map(|id| id.to_string())
        .join(",");
    let path = format!("/users/summaries?ids={ids}");
    let answer = core.ask_path(&one.token, Method::GET, &path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let summaries = answer.body.as_array().unwrap();
    assert_eq!(summaries.len(), 2);
    assert_eq!(
        (&summaries[0]["id"], &summaries[0]["role"]),
        (&json!(other.id), &json!(ADMIN))
    );
    assert_eq!(summaries[1]["type"], "system");
    assert!(!answer.body.to_string().contains("example.org"));
}

#[tokio::test]
async fn a_system_client_is_given_another_name_and_other_scopes_over_rest() {
    let core = CoreUnderTest::start().await;
    let admin = core.person(ADMIN).await;
    let new = json!({"name": "Health", "scopes": ["type=record.notify"]});
    let made = core.post_as(&admin.token, "/integrations", new).await;
    let path = format!("/integrations/{}", made.body["clientId"].as_str().unwrap());
    let changed = core
        .post_as(&admin.token, &path, json!({"name": "Hospitals"}))
        .await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let scopes = json!({"scopes": ["type=record.read"]});
    core.post_as(&admin.token, &path, scopes).await;
    let shown = core.ask_path(&admin.token, Method::GET, &path).await;
    assert_eq!(shown.body["name"], "Hospitals");
    assert_eq!(shown.body["scopes"], json!(["type=record.read"]));
}
