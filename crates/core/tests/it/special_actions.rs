//! Printing, editing, archiving, rejecting, and the country's own actions.

use serde_json::{Value, json};

use crate::{
    core_under_test::CoreUnderTest,
    country_under_test::Answer,
    demanding_country,
    person::{Outcome, birth, story},
};

fn message(outcome: Outcome) -> (u16, String) {
    let (status, error) = outcome.unwrap_err();
    (status, error["message"].as_str().unwrap().to_owned())
}

fn last(document: &Value) -> &Value {
    document["actions"].as_array().unwrap().last().unwrap()
}

#[tokio::test]
async fn a_certificate_is_printed_from_a_template_once_the_print_form_is_answered() {
    let under_test = demanding_country::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared_with_mother().await;
    let collected = json!({"collector.who": "MOTHER"});
    let print = |transaction: &'static str, annotation: &Value| {
        let more = json!({"annotation": annotation, "content": {"templateId": "birth-v1"}});
        registrar.ask("printCertificate", &event, transaction, more)
    };
    let too_early = "Action 'PRINT_CERTIFICATE' cannot be performed on an event in 'DECLARED' \
                     state with [] flags. Available actions: READ, REGISTER, ARCHIVE, REJECT, \
                     CUSTOM, EDIT.";
    assert_eq!(
        message(print("p", &collected).await),
        (409, too_early.to_owned())
    );
    registrar
        .ask("register", &event, "r", json!({}))
        .await
        .unwrap();
    assert_eq!(
        message(print("p", &json!({})).await),
        (
            400,
            r#"[{"message":"Required","id":"collector.who"}]"#.to_owned()
        )
    );
    let informant = json!({"collector.who": "INFORMANT"});
    let unverified =
        r#"[{"message":"Verification page result is required","id":"collector.verify"}]"#;
    assert_eq!(
        message(print("p", &informant).await),
        (400, unverified.to_owned())
    );
    let verified = json!({"collector.who": "INFORMANT", "collector.verify": false});
    let printed = print("p", &verified).await.unwrap();
    assert_eq!(last(&printed)["type"], "PRINT_CERTIFICATE");
    assert_eq!(last(&printed)["content"], json!({"templateId": "birth-v1"}));
    let document = serde_json::from_value(printed).unwrap();
    let annotation = records::annotation(&document, records::ActionType::PrintCertificate);
    assert_eq!(Value::Object(annotation), verified);
}

#[tokio::test]
async fn the_countrys_own_action_asks_its_own_form_and_its_own_conditions() {
    let under_test = demanding_country::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared_with_mother().await;
    let orphan = registrar.begin().await;
    let more = json!({"declaration": {"child.name": "Amina", "mother.unknown": true}});
    registrar.ask("declare", &orphan, "o", more).await.unwrap();
    let scopes = ["type=record.custom-action&customActionTypes=ESCALATE,SHELVE"];
    let clerk = registrar.with_scopes(&scopes);
    let act = |event: &str, name: &str, notes: Value| {
        let more = json!({"customActionType": name, "annotation": {"notes": notes}});
        let event = event.to_owned();
        let clerk = &clerk;
        async move { clerk.ask("custom", &event, "x", more).await }
    };
    assert_eq!(
        message(act(&event, "SHELVE", json!("n")).await),
        (
            400,
            "Custom action configuration not found with name: SHELVE".to_owned()
        )
    );
    assert_eq!(message(act(&event, "ELSE", json!("n")).await).0, 404);
    let missing = r#"[{"message":"Required","id":"notes"}]"#.to_owned();
    assert_eq!(
        message(act(&event, "ESCALATE", Value::Null).await),
        (400, missing)
    );
    let unmet = "Conditions for action: CUSTOM were not met, action cannot be performed";
    assert_eq!(
        message(act(&orphan, "ESCALATE", json!("n")).await),
        (409, unmet.to_owned())
    );
    let done = act(&event, "ESCALATE", json!("Now")).await.unwrap();
    assert_eq!(last(&done)["customActionType"], "ESCALATE");
    let trigger = under_test.country.arrived().pop().unwrap();
    assert_eq!(trigger.path, "/trigger/events/birth/actions/CUSTOM");
}

