//! The life of an action when everything is well.

use serde_json::json;

use crate::{
    core_under_test::CoreUnderTest,
    country_under_test::Answer,
    person::{birth, story},
};

#[tokio::test]
async fn a_birth_is_declared_and_registered_once_the_country_agrees() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    under_test.country.then(Answer::With(
        200,
        json!({"registrationNumber": "B1", "declaration": {"child.nid": "4711"}}),
    ));
    let document = registrar
        .ask("register", &event, "register-1", json!({}))
        .await
        .unwrap();
    assert_eq!(
        story(&document),
        [
            "CREATE Accepted",
            "ASSIGN Accepted",
            "DECLARE Requested",
            "DECLARE Accepted",
            "REGISTER Requested",
            "REGISTER Accepted",
        ]
    );
    let accepted = document["actions"].as_array().unwrap().last().unwrap();
    assert_eq!(accepted["registrationNumber"], "B1");
    assert_eq!(accepted["declaration"]["child.nid"], "4711");
}

#[tokio::test]
async fn a_person_lets_go_of_the_record_unless_they_wish_to_keep_it() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    let input = json!({"eventId": event, "transactionId": "d", "declaration": birth()});
    let document = registrar
        .call("event.actions.declare.request", input)
        .await
        .unwrap();
    assert_eq!(story(&document).last().unwrap(), "UNASSIGN Accepted");

    let (status, error) = registrar
        .ask("register", &event, "r", json!({}))
        .await
        .unwrap_err();
    assert_eq!(
        (status, error["message"].as_str().unwrap()),
        (409, "You are not assigned to this event")
    );
}

#[tokio::test]
async fn a_submission_is_told_without_the_assignments_that_came_with_it() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let input = json!({"type": "birth", "transactionId": "c"});
    let event = registrar.call("event.create", input).await.unwrap();
    let input = json!({"eventId": event["id"], "transactionId": "d", "declaration": birth()});
    let document = registrar
        .call("event.actions.declare.request", input)
        .await
        .unwrap();
    assert_eq!(story(&document).last().unwrap(), "UNASSIGN Accepted");
    let input = json!({"eventId": event["id"], "transactionId": "a", "assignedTo": registrar.id});
    registrar
        .call("event.actions.assignment.assign", input)
        .await
        .unwrap();
    for (transaction, told) in [("c", "CREATE"), ("d", "DECLARE"), ("a", "ASSIGN")] {
        let input = json!({ "transactionId": transaction });
        let answer = registrar.call("transaction.get", input).await.unwrap();
        let submissions = answer["submissions"].as_array().unwrap();
        let types: Vec<&str> = submissions
            .iter()
            .map(|submission| submission["type"].as_str().unwrap())
            .collect();
        assert_eq!(types, [told]);
    }
}

#[tokio::test]
async fn the_same_transaction_never_acts_twice() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    let first = registrar
        .ask("register", &event, "r", json!({}))
        .await
        .unwrap();
    let again = registrar
        .ask("register", &event, "r", json!({}))
        .await
        .unwrap();
    assert_eq!(first, again);
    assert_eq!(
        under_test.country.arrived().len(),
        2,
        "one declaration, one registration"
    );
}

#[tokio::test]
async fn asking_at_the_same_time_with_one_transaction_acts_once() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    let ask = || registrar.ask("register", &event, "r", json!({}));
    let answers = futures::future::join_all((0..8).map(|_| ask())).await;
    for answer in &answers {
        assert_eq!(
            story(answer.as_ref().unwrap()).last().unwrap(),
            "REGISTER Accepted"
        );
    }
    assert_eq!(under_test.country.arrived().len(), 2);
}

#[tokio::test]
async fn a_pending_action_waits_in_external_validation_and_nothing_else_may_happen() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    under_test.country.then(Answer::With(202, json!(null)));
    let document = registrar
        .ask("register", &event, "r", json!({}))
        .await
        .unwrap();
    assert_eq!(story(&document).last().unwrap(), "REGISTER Requested");
    let found = registrar
        .call(
            "event.search",
            json!({"query": {"type": "and", "clauses": [
                {"flags": {"anyOf": ["register:requested"]}},
            ]}}),
        )
        .await
        .unwrap();
    assert_eq!(found["total"], 1);
    assert_eq!(found["results"][0]["status"], "DECLARED");

    let more = json!({"content": {"reason": "Wrong"}});
    let (status, error) = registrar
        .ask("reject", &event, "x", more)
        .await
        .unwrap_err();
    assert_eq!(status, 409, "{error}");
}

