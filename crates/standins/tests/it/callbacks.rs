//! Identities that are requested, and answered later at the caller's address.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU16, Ordering},
};

use axum::{Json, Router, http::StatusCode, routing::post};
use serde_json::{Value, json};

use crate::{Standins, applicant, eventually};

const PATH: &str = "/national-id/requests";

/// A caller's own server: writes down what it is told, and answers as it is set to.
struct Caller {
    url: String,
    told: Arc<Mutex<Vec<Value>>>,
    answers: Arc<AtomicU16>,
}

impl Caller {
    async fn start() -> Self {
        let told = Arc::new(Mutex::new(Vec::new()));
        let answers = Arc::new(AtomicU16::new(204));
        let (list, status) = (told.clone(), answers.clone());
        let router = Router::new().route(
            "/told",
            post(async move |Json(body): Json<Value>| {
                list.lock().unwrap().push(body);
                StatusCode::from_u16(status.load(Ordering::SeqCst)).unwrap()
            }),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/told", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, told, answers }
    }

    fn told(&self) -> Vec<Value> {
        self.told.lock().unwrap().clone()
    }

    async fn is_told(&self, times: usize) -> Value {
        eventually(async || self.told().get(times - 1).cloned()).await
    }

    fn application(&self, reference: &str, surname: &str) -> Value {
        let mut body = applicant(reference, surname);
        body["callbackUrl"] = json!(self.url);
        body
    }
}

#[tokio::test]
async fn an_answer_is_sent_to_the_callback_and_can_also_be_asked_for() {
    let (standins, caller) = (Standins::start().await, Caller::start().await);
    let (status, filed) = standins
        .post(PATH, caller.application("person-1", "Marchetti"))
        .await;
    assert_eq!((status, &filed["status"]), (202, &json!("waiting")));
    let answer = caller.is_told(1).await;
    assert_eq!(answer["status"], "issued");
    assert_eq!(
        (&answer["reference"], &answer["requestId"]),
        (&json!("person-1"), &filed["requestId"])
    );
    let asked = standins
        .get(&format!("{PATH}/{}", filed["requestId"].as_str().unwrap()))
        .await;
    assert_eq!(asked, answer);
}

#[tokio::test]
async fn an_answer_that_is_not_taken_is_sent_again() {
    let (standins, caller) = (Standins::start().await, Caller::start().await);
    caller.answers.store(500, Ordering::SeqCst);
    standins
        .post(PATH, caller.application("person-1", "Marchetti"))
        .await;
    caller.is_told(2).await;
    caller.answers.store(200, Ordering::SeqCst);
    let taken = caller.told().len() + 1;
    caller.is_told(taken).await;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    assert_eq!(
        caller.told().len(),
        taken,
        "once taken, it is not sent any more"
    );
}

#[tokio::test]
async fn what_is_held_waits_across_a_restart_until_it_is_let_go() {
    let (standins, caller) = (Standins::start().await, Caller::start().await);
    standins.turn("national-id", json!({ "hold": true })).await;
    standins
        .post(PATH, caller.application("person-1", "Refused"))
        .await;
    let standins = standins.restart().await;
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    assert!(caller.told().is_empty());
    standins.turn("national-id", json!({ "hold": false })).await;
    let answer = caller.is_told(1).await;
    assert_eq!(answer["status"], "refused");
    assert!(answer["reason"].is_string());
}

#[tokio::test]
async fn asking_again_gives_the_same_request_and_the_same_number() {
    let (standins, caller) = (Standins::start().await, Caller::start().await);
    let (_, first) = standins
        .post(PATH, caller.application("person-1", "Marchetti"))
        .await;
    let told = caller.is_told(1).await;
    let (_, second) = standins
        .post(PATH, caller.application("person-1", "Marchetti"))
        .await;
    assert_eq!(second["requestId"], first["requestId"]);
    assert_eq!(caller.is_told(2).await["nationalId"], told["nationalId"]);
}

#[tokio::test]
async fn a_refused_person_is_looked_into_anew_when_asked_for_again() {
    let (standins, caller) = (Standins::start().await, Caller::start().await);
    standins
        .post(PATH, caller.application("person-1", "Refused"))
        .await;
    assert_eq!(caller.is_told(1).await["status"], "refused");
    standins
        .post(PATH, caller.application("person-1", "Marchetti"))
        .await;
    assert_eq!(caller.is_told(2).await["status"], "issued");
}
