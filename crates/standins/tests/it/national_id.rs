//! Identities that are issued at once.

use serde_json::json;

use crate::{Standins, applicant};

const PATH: &str = "/national-id/identities";

#[tokio::test]
async fn a_person_gets_one_number_however_often_it_is_asked_for_even_after_a_restart() {
    let standins = Standins::start().await;
    let (status, first) = standins
        .post(PATH, applicant("person-1", "Marchetti"))
        .await;
    assert_eq!((status, &first["status"]), (200, &json!("issued")));
    let number = first["nationalId"].as_str().unwrap().to_owned();
    assert!(number.len() == 10 && number.bytes().all(|byte| byte.is_ascii_digit()));

    let standins = standins.restart().await;
    let (_, again) = standins
        .post(PATH, applicant("person-1", "Marchetti"))
        .await;
    assert_eq!(again["nationalId"], json!(number));
    let (_, other) = standins
        .post(PATH, applicant("person-2", "Marchetti"))
        .await;
    assert_ne!(other["nationalId"], json!(number));
}

#[tokio::test]
async fn a_refusal_says_why() {
    let standins = Standins::start().await;
    let (status, answer) = standins.post(PATH, applicant("person-1", "Refused")).await;
    assert_eq!(status, 422);
    assert!(
        answer["reason"]
            .as_str()
            .unwrap()
            .contains("population register")
    );

    standins
        .turn("national-id", json!({ "refuse": "The archive is on fire" }))
        .await;
    let (status, answer) = standins
        .post(PATH, applicant("person-2", "Marchetti"))
        .await;
    assert_eq!(
        (status, &answer["reason"]),
        (422, &json!("The archive is on fire"))
    );
}

#[tokio::test]
async fn during_an_outage_nothing_is_issued_and_afterwards_it_is() {
    let standins = Standins::start().await;
    standins
        .turn("national-id", json!({ "outage": true }))
        .await;
    assert_eq!(
        standins
            .post(PATH, applicant("person-1", "Marchetti"))
            .await
            .0,
        503
    );
    standins.turn("national-id", json!({})).await;
    assert_eq!(
        standins
            .post(PATH, applicant("person-1", "Marchetti"))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_request_that_makes_no_sense_is_told_so() {
    let standins = Standins::start().await;
    let (status, answer) = standins.post(PATH, json!({ "child": {} })).await;
    assert_eq!(status, 400);
    assert!(answer["reason"].as_str().unwrap().contains("reference"));
}
