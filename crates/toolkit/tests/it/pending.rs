//! Actions decided later: put aside, completed whenever the answer comes, across restarts.

use std::time::Duration;

use serde_json::json;
use toolkit::{
    Accept, ActionId, ActionType, ClientCredentials, Completion, CountryConfig, Decision, EventId,
    Pending, PendingAction, PendingState, Resolution, Secret, Trigger,
};

use crate::{
    country::{Country, Delivery, TRACE, seconds, set_world, settings},
    fake_core::{FakeCore, Mood},
};

fn waiting(config: CountryConfig) -> CountryConfig {
    config.on("birth", ActionType::Register, |_| async {
        Ok(Decision::pending_with(json!({ "case": 12 })))
    })
}

fn ids(delivery: &Delivery) -> (EventId, ActionId) {
    (delivery.event_id.into(), delivery.action_id.into())
}

async fn complete(pending: &Pending, delivery: &Delivery, resolution: Resolution) -> Completion {
    let (event, action) = ids(delivery);
    pending.complete(event, action, resolution).await.unwrap()
}

async fn wait_for(pending: &Pending, delivery: &Delivery, state: PendingState) -> PendingAction {
    let (event, action) = ids(delivery);
    for _ in 0..500 {
        if let Some(found) = pending.get(event, action).await.unwrap()
            && found.state == state
        {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!(
        "never {state:?}: {:?}",
        pending.get(event, action).await.unwrap()
    );
}

async fn wait_until(holds: impl Fn() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never came about");
}

fn accept() -> Resolution {
    Resolution::Accept(Accept::number("B-7").field("child.nid", "42"))
}

#[tokio::test]
async fn a_pending_action_is_stored_before_it_is_answered_and_completed_later() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), waiting).await;
    let delivery = Delivery::of(&core, "REGISTER");
    assert_eq!(country.deliver(&delivery).await.0, 202);
    let listed = country.pending.list().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].note, json!({ "case": 12 }));
    assert_eq!(listed[0].event_type, "birth");

    assert_eq!(
        complete(&country.pending, &delivery, accept()).await,
        Completion::Recorded
    );
    let calls = core.wait_for_calls(1).await;
    assert_eq!(calls[0].procedure, "event.actions.register.accept");
    assert_eq!(calls[0].token, delivery.token);
    assert!(calls[0].traceparent.contains(TRACE));
    assert_eq!(calls[0].input["registrationNumber"], "B-7");
    assert_eq!(calls[0].input["declaration"], json!({ "child.nid": "42" }));
    assert_eq!(calls[0].input["transactionId"], listed[0].transaction_id);
    wait_for(&country.pending, &delivery, PendingState::Done).await;

    let again = complete(&country.pending, &delivery, Resolution::reject("late")).await;
    assert!(matches!(
        again,
        Completion::AlreadyDecided(Resolution::Accept(_))
    ));
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(core.calls().len(), 1);
}

#[tokio::test]
async fn a_pending_action_survives_a_restart_and_is_completed_when_core_returns() {
    let (mut core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), waiting).await;
    let delivery = Delivery::of(&core, "REGISTER");
    assert_eq!(country.deliver(&delivery).await.0, 202);
    core.stop().await;
    complete(&country.pending, &delivery, accept()).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    country.stop().await;

    let country = Country::start(settings(&core, folder.path()), waiting).await;
    let listed = country.pending.list().await.unwrap();
    assert_eq!(listed[0].state, PendingState::Resolving);
    assert!(listed[0].attempts > 0);
    assert!(
        listed[0]
            .last_error
            .as_ref()
            .unwrap()
            .contains("did not answer")
    );
    core.restart().await;
    let calls = core.wait_for_calls(1).await;
    assert_eq!(calls[0].input["registrationNumber"], "B-7");
    assert_eq!(calls[0].token, delivery.token);
    wait_for(&country.pending, &delivery, PendingState::Done).await;
}

#[tokio::test]
async fn a_rejection_after_the_fact_carries_its_reason() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), waiting).await;
    let delivery = Delivery::of(&core, "REGISTER");
    country.deliver(&delivery).await;
    complete(
        &country.pending,
        &delivery,
        Resolution::reject("not the mother"),
    )
    .await;
    let calls = core.wait_for_calls(1).await;
    assert_eq!(calls[0].procedure, "event.actions.register.reject");
    assert_eq!(calls[0].input["reason"], "not the mother");
}

