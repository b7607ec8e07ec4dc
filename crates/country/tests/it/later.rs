//! Registrations that wait for the national ID system.

use std::time::Duration;

use serde_json::{Value, json};
use toolkit::{Accept, Completion, PendingState, Resolution};

use crate::talvera::{Delivery, Talvera, eventually};

#[tokio::test]
async fn a_birth_at_home_waits_and_is_registered_when_the_answer_comes() {
    let talvera = Talvera::start().await;
    let delivery = Delivery::home_birth();
    assert_eq!(talvera.deliver(&delivery).await.0, 202);
    let told = talvera.decision().await;
    assert_eq!(told.procedure, "event.actions.register.accept");
    assert_eq!(told.input["actionId"], json!(delivery.action));
    assert!(
        told.input["registrationNumber"]
            .as_str()
            .unwrap()
            .starts_with("B2026-ORM-000001-")
    );
    assert_eq!(
        told.input["declaration"]["child.nationalId"]
            .as_str()
            .unwrap()
            .len(),
        10
    );
}

#[tokio::test]
async fn what_waits_survives_a_restart_of_the_country_config() {
    let mut talvera = Talvera::start().await;
    talvera.turn("national-id", json!({ "hold": true })).await;
    assert_eq!(talvera.deliver(&Delivery::home_birth()).await.0, 202);
    talvera.stop_country().await;
    talvera.start_country().await;
    assert!(talvera.core.told().is_empty());
    talvera.turn("national-id", json!({})).await;
    assert_eq!(
        talvera.decision().await.procedure,
        "event.actions.register.accept"
    );
}

#[tokio::test]
async fn an_answer_that_was_sent_while_nobody_listened_is_fetched_at_the_next_start() {
    let mut talvera = Talvera::start().await;
    talvera.turn("national-id", json!({ "hold": true })).await;
    talvera.deliver(&Delivery::home_birth()).await;
    let url = format!("http://{}/national-id/requests", talvera.standins.http);
    let requests = async || -> Value {
        talvera
            .client
            .get(&url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    };
    eventually(async || requests().await.get(0).cloned()).await;
    // Give the country config time to write down that its request was taken.
    tokio::time::sleep(Duration::from_millis(200)).await;
    talvera.stop_country().await;
    talvera.turn("national-id", json!({})).await;
    talvera.move_country().await;
    assert_eq!(
        talvera.decision().await.procedure,
        "event.actions.register.accept"
    );
}

#[tokio::test]
async fn a_refusal_that_comes_later_rejects_with_its_reason() {
    let talvera = Talvera::start().await;
    talvera
        .turn(
            "national-id",
            json!({ "refuse": "Known under another name" }),
        )
        .await;
    talvera.deliver(&Delivery::home_birth()).await;
    let told = talvera.decision().await;
    assert_eq!(told.procedure, "event.actions.register.reject");
    assert!(
        told.input["reason"]
            .as_str()
            .unwrap()
            .contains("Known under another name")
    );
}

#[tokio::test]
async fn an_outage_of_the_national_id_system_loses_nothing_and_delays_nobody() {
    let talvera = Talvera::start().await;
    talvera.turn("national-id", json!({ "outage": true })).await;
    assert_eq!(talvera.deliver(&Delivery::home_birth()).await.0, 202);
    talvera.turn("national-id", json!({})).await;
    assert_eq!(
        talvera.decision().await.procedure,
        "event.actions.register.accept"
    );
}

#[tokio::test]
async fn while_core_is_down_the_decision_waits_and_then_arrives_once() {
    let talvera = Talvera::start().await;
    talvera.core.set_down(true);
    talvera
        .deliver(&Delivery::home_birth().with("informant.phone", json!("0699999999")))
        .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(
        talvera.inbox("0699999999").await.is_empty(),
        "nobody is told before Core knows"
    );
    talvera.core.set_down(false);
    let told = talvera.decision().await;
    let number = told.input["registrationNumber"].as_str().unwrap();
    let text = talvera.message("0699999999").await["text"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(text.contains(number), "{text}");
    assert_eq!(talvera.core.told().len(), 1);
}

#[tokio::test]
async fn a_number_that_another_record_has_is_replaced_also_in_what_the_informant_reads() {
    let mut talvera = Talvera::start().await;
    talvera.core.set_numbers_taken(true);
    let delivery = Delivery::home_birth().with("informant.phone", json!("0699999998"));
    let (event, action) = (delivery.event.into(), delivery.action.into());
    assert_eq!(talvera.deliver(&delivery).await.0, 202);
    let toolkit = talvera.toolkit().await;
    let found = eventually(async || {
        let found = toolkit.pending().get(event, action).await.unwrap();
        found.filter(|it| it.state == PendingState::Stuck)
    })
    .await;
    talvera.stop_country().await;
    talvera.core.set_numbers_taken(false);

    let Some(Resolution::Accept(accept)) = found.resolution else {
        panic!("it was accepted");
    };
    let taken = toolkit.numbers().void(action).await.unwrap();
    assert_eq!(taken, accept.registration_number);
    let amended = Accept {
        registration_number: Some("B2026-ORM-000777-X".to_owned()),
        ..accept
    };
    let amended = Resolution::Accept(amended);
    let amended = toolkit.pending().amend(event, action, amended).await;
    assert_eq!(amended.unwrap(), Completion::Recorded);
    drop(toolkit);

    talvera.start_country().await;
    let told = talvera.decision().await;
    assert_eq!(told.input["registrationNumber"], "B2026-ORM-000777-X");
    assert_eq!(
        told.input["declaration"]["child.nationalId"]
            .as_str()
            .unwrap()
            .len(),
        10
    );
    let text = talvera.message("0699999998").await["text"].to_string();
    assert!(text.contains("B2026-ORM-000777-X"), "{text}");
    assert!(!text.contains(&taken.unwrap()), "{text}");
}

#[tokio::test]
async fn an_answer_without_the_secret_of_its_address_is_turned_away() {
    let talvera = Talvera::start().await;
    let answer = json!({ "reference": "r", "status": "issued", "nationalId": "1234567890" });
    let url = talvera.url("/national-id/answers/0000");
    assert_eq!(
        talvera
            .client
            .post(url)
            .json(&answer)
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
}

#[tokio::test]
async fn an_administrator_can_send_every_birth_to_later_or_ask_for_no_ids() {
    let talvera = Talvera::start().await;
    let set = async |scope: &str, modes: Value| {
        let token = talvera.core.token(json!({ "scope": [scope] }));
        let url = talvera.url("/settings/national-id");
        let request = talvera.client.put(url).bearer_auth(token).json(&modes);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(
        set("type=record.read", json!({ "birth": "async" })).await,
        403
    );
    assert_eq!(
        set("type=config.update-all", json!({ "birth": "never" })).await,
        400
    );
    assert_eq!(
        set("type=config.update-all", json!({ "birth": "async" })).await,
        200
    );
    assert_eq!(talvera.deliver(&Delivery::hospital_birth()).await.0, 202);
    assert_eq!(
        set("type=config.update-all", json!({ "birth": "off" })).await,
        200
    );
    let (status, body) = talvera.deliver(&Delivery::home_birth()).await;
    assert_eq!((status, body.get("declaration")), (200, None));
}
