//! The country decides by calling back: once, in any order, from anywhere at once.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    core_under_test::CoreUnderTest,
    country_under_test::{Answer, Received},
    person::{Outcome, Person, story},
};

/// A birth whose registration waits for the country, and the trigger that told it so.
async fn pending(under_test: &CoreUnderTest, registrar: &Person<'_>) -> (String, Received) {
    let event = registrar.declared().await;
    under_test.country.then(Answer::With(202, json!(null)));
    registrar
        .ask("register", &event, &format!("r-{event}"), json!({}))
        .await
        .unwrap();
    let trigger = under_test.country.arrived().pop().unwrap();
    (event, trigger)
}

async fn accept(under_test: &CoreUnderTest, trigger: &Received, number: &str) -> Outcome {
    let (event, action) = trigger.ids();
    let input = json!({
        "eventId": event, "actionId": action, "transactionId": format!("accept-{action}"),
        "registrationNumber": number, "declaration": {"child.nid": "4711"},
    });
    under_test
        .ask_with(&trigger.token(), "event.actions.register.accept", input)
        .await
}

async fn reject(under_test: &CoreUnderTest, trigger: &Received, reason: &str) -> Outcome {
    let (event, action) = trigger.ids();
    let input = json!({
        "eventId": event, "actionId": action, "transactionId": format!("reject-{action}"),
        "reason": reason,
    });
    under_test
        .ask_with(&trigger.token(), "event.actions.register.reject", input)
        .await
}

fn decisions(document: &Value) -> Vec<String> {
    story(document)
        .into_iter()
        .filter(|step| step.starts_with("REGISTER"))
        .collect()
}

#[tokio::test]
async fn accepting_days_later_registers_the_birth() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let (event, trigger) = pending(&under_test, &registrar).await;
    let document = accept(&under_test, &trigger, "B7").await.unwrap();
    assert_eq!(
        decisions(&document),
        ["REGISTER Requested", "REGISTER Accepted"]
    );
    let again = accept(&under_test, &trigger, "B7").await.unwrap();
    assert_eq!(
        decisions(&again),
        ["REGISTER Requested", "REGISTER Accepted"]
    );
    let submission = registrar.submission(&format!("r-{event}")).await;
    assert_eq!(submission["status"], "Accepted");
}

#[tokio::test]
async fn a_refusal_keeps_its_reason_and_the_record_may_be_tried_again() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let (event, trigger) = pending(&under_test, &registrar).await;
    let document = reject(&under_test, &trigger, "No such mother")
        .await
        .unwrap();
    assert_eq!(
        decisions(&document),
        ["REGISTER Requested", "REGISTER Rejected"]
    );
    let submission = registrar.submission(&format!("r-{event}")).await;
    assert_eq!(submission["reason"], "No such mother");

    registrar.assign(&event, "x").await;
    let document = registrar
        .ask("register", &event, "second", json!({}))
        .await
        .unwrap();
    assert_eq!(decisions(&document).last().unwrap(), "REGISTER Accepted");
}

#[tokio::test]
async fn the_opposite_decision_is_a_conflict_that_says_what_happened() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let (_, trigger) = pending(&under_test, &registrar).await;
    accept(&under_test, &trigger, "B1").await.unwrap();
    let (status, error) = reject(&under_test, &trigger, "late").await.unwrap_err();
    assert_eq!(status, 409);
    let details = &error["data"]["details"];
    assert_eq!(details["resolution"], "accepted");
    assert_eq!(details["resolvedBy"], registrar.id.to_string());
    assert!(details["resolvedAt"].is_string());
}

#[tokio::test]
async fn a_transaction_that_the_country_has_used_for_a_decision_keeps_nobodys_action_waiting() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    under_test.country.then(Answer::With(202, json!(null)));
    let escalate = json!({"customActionType": "ESCALATE"});
    let ask = |transaction| registrar.ask("custom", &event, transaction, escalate.clone());
    ask("first").await.unwrap();
    let trigger = under_test.country.arrived().pop().unwrap();
    let (_, action) = trigger.ids();
    let input = json!({"eventId": event, "actionId": action, "transactionId": "second"});
    under_test
        .ask_with(&trigger.token(), "event.actions.custom.accept", input)
        .await
        .unwrap();
    let document = ask("second").await.unwrap();
    assert_eq!(story(&document).last().unwrap(), "CUSTOM Accepted");
}

#[tokio::test]
async fn many_deciders_at_once_decide_once() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    for round in 0..10 {
        let (event, trigger) = pending(&under_test, &registrar).await;
        let number = format!("R{round}");
        let racers = (0..12).map(|racer| {
            let (under_test, trigger, number) = (&under_test, &trigger, &number);
            async move {
                if racer % 2 == 0 {
                    accept(under_test, trigger, number).await
                } else {
                    reject(under_test, trigger, "no").await
                }
            }
        });
        let outcomes = futures::future::join_all(racers).await;
        let (done, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(
            (done.len(), refused.len()),
            (6, 6),
            "one side wins, the other hears of it"
        );
        assert!(
            refused
                .into_iter()
                .all(|outcome| outcome.unwrap_err().0 == 409)
        );
        let document = registrar.read(&event).await;
        assert_eq!(decisions(&document).len(), 2, "{:?}", story(&document));
    }
}