#[tokio::test]
async fn an_answer_that_comes_before_the_handler_returns_is_not_lost() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), |it| {
        let pending = it.pending().clone();
        it.on("birth", ActionType::Register, move |trigger: Trigger| {
            let pending = pending.clone();
            async move {
                trigger.hold("asked").await?;
                let (event, action) = (trigger.event.id, trigger.action_id());
                assert_eq!(
                    pending.complete(event, action, accept()).await?,
                    Completion::Recorded
                );
                Ok(Decision::pending())
            }
        })
    })
    .await;
    let delivery = Delivery::of(&core, "REGISTER");
    assert_eq!(country.deliver(&delivery).await.0, 202);
    let done = wait_for(&country.pending, &delivery, PendingState::Done).await;
    assert_eq!(done.note, "asked");
    assert_eq!(core.calls().len(), 1);
}

#[tokio::test]
async fn a_conflict_in_core_ends_the_matter_and_is_kept() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), waiting).await;
    let delivery = Delivery::of(&core, "REGISTER");
    country.deliver(&delivery).await;
    core.set_mood(Mood::Resolved("rejected"));
    complete(&country.pending, &delivery, accept()).await;
    let done = wait_for(&country.pending, &delivery, PendingState::Done).await;
    assert!(
        done.last_error
            .unwrap()
            .contains("decided by an administrator")
    );
}

#[tokio::test]
async fn a_number_that_another_record_has_is_no_decision_and_can_be_replaced() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let mut numbers = None;
    let country = Country::start(settings(&core, folder.path()), |it| {
        numbers = Some(it.numbers().clone());
        waiting(it)
    })
    .await;
    let numbers = numbers.unwrap();
    let delivery = Delivery::of(&core, "REGISTER");
    let (event, action) = ids(&delivery);
    country.deliver(&delivery).await;
    let next = || numbers.next(action, "birth", |n| format!("B-{n}"));
    let number = |it: String| Resolution::Accept(Accept::number(it));
    core.set_mood(Mood::Refusing(
        409,
        "The registration number is already on another record",
    ));
    complete(&country.pending, &delivery, number(next().await.unwrap())).await;
    let stuck = wait_for(&country.pending, &delivery, PendingState::Stuck).await;
    assert!(stuck.last_error.unwrap().contains("on another record"));

    core.set_mood(Mood::Fine);
    numbers.void(action).await.unwrap();
    let amended = number(next().await.unwrap());
    let amended = country.pending.amend(event, action, amended).await.unwrap();
    assert_eq!(amended, Completion::Recorded);
    wait_for(&country.pending, &delivery, PendingState::Done).await;
    let told = core.calls().pop().unwrap();
    assert_eq!(told.input["registrationNumber"], "B-2");
    assert_eq!(told.token, delivery.token);
}

#[tokio::test]
async fn a_token_that_no_longer_works_is_exchanged_for_a_fresh_one() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), waiting).await;
    let delivery = Delivery::of(&core, "REGISTER");
    country.deliver(&delivery).await;
    core.set_mood(Mood::Wanting("fresh"));
    complete(&country.pending, &delivery, accept()).await;
    wait_for(&country.pending, &delivery, PendingState::Done).await;
    assert_eq!(core.calls().last().unwrap().token, "fresh");
}

#[tokio::test]
async fn a_token_past_half_its_life_is_renewed_while_its_action_waits() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let (world, clock) = set_world();
    let start = || Country::start_in(world.clone(), settings(&core, folder.path()), waiting);
    let country = start().await;
    let [old, young] = [3600, 90_000].map(|life| {
        let delivery = Delivery::of(&core, "REGISTER");
        delivery.with_token_until(&core, life)
    });
    for delivery in [&old, &young] {
        assert_eq!(country.deliver(delivery).await.0, 202);
    }
    country.stop().await;

    clock.advance(seconds(1900));
    core.set_mood(Mood::Wanting("fresh"));
    let country = start().await;
    wait_until(|| core.exchanges() == [old.token.clone()]).await;
    core.set_mood(Mood::Fine);
    // The row is written just after the exchange.
    tokio::time::sleep(Duration::from_millis(200)).await;
    for delivery in [&old, &young] {
        complete(&country.pending, delivery, accept()).await;
        wait_for(&country.pending, delivery, PendingState::Done).await;
    }
    let used: Vec<_> = core.calls().into_iter().map(|it| it.token).collect();
    assert_eq!(used, ["fresh".to_owned(), young.token]);
}

#[tokio::test]
async fn tokens_are_renewed_although_core_fails_at_one_of_them() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let (world, clock) = set_world();
    let start = || Country::start_in(world.clone(), settings(&core, folder.path()), waiting);
    let country = start().await;
    let deliveries = [(); 3].map(|()| Delivery::of(&core, "REGISTER"));
    let deliveries = deliveries.map(|delivery| delivery.with_token_until(&core, 3600));
    for delivery in &deliveries {
        assert_eq!(country.deliver(delivery).await.0, 202);
    }
    country.stop().await;

    clock.advance(seconds(1900));
    core.set_mood(Mood::WantingAfter(1, "fresh"));
    let country = start().await;
    wait_until(|| core.exchanges().len() == 3).await;
    country.stop().await;
}

