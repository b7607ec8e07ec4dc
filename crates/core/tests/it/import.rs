//! Whole records come in from elsewhere as they are, and never over what is here.

use serde_json::{Value, json};

use crate::{
    core_under_test::CoreUnderTest,
    person::{Outcome, Person, story},
};

const SCOPES: [&str; 3] = [
    "type=record.import",
    "type=record.read",
    "type=record.search",
];

/// A declared birth as another Core would send it.
fn record(under_test: &CoreUnderTest, tracking_id: &str, declared: &str) -> Value {
    let id = || under_test.core.world.new_id();
    let action = |kind: &str, status: &str| {
        json!({
            "id": id(), "transactionId": id(), "type": kind, "status": status,
            "createdAt": "2024-05-05T08:00:00.000Z", "createdBy": id(),
            "createdByUserType": "user", "createdByRole": "REGISTRAR", "declaration": {},
        })
    };
    let mut declare = action("DECLARE", declared);
    declare["declaration"] = json!({"child.name": "Amina Banda", "child.dob": "2024-05-01"});
    json!({
        "id": id(), "type": "birth", "trackingId": tracking_id,
        "createdAt": "2024-05-05T08:00:00.000Z", "updatedAt": "2024-05-05T08:00:00.000Z",
        "actions": [action("CREATE", "Accepted"), declare],
    })
}

async fn import(client: &Person<'_>, records: &[&Value]) -> Outcome {
    client.call("event.bulkImport", json!(records)).await
}

#[tokio::test]
async fn imported_records_are_found_and_read_as_they_were_sent() {
    let under_test = CoreUnderTest::start().await;
    let client = under_test.system(&SCOPES).await;
    let (one, other) = (
        record(&under_test, "AAAAAA", "Accepted"),
        record(&under_test, "BBBBBB", "Accepted"),
    );
    let answer = import(&client, &[&one, &other]).await.unwrap();
    let items = json!([
        {"id": one["id"], "result": "created"}, {"id": other["id"], "result": "created"},
    ]);
    assert_eq!(answer, json!({"errors": false, "items": items}));
    let query = json!({"query": {"type": "or", "clauses": [{"eventType": "birth"}]}});
    assert_eq!(
        client.call("event.search", query).await.unwrap()["total"],
        2
    );
    let read = client.read(one["id"].as_str().unwrap()).await;
    let actions = read["actions"].as_array().unwrap();
    assert_eq!(actions[..2], *one["actions"].as_array().unwrap());
    assert_eq!(read["trackingId"], "AAAAAA");
    assert_eq!(
        under_test.country.arrived().len(),
        0,
        "what is decided is not asked about"
    );
}

#[tokio::test]
async fn an_import_that_broke_off_is_sent_again_and_never_goes_over_what_is_here() {
    let under_test = CoreUnderTest::start().await;
    let client = under_test.system(&SCOPES).await;
    let (one, other) = (
        record(&under_test, "AAAAAA", "Accepted"),
        record(&under_test, "BBBBBB", "Accepted"),
    );
    import(&client, &[&one]).await.unwrap();
    let answer = import(&client, &[&one, &other]).await.unwrap();
    assert_eq!(answer["items"][0]["result"], "unchanged");
    assert_eq!(answer["items"][1]["result"], "created");

    let mut changed = one.clone();
    changed["actions"][1]["declaration"]["child.name"] = json!("Somebody else");
    let third = record(&under_test, "CCCCCC", "Accepted");
    let taken = record(&under_test, "AAAAAA", "Accepted");
    let mut mixed = record(&under_test, "DDDDDD", "Accepted");
    mixed["actions"][1] = one["actions"][1].clone();
    for (bad, why) in [
        (&changed, "different"),
        (&taken, "tracking id"),
        (&mixed, "one of its actions"),
    ] {
        let (status, error) = import(&client, &[&third, bad]).await.unwrap_err();
        assert_eq!(status, 409);
        assert!(error["message"].as_str().unwrap().contains(why), "{error}");
        assert_eq!(error["data"]["details"]["eventId"], bad["id"]);
        assert_eq!(error["data"]["details"]["items"][0]["id"], third["id"]);
    }
    let here = client.read(one["id"].as_str().unwrap()).await;
    assert_eq!(here["actions"][1], one["actions"][1]);
}

