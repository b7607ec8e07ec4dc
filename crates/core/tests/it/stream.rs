//! Who listens is told what happens to their own submissions, when it happens, and no more.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{
    core_under_test::CoreUnderTest,
    country_under_test::{Answer, Received},
    listener::Listener,
    person::Person,
};

/// A birth whose registration waits for the country, and the trigger that told it so.
async fn pending(under_test: &CoreUnderTest, registrar: &Person<'_>) -> (String, Received) {
    let event = registrar.declared().await;
    under_test.country.then(Answer::With(202, json!(null)));
    let submission = format!("r-{event}");
    let asked = registrar.ask("register", &event, &submission, json!({}));
    asked.await.unwrap();
    (event, under_test.country.arrived().pop().unwrap())
}

async fn accept(under_test: &CoreUnderTest, trigger: &Received) {
    let (event, action) = trigger.ids();
    let input = json!({
        "eventId": event, "actionId": action, "transactionId": format!("accept-{action}"),
        "registrationNumber": "B7",
    });
    under_test
        .ask_with(&trigger.token(), "event.actions.register.accept", input)
        .await
        .unwrap();
}

fn is(submission: &str, status: &str) -> impl Fn(&Value) -> bool {
    let (submission, status) = (submission.to_owned(), status.to_owned());
    move |told| told["transactionId"] == *submission && told["status"] == *status
}

#[tokio::test]
async fn an_answer_that_comes_days_later_is_told_to_whoever_asked() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let (event, trigger) = pending(&under_test, &registrar).await;
    let mut listener = Listener::to(&under_test, &registrar.token).await;
    under_test.clock.advance(SignedDuration::from_hours(3 * 24));
    accept(&under_test, &trigger).await;
    let submission = format!("r-{event}");
    let told = listener
        .until("transaction", is(&submission, "Accepted"))
        .await;
    assert_eq!(told["eventId"], *event);
    let asked = registrar.submission(&submission).await;
    assert_eq!(told, asked, "the same as asking for it");
}

#[tokio::test]
async fn every_step_of_a_submission_is_told() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    let mut listener = Listener::to(&under_test, &registrar.token).await;
    under_test.country.then(Answer::With(503, json!({})));
    under_test.country.then(Answer::With(202, json!(null)));
    let asked = registrar.ask("register", &event, "r", json!({}));
    asked.await.unwrap();
    let tried = |told: &Value, times: usize, state: &str| {
        let attempts = told["attempts"].as_array().map_or(0, Vec::len);
        attempts == times && told["delivery"]["state"] == *state
    };
    let failed = listener.until("transaction", |told| tried(told, 1, "queued"));
    assert_eq!(failed.await["delivery"]["attempts"], 1);
    let taken = listener.until("transaction", |told| tried(told, 2, "delivered"));
    assert_eq!(
        taken.await["status"],
        "Requested",
        "the country has yet to decide"
    );
}

#[tokio::test]
async fn nobody_is_told_of_the_submissions_of_others() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let other = under_test.person("REGISTRAR").await;
    let mut listener = Listener::to(&under_test, &other.token).await;
    registrar.declared().await;
    let own = other.declared().await;
    let mine = format!("declare-{own}");
    let mut told = Vec::new();
    loop {
        let next = listener.next().await.unwrap();
        let last = next.name == "transaction" && is(&mine, "Accepted")(&next.data);
        told.push(next);
        if last {
            break;
        }
    }
    for told in &told {
        match told.name.as_str() {
            "transaction" => assert_eq!(told.data["eventId"], *own),
            // What changed is not said.
            "workqueues" => assert_eq!(told.data, json!({})),
            other => panic!("{other} is told"),
        }
    }
    assert!(told.iter().any(|told| told.name == "workqueues"));
}

#[tokio::test]
async fn many_changes_make_few_hints() {
    let under_test = CoreUnderTest::start_with(|settings| {
        settings.stream.hint = Duration::from_secs(3600);
    })
    .await;
    let other = under_test.person("REGISTRAR").await;
    let mut listener = Listener::to(&under_test, &other.token).await;
    let registrar = under_test.person("REGISTRAR").await;
    for _ in 0..5 {
        registrar.declared().await;
    }
    under_test.begin_to_stop();
    let hints = listener.rest().await;
    let names: Vec<_> = hints.iter().map(|told| told.name.as_str()).collect();
    assert_eq!(names, ["workqueues"]);
}