#[tokio::test]
async fn with_no_token_that_works_the_countrys_own_client_decides_itself() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let mut settings = settings(&core, folder.path());
    settings.credentials = Some(ClientCredentials {
        id: "c".to_owned(),
        secret: Secret::new("right"),
    });
    let country = Country::start(settings, waiting).await;
    let delivery = Delivery::of(&core, "REGISTER");
    country.deliver(&delivery).await;
    core.set_mood(Mood::WantingUnexchanged("client-token-1"));
    complete(&country.pending, &delivery, accept()).await;
    wait_for(&country.pending, &delivery, PendingState::Done).await;
    assert_eq!(core.calls().last().unwrap().token, "client-token-1");
}

#[tokio::test]
async fn a_damaged_repeat_of_a_decision_core_has_taken_is_told_again_at_once() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), waiting).await;
    let delivery = Delivery::of(&core, "REGISTER");
    country.deliver(&delivery).await;
    // Core took the decision, but its answer was lost.
    core.set_mood(Mood::DamagedOnce);
    complete(&country.pending, &delivery, accept()).await;
    let done = wait_for(&country.pending, &delivery, PendingState::Done).await;
    assert_eq!(done.last_error, None);
    let used: Vec<_> = core.calls().into_iter().map(|it| it.token).collect();
    assert_eq!(used, [delivery.token.clone(), delivery.token]);
}

#[tokio::test]
async fn a_decision_that_came_damaged_to_core_is_told_again_soon() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), waiting).await;
    let delivery = Delivery::of(&core, "REGISTER");
    country.deliver(&delivery).await;
    core.set_mood(Mood::Garbled(3));
    complete(&country.pending, &delivery, accept()).await;
    let done = wait_for(&country.pending, &delivery, PendingState::Done).await;
    assert_eq!((done.attempts, done.last_error), (4, None));
}

#[tokio::test]
async fn a_decision_core_refuses_for_good_is_stuck_until_someone_helps() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), waiting).await;
    let delivery = Delivery::of(&core, "REGISTER");
    country.deliver(&delivery).await;
    core.set_mood(Mood::Refusing(
        403,
        "Token does not grant access to this event",
    ));
    complete(&country.pending, &delivery, accept()).await;
    let stuck = wait_for(&country.pending, &delivery, PendingState::Stuck).await;
    assert!(
        stuck
            .last_error
            .unwrap()
            .contains("Token does not grant access")
    );
    assert_eq!(country.pending.list().await.unwrap().len(), 1);

    core.set_mood(Mood::Fine);
    let (event, action) = ids(&delivery);
    assert!(country.pending.retry(event, action).await.unwrap());
    wait_for(&country.pending, &delivery, PendingState::Done).await;
}

#[tokio::test]
async fn a_later_attempt_at_the_delivery_brings_a_fresher_token() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), waiting).await;
    let first = Delivery::of(&core, "REGISTER");
    country.deliver(&first).await;
    let second = first.with_token_until(&core, 7200);
    assert_ne!(second.token, first.token);
    assert_eq!(country.deliver(&second).await.0, 202);
    complete(&country.pending, &first, accept()).await;
    assert_eq!(core.wait_for_calls(1).await[0].token, second.token);
}

#[tokio::test]
async fn the_token_at_rest_is_not_readable_in_the_files() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), waiting).await;
    let delivery = Delivery::of(&core, "REGISTER");
    country.deliver(&delivery).await;
    let signature = delivery.token.rsplit('.').next().unwrap().as_bytes();
    let needle = &signature[..40];
    let mut files = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(needle.len()).any(|part| part == needle));
        files += 1;
    }
    assert!(files >= 3, "the database, its log and the key");
}

#[tokio::test]
async fn when_the_key_file_is_lost_the_countrys_own_client_steps_in() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), waiting).await;
    let delivery = Delivery::of(&core, "REGISTER");
    country.deliver(&delivery).await;
    country.stop().await;
    std::fs::remove_file(folder.path().join("country.db.key")).unwrap();

    let country = Country::start(settings(&core, folder.path()), waiting).await;
    complete(&country.pending, &delivery, accept()).await;
    let stuck = wait_for(&country.pending, &delivery, PendingState::Stuck).await;
    assert!(stuck.last_error.unwrap().contains("another key"));
    country.stop().await;

    let mut settings = settings(&core, folder.path());
    settings.credentials = Some(ClientCredentials {
        id: "c".to_owned(),
        secret: Secret::new("right"),
    });
    core.set_mood(Mood::Wanting("fresh"));
    let country = Country::start(settings, waiting).await;
    let (event, action) = ids(&delivery);
    country.pending.retry(event, action).await.unwrap();
    wait_for(&country.pending, &delivery, PendingState::Done).await;
}
