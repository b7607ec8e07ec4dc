//! What operators see of deliveries, and what they can do about them.

use std::{collections::BTreeSet, time::Duration};

use futures::{StreamExt as _, future::join_all};
use jiff::{SignedDuration, Timestamp};
use records::DeliveryId;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use storage::{DeliveryFilter, DeliveryState, NewDelivery, Sending, Subject};

use crate::{
    core_under_test::CoreUnderTest,
    country_under_test::{Answer, Received},
    person::{Person, birth},
    small_country::{ADMIN, REGISTRAR},
};

/// Long enough for anything that is going to happen, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(20);

/// Every operation, as method and path.
const OPERATIONS: [(Method, &str); 12] = [
    (Method::GET, "/deliveries"),
    (Method::GET, "/deliveries/summary"),
    (Method::GET, "/deliveries/export"),
    (Method::GET, "/deliveries/ID"),
    (Method::GET, "/deliveries/sendings"),
    (Method::GET, "/deliveries/sendings/ID"),
    (Method::POST, "/deliveries/pause"),
    (Method::POST, "/deliveries/resume"),
    (Method::POST, "/deliveries/ID/send"),
    (Method::POST, "/deliveries/ID/resend"),
    (Method::POST, "/deliveries/sendings"),
    (Method::POST, "/deliveries/sendings/ID/stop"),
];

/// Nobody waits for the country, so that a test can go on while it does not answer.
async fn core() -> CoreUnderTest {
    CoreUnderTest::start_with(|settings| settings.user_wait = Duration::from_millis(1)).await
}

