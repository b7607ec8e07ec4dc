//! Going through all records when somebody asks for it.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::{
    core_under_test::CoreUnderTest,
    country_under_test::Answer,
    person::Person,
    small_country::{self, REGISTRAR},
};

const PATH: &str = "/reindex";

/// Somebody who may have records gone through.
async fn keeper(under_test: &CoreUnderTest) -> Person<'_> {
    let mut roles = small_country::roles();
    let mut role = roles[0].clone();
    role["id"] = json!("KEEPER");
    role["scopes"] = json!(["type=record.reindex"]);
    roles.as_array_mut().unwrap().push(role);
    under_test.country.serve("/config/roles", roles);
    let core = &under_test.core;
    core.configuration.refresh(core).await.unwrap();
    under_test.person("KEEPER").await
}

async fn walks(keeper: &Person<'_>, input: Value) -> Vec<Value> {
    let walks = keeper.call("event.reindex.status", input).await.unwrap();
    walks.as_array().unwrap().clone()
}

#[tokio::test]
async fn every_record_that_is_more_than_begun_is_sent_to_country_config() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(REGISTRAR).await;
    let declared = registrar.declared().await;
    registrar.begin().await;
    let keeper = keeper(&under_test).await;
    assert_eq!(walks(&keeper, Value::Null).await, [] as [Value; 0]);

    let answer = keeper.call("event.reindex.trigger", Value::Null).await;
    assert_eq!(answer.unwrap(), Value::Null);
    let sent = under_test.country.all_received(PATH);
    assert_eq!(sent.len(), 1);
    assert!(!sent[0].token().is_empty());
    let documents = sent[0].body.as_array().unwrap();
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0]["id"], declared);
    assert_eq!(documents[0]["actions"][0]["type"], "CREATE");

    let walks = walks(&keeper, Value::Null).await;
    assert_eq!(walks.len(), 1);
    assert_eq!(walks[0]["status"], "completed");
    assert_eq!(walks[0]["progress"], json!({"processed": 2}));
    assert_eq!(walks[0]["error_message"], Value::Null);
    assert!(walks[0]["completed_at"].is_string());
}

#[tokio::test]
async fn records_are_sent_to_country_config_in_calls_that_are_signed_each_for_itself() {
    let under_test = CoreUnderTest::start_with(|settings| {
        settings.webhook_secrets = vec![format!("whsec_{}", "Zm9y".repeat(8))];
    })
    .await;
    let registrar = under_test.person(REGISTRAR).await;
    registrar.declared().await;
    let keeper = keeper(&under_test).await;
    under_test.country.always(Answer::With(500, json!({})));
    let refused = keeper.call("event.reindex.trigger", Value::Null).await;
    refused.unwrap_err();
    let sent = under_test.country.all_received(PATH);
    let ids: HashSet<&str> = sent.iter().map(|call| call.header("webhook-id")).collect();
    assert_eq!(ids.len(), sent.len(), "a repetition would be refused");
    for call in &sent {
        assert!(call.header("webhook-signature").starts_with("v1,"));
        assert!(!call.header("webhook-timestamp").is_empty());
    }
}

#[tokio::test]
async fn a_country_that_does_not_take_records_is_told_to_who_asked() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(REGISTRAR).await;
    registrar.declared().await;
    let keeper = keeper(&under_test).await;
    under_test.country.always(Answer::With(500, json!({})));
    let refused = keeper.call("event.reindex.trigger", Value::Null).await;
    let (status, error) = refused.unwrap_err();
    assert_eq!(status, 503);
    let message = "country config answered 500 to /reindex";
    assert_eq!(error["message"], message);
    let tries = under_test.country.all_received(PATH);
    assert_eq!(tries.len(), 5);
    let failed = walks(&keeper, Value::Null).await;
    assert_eq!(failed[0]["status"], "failed");
    assert_eq!(failed[0]["error_message"], message);

    // The next one is not held back by it.
    under_test.country.always(Answer::With(200, json!({})));
    let again = json!({"waitForCompletion": true});
    keeper.call("event.reindex.trigger", again).await.unwrap();
    let both = walks(&keeper, Value::Null).await;
    assert_eq!(both.len(), 2);
    assert_eq!(both[0]["status"], "completed");
    let newest = walks(&keeper, json!({"limit": 1})).await;
    assert_eq!(newest, both[..1]);
    for limit in [json!(0), json!(101), json!("many")] {
        let refused = keeper.call("event.reindex.status", json!({ "limit": limit }));
        assert_eq!(refused.await.unwrap_err().0, 400, "{limit}");
    }
}

#[tokio::test]
async fn a_walk_that_nobody_waits_for_is_shown_as_running_until_it_ends() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(REGISTRAR).await;
    registrar.declared().await;
    let keeper = keeper(&under_test).await;
    under_test.country.always(Answer::Hang);
    let input = json!({"waitForCompletion": false});
    keeper.call("event.reindex.trigger", input).await.unwrap();
    under_test.country.received(PATH, 0).await;
    let running = walks(&keeper, Value::Null).await;
    assert_eq!(running[0]["status"], "running");
    assert_eq!(running[0]["completed_at"], Value::Null);
}