#[tokio::test]
async fn an_edit_may_be_partial_and_the_declaration_that_follows_it_must_be_complete() {
    let under_test = demanding_country::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared_with_mother().await;
    let edit = |declaration: Value| {
        let more = json!({"declaration": declaration, "content": {"comment": "Misspelt"}});
        registrar.ask("edit", &event, "e", more)
    };
    assert_eq!(
        message(edit(json!({"child.dob": "02-02", "mother.name": null})).await),
        (
            400,
            r#"[{"message":"Invalid date field","id":"child.dob","value":"02-02"}]"#.to_owned()
        )
    );
    let edited = edit(json!({"child.name": "Amina B", "mother.name": null}))
        .await
        .unwrap();
    assert_eq!(last(&edited)["content"], json!({"comment": "Misspelt"}));
    let missing = r#"[{"message":"Required","id":"mother.name"}]"#.to_owned();
    let declare = |more: Value| registrar.ask("declare", &event, "again", more);
    assert_eq!(message(declare(json!({})).await), (400, missing));
    let more = json!({"declaration": {"mother.name": "Ruth"}});
    let declared = declare(more).await.unwrap();
    let document = serde_json::from_value(declared).unwrap();
    let now = records::current_declaration(&document);
    assert_eq!(
        (&now["child.name"], &now["mother.name"]),
        (&json!("Amina B"), &json!("Ruth"))
    );
}

#[tokio::test]
async fn content_goes_with_the_actions_that_have_some() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    let stray = json!({"content": {"templateId": "t"}});
    let (status, why) = message(registrar.ask("register", &event, "r", stray).await);
    assert_eq!(status, 400);
    assert!(why.contains(r#"Unrecognized keys: \"content\""#), "{why}");
    for action in ["reject", "archive"] {
        for content in [json!(null), json!({}), json!({"reason": ""})] {
            let more = json!({ "content": content });
            let (status, _) = message(registrar.ask(action, &event, action, more).await);
            assert_eq!(status, 400, "{action} {content}");
        }
        let more = json!({"content": {"reason": "Twice"}});
        let done = registrar.ask(action, &event, action, more).await.unwrap();
        assert_eq!(last(&done)["content"], json!({"reason": "Twice"}));
    }
}

#[tokio::test]
async fn who_refused_and_how_is_seen_in_the_refusal() {
    let under_test = CoreUnderTest::start_with(|settings| {
        settings.bad_request = countersign_core::BadRequest::Reject;
    })
    .await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    under_test
        .country
        .then(Answer::With(400, json!({"reason": "Not born here"})));
    let more = json!({ "declaration": birth() });
    let at_once = registrar
        .ask("declare", &event, "1", more.clone())
        .await
        .unwrap();
    assert_eq!(story(&at_once).last().unwrap(), "DECLARE Rejected");
    assert_eq!(last(&at_once)["declaration"], json!({}));
    assert_eq!(
        last(&at_once)["content"],
        json!({"reason": "Not born here"})
    );

    under_test.country.then(Answer::With(202, Value::Null));
    registrar.ask("declare", &event, "2", more).await.unwrap();
    let trigger = under_test.country.arrived().pop().unwrap();
    let (_, action) = trigger.ids();
    let input = json!({"eventId": event, "actionId": action, "transactionId": "later"});
    let reject = "event.actions.declare.reject";
    let later = under_test
        .ask_with(&trigger.token(), reject, input)
        .await
        .unwrap();
    assert_eq!(last(&later)["status"], "Rejected");
    assert_eq!(last(&later).get("declaration"), None);
}

#[tokio::test]
async fn a_wish_for_one_outcome_goes_before_the_wish_for_any() {
    let under_test = CoreUnderTest::start_with(|settings| {
        settings.bad_request = countersign_core::BadRequest::Reject;
    })
    .await;
    let registrar = under_test.person("REGISTRAR").await;
    for (status, any, accepted, rejected, kept) in [
        (200, json!(null), json!(true), json!(null), true),
        (200, json!(true), json!(false), json!(true), false),
        (200, json!(true), json!(null), json!(false), true),
        (400, json!(null), json!(true), json!(null), false),
        (400, json!(false), json!(false), json!(true), true),
        (400, json!(true), json!(null), json!(null), true),
    ] {
        let event = registrar.begin().await;
        under_test.country.then(Answer::With(status, json!({})));
        let wishes = json!({
            "declaration": birth(), "keepAssignment": any,
            "keepAssignmentIfAccepted": accepted, "keepAssignmentIfRejected": rejected,
        });
        let document = registrar
            .ask("declare", &event, &event, wishes.clone())
            .await
            .unwrap();
        let released = story(&document).last().unwrap() == "UNASSIGN Accepted";
        assert_eq!(!released, kept, "{status} {wishes}");
    }
}

#[tokio::test]
async fn what_a_person_does_carries_their_role_office_and_signature() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let store = &under_test.core.store;
    let mut user = store.user(registrar.id).await.unwrap().unwrap();
    user.signature = Some("/signatures/ama.png".to_owned());
    store.save_user(user, None, vec![], vec![]).await.unwrap();
    let event = registrar.declared().await;
    let document = registrar.read(&event).await;
    for action in document["actions"].as_array().unwrap() {
        assert_eq!(action["createdBySignature"], "/signatures/ama.png");
        assert_eq!(action["createdByRole"], "REGISTRAR");
        let office = crate::small_country::OFFICE.to_string();
        assert_eq!(action["createdAtLocation"], office);
    }
    let elsewhere = json!({"createdAtLocation": crate::small_country::HEAD_OFFICE});
    assert_eq!(
        message(registrar.ask("register", &event, "r", elsewhere).await),
        (
            400,
            "createdAtLocation is not allowed for non-system users".to_owned()
        )
    );
}