#[tokio::test]
async fn a_callback_may_come_before_the_triggers_own_answer() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    under_test.country.then(Answer::Hang);
    let asking = registrar.ask("register", &event, "r", json!({}));
    let deciding = async {
        let trigger = under_test.country.reached(2).await.pop().unwrap();
        accept(&under_test, &trigger, "B9").await.unwrap()
    };
    let (answer, _) = tokio::join!(asking, deciding);
    assert_eq!(
        decisions(&answer.unwrap()),
        ["REGISTER Requested", "REGISTER Accepted"]
    );
    let submission = registrar.submission("r").await;
    assert_eq!(submission["delivery"]["state"], "delivered");
}

#[tokio::test]
async fn an_answer_and_a_callback_racing_each_other_decide_once() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    for round in 0..10_u64 {
        let event = registrar.declared().await;
        let before = under_test.country.arrived().len();
        let number = format!("A{round}");
        under_test.country.then(Answer::registered(&number));
        let transaction = format!("r{round}");
        let asking = registrar.ask("register", &event, &transaction, json!({}));
        let deciding = async {
            let trigger = under_test.country.reached(before + 1).await.pop().unwrap();
            tokio::time::sleep(Duration::from_micros(round * 300)).await;
            reject(&under_test, &trigger, "raced").await
        };
        let (answer, callback) = tokio::join!(asking, deciding);
        answer.unwrap();
        let document = registrar.read(&event).await;
        let steps = decisions(&document);
        assert_eq!(steps.len(), 2, "{steps:?}");
        match callback {
            Ok(_) => assert_eq!(steps[1], "REGISTER Rejected"),
            Err((409, _)) => assert_eq!(steps[1], "REGISTER Accepted"),
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_action_token_reads_its_record_and_decides_its_action_and_nothing_else() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let (event, trigger) = pending(&under_test, &registrar).await;
    let (other_event, other) = pending(&under_test, &registrar).await;
    let token = trigger.token();
    let call = |name: &'static str, input: Value| under_test.ask_with(&token, name, input);

    assert!(call("event.get", json!({"eventId": event})).await.is_ok());
    let status = |outcome: Outcome| outcome.unwrap_err().0;
    assert_eq!(
        status(call("event.get", json!({"eventId": other_event})).await),
        403
    );
    let create = json!({"type": "birth", "transactionId": "c"});
    assert_eq!(status(call("event.create", create).await), 403);
    let reject = json!({
        "eventId": event, "transactionId": "x", "content": {"reason": "r"},
    });
    assert_eq!(
        status(call("event.actions.reject.request", reject).await),
        403
    );
    let (other_event, other_action) = other.ids();
    let foreign = json!({
        "eventId": other_event, "actionId": other_action, "transactionId": "t",
        "registrationNumber": "X1",
    });
    assert_eq!(
        status(call("event.actions.register.accept", foreign).await),
        403
    );

    accept(&under_test, &trigger, "B1").await.unwrap();
    assert_eq!(
        status(call("event.get", json!({"eventId": event})).await),
        401,
        "it died"
    );
}

#[tokio::test]
async fn two_records_never_share_a_registration_number() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let (_, first) = pending(&under_test, &registrar).await;
    let (_, second) = pending(&under_test, &registrar).await;
    accept(&under_test, &first, "SAME").await.unwrap();
    let (status, _) = accept(&under_test, &second, "SAME").await.unwrap_err();
    assert_eq!(status, 409);
    accept(&under_test, &second, "OTHER").await.unwrap();
}

#[tokio::test]
async fn deciding_again_answers_the_same_record_whatever_has_happened_since() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let (event, trigger) = pending(&under_test, &registrar).await;
    let first = accept(&under_test, &trigger, "B1").await.unwrap();
    registrar.assign(&event, "again").await;
    registrar
        .ask("printCertificate", &event, "print", json!({}))
        .await
        .unwrap();
    let again = accept(&under_test, &trigger, "B1").await.unwrap();
    assert_eq!(first, again, "nothing of what came after");
}

#[tokio::test]
async fn an_answer_that_comes_after_the_callback_is_kept_in_the_log() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    under_test.country.answer_slowly(Duration::from_millis(300));
    let asking = registrar.ask("register", &event, "r", json!({}));
    let deciding = async {
        let trigger = under_test.country.reached(2).await.pop().unwrap();
        reject(&under_test, &trigger, "first").await.unwrap()
    };
    let (answer, _) = tokio::join!(asking, deciding);
    answer.unwrap();
    for _ in 0..200 {
        let submission = registrar.submission("r").await;
        if let Some(attempt) = submission["attempts"].get(0) {
            assert_eq!(attempt["outcome"], "decided-otherwise");
            assert_eq!(submission["status"], "Rejected");
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the attempt was not kept");
}

#[tokio::test]
async fn over_rest_a_decision_names_the_action_by_its_id_alone() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let (_, trigger) = pending(&under_test, &registrar).await;
    let (event, action) = trigger.ids();
    let path = format!("{}/events/{event}/actions/{action}/accept", under_test.url);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let body = json!({"transactionId": "rest", "registrationNumber": "B8"});
    let post = |token: String| client.post(&path).bearer_auth(token).json(&body).send();
    let own = post(registrar.token.clone()).await.unwrap();
    assert_eq!(
        own.status(),
        403,
        "the registrar cannot decide her own action"
    );
    let answer = post(trigger.token()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let document: Value = answer.json().await.unwrap();
    assert_eq!(decisions(&document).last().unwrap(), "REGISTER Accepted");
}