#[tokio::test]
async fn a_walk_goes_on_where_a_stopped_node_left_it() {
    let under_test = CoreUnderTest::start().await;
    {
        let registrar = under_test.person(REGISTRAR).await;
        registrar.declared().await;
        let keeper = keeper(&under_test).await;
        under_test.country.always(Answer::Hang);
        let input = json!({"waitForCompletion": false});
        keeper.call("event.reindex.trigger", input).await.unwrap();
        under_test.country.received(PATH, 0).await;
    }
    under_test.country.always(Answer::With(200, json!({})));
    let under_test = under_test.restart().await;
    let walk = under_test.core.store.rebuilds(1).await.unwrap().remove(0);
    let ended = under_test.core.rebuild_ended(walk.id).await.unwrap();
    assert_eq!(ended.processed, 1);
}

#[tokio::test]
async fn another_version_of_core_goes_through_all_records_once() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(REGISTRAR).await;
    let event = registrar.declared().await.parse().unwrap();
    let store = std::sync::Arc::clone(&under_test.core.store);
    let rules = store.projection_rules().await.unwrap();
    assert_ne!(rules, 0);
    // As an older version would have left it: other rules, and something else come of them.
    let walk = storage::Rebuild {
        id: under_test.core.world.new_id(),
        started_at: under_test.core.world.now(),
        for_country: false,
        state: storage::RebuildState::Completed,
        after: None,
        processed: 0,
        error: None,
        ended_at: Some(under_test.core.world.now()),
    };
    store.save_projection_rules(rules + 1, walk).await.unwrap();
    let wanted = store.projection(event).await.unwrap().unwrap();
    let mut older = wanted.clone();
    older.index["status"] = json!("NOTIFIED");
    let version = store.record(event).await.unwrap().unwrap().version;
    store
        .rebuild_projection(event, version, older)
        .await
        .unwrap();
    drop(store);

    let under_test = under_test.restart().await;
    let store = &under_test.core.store;
    let brought_up_to_date = async {
        while store.projection(event).await.unwrap().as_ref() != Some(&wanted) {
            tokio::task::yield_now().await;
        }
    };
    let patience = std::time::Duration::from_secs(20);
    tokio::time::timeout(patience, brought_up_to_date)
        .await
        .expect("the record stays as the older version left it");
    assert_eq!(store.projection_rules().await.unwrap(), rules);
}

#[tokio::test]
async fn a_tool_goes_through_all_records_here_and_now() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(REGISTRAR).await;
    let event = registrar.declared().await.parse().unwrap();
    let store = &under_test.core.store;
    let wanted = store.projection(event).await.unwrap().unwrap();
    let mut other = wanted.clone();
    other.index["status"] = json!("NOTIFIED");
    let version = store.record(event).await.unwrap().unwrap().version;
    store
        .rebuild_projection(event, version, other)
        .await
        .unwrap();
    under_test.core.rebuild_here(|_| ()).await.unwrap();
    assert_eq!(store.projection(event).await.unwrap(), Some(wanted));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_keeps_no_other_from_being_looked_at() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(REGISTRAR).await;
    let damaged = registrar.declared().await.parse().unwrap();
    let whole = registrar.declared().await.parse().unwrap();
    let store = &under_test.core.store;
    let wanted = store.projection(whole).await.unwrap().unwrap();
    for event in [damaged, whole] {
        let mut other = store.projection(event).await.unwrap().unwrap();
        other.index["status"] = json!("NOTIFIED");
        let version = store.record(event).await.unwrap().unwrap().version;
        store
            .rebuild_projection(event, version, other)
            .await
            .unwrap();
    }
    under_test.damage(damaged);
    store.record(damaged).await.unwrap_err();
    under_test.core.rebuild_here(|_| ()).await.unwrap();
    assert_eq!(store.projection(whole).await.unwrap(), Some(wanted));
}

#[tokio::test]
async fn a_walk_is_one_nodes_at_a_time_and_taken_over_when_it_lets_go() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person(REGISTRAR).await;
    let event = registrar.declared().await.parse().unwrap();
    let core = &under_test.core;
    let store = &core.store;
    let wanted = store.projection(event).await.unwrap().unwrap();
    let mut other = wanted.clone();
    other.index["status"] = json!("NOTIFIED");
    let version = store.record(event).await.unwrap().unwrap().version;
    store
        .rebuild_projection(event, version, other.clone())
        .await
        .unwrap();
    let now = core.world.now();
    let until = now + jiff::SignedDuration::from_hours(1);
    let has_it = || store.take_duty("rebuild", "another node", now, until);
    // Until the walk that a new configuration began has ended.
    while !has_it().await.unwrap() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let mut walk = Box::pin(core.rebuild_here(|_| ()));
    let patience = std::time::Duration::from_millis(50);
    let ended = tokio::time::timeout(patience, &mut walk).await;
    assert!(ended.is_err(), "the other node is at it");
    assert_eq!(store.projection(event).await.unwrap(), Some(other));
    store.give_up_duty("rebuild", "another node").await.unwrap();
    walk.await.unwrap();
    assert_eq!(store.projection(event).await.unwrap(), Some(wanted));
}