#[tokio::test]
async fn a_declaration_with_mistakes_names_every_field() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    let more = json!({"declaration": {"child.dob": "yesterday"}});
    let (status, error) = registrar
        .ask("declare", &event, "d", more)
        .await
        .unwrap_err();
    assert_eq!(status, 400);
    let problems: Vec<serde_json::Value> =
        serde_json::from_str(error["message"].as_str().unwrap()).unwrap();
    let fields: Vec<&str> = problems.iter().map(|p| p["id"].as_str().unwrap()).collect();
    assert_eq!(fields, ["child.name", "child.dob"], "{problems:?}");
    let expected = json!([
        {"message": "Required", "id": "child.name"},
        {"message": "Invalid date field", "id": "child.dob", "value": "yesterday"},
    ]);
    assert_eq!(json!(problems), expected);
    let fields = json!([
        {"field": "child.name", "messageId": "error.required", "message": "Required"},
        {
            "field": "child.dob", "messageId": "error.invalidDate",
            "message": "Invalid date field",
        },
    ]);
    assert_eq!(error["data"]["fields"], fields);
    let path = format!("/events/{event}/actions/declare");
    let body = json!({"transactionId": "d", "declaration": {"child.dob": "yesterday"}});
    let answer = under_test.post_as(&registrar.token, &path, body).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.body["fields"], fields);
    let sentence = "2 answers will not do; `fields` says which and why";
    assert_eq!(answer.body["message"], sentence);
    assert!(under_test.country.arrived().is_empty());
}

#[tokio::test]
async fn a_delivery_carries_what_the_contract_says() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    under_test.country.then(Answer::With(500, json!(null)));
    let more = json!({ "declaration": birth() });
    registrar.ask("declare", &event, "d", more).await.unwrap();
    let arrived = under_test.country.arrived();
    let [first, second] = arrived.as_slice() else {
        panic!("{arrived:?}")
    };
    assert_eq!(first.path, "/trigger/events/birth/actions/DECLARE");
    assert_eq!(first.body, second.body, "every attempt has the same body");
    assert_eq!(
        first.body["actions"].as_array().unwrap().last().unwrap()["status"],
        "Requested"
    );
    for name in ["webhook-id", "idempotency-key", "traceparent"] {
        assert_eq!(first.header(name), second.header(name));
        assert!(!first.header(name).is_empty());
    }
    assert_eq!(
        (
            first.header("x-delivery-attempt"),
            second.header("x-delivery-attempt")
        ),
        ("1", "2")
    );
    let trace = |arrived: &crate::country_under_test::Received| {
        arrived
            .header("traceparent")
            .split('-')
            .nth(1)
            .unwrap()
            .to_owned()
    };
    assert_eq!(trace(first), trace(second));
    assert_ne!(
        first.token(),
        second.token(),
        "every attempt has a fresh token"
    );
}

#[tokio::test]
async fn a_transaction_tells_its_caller_alone_where_it_stands() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    under_test.country.then(Answer::With(202, json!(null)));
    registrar
        .ask("register", &event, "r", json!({}))
        .await
        .unwrap();
    let submission = registrar.submission("r").await;
    assert_eq!(submission["status"], "Requested");
    assert_eq!(submission["delivery"]["state"], "delivered");
    assert_eq!(submission["delivery"]["attempts"], 1);

    let other = under_test.person("REGISTRAR").await;
    let (status, _) = other
        .call("transaction.get", json!({"transactionId": "r"}))
        .await
        .unwrap_err();
    assert_eq!(status, 404);
}

#[tokio::test]
async fn what_waits_is_delivered_after_a_restart() {
    let under_test = CoreUnderTest::start_with(|settings| {
        settings.user_wait = std::time::Duration::from_millis(200);
    })
    .await;
    under_test.country.always(Answer::With(503, json!(null)));
    let registrar = under_test.person("REGISTRAR").await;
    let token = registrar.token.clone();
    let event = registrar.begin().await;
    let more = json!({ "declaration": birth() });
    let (status, _) = registrar
        .ask("declare", &event, "d", more)
        .await
        .unwrap_err();
    assert_eq!(status, 503);

    let under_test = under_test.restart().await;
    let before = under_test.country.arrived().len();
    under_test.country.always(Answer::With(200, json!({})));
    under_test.country.reached(before + 1).await;
    for _ in 0..100 {
        let input = json!({"transactionId": "d"});
        let told = under_test
            .ask_with(&token, "transaction.get", input)
            .await
            .unwrap();
        if told["submissions"][0]["status"] == "Accepted" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the declaration was not accepted after the restart");
}

#[tokio::test]
async fn asking_again_tells_the_truth_even_when_the_record_is_out_of_reach_by_now() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let scopes = [
        "type=record.create",
        "type=record.declare&placeOfEvent=location",
    ];
    let core = &under_test.core;
    let life = std::time::Duration::from_secs(600);
    let id = registrar.id.to_string();
    let scopes = scopes.map(str::to_owned).to_vec();
    let token = core
        .tokens
        .sign_user(&core.world, life, &id, "REGISTRAR", scopes)
        .unwrap();
    let event = registrar.begin().await;
    let input = json!({"eventId": event, "transactionId": "d", "declaration": birth()});
    let declare = "event.actions.declare.request";
    let first = under_test.ask_with(&token, declare, input.clone()).await;
    // The person moves to another office, and the record stays behind.
    let mut user = core.store.user(registrar.id).await.unwrap().unwrap();
    user.primary_office_id = crate::small_country::HEAD_OFFICE;
    core.store
        .save_user(user, None, vec![], vec![])
        .await
        .unwrap();
    let again = under_test.ask_with(&token, declare, input.clone()).await;
    assert_eq!(again, first);
    let mut other = input;
    other["transactionId"] = json!("other");
    let (status, _) = under_test
        .ask_with(&token, declare, other)
        .await
        .unwrap_err();
    assert_eq!(status, 404);
}

