//! A country config that fails is tried again, and its failures are shown.

use std::time::Duration;

use countersign_core::BadRequest;
use records::DeliveryId;
use serde_json::json;
use storage::Attempt;

use crate::{
    core_under_test::{CoreUnderTest, PASSWORD},
    country_under_test::Answer,
    person::{birth, story},
};

async fn attempts(under_test: &CoreUnderTest, delivery: &serde_json::Value) -> Vec<Attempt> {
    let id: DeliveryId = delivery["id"].as_str().unwrap().parse().unwrap();
    under_test.core.store.attempts(id).await.unwrap()
}

/// Registers a birth whose trigger is answered so first, and then well; answers how the first
/// attempt ended.
async fn first_attempt(answer: Answer) -> Attempt {
    first_attempt_within(Duration::from_millis(300), answer).await
}

async fn first_attempt_within(timeout: Duration, answer: Answer) -> Attempt {
    let under_test = CoreUnderTest::start_with(|settings| settings.attempt_timeout = timeout).await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    under_test.country.then(answer);
    let document = registrar
        .ask("register", &event, "r", json!({}))
        .await
        .unwrap();
    assert_eq!(story(&document).last().unwrap(), "REGISTER Accepted");
    let submission = registrar.submission("r").await;
    let mut attempts = attempts(&under_test, &submission["delivery"]).await;
    assert_eq!(attempts.len(), 2);
    assert_eq!(attempts[1].outcome, "accepted");
    attempts.swap_remove(0)
}

