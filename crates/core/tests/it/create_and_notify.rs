//! A system client begins a record and notifies of it in one request.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    core_under_test::CoreUnderTest,
    country_under_test::Answer,
    person::{Outcome, Person, story},
    small_country::{self, DISTRICT, OFFICE},
};

const SCOPES: [&str; 2] = ["type=record.create", "type=record.notify"];

async fn notify(client: &Person<'_>, transaction: &str, more: Value) -> Outcome {
    let mut input = json!({
        "eventType": "birth", "transactionId": transaction, "createdAtLocation": OFFICE,
        "declaration": {"child.name": "Amina Banda"},
    });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    client
        .call("event.actions.createAndNotify.request", input)
        .await
}

fn status(outcome: Outcome) -> u16 {
    outcome.unwrap_err().0
}

#[tokio::test]
async fn the_record_is_begun_and_notified_of_and_nobody_holds_it() {
    let under_test = CoreUnderTest::start().await;
    let client = under_test.system(&SCOPES).await;
    let document = notify(&client, "t", json!({})).await.unwrap();
    assert_eq!(
        story(&document),
        ["CREATE Accepted", "NOTIFY Requested", "NOTIFY Accepted"]
    );
    for action in document["actions"].as_array().unwrap() {
        assert_eq!(action["createdAtLocation"], OFFICE.to_string());
        assert_eq!(action["createdByUserType"], "system");
    }
    let trigger = under_test.country.arrived().pop().unwrap();
    assert_eq!(trigger.path, "/trigger/events/birth/actions/NOTIFY");
    assert_eq!(
        story(&trigger.body),
        ["CREATE Accepted", "NOTIFY Requested"]
    );
}

#[tokio::test]
async fn the_same_transaction_makes_one_record_and_tells_what_became_of_it() {
    let under_test = CoreUnderTest::start().await;
    let client = under_test.system(&SCOPES).await;
    under_test.country.then(Answer::With(202, Value::Null));
    let asked = (0..4).map(|_| notify(&client, "t", json!({})));
    let answers = futures::future::join_all(asked).await;
    let first = answers[0].as_ref().unwrap();
    assert_eq!(story(first), ["CREATE Accepted", "NOTIFY Requested"]);
    for answer in &answers {
        assert_eq!(answer.as_ref().unwrap(), first);
    }
    assert_eq!(under_test.country.arrived().len(), 1);
    let told = client.submission("t").await;
    assert_eq!(
        (&told["type"], &told["eventId"]),
        (&json!("NOTIFY"), &first["id"])
    );
    let other = under_test.system(&SCOPES).await;
    assert_eq!(status(notify(&other, "t", json!({})).await), 409);
}

#[tokio::test]
async fn what_was_taken_once_is_told_again_whatever_would_be_said_of_it_today() {
    let under_test = CoreUnderTest::start().await;
    let client = under_test.system(&SCOPES).await;
    let first = notify(&client, "t", json!({})).await.unwrap();
    let mut events = small_country::events();
    events[0]["declaration"]["pages"][0]["fields"][0]["type"] = json!("DATE");
    under_test.country.serve("/config/events", events);
    let core = &under_test.core;
    core.configuration.refresh(core).await.unwrap();
    assert_eq!(status(notify(&client, "new", json!({})).await), 400);
    let again = notify(&client, "t", json!({})).await.unwrap();
    assert_eq!(again["actions"], first["actions"]);
}

#[tokio::test]
async fn it_takes_a_system_client_with_both_scopes_for_the_event_type() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    assert_eq!(status(notify(&registrar, "t", json!({})).await), 403);
    for scopes in [
        &[][..],
        &["type=record.create"],
        &["type=record.notify"],
        &["type=record.create&event=death", "type=record.notify"],
        &["type=record.create", "type=record.notify&event=death"],
    ] {
        let client = under_test.system(scopes).await;
        let refused = notify(&client, "t", json!({})).await;
        assert_eq!(status(refused), 403, "{scopes:?}");
    }
    let scopes = [
        "type=record.create&event=birth",
        "type=record.notify&event=birth",
    ];
    let client = under_test.system(&scopes).await;
    notify(&client, "t", json!({})).await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_with_it_leaves_no_record_behind() {
    let under_test = CoreUnderTest::start().await;
    let client = under_test.system(&SCOPES).await;
    for wrong in [
        json!({"eventType": "marriage"}),
        json!({"eventType": null}),
        json!({"declaration": {"child.name": 1}}),
        json!({"declaration": {"child.shoe": "43"}}),
        json!({"createdAtLocation": null}),
        json!({"createdAtLocation": Uuid::nil()}),
        json!({"createdAtLocation": DISTRICT}),
        json!({"transactionId": ""}),
    ] {
        let refused = notify(&client, "t", wrong.clone()).await;
        assert_eq!(status(refused), 400, "{wrong}");
    }
    let ids = under_test.core.store.record_ids(None, 10).await.unwrap();
    assert_eq!(ids, []);
}

#[tokio::test]
async fn rest_has_it_where_opencrvs_has_it() {
    let under_test = CoreUnderTest::start().await;
    let client = under_test.system(&SCOPES).await;
    for (transaction, path) in [("1", "/events/notify"), ("2", "/api/events/events/notify")] {
        let body = json!({
            "eventType": "birth", "transactionId": transaction, "createdAtLocation": OFFICE,
        });
        let answer = under_test.post_as(&client.token, path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(story(&answer.body).last().unwrap(), "NOTIFY Accepted");
    }
}
