//! Signed deliveries: only Core's are handled, each attempt once, and none that was overheard.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use serde_json::{Value, json};
use toolkit::{Accept, ActionType, CountryConfig, Decision, Secret, Settings, TriggerError};

use crate::{
    country::{Country, Delivery, seconds, set_world, settings},
    fake_core::FakeCore,
};

const OLD: &str = "whsec_b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk";
const NEW: &str = "whsec_bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3";
const STRANGERS: &str = "whsec_c3RyYW5nZXJzdHJhbmdlcnN0cmFuZ2Vyc3RyYW5nZXI=";

fn signed_settings(core: &FakeCore, folder: &Path, secrets: &[&str]) -> Settings {
    let mut settings = settings(core, folder);
    settings.webhook_secrets = secrets.iter().map(|it| Secret::new(*it)).collect();
    settings
}

/// Registers under the number of the run.
fn registering(config: CountryConfig, runs: &Arc<AtomicU32>) -> CountryConfig {
    let runs = Arc::clone(runs);
    config.on("birth", ActionType::Register, move |_| {
        let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
        async move { Ok(Decision::accept_with(Accept::number(format!("run {run}")))) }
    })
}

fn number(answer: &(u16, Value)) -> Option<&str> {
    answer.1["registrationNumber"].as_str()
}

#[tokio::test]
async fn the_same_attempt_twice_is_refused_and_the_next_attempt_gets_the_answer() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let (world, clock) = set_world();
    let runs = Arc::new(AtomicU32::new(0));
    let settings = signed_settings(&core, folder.path(), &[NEW]);
    let country = Country::start_in(world.clone(), settings, |it| registering(it, &runs)).await;
    let delivery = Delivery::of(&core, "REGISTER");
    let second = world.now().as_second();
    let first = country.deliver_signed(&delivery, second, &[NEW]).await;
    assert_eq!((first.0, number(&first)), (200, Some("run 1")));

    for _ in 0..2 {
        let repeated = country.deliver_signed(&delivery, second, &[NEW]).await;
        assert_eq!(repeated.0, 409);
        assert_eq!(number(&repeated), None, "it learns nothing of the answer");
        let reason = repeated.1["reason"].as_str().unwrap();
        assert!(reason.contains("came in before"), "{reason}");
    }

    clock.advance(seconds(1));
    let next = country.deliver_signed(&delivery, second + 1, &[NEW]).await;
    assert_eq!(next, first, "what was answered before is answered again");
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_attempt_that_was_overheard_is_refused_after_a_restart_too() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let (world, _clock) = set_world();
    let runs = Arc::new(AtomicU32::new(0));
    let settings = signed_settings(&core, folder.path(), &[NEW]);
    let start = || Country::start_in(world.clone(), settings.clone(), |it| registering(it, &runs));
    let country = start().await;
    let delivery = Delivery::of(&core, "REGISTER");
    let second = world.now().as_second();
    assert_eq!(
        country.deliver_signed(&delivery, second, &[NEW]).await.0,
        200
    );
    country.stop().await;
    let country = start().await;
    let repeated = country.deliver_signed(&delivery, second, &[NEW]).await;
    assert_eq!((repeated.0, number(&repeated)), (409, None));
}

#[tokio::test]
async fn of_two_that_are_the_same_at_the_same_time_one_is_answered() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let (world, _clock) = set_world();
    let runs = Arc::new(AtomicU32::new(0));
    let settings = signed_settings(&core, folder.path(), &[NEW]);
    let country = Country::start_in(world.clone(), settings, |it| registering(it, &runs)).await;
    let delivery = Delivery::of(&core, "REGISTER");
    let second = world.now().as_second();
    let (one, two) = tokio::join!(
        country.deliver_signed(&delivery, second, &[NEW]),
        country.deliver_signed(&delivery, second, &[NEW]),
    );
    let mut statuses = [one.0, two.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn an_attempt_that_failed_cannot_be_repeated_either() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let (world, _clock) = set_world();
    let settings = signed_settings(&core, folder.path(), &[NEW]);
    let country = Country::start_in(world.clone(), settings, |it| {
        it.on("birth", ActionType::Declare, |_| async {
            Err(TriggerError::new("the registry is closed"))
        })
    })
    .await;
    let delivery = Delivery::of(&core, "DECLARE");
    let second = world.now().as_second();
    assert_eq!(
        country.deliver_signed(&delivery, second, &[NEW]).await.0,
        500
    );
    assert_eq!(
        country.deliver_signed(&delivery, second, &[NEW]).await.0,
        409
    );
    assert_eq!(
        country
            .deliver_signed(&delivery, second + 1, &[NEW])
            .await
            .0,
        500
    );
}