#[tokio::test]
async fn an_answer_of_500_is_tried_again_and_shown() {
    let attempt = first_attempt(Answer::Text(500, "the database is down")).await;
    assert_eq!(
        (attempt.status, attempt.outcome.as_str()),
        (Some(500), "http-status")
    );
    assert_eq!(attempt.answer.as_deref(), Some("the database is down"));
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_tried_again_and_shown() {
    let attempt = first_attempt(Answer::Hang).await;
    assert_eq!(
        (attempt.status, attempt.outcome.as_str()),
        (None, "timeout")
    );
}

#[tokio::test]
async fn an_answer_that_drips_is_given_no_more_time_than_any_other() {
    let attempt = first_attempt(Answer::Drip).await;
    assert_eq!(
        (attempt.status, attempt.outcome.as_str()),
        (None, "timeout")
    );
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let attempt = first_attempt_within(Duration::from_secs(30), Answer::Flood).await;
    assert_eq!(
        (attempt.status, attempt.outcome.as_str()),
        (None, "too-large")
    );
}

#[tokio::test]
async fn a_connection_that_is_cut_is_tried_again_and_shown() {
    let attempt = first_attempt(Answer::Cut).await;
    assert_eq!(
        (attempt.status, attempt.outcome.as_str()),
        (None, "connection-lost")
    );
}

#[tokio::test]
async fn a_200_with_rubbish_is_tried_again_and_shown() {
    for rubbish in [
        "<html>welcome</html>",
        "[1]",
        "{}",
        r#"{"registrationNumber": ""}"#,
    ] {
        let attempt = first_attempt(Answer::Text(200, rubbish)).await;
        assert_eq!(
            (attempt.status, attempt.outcome.as_str()),
            (Some(200), "contract-violation")
        );
        assert_eq!(attempt.answer.as_deref(), Some(rubbish));
        assert!(attempt.error.is_some());
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let attempt = first_attempt(Answer::Text(302, "")).await;
    assert_eq!(attempt.status, Some(302));
}

#[tokio::test]
async fn a_400_is_tried_again_unless_the_operator_says_that_it_means_rejected() {
    let attempt = first_attempt(Answer::With(400, json!({"reason": "no"}))).await;
    assert_eq!(
        (attempt.status, attempt.outcome.as_str()),
        (Some(400), "http-status")
    );

    let under_test =
        CoreUnderTest::start_with(|settings| settings.bad_request = BadRequest::Reject).await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    under_test
        .country
        .then(Answer::With(400, json!({"reason": "No such mother"})));
    let document = registrar
        .ask("register", &event, "r", json!({}))
        .await
        .unwrap();
    assert_eq!(story(&document).last().unwrap(), "REGISTER Rejected");
    let submission = registrar.submission("r").await;
    assert_eq!(submission["status"], "Rejected");
    assert_eq!(submission["reason"], "No such mother");
}

#[tokio::test]
async fn while_the_country_is_down_the_answer_says_so_and_the_action_arrives_by_itself() {
    let under_test =
        CoreUnderTest::start_with(|settings| settings.user_wait = Duration::from_millis(300)).await;
    under_test.country.always(Answer::With(502, json!(null)));
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    let more = json!({ "declaration": birth() });
    // On a busy machine the wait may be over before the first attempt is; asking again, as the
    // desk does, tells the truth of that moment and makes no second action.
    let delivery = loop {
        let (status, error) = registrar
            .ask("declare", &event, "d", more.clone())
            .await
            .unwrap_err();
        assert_eq!(status, 503, "{error}");
        let delivery = error["data"]["details"]["delivery"].clone();
        if !delivery["lastError"].is_null() {
            break delivery;
        }
    };
    assert!(delivery["attempts"].as_u64().unwrap() >= 1, "{delivery}");
    assert_eq!(delivery["lastError"], "country config answered 502");
    under_test.country.always(Answer::With(200, json!({})));
    under_test
        .country
        .reached(under_test.country.arrived().len() + 1)
        .await;
    let document = loop {
        match registrar.ask("declare", &event, "d", more.clone()).await {
            Ok(document) => break document,
            Err((status, _)) => assert_eq!(status, 503),
        }
    };
    assert_eq!(
        story(&document),
        [
            "CREATE Accepted",
            "ASSIGN Accepted",
            "DECLARE Requested",
            "DECLARE Accepted"
        ]
    );
}

#[tokio::test]
async fn a_record_that_waits_delays_no_other() {
    let under_test =
        CoreUnderTest::start_with(|settings| settings.attempt_timeout = Duration::from_secs(30))
            .await;
    let registrar = under_test.person("REGISTRAR").await;
    let (slow, quick) = (registrar.declared().await, registrar.declared().await);
    under_test.country.then(Answer::Hang);
    let asking_slow = registrar.ask("register", &slow, "slow", json!({}));
    let asking_quick = async {
        under_test.country.reached(3).await;
        registrar.ask("register", &quick, "quick", json!({})).await
    };
    tokio::select! {
        _ = asking_slow => panic!("the slow one answered first"),
        quick = asking_quick => { quick.unwrap(); }
    }
}

#[tokio::test]
async fn triggers_that_hang_leave_room_for_sign_in_codes() {
    let under_test = CoreUnderTest::start_with(|settings| {
        settings.delivery_concurrency = 4;
        settings.attempt_timeout = Duration::from_secs(600);
        settings.user_wait = Duration::from_millis(1);
    })
    .await;
    let registrar = under_test.person("REGISTRAR").await;
    for _ in 0..4 {
        under_test.country.then(Answer::Hang);
        let event = registrar.begin().await;
        let more = json!({ "declaration": birth() });
        let (status, _) = registrar
            .ask("declare", &event, &event, more)
            .await
            .unwrap_err();
        assert_eq!(status, 503);
    }
    under_test.country.reached(3).await;
    under_test.user("grace", "REGISTRAR").await;
    let body = json!({"username": "grace", "password": PASSWORD});
    let answer = under_test.post("/auth/authenticate", body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    under_test.code(0).await;
}

#[tokio::test]
async fn a_node_that_stops_does_not_let_people_wait_for_attempts_that_nobody_makes() {
    let under_test = CoreUnderTest::start_with(|settings| {
        settings.user_wait = Duration::from_secs(3600);
    })
    .await;
    under_test.country.always(Answer::With(502, json!(null)));
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    let more = json!({ "declaration": birth() });
    let asking = registrar.ask("declare", &event, "d", more);
    let stopping = async {
        under_test.country.reached(1).await;
        under_test.begin_to_stop();
    };
    let (answer, ()) = tokio::join!(asking, stopping);
    let (status, error) = answer.unwrap_err();
    assert_eq!(status, 503);
    assert_eq!(error["data"]["details"]["delivery"]["kind"], "DECLARE");
}
