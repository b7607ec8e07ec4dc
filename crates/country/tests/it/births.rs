//! Registrations that are decided within the call.

use serde_json::json;

use crate::talvera::{Delivery, Talvera};

#[tokio::test]
async fn a_birth_in_a_hospital_gets_a_number_and_a_national_id_at_once() {
    let talvera = Talvera::start().await;
    let (status, body) = talvera.deliver(&Delivery::hospital_birth()).await;
    assert_eq!(status, 200);
    let number = body["registrationNumber"].as_str().unwrap();
    assert!(number.starts_with("B2026-ORM-000001-"), "{number}");
    assert_eq!(
        body["declaration"]["child.nationalId"]
            .as_str()
            .unwrap()
            .len(),
        10
    );
}

#[tokio::test]
async fn a_retry_gets_the_same_number_and_id_even_under_another_delivery_and_after_a_restart() {
    let mut talvera = Talvera::start().await;
    let delivery = Delivery::hospital_birth();
    let first = talvera.deliver(&delivery).await;
    assert_eq!(talvera.deliver(&delivery).await, first);
    talvera.stop_country().await;
    talvera.start_country().await;
    assert_eq!(talvera.deliver(&delivery.again()).await, first);
    let (_, other) = talvera.deliver(&Delivery::hospital_birth()).await;
    assert!(
        other["registrationNumber"]
            .as_str()
            .unwrap()
            .contains("-000002-")
    );
}

#[tokio::test]
async fn a_child_that_the_national_id_system_refuses_is_rejected_with_its_reason() {
    let talvera = Talvera::start().await;
    let name = json!({ "firstname": "Ana", "surname": "Refused" });
    let delivery = Delivery::hospital_birth().with("child.name", name);
    let (status, _) = talvera.deliver(&delivery).await;
    assert!((200..300).contains(&status), "{status}");
    let told = talvera.decision().await;
    assert_eq!(told.procedure, "event.actions.register.reject");
    assert_eq!(told.input["actionId"], json!(delivery.action));
    assert!(
        told.input["reason"]
            .as_str()
            .unwrap()
            .contains("population register")
    );
}

#[tokio::test]
async fn while_the_national_id_system_is_out_a_birth_stays_undelivered_and_goes_through_later() {
    let talvera = Talvera::start().await;
    talvera.turn("national-id", json!({ "outage": true })).await;
    let delivery = Delivery::hospital_birth();
    let (status, _) = talvera.deliver(&delivery).await;
    assert!(status >= 500, "{status}");
    talvera.turn("national-id", json!({})).await;
    assert_eq!(talvera.deliver(&delivery).await.0, 200);
}

#[tokio::test]
async fn deaths_and_marriages_get_a_number_and_nothing_else() {
    let talvera = Talvera::start().await;
    for (event_type, start) in [
        ("death", "D2026-ORM-000001-"),
        ("marriage", "M2026-ORM-000001-"),
    ] {
        let (status, body) = talvera.deliver(&Delivery::of(event_type, "REGISTER")).await;
        assert_eq!(status, 200);
        assert!(
            body["registrationNumber"]
                .as_str()
                .unwrap()
                .starts_with(start)
        );
        assert_eq!(body.as_object().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_birth_without_a_name_is_rejected_rather_than_asked_about_for_ever() {
    let talvera = Talvera::start().await;
    let delivery = Delivery::hospital_birth().with("child.name", json!(null));
    talvera.deliver(&delivery).await;
    assert!(
        talvera.decision().await.input["reason"]
            .as_str()
            .unwrap()
            .contains("name")
    );
}
