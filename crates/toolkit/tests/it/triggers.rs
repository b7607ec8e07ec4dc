//! Action triggers: each delivery is handled once and answered as the country decided.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use toolkit::{Accept, ActionType, BadRequest, CountryConfig, Decision, Trigger, TriggerError};

use crate::{
    country::{Country, Delivery, TRACE, settings},
    fake_core::{FakeCore, Mood},
};

async fn register(trigger: Trigger) -> Result<Decision, TriggerError> {
    let number = |n| format!("B{n}");
    let number = trigger
        .numbers()
        .next(trigger.action_id(), "birth", number)
        .await?;
    Ok(Decision::accept_with(
        Accept::number(number).field("child.nid", "42"),
    ))
}

fn counted(config: CountryConfig, runs: &Arc<AtomicU32>, take: Duration) -> CountryConfig {
    let runs = Arc::clone(runs);
    config.on("birth", ActionType::Register, move |trigger| {
        let runs = Arc::clone(&runs);
        async move {
            let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
            tokio::time::sleep(take).await;
            let _: Trigger = trigger;
            Ok(Decision::accept_with(Accept::number(format!("run {run}"))))
        }
    })
}

#[tokio::test]
async fn a_handlers_acceptance_travels_in_the_answer() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), |it| {
        it.on("birth", ActionType::Register, register)
    })
    .await;
    let answer = country.deliver(&Delivery::of(&core, "REGISTER")).await;
    let body = json!({ "registrationNumber": "B1", "declaration": { "child.nid": "42" } });
    assert_eq!(answer, (200, body));
    assert!(core.calls().is_empty());
}

#[tokio::test]
async fn a_handler_sees_who_acted_and_on_what() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), |it| {
        it.on(
            "birth",
            ActionType::Declare,
            |trigger: Trigger| async move {
                assert_eq!(trigger.person.sub, "user-1");
                assert_eq!(trigger.correlation.id, TRACE);
                assert_eq!(trigger.delivery.attempt, 1);
                assert_eq!(trigger.declaration()["child.name"], "Ada");
                Ok(Decision::accept())
            },
        )
    })
    .await;
    let (status, body) = country.deliver(&Delivery::of(&core, "DECLARE")).await;
    assert_eq!((status, body), (200, json!({})));
}

#[tokio::test]
async fn the_same_delivery_twice_runs_the_handler_once() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let runs = Arc::new(AtomicU32::new(0));
    let delivery = Delivery::of(&core, "REGISTER");
    let country = Country::start(settings(&core, folder.path()), |it| {
        counted(it, &runs, Duration::ZERO)
    })
    .await;
    let first = country.deliver(&delivery).await;
    assert_eq!(country.deliver(&delivery).await, first);
    country.stop().await;
    let country = Country::start(settings(&core, folder.path()), |it| {
        counted(it, &runs, Duration::ZERO)
    })
    .await;
    assert_eq!(
        country.deliver(&delivery).await,
        first,
        "after a restart, too"
    );
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn attempts_that_overlap_share_one_run() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let runs = Arc::new(AtomicU32::new(0));
    let take = Duration::from_millis(200);
    let country = Country::start(settings(&core, folder.path()), |it| {
        counted(it, &runs, take)
    })
    .await;
    let delivery = Delivery::of(&core, "REGISTER");
    let (one, two) = tokio::join!(country.deliver(&delivery), country.deliver(&delivery));
    assert_eq!(one, two);
    assert_eq!(one.0, 200);
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_slow_handler_goes_on_and_the_next_attempt_gets_its_answer() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let runs = Arc::new(AtomicU32::new(0));
    let mut settings = settings(&core, folder.path());
    settings.deadline = Duration::from_millis(500);
    let take = Duration::from_millis(800);
    let country = Country::start(settings, |it| counted(it, &runs, take)).await;
    let delivery = Delivery::of(&core, "REGISTER");
    assert_eq!(country.deliver(&delivery).await.0, 503);
    assert_eq!(country.deliver(&delivery).await.0, 200);
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_core_that_does_not_number_its_deliveries_is_recognised_by_the_action() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let runs = Arc::new(AtomicU32::new(0));
    let country = Country::start(settings(&core, folder.path()), |it| {
        counted(it, &runs, Duration::ZERO)
    })
    .await;
    let mut delivery = Delivery {
        id: None,
        ..Delivery::of(&core, "REGISTER")
    };
    let first = country.deliver(&delivery).await;
    delivery.event["updatedAt"] = json!("2026-01-02T00:00:00.000Z");
    assert_eq!(country.deliver(&delivery).await, first);
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn one_delivery_id_never_answers_for_two_requests() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), |it| {
        it.on("birth", ActionType::Register, register)
    })
    .await;
    let first = Delivery::of(&core, "REGISTER");
    assert_eq!(country.deliver(&first).await.0, 200);
    let other = Delivery {
        id: first.id.clone(),
        ..Delivery::of(&core, "REGISTER")
    };
    assert_eq!(country.deliver(&other).await.0, 409);
}

#[tokio::test]
async fn a_delivery_is_the_same_although_a_newer_core_writes_it_differently() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), |it| {
        it.on("birth", ActionType::Register, register)
    })
    .await;
    let mut delivery = Delivery::of(&core, "REGISTER");
    let first = country.deliver(&delivery).await;
    delivery.event["newer"] = json!(true);
    delivery.event["actions"][0]["alsoNewer"] = json!(true);
    assert_eq!(country.deliver(&delivery).await, first);
}