#[tokio::test]
async fn a_delivery_is_no_older_and_no_newer_than_five_minutes() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let (world, _clock) = set_world();
    let settings = signed_settings(&core, folder.path(), &[NEW]);
    let country = Country::start_in(world.clone(), settings, |it| it).await;
    let now = world.now().as_second();
    for (second, status) in [
        (now - 301, 401),
        (now - 300, 200),
        (now + 300, 200),
        (now + 301, 401),
    ] {
        let delivery = Delivery::of(&core, "DECLARE");
        let answer = country.deliver_signed(&delivery, second, &[NEW]).await;
        assert_eq!(answer.0, status, "{}", second - now);
    }
}

#[tokio::test]
async fn while_one_secret_takes_the_others_place_each_side_may_change_first() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let (world, _clock) = set_world();
    let settings = signed_settings(&core, folder.path(), &[OLD, NEW]);
    let country = Country::start_in(world.clone(), settings, |it| it).await;
    let second = world.now().as_second();
    for (signed_with, status) in [
        (&[OLD][..], 200),
        (&[NEW], 200),
        (&[OLD, NEW], 200),
        (&[STRANGERS, NEW], 200),
        (&[STRANGERS], 401),
        (&[], 401),
    ] {
        let delivery = Delivery::of(&core, "DECLARE");
        let answer = country.deliver_signed(&delivery, second, signed_with).await;
        assert_eq!(answer.0, status, "{signed_with:?}");
    }
    assert_eq!(
        country.deliver(&Delivery::of(&core, "DECLARE")).await.0,
        401,
        "without a signature"
    );
}

#[tokio::test]
async fn what_was_overheard_is_no_other_call_either() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let (world, _clock) = set_world();
    let told = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&told);
    let settings = signed_settings(&core, folder.path(), &[NEW]);
    let country = Country::start_in(world.clone(), settings, |it| {
        it.on_account(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            async { Ok(()) }
        })
    })
    .await;
    let mut code = Delivery::of(&core, "DECLARE");
    code.path = "/triggers/user/2fa".to_owned();
    code.event = json!({ "recipient": { "email": "ada@example.org" }, "code": "123456" });
    let second = world.now().as_second();
    assert_eq!(country.deliver_signed(&code, second, &[NEW]).await.0, 200);
    // The path is not signed: the same body would do for another message.
    code.path = "/triggers/user/reset-password".to_owned();
    assert_eq!(country.deliver_signed(&code, second, &[NEW]).await.0, 409);
    assert_eq!(told.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_is_too_old_to_be_believed_is_forgotten() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let (world, clock) = set_world();
    let settings = signed_settings(&core, folder.path(), &[NEW]);
    let country = Country::start_in(world.clone(), settings, |it| it).await;
    for _ in 0..5 {
        let delivery = Delivery::of(&core, "DECLARE");
        let second = world.now().as_second();
        assert_eq!(
            country.deliver_signed(&delivery, second, &[NEW]).await.0,
            200
        );
        clock.advance(seconds(200));
    }
    country.stop().await;
    let file = rusqlite::Connection::open(folder.path().join("country.db")).unwrap();
    let kept: i64 = file
        .query_row("SELECT count(*) FROM received", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 2, "the last one, and the one 200 s before it");
}