async fn get(core: &CoreUnderTest, token: &str, path: &str) -> Value {
    let answer = core.ask_path(token, Method::GET, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.body
}

async fn post(core: &CoreUnderTest, token: &str, path: &str, body: Value) -> Value {
    let answer = core.post_as(token, path, body).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.body
}

/// Stops everything; what was answered.
async fn pause(core: &CoreUnderTest, admin: &str, reason: &str) -> Value {
    post(
        core,
        admin,
        "/deliveries/pause",
        json!({ "reason": reason }),
    )
    .await
}

/// Looks again and again until what is shown is as it should be.
async fn until(
    core: &CoreUnderTest,
    token: &str,
    path: &str,
    is_so: impl Fn(&Value) -> bool,
) -> Value {
    let looking = async {
        loop {
            let shown = get(core, token, path).await;
            if is_so(&shown) {
                return shown;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    match tokio::time::timeout(PATIENCE, looking).await {
        Ok(shown) => shown,
        Err(_) => panic!(
            "{path} never came to show it: {}",
            get(core, token, path).await
        ),
    }
}

/// Asks for a declaration whose delivery takes as long as it takes; answers the delivery's id.
async fn declare(registrar: &Person<'_>) -> String {
    let event = registrar.begin().await;
    let more = json!({ "declaration": birth() });
    // The answer depends on how soon the country has it.
    let _ = registrar.ask("declare", &event, &event, more).await;
    let submission = registrar.submission(&event).await;
    let id = submission["delivery"]["id"].as_str();
    id.unwrap().to_owned()
}

/// Waits until country config has acknowledged a delivery; answers how it is shown then.
async fn delivered(core: &CoreUnderTest, token: &str, id: &str) -> Value {
    let path = format!("/deliveries/{id}");
    until(core, token, &path, |shown| shown["state"] == "delivered").await
}

/// Deliveries that wait and that nobody tries.
async fn many(core: &CoreUnderTest, count: usize) -> BTreeSet<String> {
    let (world, store) = (&core.core.world, &core.core.store);
    let begun = (0..count).map(|number| async move {
        let id = world.new_id();
        let delivery = NewDelivery {
            id: DeliveryId(id),
            kind: "user/2fa".to_owned(),
            path: "/triggers/user/2fa".to_owned(),
            subject: Subject::Account {
                body: json!({"recipient": {"mobile": "0911111111"}, "code": format!("{number:06}")}),
                superseded_by_key: None,
            },
            correlation: "0123456789abcdef0123456789abcdef".to_owned(),
            created_at: world.now(),
            expires_at: None,
            lease: None,
        };
        store.enqueue_delivery(delivery).await.unwrap();
        id.to_string()
    });
    join_all(begun).await.into_iter().collect()
}

#[tokio::test]
async fn a_kind_that_is_stopped_is_not_sent_until_that_is_lifted() {
    let core = core().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let why = json!({"kind": "DECLARE", "reason": "the ministry moves its servers"});
    let stopped = post(&core, &admin, "/deliveries/pause", why).await;
    assert_eq!(stopped["changed"], true);
    assert_eq!(stopped["pauses"][0]["byName"], "a.admin");

    let registrar = core.person(REGISTRAR).await;
    let id = declare(&registrar).await;
    // What came later and is of another kind goes out meanwhile.
    many(&core, 1).await;
    core.core.engine.wake();
    core.country.received("/triggers/user/2fa", 0).await;
    let shown = get(&core, &admin, &format!("/deliveries/{id}")).await;
    assert_eq!(
        (&shown["paused"], &shown["attempts"]),
        (&json!(true), &json!(0))
    );
    let hurried = post(&core, &admin, &format!("/deliveries/{id}/send"), json!({})).await;
    assert_eq!(hurried["paused"], true);

    let lifted = json!({"kind": "DECLARE"});
    let lifted = post(&core, &admin, "/deliveries/resume", lifted).await;
    assert_eq!(lifted, json!({"changed": true, "pauses": []}));
    let shown = delivered(&core, &admin, &id).await;
    assert_eq!(shown["timeline"][0]["outcome"], "accepted");

    let trail = core.core.store.audit(None, None, 0, 100).await.unwrap().0;
    let entry = trail
        .iter()
        .find(|entry| entry.operation == "delivery.pause")
        .unwrap();
    assert_eq!(entry.details["reason"], "the ministry moves its servers");
    assert!(
        trail
            .iter()
            .any(|entry| entry.operation == "delivery.resume")
    );
}

#[tokio::test]
async fn a_stop_of_everything_holds_everything() {
    let core = core().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    pause(&core, &admin, "drill").await;
    let again = pause(&core, &admin, "again").await;
    assert_eq!(again["changed"], false);
    assert_eq!(again["pauses"][0]["reason"], "drill");
    let registrar = core.person(REGISTRAR).await;
    let id = declare(&registrar).await;
    let summary = get(&core, &admin, "/deliveries/summary").await;
    assert_eq!(
        (&summary["waiting"], &summary["pauses"][0]["kind"]),
        (&json!(1), &Value::Null)
    );
    let kind = &summary["kinds"][0];
    assert_eq!(summary["engine"]["peer"]["state"], "up");
    assert_eq!(summary["engine"]["breakers"], json!([]));
    assert_eq!(summary["nodes"][0]["node"], summary["engine"]["node"]);
    assert_eq!(
        (&kind["kind"], &kind["queued"]),
        (&json!("DECLARE"), &json!(1))
    );
    assert_eq!(
        (&kind["paused"], &kind["oldest"]),
        (&json!(true), &summary["oldest"])
    );
    post(&core, &admin, "/deliveries/resume", json!({})).await;
    delivered(&core, &admin, &id).await;
}

#[tokio::test]
async fn a_kind_that_there_is_not_cannot_be_stopped() {
    let core = core().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let input = json!({"kind": "REGSTER", "reason": "r"});
    let refused = core.post_as(&admin, "/deliveries/pause", input).await;
    assert_eq!(refused.status, 400);
    let message = refused.body["message"].as_str().unwrap();
    for told in ["'REGSTER'", "REGISTER", "user/2fa", "\"kind\""] {
        assert!(message.contains(told), "{told}: {message}");
    }
    let refused = core.post_as(&admin, "/deliveries/pause", json!({})).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.body["message"]
            .as_str()
            .unwrap()
            .contains("\"reason\"")
    );
    let summary = get(&core, &admin, "/deliveries/summary").await;
    assert_eq!(summary["pauses"], json!([]));
}

#[tokio::test]
async fn nobody_without_the_scope_sees_or_changes_anything() {
    let core = core().await;
    let registrar = core.person(REGISTRAR).await;
    let reader = core.system(&["type=delivery.read"]).await;
    let manager = core.system(&["type=delivery.manage"]).await;
    let ask = async |token: &str, (method, path): &(Method, &str)| {
        let path = path.replace("ID", &core.core.world.new_id().to_string());
        core.ask_path(token, method.clone(), &path).await
    };
    for operation in &OPERATIONS {
        let missing = match operation.0 {
            Method::GET => "delivery.read",
            _ => "delivery.manage",
        };
        let refused = ask(&registrar.token, operation).await;
        assert_eq!(refused.status, 403, "{operation:?}");
        assert_eq!(refused.body["data"]["details"]["missingScope"], missing);
        assert!(
            refused.body["message"]
                .as_str()
                .unwrap()
                .contains("/config/roles")
        );
        let may = ask(&reader.token, operation).await.status != 403;
        assert_eq!(may, operation.0 == Method::GET, "{operation:?}");
        assert_ne!(
            ask(&manager.token, operation).await.status,
            403,
            "{operation:?}"
        );
    }
    let refused = ask(&reader.token, &OPERATIONS[6]).await;
    let message = refused.body["message"].as_str().unwrap();
    assert!(message.contains("integration.create"), "{message}");
    assert_eq!(core.core.store.pauses().await.unwrap(), []);
    // Whoever looks after integrations needs no further scope.
    let admin = core.token_of("a.admin", ADMIN).await;
    for operation in &OPERATIONS {
        assert_ne!(ask(&admin, operation).await.status, 403, "{operation:?}");
    }
}

#[tokio::test]
async fn a_filter_that_makes_no_sense_is_refused_and_every_field_named() {
    let core = core().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let path = "/deliveries?sate=queued&state=waiting&kind=NOPE&outcome=bad&eventId=7&attempts=-1\
                &from=yesterday&olderThan=long&limit=0&count=maybe";
    let refused = core.ask_path(&admin, Method::GET, path).await;
    assert_eq!(refused.status, 400);
    let problems: Value = serde_json::from_str(refused.body["message"].as_str().unwrap()).unwrap();
    let named: BTreeSet<&str> = (problems.as_array().unwrap().iter())
        .map(|problem| problem["path"][0].as_str().unwrap())
        .collect();
    let expected = [
        "sate",
        "state",
        "kind",
        "outcome",
        "eventId",
        "attempts",
        "from",
        "olderThan",
        "limit",
        "count",
    ];
    assert_eq!(named, BTreeSet::from(expected));

    let path = "/deliveries?from=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z";
    assert_eq!(core.ask_path(&admin, Method::GET, path).await.status, 400);
    let order = json!({"filter": {"stat": ["queued"]}, "reason": "r"});
    let refused = core.post_as(&admin, "/deliveries/sendings", order).await;
    assert_eq!(refused.status, 400);
    assert_eq!(core.core.store.sendings(false, 1).await.unwrap(), []);
}

#[tokio::test]
async fn deliveries_are_found_by_what_operators_look_for_a_page_at_a_time() {
    let core = core().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    pause(&core, &admin, "test").await;
    let registrar = core.person(REGISTRAR).await;
    let id = declare(&registrar).await;
    let codes = many(&core, 7).await;

    let births = get(
        &core,
        &admin,
        "/deliveries?eventType=birth&state=queued,leased",
    )
    .await;
    assert_eq!(births["deliveries"][0]["id"], *id);
    assert_eq!(births["deliveries"][0]["eventType"], "birth");
    assert_eq!(births["deliveries"].as_array().unwrap().len(), 1);
    for nothing in [
        "state=delivered",
        "attempts=1",
        "outcome=timeout",
        "olderThan=1h",
    ] {
        let found = get(&core, &admin, &format!("/deliveries?{nothing}")).await;
        assert_eq!(found["deliveries"], json!([]), "{nothing}");
    }

    let mut found = BTreeSet::new();
    let mut path = "/deliveries?kind=user/2fa&limit=3&count=true".to_owned();
    loop {
        let page = get(&core, &admin, &path).await;
        assert_eq!(page["count"], 7);
        let deliveries = page["deliveries"].as_array().unwrap();
        assert!(deliveries.len() <= 3);
        found.extend(
            deliveries
                .iter()
                .map(|one| one["id"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/deliveries?kind=user/2fa&limit=3&count=true&after={next}");
    }
    assert_eq!(found, codes);
    // However much is asked for, a page has an end.
    get(&core, &admin, "/deliveries?limit=999999999").await;
}

#[tokio::test]
async fn a_deliverys_timeline_shows_every_attempt_and_looking_is_audited() {
    let core = core().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    core.country.then(Answer::Text(500, "the database is down"));
    let registrar = core.person(REGISTRAR).await;
    let id = declare(&registrar).await;
    let shown = delivered(&core, &admin, &id).await;
    let [first, second] = shown["timeline"].as_array().unwrap().as_slice() else {
        panic!("{shown}");
    };
    assert_eq!(
        (&first["number"], &first["status"]),
        (&json!(1), &json!(500))
    );
    assert_eq!(first["outcome"], "http-status");
    assert_eq!(first["answer"], "the database is down");
    assert_eq!(second["outcome"], "accepted");
    assert_eq!(shown["awaitsDecision"], false);

    core.core.reads.written().await;
    let event = shown["eventId"].as_str().unwrap().parse().unwrap();
    let (trail, _) = core
        .core
        .store
        .audit(Some(event), None, 0, 100)
        .await
        .unwrap();
    let entry = trail
        .iter()
        .find(|entry| entry.operation == "delivery.get")
        .unwrap();
    assert_eq!(entry.details["deliveryId"], *id);
}

#[tokio::test]
async fn nobody_is_shown_a_code_nor_whom_it_was_for() {
    let core = core().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    core.country
        .always(Answer::Text(500, "could not send 000000 to 0911111111"));
    let id = many(&core, 1).await.pop_first().unwrap();
    core.core.engine.wake();
    let path = format!("/deliveries/{id}");
    let tried = |shown: &Value| {
        shown["timeline"]
            .as_array()
            .is_some_and(|all| !all.is_empty())
    };
    let shown = until(&core, &admin, &path, tried).await;
    assert_eq!(shown["timeline"][0]["status"], 500);
    assert_eq!(shown["timeline"][0]["answer"], Value::Null);
    assert_eq!(shown["timeline"][0]["answerWithheld"], true);
    let list = get(&core, &admin, "/deliveries").await;
    for shown in [shown, list] {
        let text = shown.to_string();
        assert!(
            !text.contains("000000\"") && !text.contains("0911111111"),
            "{text}"
        );
        assert!(!text.contains("could not send"), "{text}");
    }
}

#[tokio::test]
async fn what_waits_for_its_next_attempt_can_be_sent_now() {
    let core = core().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let registrar = core.person(REGISTRAR).await;
    core.country.then(Answer::With(500, json!(null)));
    // Time stands still: the next attempt never comes by itself.
    core.clock.hold();
    let id = declare(&registrar).await;
    let path = format!("/deliveries/{id}");
    let failed =
        |shown: &Value| shown["lastOutcome"] == "http-status" && shown["state"] == "queued";
    until(&core, &admin, &path, failed).await;
    let sent = json!({"reason": "they have repaired it"});
    let sent = post(&core, &admin, &format!("{path}/send"), sent).await;
    assert_eq!(
        sent,
        json!({"id": id, "outcome": "hurried", "paused": false, "waitsFor": null})
    );
    core.clock.advance(SignedDuration::from_secs(1));
    delivered(&core, &admin, &id).await;
    told_apart(&core).await;

    let refused = core
        .post_as(&admin, &format!("{path}/send"), json!({}))
        .await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    let unknown = format!("/deliveries/{}/send", core.core.world.new_id());
    assert_eq!(core.post_as(&admin, &unknown, json!({})).await.status, 404);
}

/// Whoever refuses what is replayed knows two attempts by their seconds.
async fn told_apart(core: &CoreUnderTest) {
    let trigger = "/trigger/events/birth/actions/DECLARE";
    let (first, second) = (
        core.country.received(trigger, 0).await,
        core.country.received(trigger, 1).await,
    );
    let seconds = |of: &Received| of.header("webhook-timestamp").parse::<i64>().unwrap();
    assert!(seconds(&first) < seconds(&second));
}

#[tokio::test]
async fn an_undecided_actions_trigger_can_be_sent_once_more_under_the_same_id() {
    let core = core().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let registrar = core.person(REGISTRAR).await;
    core.country.then(Answer::With(202, json!(null)));
    let id = declare(&registrar).await;
    let path = format!("/deliveries/{id}");
    let waits = delivered(&core, &admin, &id).await;
    assert_eq!(waits["awaitsDecision"], true);

    let resent = json!({"reason": "the ministry lost its queue"});
    let resent = post(&core, &admin, &format!("{path}/resend"), resent).await;
    assert_eq!(resent["outcome"], "queued");
    let trigger = "/trigger/events/birth/actions/DECLARE";
    let (first, second) = (
        core.country.received(trigger, 0).await,
        core.country.received(trigger, 1).await,
    );
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_eq!(first.body, second.body);
    told_apart(&core).await;
    until(&core, &admin, &path, |shown| {
        shown["awaitsDecision"] == false
    })
    .await;
    let refused = core
        .post_as(&admin, &format!("{path}/resend"), json!({}))
        .await;
    assert_eq!(refused.status, 409, "{}", refused.body);
}

#[tokio::test]
async fn what_is_sent_once_more_waits_for_what_was_behind_it_and_says_so() {
    let core = core().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    // Country config takes the first, is not well for the second, and is not asked again: time
    // stands still.
    core.country.then(Answer::With(202, json!(null)));
    core.country.then(Answer::With(500, json!(null)));
    core.clock.hold();
    let [first, second] = two_that_wait(&core).await;
    let waits_for = |id: String| {
        let (core, admin) = (&core, &admin);
        async move {
            let shown = get(core, admin, &format!("/deliveries/{id}")).await;
            shown["waitsFor"].clone()
        }
    };
    let failed =
        |shown: &Value| shown["lastOutcome"] == "http-status" && shown["state"] == "queued";
    delivered(&core, &admin, &first).await;
    core.core.engine.wake();
    until(&core, &admin, &format!("/deliveries/{second}"), failed).await;

    let path = format!("/deliveries/{first}/resend");
    let resent = post(&core, &admin, &path, json!({"reason": "they lost it"})).await;
    assert_eq!(
        (&resent["outcome"], &resent["waitsFor"]),
        (&json!("queued"), &json!(second))
    );
    assert_eq!(waits_for(first.clone()).await, json!(second));
    assert_eq!(waits_for(second.clone()).await, json!(null));
}

/// Brings a record in of which two actions wait for the country; answers their deliveries' ids.
async fn two_that_wait(core: &CoreUnderTest) -> [String; 2] {
    let id = || core.core.world.new_id();
    let action = |kind: &str, status: &str| {
        json!({
            "id": id(), "transactionId": id(), "type": kind, "status": status,
            "createdAt": "2024-05-05T08:00:00.000Z", "createdBy": id(),
            "createdByUserType": "user", "createdByRole": REGISTRAR, "declaration": birth(),
        })
    };
    let waiting = [
        action("NOTIFY", "Requested"),
        action("DECLARE", "Requested"),
    ];
    let ids = waiting
        .each_ref()
        .map(|action| action["id"].as_str().unwrap().to_owned());
    let [first, second] = waiting;
    let record = json!({
        "id": id(), "type": "birth", "trackingId": "AAAAAA",
        "createdAt": "2024-05-05T08:00:00.000Z", "updatedAt": "2024-05-05T08:00:00.000Z",
        "actions": [action("CREATE", "Accepted"), first, second],
    });
    let client = core.system(&["type=record.import"]).await;
    client
        .call("event.bulkImport", json!([record]))
        .await
        .unwrap();
    ids
}

#[tokio::test]
async fn an_order_sends_all_that_its_filter_finds_and_nothing_else() {
    let core = core().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let registrar = core.person(REGISTRAR).await;
    // Acknowledged and undecided; decided.
    core.country.then(Answer::With(202, json!(null)));
    let undecided = declare(&registrar).await;
    delivered(&core, &admin, &undecided).await;
    let decided = declare(&registrar).await;
    delivered(&core, &admin, &decided).await;
    let before = core
        .country
        .all_received("/trigger/events/birth/actions/DECLARE")
        .len();
    let order = json!({
        "filter": {"kind": ["DECLARE"], "state": "delivered"}, "reason": "their disk was lost",
    });
    let ordered = post(&core, &admin, "/deliveries/sendings", order).await;
    assert_eq!(
        (&ordered["found"], &ordered["byName"]),
        (&json!(2), &json!("a.admin"))
    );
    let path = format!("/deliveries/sendings/{}", ordered["id"].as_str().unwrap());
    let done = until(&core, &admin, &path, |shown| shown["state"] == "done").await;
    assert_eq!((&done["lookedAt"], &done["sent"]), (&json!(2), &json!(1)));
    let path = format!("/deliveries/{undecided}");
    until(&core, &admin, &path, |shown| {
        shown["awaitsDecision"] == false
    })
    .await;
    let after = core
        .country
        .all_received("/trigger/events/birth/actions/DECLARE")
        .len();
    assert_eq!(after, before + 1);
}

#[tokio::test]
async fn an_order_that_was_half_done_when_its_node_died_is_gone_on_with() {
    let core = core().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    pause(&core, &admin, "test").await;
    many(&core, 450).await;
    // As a node left it that was killed after a page of 200.
    let store = &core.core.store;
    let elsewhere = core.core.world.now() + SignedDuration::from_hours(1);
    assert!(
        store
            .take_duty("sendings", "dead", core.core.world.now(), elsewhere)
            .await
            .unwrap()
    );
    let filter = DeliveryFilter {
        states: vec![DeliveryState::Queued],
        ..DeliveryFilter::default()
    };
    let first = store.deliveries(&filter, None, 200).await.unwrap();
    let sending = Sending {
        id: core.core.world.new_id(),
        filter,
        by: "somebody".to_owned(),
        reason: Some("r".to_owned()),
        correlation: "0123456789abcdef0123456789abcdef".to_owned(),
        started_at: core.core.world.now(),
        after: first.next,
        looked_at: 200,
        sent: 200,
        ended_at: None,
        error: None,
    };
    store
        .save_sending(sending.clone(), Vec::new())
        .await
        .unwrap();
    let path = format!("/deliveries/sendings/{}", sending.id);
    assert_eq!(get(&core, &admin, &path).await["lookedAt"], 200);

    let core = core.restart().await;
    // The dead node's duty is let go of by whoever finds it silent.
    let now = core.core.world.now();
    core.core
        .store
        .release_claims_of_silent(now, now)
        .await
        .unwrap();
    core.core
        .store
        .give_up_duty("sendings", "dead")
        .await
        .unwrap();
    let order = json!({"filter": {"attempts": 1}, "reason": "to wake whoever sends"});
    post(&core, &admin, "/deliveries/sendings", order).await;
    let done = until(&core, &admin, &path, |shown| shown["state"] == "done").await;
    assert_eq!(
        (&done["lookedAt"], &done["sent"]),
        (&json!(450), &json!(450))
    );
}

#[tokio::test]
async fn an_order_can_be_stopped_and_stays_so() {
    let core = core().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    // Another node goes on with orders, and does not come to this one.
    let store = &core.core.store;
    let until = core.core.world.now() + SignedDuration::from_hours(1);
    assert!(
        store
            .take_duty("sendings", "other", core.core.world.now(), until)
            .await
            .unwrap()
    );
    let order = json!({"filter": {"olderThan": "2d"}, "reason": "r"});
    let ordered = post(&core, &admin, "/deliveries/sendings", order).await;
    assert_eq!(
        (&ordered["state"], &ordered["found"]),
        (&json!("underWay"), &json!(0))
    );
    // An age is counted from when the order was given.
    assert!(
        ordered["filter"]["until"]
            .as_str()
            .unwrap()
            .parse::<Timestamp>()
            .is_ok()
    );
    let path = format!("/deliveries/sendings/{}", ordered["id"].as_str().unwrap());
    let under_way = get(&core, &admin, "/deliveries/sendings?underWay=true").await;
    assert_eq!(under_way.as_array().unwrap().len(), 1);
    let stopped = json!({"reason": "too many"});
    let stopped = post(&core, &admin, &format!("{path}/stop"), stopped).await;
    assert_eq!(stopped["error"], "stopped by a.admin: too many");
    assert_eq!(stopped["state"], "stopped");
    let again = core
        .post_as(&admin, &format!("{path}/stop"), json!({}))
        .await;
    assert_eq!(again.status, 409);
    let under_way = get(&core, &admin, "/deliveries/sendings?underWay=true").await;
    assert_eq!(under_way, json!([]));
}

#[tokio::test]
async fn an_export_of_thousands_is_complete_while_others_are_written() {
    let core = core().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    pause(&core, &admin, "test").await;
    let there = many(&core, 5_000).await;
    let http = Client::builder().no_proxy().build().unwrap();
    let open = async |format: &str| {
        let url = format!(
            "{}/deliveries/export?kind=user/2fa&format={format}",
            core.url
        );
        let answer = http.get(url).bearer_auth(&admin).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer
    };

    let answer = open("ndjson").await;
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    let mut pieces = answer.bytes_stream();
    let mut text = Vec::new();
    while let Some(piece) = pieces.next().await {
        text.extend_from_slice(&piece.unwrap());
        many(&core, 20).await;
    }
    let rows: Vec<Value> = (String::from_utf8(text).unwrap().lines())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let exported: BTreeSet<String> = rows
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(exported.len(), rows.len(), "a row is there twice");
    assert!(there.is_subset(&exported));

    let answer = open("csv").await;
    let name = answer.headers()["content-disposition"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(name.starts_with("attachment; filename=\"deliveries-") && name.ends_with(".csv\""));
    let text = answer.text().await.unwrap();
    let mut lines = text.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("id,kind,state,eventType,")
    );
    let exported: BTreeSet<String> = lines
        .map(|line| line.split(',').next().unwrap().to_owned())
        .collect();
    assert!(there.is_subset(&exported));
    assert!(!text.contains("0911111111"));

    core.core.reads.written().await;
    let (trail, _) = core.core.store.audit(None, None, 0, 100).await.unwrap();
    assert!(
        trail
            .iter()
            .any(|entry| entry.operation == "delivery.export")
    );
}