#[tokio::test]
async fn whoever_is_shown_a_record_is_in_the_audit_trail() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let other = under_test.person("REGISTRAR").await;
    let input =
        json!({"eventId": registrar.begin().await, "transactionId": "d", "declaration": birth()});
    let event = input["eventId"].clone();
    registrar
        .call("event.actions.declare.request", input)
        .await
        .unwrap();
    // Nobody holds it any more: letting go of it changes nothing, but shows it.
    let input = json!({"eventId": event, "transactionId": "peek"});
    other
        .call("event.actions.assignment.unassign", input)
        .await
        .unwrap();
    let id = event.as_str().unwrap().parse().unwrap();
    for _ in 0..200 {
        let store = &under_test.core.store;
        let (entries, _) = store
            .audit(Some(id), Some(&other.id.to_string()), 0, 10)
            .await
            .unwrap();
        if let [entry] = entries.as_slice() {
            assert_eq!(entry.operation, "event.actions.unassign.request");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the reading was not written down");
}

#[tokio::test]
async fn an_assignment_sent_again_late_does_not_take_the_record_again() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    let send = |name: &'static str, transaction: &'static str| {
        let input = json!({"eventId": event, "transactionId": transaction});
        let name = format!("event.actions.assignment.{name}");
        let registrar = &registrar;
        async move { registrar.call(&name, input).await.unwrap() }
    };
    send("unassign", "u1").await;
    send("assign", "a1").await;
    send("unassign", "u2").await;
    let late = send("assign", "a1").await;
    assert_eq!(story(&late).last().unwrap(), "UNASSIGN Accepted");
}

#[tokio::test]
async fn only_the_correction_that_waits_can_be_answered() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    registrar
        .ask("register", &event, "r", json!({}))
        .await
        .unwrap();
    let correct = |name: &'static str, transaction: &'static str, more: serde_json::Value| {
        let (registrar, event) = (&registrar, &event);
        async move {
            registrar
                .ask(&format!("correction.{name}"), event, transaction, more)
                .await
        }
    };
    let asked = |nid: &str| json!({"declaration": {"child.nid": nid}});
    let last = |document: &serde_json::Value| {
        document["actions"].as_array().unwrap().last().unwrap()["id"].clone()
    };
    let first = last(&correct("request", "c1", asked("1")).await.unwrap());
    correct("approve", "a1", json!({"requestId": first}))
        .await
        .unwrap();
    let second = correct("request", "c2", asked("2")).await.unwrap();
    let (status, _) = correct("approve", "a2", json!({"requestId": first}))
        .await
        .unwrap_err();
    assert_eq!(status, 409, "it was answered before");
    // By the id of what was asked, too, which is not the one its acceptance has.
    let requested = second["actions"]
        .as_array()
        .unwrap()
        .iter()
        .rfind(|action| action["type"] == "REQUEST_CORRECTION" && action["status"] == "Requested");
    let approve = json!({"requestId": requested.unwrap()["id"]});
    correct("approve", "a3", approve).await.unwrap();
    let id = event.parse().unwrap();
    let document = under_test
        .core
        .store
        .record(id)
        .await
        .unwrap()
        .unwrap()
        .document;
    assert_eq!(records::current_declaration(&document)["child.nid"], "2");
}

#[tokio::test]
async fn triggers_are_signed_with_every_secret_there_is() {
    let secrets = [
        "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB",
        "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC",
    ];
    let under_test = CoreUnderTest::start_with(|settings| {
        settings.webhook_secrets = secrets.map(|secret| format!("whsec_{secret}")).to_vec();
    })
    .await;
    under_test.person("REGISTRAR").await.declared().await;
    let trigger = under_test.country.arrived().pop().unwrap();
    let signatures: Vec<&str> = trigger.header("webhook-signature").split(' ').collect();
    assert_eq!(signatures.len(), 2);
    assert!(
        signatures
            .iter()
            .all(|signature| signature.starts_with("v1,"))
    );
}
