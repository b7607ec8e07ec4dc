//! Who is believed: Core's tokens for this very action, under the keys it publishes.

use serde_json::{Value, json};
use toolkit::Secret;

use crate::{
    country::{Country, Delivery, action_token, claims, seconds, set_world, settings},
    fake_core::{FakeCore, SigningKey},
};

fn changed(core: &FakeCore, delivery: &Delivery, name: &str, value: Value) -> Delivery {
    let mut claims = claims();
    claims["eventId"] = json!(delivery.event_id);
    claims["actionId"] = json!(delivery.action_id);
    claims[name] = value;
    Delivery {
        token: core.key().sign(&claims),
        ..delivery.clone()
    }
}

#[tokio::test]
async fn a_token_for_another_audience_issuer_or_time_is_refused() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), |it| it).await;
    let good = Delivery::of(&core, "DECLARE");
    for (name, value) in [
        ("aud", json!(["opencrvs:gateway-user"])),
        ("aud", Value::Null),
        ("iss", json!("somebody:else")),
        ("exp", json!(1_600_000_000)),
    ] {
        let bad = changed(&core, &good, name, value);
        assert_eq!(country.deliver(&bad).await.0, 401, "{name}");
    }
    let bare = Delivery {
        token: "rubbish".to_owned(),
        ..good.clone()
    };
    assert_eq!(country.deliver(&bare).await.0, 401);
    assert_eq!(country.deliver(&good).await.0, 200);
}

#[tokio::test]
async fn a_good_token_for_another_action_is_refused() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), |it| it).await;
    let (mine, other) = (
        Delivery::of(&core, "DECLARE"),
        Delivery::of(&core, "DECLARE"),
    );
    let stolen = Delivery {
        token: other.token,
        ..mine.clone()
    };
    assert_eq!(country.deliver(&stolen).await.0, 403);
    let user = Delivery {
        token: core.key().sign(&claims()),
        ..mine
    };
    assert_eq!(
        country.deliver(&user).await.0,
        403,
        "a user's own token speaks for no action"
    );
}

#[tokio::test]
async fn a_forged_token_is_refused_and_does_not_make_us_ask_core_again_and_again() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), |it| it).await;
    let good = Delivery::of(&core, "DECLARE");
    let forger = SigningKey::new("first");
    let token = action_token(&forger, good.event_id, good.action_id, 3600);
    let forged = Delivery { token, ..good };
    for _ in 0..5 {
        assert_eq!(country.deliver(&forged).await.0, 401);
    }
    assert_eq!(*core.inner.key_fetches.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_rotated_key_is_found_and_the_old_one_stops_counting() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let (world, clock) = set_world();
    let country = Country::start_in(world, settings(&core, folder.path()), |it| it).await;
    let old = Delivery::of(&core, "DECLARE");
    assert_eq!(country.deliver(&old).await.0, 200);
    clock.advance(seconds(10));

    *core.inner.keys.lock().unwrap() = vec![SigningKey::new("second")];
    assert_eq!(
        country.deliver(&Delivery::of(&core, "DECLARE")).await.0,
        200
    );
    assert_eq!(country.deliver(&old).await.0, 401);
}

#[tokio::test]
async fn a_bare_pem_is_enough() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    *core.inner.jwks.lock().unwrap() = false;
    let country = Country::start(settings(&core, folder.path()), |it| it).await;
    assert_eq!(
        country.deliver(&Delivery::of(&core, "DECLARE")).await.0,
        200
    );
}

#[tokio::test]
async fn while_core_cannot_be_asked_for_its_keys_the_answer_is_later() {
    let (mut core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), |it| it).await;
    core.stop().await;
    assert_eq!(
        country.deliver(&Delivery::of(&core, "DECLARE")).await.0,
        503
    );
    core.restart().await;
    // A failure is remembered for a second, so that waiting requests do not queue up behind it.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    assert_eq!(
        country.deliver(&Delivery::of(&core, "DECLARE")).await.0,
        200
    );
}

#[tokio::test]
async fn with_a_secret_set_an_unsigned_trigger_is_refused() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let mut settings = settings(&core, folder.path());
    settings.webhook_secrets = vec![Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")];
    let country = Country::start(settings, |it| it).await;
    assert_eq!(
        country.deliver(&Delivery::of(&core, "DECLARE")).await.0,
        401
    );
}