#[tokio::test]
async fn a_configuration_that_is_taken_into_use_is_told() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let before = under_test.core.configuration.current().unwrap();
    let mut listener = Listener::at(&under_test.url, &registrar.token)
        .await
        .unwrap();
    let told = listener.until("configuration", |_| true).await;
    assert_eq!(told, json!({ "version": before.version() }));
    let application = json!({ "APPLICATION_NAME": "Elsewhere" });
    under_test.country.serve("/config/application", application);
    under_test
        .core
        .configuration
        .refresh(&under_test.core)
        .await
        .unwrap();
    let now = listener.until("configuration", |_| true).await;
    let current = under_test.core.configuration.current().unwrap();
    assert_eq!(now["version"], current.version());
    assert_ne!(now, told);
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let under_test = CoreUnderTest::start_with(|settings| {
        settings.stream.heartbeat = Duration::from_millis(50);
    })
    .await;
    let registrar = under_test.person("REGISTRAR").await;
    let mut listener = Listener::to(&under_test, &registrar.token).await;
    let signed_out = under_test
        .post("/auth/invalidateToken", json!({ "token": registrar.token }))
        .await;
    assert_eq!(signed_out.status, 200);
    listener.rest().await;
    let again = Listener::at(&under_test.url, &registrar.token).await;
    assert_eq!(again.err().unwrap().status(), 401);

    let other = under_test.person("REGISTRAR").await;
    let mut listener = Listener::to(&under_test, &other.token).await;
    under_test.clock.advance(SignedDuration::from_hours(8 * 24));
    listener.rest().await;
}

#[tokio::test]
async fn a_quiet_stream_shows_that_it_lives() {
    let under_test = CoreUnderTest::start_with(|settings| {
        settings.stream.heartbeat = Duration::from_millis(20);
    })
    .await;
    let registrar = under_test.person("REGISTRAR").await;
    let mut listener = Listener::to(&under_test, &registrar.token).await;
    let greeting = listener.comments;
    let quiet = tokio::time::timeout(Duration::from_millis(500), listener.next()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    assert!(listener.comments > greeting);
}

#[tokio::test]
async fn nobody_listens_over_more_connections_than_a_person_has_tabs() {
    let under_test = CoreUnderTest::start_with(|settings| settings.stream.per_person = 2).await;
    let registrar = under_test.person("REGISTRAR").await;
    let first = Listener::to(&under_test, &registrar.token).await;
    let _second = Listener::to(&under_test, &registrar.token).await;
    let third = Listener::at(&under_test.url, &registrar.token).await;
    let refused = third.err().unwrap();
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    let other = under_test.person("REGISTRAR").await;
    Listener::to(&under_test, &other.token).await;
    // A connection that was closed makes room, as soon as Core notices.
    drop(first);
    while Listener::at(&under_test.url, &registrar.token)
        .await
        .is_err()
    {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn of_a_persons_connections_the_oldest_makes_room_since_it_may_be_dead() {
    let under_test = CoreUnderTest::start_with(|settings| {
        settings.stream.per_person = 2;
        settings.stream.yields_after = Duration::ZERO;
    })
    .await;
    let registrar = under_test.person("REGISTRAR").await;
    let mut first = Listener::to(&under_test, &registrar.token).await;
    let mut second = Listener::to(&under_test, &registrar.token).await;
    let _third = Listener::to(&under_test, &registrar.token).await;
    first.rest().await;
    let still = tokio::time::timeout(Duration::from_millis(200), second.rest()).await;
    assert!(still.is_err(), "only one makes room");
}

#[tokio::test]
async fn whoever_listens_does_not_keep_a_node_from_stopping() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let mut listener = Listener::to(&under_test, &registrar.token).await;
    let restarted = under_test.restart();
    let (_, rest) = tokio::join!(restarted, listener.rest());
    assert_eq!(rest, []);
}

#[tokio::test]
async fn a_token_for_one_action_does_not_listen() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let (_, trigger) = pending(&under_test, &registrar).await;
    let refused = Listener::at(&under_test.url, &trigger.token()).await;
    assert_eq!(refused.err().unwrap().status(), 403);
}