#[tokio::test]
async fn nothing_is_written_when_one_of_them_can_be_no_record() {
    let under_test = CoreUnderTest::start().await;
    let client = under_test.system(&SCOPES).await;
    let good = record(&under_test, "AAAAAA", "Accepted");
    let with = |path: &str, value: Value| {
        let mut bad = record(&under_test, "BBBBBB", "Accepted");
        *bad.pointer_mut(path).unwrap() = value;
        bad
    };
    // Accepted twice: by two transactions, and by one.
    let repeating = |change: fn(&mut Value)| {
        let mut bad = record(&under_test, "BBBBBB", "Requested");
        let mut accepted = bad["actions"][1].clone();
        accepted["originalActionId"] = accepted["id"].clone();
        accepted["status"] = json!("Accepted");
        let mut again = accepted.clone();
        change(&mut again);
        for mut action in [accepted, again] {
            action["id"] = json!(under_test.core.world.new_id());
            bad["actions"].as_array_mut().unwrap().push(action);
        }
        bad
    };
    let bad = [
        with("/type", json!("marriage")),
        with("/actions", json!([])),
        with("/actions/0/type", json!("DECLARE")),
        with("/actions/1/type", json!("DREAM")),
        with("/actions/1/createdAt", json!("yesterday")),
        with("/id", json!("7")),
        with("/trackingId", json!("")),
        repeating(|action| action["transactionId"] = json!("other")),
        repeating(|action| action["originalActionId"] = json!(null)),
        good.clone(),
    ];
    let all: Vec<&Value> = std::iter::once(&good).chain(&bad).collect();
    let (status, error) = import(&client, &all).await.unwrap_err();
    assert_eq!(status, 400);
    let problems: Vec<Value> = serde_json::from_str(error["message"].as_str().unwrap()).unwrap();
    let named: Vec<&Value> = problems.iter().map(|problem| &problem["path"][0]).collect();
    assert_eq!(json!(named), json!((1..=bad.len()).collect::<Vec<_>>()));
    let ids = under_test.core.store.record_ids(None, 10).await.unwrap();
    assert_eq!(ids, []);
    assert_eq!(
        client
            .call("event.bulkImport", json!({}))
            .await
            .unwrap_err()
            .0,
        400
    );
    let stranger = under_test.system(&["type=record.create"]).await;
    assert_eq!(import(&stranger, &[&good]).await.unwrap_err().0, 403);
}

#[tokio::test]
async fn what_still_waited_elsewhere_is_asked_about_here() {
    let under_test = CoreUnderTest::start().await;
    let client = under_test.system(&SCOPES).await;
    let waiting = record(&under_test, "AAAAAA", "Requested");
    import(&client, &[&waiting]).await.unwrap();
    let arrived = under_test.country.reached(1).await;
    assert_eq!(arrived[0].path, "/trigger/events/birth/actions/DECLARE");
    let id = waiting["id"].as_str().unwrap();
    let accepted = async {
        while story(&client.read(id).await).last().unwrap() != "DECLARE Accepted" {
            tokio::task::yield_now().await;
        }
    };
    let patience = std::time::Duration::from_secs(60);
    tokio::time::timeout(patience, accepted)
        .await
        .expect("the declaration was not accepted");

    // Whoever did not hear that it was brought in sends it as it was, and what has been decided
    // since makes it no other record.
    let answer = import(&client, &[&waiting]).await.unwrap();
    assert_eq!(answer["items"][0]["result"], "unchanged");
}