#[tokio::test]
async fn an_error_is_answered_with_its_reason_and_tried_again() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let runs = Arc::new(AtomicU32::new(0));
    let fails_once = Arc::clone(&runs);
    let country = Country::start(settings(&core, folder.path()), |it| {
        it.on("birth", ActionType::Register, move |_| {
            let run = fails_once.fetch_add(1, Ordering::SeqCst);
            async move {
                match run {
                    0 => Err(TriggerError::new("the registry is closed")),
                    1 => panic!("the handler has a bug"),
                    _ => Ok(Decision::accept_with(Accept::number("B1"))),
                }
            }
        })
    })
    .await;
    let delivery = Delivery::of(&core, "REGISTER");
    let reason = json!({ "reason": "the registry is closed" });
    assert_eq!(country.deliver(&delivery).await, (500, reason));
    assert_eq!(
        country.deliver(&delivery).await.0,
        500,
        "a panic is an error like any other"
    );
    assert_eq!(country.deliver(&delivery).await.0, 200);
}

#[tokio::test]
async fn an_action_without_a_handler_is_accepted_but_a_registration_is_kept() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), |it| it).await;
    assert_eq!(
        country.deliver(&Delivery::of(&core, "ARCHIVE")).await.0,
        200
    );
    let (status, body) = country.deliver(&Delivery::of(&core, "REGISTER")).await;
    assert_eq!(status, 501);
    assert_eq!(
        body["reason"],
        "this country has no handler for REGISTER on 'birth'"
    );
    assert_eq!(country.deliver(&Delivery::of(&core, "READ")).await.0, 404);
}

#[tokio::test]
async fn custom_actions_go_to_the_handler_of_their_own_name() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), |it| {
        it.on_custom("birth", "ESCALATE", |_| async { Ok(Decision::pending()) })
            .on_any(ActionType::Custom, |_| async {
                Err(TriggerError::new("the general one"))
            })
    })
    .await;
    let mut delivery = Delivery::of(&core, "CUSTOM");
    delivery.event["actions"][0]["customActionType"] = json!("ESCALATE");
    assert_eq!(country.deliver(&delivery).await.0, 202);
    let mut delivery = Delivery::of(&core, "CUSTOM");
    delivery.event["actions"][0]["customActionType"] = json!("PRAISE");
    assert_eq!(country.deliver(&delivery).await.0, 500);
}

#[tokio::test]
async fn a_registration_without_a_number_is_the_handlers_mistake() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), |it| {
        it.on("birth", ActionType::Register, |_| async {
            Ok(Decision::accept())
        })
    })
    .await;
    assert_eq!(
        country.deliver(&Delivery::of(&core, "REGISTER")).await.0,
        500
    );
}

fn refusing(config: CountryConfig) -> CountryConfig {
    config.on("birth", ActionType::Declare, |_| async {
        Ok(Decision::reject("no such village"))
    })
}

#[tokio::test]
async fn a_rejection_calls_core_before_it_answers() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), refusing).await;
    let delivery = Delivery::of(&core, "DECLARE");
    assert_eq!(
        country.deliver(&delivery).await.0,
        202,
        "nothing claims an acceptance"
    );
    let calls = core.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].procedure, "event.actions.declare.reject");
    assert_eq!(calls[0].token, delivery.token);
    assert!(calls[0].traceparent.contains(TRACE));
    assert_eq!(calls[0].input["reason"], "no such village");
    assert_eq!(calls[0].input["eventId"], json!(delivery.event_id));
    assert_eq!(calls[0].input["actionId"], json!(delivery.action_id));
    assert_eq!(country.deliver(&delivery).await.0, 202);
    assert_eq!(
        core.calls().len(),
        1,
        "the second attempt finds the recorded answer"
    );
}

#[tokio::test]
async fn a_rejection_that_core_does_not_take_is_tried_again_under_the_same_id() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), refusing).await;
    let delivery = Delivery::of(&core, "DECLARE");
    core.set_mood(Mood::Refusing(500, "Internal server error"));
    assert_eq!(country.deliver(&delivery).await.0, 503);
    core.set_mood(Mood::Fine);
    assert_eq!(country.deliver(&delivery).await.0, 202);
    let calls = core.calls();
    assert_eq!(
        calls[0].input["transactionId"],
        calls[1].input["transactionId"]
    );
}

#[tokio::test]
async fn a_rejection_after_an_acceptance_leaves_what_core_has() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), refusing).await;
    core.set_mood(Mood::Resolved("accepted"));
    assert_eq!(
        country.deliver(&Delivery::of(&core, "DECLARE")).await.0,
        202
    );
}

#[tokio::test]
async fn where_core_reads_it_so_a_rejection_is_a_plain_400() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let mut settings = settings(&core, folder.path());
    settings.bad_request = BadRequest::Answer400;
    let country = Country::start(settings, refusing).await;
    let delivery = Delivery::of(&core, "DECLARE");
    let rejected = (400, json!({ "reason": "no such village" }));
    assert_eq!(country.deliver(&delivery).await, rejected);
    assert_eq!(country.deliver(&delivery).await, rejected);
    assert!(core.calls().is_empty());
}

#[tokio::test]
async fn nothing_that_is_wrong_with_a_request_reads_as_a_rejection() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), |it| it).await;
    let good = Delivery::of(&core, "DECLARE");
    let mut rubbish = good.clone();
    rubbish.event = json!({ "id": 1 });
    assert_eq!(country.deliver(&rubbish).await.0, 422);
    let mut accepted = good.clone();
    accepted.event["actions"][0]["status"] = json!("Accepted");
    assert_eq!(country.deliver(&accepted).await.0, 422);
    let mut elsewhere = good.clone();
    elsewhere.path = "/trigger/events/death/actions/DECLARE".to_owned();
    assert_eq!(country.deliver(&elsewhere).await.0, 422);
    let mut huge = good.clone();
    huge.event["padding"] = json!("x".repeat(11 * 1024 * 1024));
    assert_eq!(country.deliver(&huge).await.0, 413);
}
