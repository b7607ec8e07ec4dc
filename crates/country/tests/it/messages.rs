//! What people are told.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::talvera::{Delivery, Talvera};

fn code(recipient: Value) -> Value {
    json!({ "recipient": recipient, "code": "271828" })
}

#[tokio::test]
async fn a_sign_in_code_goes_to_the_phone() {
    let talvera = Talvera::start().await;
    let to = json!({ "mobile": "0700000006", "email": "a.sorel@talvera.example" });
    assert!(talvera.account("2fa", "d-1", code(to)).await < 300);
    let message = talvera.message("0700000006").await;
    assert_eq!(message["kind"], "sms");
    assert!(message["text"].as_str().unwrap().contains("271828"));
    assert!(talvera.inbox("a.sorel@talvera.example").await.is_empty());
}

#[tokio::test]
async fn without_a_phone_a_sign_in_code_goes_by_mail() {
    let talvera = Talvera::start().await;
    let to = json!({ "email": "s.amarin@talvera.example" });
    assert!(talvera.account("2fa", "d-1", code(to)).await < 300);
    let message = talvera.message("s.amarin@talvera.example").await;
    assert_eq!(message["kind"], "mail");
    assert!(message["text"].as_str().unwrap().contains("271828"));
}

#[tokio::test]
async fn a_code_that_cannot_be_sent_is_not_acknowledged_and_a_retry_sends_it_once() {
    let talvera = Talvera::start().await;
    talvera.turn("sms", json!({ "outage": true })).await;
    let body = code(json!({ "mobile": "0700000006" }));
    assert!(talvera.account("2fa", "d-1", body.clone()).await >= 500);
    talvera.turn("sms", json!({})).await;
    assert!(talvera.account("2fa", "d-1", body.clone()).await < 300);
    assert!(talvera.account("2fa", "d-1", body).await < 300);
    assert_eq!(talvera.inbox("0700000006").await.len(), 1);
}

#[tokio::test]
async fn a_broadcast_reaches_everyone_in_a_mail_of_their_own() {
    let talvera = Talvera::start().await;
    let bcc = ["one@talvera.example", "two@talvera.example"];
    let body = json!({ "recipient": { "bcc": bcc }, "subject": "Tonight", "body": "We are off" });
    assert!(talvera.account("all-user-notification", "d-1", body).await < 300);
    for to in bcc {
        assert_eq!(talvera.message(to).await["subject"], "Tonight");
    }
}

#[tokio::test]
async fn an_informant_is_told_in_their_language_and_once() {
    let talvera = Talvera::start().await;
    let declare = Delivery::of("birth", "DECLARE");
    for delivery in [declare.clone(), declare.again()] {
        assert_eq!(talvera.deliver(&delivery).await.0, 200);
    }
    let text = talvera.message("0612345678").await["text"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        text.contains("naissance") && text.contains("ABC123"),
        "{text}"
    );
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(talvera.inbox("0612345678").await.len(), 1);
}

#[tokio::test]
async fn a_dead_gateway_delays_no_declaration_and_the_informant_is_told_when_it_is_back() {
    let mut talvera = Talvera::start().await;
    talvera.turn("sms", json!({ "outage": true })).await;
    let start = Instant::now();
    assert_eq!(
        talvera.deliver(&Delivery::of("birth", "DECLARE")).await.0,
        200
    );
    assert!(start.elapsed() < Duration::from_secs(2));
    talvera.stop_country().await;
    talvera.turn("sms", json!({})).await;
    talvera.start_country().await;
    talvera.message("0612345678").await;
}

#[tokio::test]
async fn an_informant_with_only_a_mailbox_gets_a_mail() {
    let talvera = Talvera::start().await;
    talvera.deliver(&Delivery::of("death", "REGISTER")).await;
    let mail = talvera.message("erik.lindqvist@example.org").await;
    assert_eq!(mail["subject"], "Your declaration ABC123");
    assert!(mail["text"].as_str().unwrap().contains("D2026-ORM-000001"));
}