#[tokio::test]
async fn whoever_holds_a_record_lets_go_of_it_and_others_take_it_only_with_the_scope() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let other = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    let release = |transaction: &str| json!({"eventId": event, "transactionId": transaction});
    let name = "event.actions.assignment.unassign";
    let refused = other.call(name, release("1")).await;
    assert_eq!(refused.unwrap_err().0, 403);
    let elsewhere = other.with_scopes(&["type=record.read&event=death"]);
    assert_eq!(elsewhere.call(name, release("2")).await.unwrap_err().0, 404);
    let supervisor = other.with_scopes(&["type=record.unassign-others&event=death"]);
    assert_eq!(
        supervisor.call(name, release("3")).await.unwrap_err().0,
        403
    );
    let narrowed = registrar.with_scopes(&["type=record.read&event=death"]);
    let released = narrowed.call(name, release("4")).await.unwrap();
    assert_eq!(story(&released).last().unwrap(), "UNASSIGN Accepted");

    let assign = "event.actions.assignment.assign";
    let take = |whom: Value| json!({"eventId": event, "transactionId": under_test.core.world.new_id(), "assignedTo": whom});
    registrar.call(assign, take(Value::Null)).await.unwrap();
    registrar
        .call(assign, take(json!(registrar.id)))
        .await
        .unwrap();
    let (status, error) = registrar
        .call(assign, take(json!("somebody else")))
        .await
        .unwrap_err();
    assert_eq!(status, 409);
    let holder = &error["data"]["details"]["assignedTo"]["id"];
    assert_eq!(holder, &json!(registrar.id));
    let supervisor = other.with_scopes(&["type=record.unassign-others&event=birth"]);
    let released = supervisor.call(name, release("5")).await.unwrap();
    assert_eq!(story(&released).last().unwrap(), "UNASSIGN Accepted");
}

#[tokio::test]
async fn a_record_out_of_reach_may_be_taken_and_is_neither_shown_nor_changed_by_that() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    let other = under_test.person("REGISTRAR").await;
    let narrowed = other.with_scopes(&["type=record.archive&event=death"]);
    let assign = "event.actions.assignment.assign";
    let take = json!({"eventId": event, "transactionId": "take", "assignedTo": other.id});
    let held = narrowed.call(assign, take.clone()).await.unwrap_err();
    assert_eq!(
        (held.0, &held.1["data"]["details"]),
        (409, &Value::Null),
        "nor who holds it"
    );
    let release = json!({"eventId": event, "transactionId": "u"});
    registrar
        .call("event.actions.assignment.unassign", release)
        .await
        .unwrap();
    let taken = narrowed.call(assign, take).await.unwrap();
    assert_eq!(story(&taken), ["ASSIGN Accepted"]);
    let more = json!({"content": {"reason": "r"}});
    let refused = narrowed.ask("archive", &event, "a", more).await;
    assert_eq!(refused.unwrap_err().0, 404);
    let read = narrowed.call("event.get", json!({"eventId": event})).await;
    assert_eq!(read.unwrap_err().0, 403);
    let release = json!({"eventId": event, "transactionId": "u2"});
    let unassign = "event.actions.assignment.unassign";
    let released = narrowed.call(unassign, release).await.unwrap();
    assert_eq!(story(&released), ["UNASSIGN Accepted"]);
    let searcher = other.with_scopes(&["type=record.search"]);
    let take = json!({"eventId": event, "transactionId": "t2"});
    assert_eq!(searcher.call(assign, take).await.unwrap_err().0, 403);
}
