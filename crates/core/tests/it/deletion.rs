//! A record that came to nothing can be deleted, and only such a record.

use serde_json::{Value, json};

use crate::{
    core_under_test::CoreUnderTest,
    country_under_test::Answer,
    person::{Outcome, Person, birth},
};

async fn delete(person: &Person<'_>, event: &str) -> Outcome {
    person
        .call("event.delete", json!({ "eventId": event }))
        .await
}

fn refused(outcome: Outcome) -> (u16, String) {
    let (status, error) = outcome.unwrap_err();
    (status, error["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_record_that_was_never_declared_is_deleted_with_its_drafts_and_the_trail_stays() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    let draft = json!({"eventId": event, "transactionId": "d", "type": "DECLARE"});
    registrar.call("event.draft.create", draft).await.unwrap();
    let gone = delete(&registrar, &event).await.unwrap();
    assert_eq!(gone, json!({ "id": event }));
    assert_eq!(
        registrar
            .call("event.draft.list", Value::Null)
            .await
            .unwrap(),
        json!([])
    );
    let read = registrar.call("event.get", json!({ "eventId": event }));
    assert_eq!(
        refused(read.await),
        (404, format!("Event not found with ID: {event}"))
    );
    let id = event.parse().unwrap();
    let (trail, _) = under_test
        .core
        .store
        .audit(Some(id), None, 0, 10)
        .await
        .unwrap();
    assert_eq!(trail[0].operation, "event.delete");
    assert_eq!(trail[0].client_id, registrar.id.to_string());
}

#[tokio::test]
async fn whoever_missed_the_answer_may_delete_again_and_nobody_else_learns_of_it() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let other = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    let first = delete(&registrar, &event).await.unwrap();
    assert_eq!(delete(&registrar, &event).await.unwrap(), first);
    let not_found = (404, format!("Event not found with ID: {event}"));
    assert_eq!(refused(delete(&other, &event).await), not_found);
}

#[tokio::test]
async fn what_was_declared_is_never_deleted() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    let message = "Action 'DELETE' cannot be performed on an event in 'DECLARED' state with [] \
                   flags. Available actions: READ, REGISTER, ARCHIVE, REJECT, CUSTOM, EDIT.";
    assert_eq!(
        refused(delete(&registrar, &event).await),
        (409, message.to_owned())
    );
}

#[tokio::test]
async fn a_record_whose_declaration_waits_is_not_deleted_until_the_country_refuses_it() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    under_test.country.then(Answer::With(202, Value::Null));
    let more = json!({ "declaration": birth() });
    registrar.ask("declare", &event, "d", more).await.unwrap();
    let (status, error) = delete(&registrar, &event).await.unwrap_err();
    assert_eq!(status, 409, "{error}");
    assert_eq!(error["data"]["details"]["waitingFor"]["type"], "DECLARE");

    let trigger = under_test.country.arrived().pop().unwrap();
    let (_, action) = trigger.ids();
    let input = json!({"eventId": event, "actionId": action, "transactionId": "no"});
    let reject = "event.actions.declare.reject";
    under_test
        .ask_with(&trigger.token(), reject, input)
        .await
        .unwrap();
    registrar.assign(&event, "take").await;
    delete(&registrar, &event).await.unwrap();
}

#[tokio::test]
async fn only_who_may_declare_or_notify_and_holds_the_record_deletes_it() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    let reader = registrar.with_scopes(&["type=record.read", "type=record.register"]);
    assert_eq!(refused(delete(&reader, &event).await).0, 403);
    let elsewhere = registrar.with_scopes(&["type=record.declare&event=death"]);
    assert_eq!(refused(delete(&elsewhere, &event).await).0, 404);
    let other = under_test.person("REGISTRAR").await;
    assert_eq!(
        refused(delete(&other, &event).await),
        (409, "You are not assigned to this event".to_owned())
    );
    let notifier = registrar.with_scopes(&["type=record.notify"]);
    delete(&notifier, &event).await.unwrap();
}

#[tokio::test]
async fn rest_deletes_with_the_verb_for_it() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    let path = format!("/events/{event}");
    let answer = under_test
        .ask_path(&registrar.token, reqwest::Method::DELETE, &path)
        .await;
    assert_eq!((answer.status, answer.body), (200, json!({ "id": event })));
}
