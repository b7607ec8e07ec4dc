//! What people and the country see when the country's systems, or one of Core's nodes, are gone
//! for a while.

use std::{sync::Arc, time::Duration};

use countersign_core::Core;
use delivery::PeerState;
use futures::future::join_all;
use reqwest::Client;
use serde_json::json;
use tokio::{net::TcpListener, sync::oneshot};
use tokio_util::sync::CancellationToken;

use crate::{
    core_under_test::{CODE_TRIGGER, CoreUnderTest, PASSWORD},
    country_under_test::{Answer, Received},
    person::{birth, story},
    wire::Wire,
};

/// Waits until something is so.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let wait = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), wait).await;
    assert!(waited.is_ok(), "{what}");
}

#[tokio::test]
async fn an_outage_costs_no_attempts_and_its_end_brings_no_wave() {
    let mut wire = None;
    let under_test = CoreUnderTest::start_with(|settings| {
        let to_country = Wire::to(&settings.country_config_url);
        settings.country_config_url.clone_from(&to_country.url);
        settings.delivery_concurrency = 4;
        settings.user_wait = Duration::from_millis(1);
        settings.delivery_rules.probe_first = Duration::from_millis(50);
        settings.delivery_rules.probe_cap = Duration::from_millis(200);
        wire = Some(to_country);
    })
    .await;
    let mut wire = wire.unwrap();
    let registrar = under_test.person("REGISTRAR").await;
    let mut records = vec![];
    for _ in 0..12 {
        records.push(registrar.begin().await);
    }
    let (before, during) = records.split_at(4);
    wire.cut();
    let declare = async |event: &String| {
        let more = json!({ "declaration": birth() });
        let (status, _) = registrar
            .ask("declare", event, event, more)
            .await
            .unwrap_err();
        assert_eq!(status, 503);
    };
    for event in before {
        declare(event).await;
    }
    let engine = &under_test.core.engine;
    until("country config was never found to be down", || {
        engine.status().peer.state == PeerState::Down
    })
    .await;
    for event in during {
        declare(event).await;
    }
    for _ in 0..12 {
        under_test
            .country
            .then(Answer::Slowly(Duration::from_millis(30)));
    }
    wire.mend().await;
    let arrived = under_test.country.reached(12).await;
    assert_eq!(arrived[0].among, 1, "the first is alone");
    assert!(arrived[1].among <= 2 && arrived[2].among <= 3);
    until("country config never recovered", || {
        engine.status().peer.state == PeerState::Up
    })
    .await;
    for event in during {
        let asked_again = registrar.ask("declare", event, event, json!({})).await;
        if let Ok(document) = asked_again {
            assert_eq!(story(&document).last().unwrap(), "DECLARE Accepted");
        }
        let submission = registrar.submission(event).await;
        assert_eq!(submission["delivery"]["attempts"], 1, "{submission}");
    }
}

#[tokio::test]
async fn a_dead_gateway_for_codes_delays_no_registration_and_is_left_alone() {
    let under_test = CoreUnderTest::start_with(|settings| {
        settings.delivery_rules.rest_first = Duration::from_millis(200);
        settings.delivery_rules.rest_cap = Duration::from_millis(200);
    })
    .await;
    let dead = |received: &Received| {
        if received.path == CODE_TRIGGER {
            Answer::With(502, json!(null))
        } else if received.path.ends_with("/REGISTER") {
            Answer::registered("B1")
        } else {
            Answer::With(200, json!({}))
        }
    };
    under_test.country.answer(dead);
    for number in 0..6 {
        let name = format!("person{number}");
        under_test.user(&name, "REGISTRAR").await;
        let body = json!({"username": name, "password": PASSWORD});
        let answer = under_test.post("/auth/authenticate", body).await;
        assert_eq!(
            answer.status, 200,
            "signing in does not fail: {}",
            answer.body
        );
    }
    let engine = &under_test.core.engine;
    until("the gateway was never left alone", || {
        let breakers = engine.status().breakers;
        breakers.iter().any(|breaker| breaker.kind == "user/2fa")
    })
    .await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    let document = registrar.ask("register", &event, "r", json!({})).await;
    assert_eq!(
        story(&document.unwrap()).last().unwrap(),
        "REGISTER Accepted"
    );
    let submission = registrar.submission("r").await;
    assert_eq!(submission["delivery"]["attempts"], 1);
    under_test.country.always(Answer::With(200, json!({})));
    until("the gateway never worked again", || {
        engine.status().breakers.is_empty()
    })
    .await;
}

#[tokio::test]
async fn records_that_hang_delay_no_other_at_a_limit_of_one() {
    let under_test = CoreUnderTest::start_with(|settings| {
        settings.delivery_concurrency = 1;
        settings.attempt_timeout = Duration::from_secs(600);
        settings.user_wait = Duration::from_secs(60);
    })
    .await;
    let registrar = under_test.person("REGISTRAR").await;
    let slow = [registrar.declared().await, registrar.declared().await];
    let asking = async {
        let arrived = under_test.country.arrived().len();
        for (number, event) in slow.iter().enumerate() {
            under_test.country.then(Answer::Hang);
            let asking = registrar.ask("register", event, event, json!({}));
            tokio::select! {
                _ = asking => panic!("it hangs"),
                _ = under_test.country.reached(arrived + number + 1) => {}
            }
        }
        for _ in 0..5 {
            let event = registrar.declared().await;
            let document = registrar.read(&event).await;
            assert_eq!(story(&document).last().unwrap(), "DECLARE Accepted");
        }
    };
    asking.await;
}

#[tokio::test]
async fn a_hundred_records_that_hang_delay_nobody_who_comes_after_them() {
    let under_test = CoreUnderTest::start_with(|settings| {
        settings.delivery_concurrency = 4;
        settings.attempt_timeout = Duration::from_secs(600);
        settings.user_wait = Duration::from_secs(60);
    })
    .await;
    let registrar = under_test.person("REGISTRAR").await;
    let mut slow = vec![];
    for _ in 0..100 {
        slow.push(registrar.begin().await);
    }
    let hanging = slow.clone();
    under_test.country.answer(move |received| {
        let event = received.body["id"].as_str().unwrap_or_default();
        match hanging.iter().any(|id| id == event) {
            true => Answer::Hang,
            false => Answer::With(200, json!({})),
        }
    });
    let declare = |event: &String| {
        let more = json!({ "declaration": birth() });
        let (event, transaction) = (event.clone(), format!("declare-{event}"));
        let registrar = &registrar;
        async move { registrar.ask("declare", &event, &transaction, more).await }
    };
    let hang = join_all(slow.iter().map(declare));
    let others = async {
        under_test.country.reached(4).await;
        for _ in 0..5 {
            let event = registrar.declared().await;
            let document = registrar.read(&event).await;
            assert_eq!(story(&document).last().unwrap(), "DECLARE Accepted");
        }
    };
    tokio::select! {
        _ = hang => panic!("they hang"),
        () = others => {}
    }
}

#[tokio::test]
async fn what_a_killed_node_was_trying_is_tried_by_another() {
    let under_test = CoreUnderTest::start_with(|settings| {
        settings.delivery_rules.beat = Duration::from_millis(100);
        settings.delivery_rules.silence = Duration::from_secs(3);
        settings.attempt_timeout = Duration::from_secs(600);
        settings.node = "survivor".to_owned();
    })
    .await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;

    let machine = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (told, url) = oneshot::channel();
    let (store, world) = (
        Arc::clone(&under_test.core.store),
        under_test.core.world.clone(),
    );
    let mut settings = under_test.core.settings.clone();
    settings.node = "killed".to_owned();
    machine.spawn(async move {
        let ready = Core::open(store, world, settings).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(ready.run(listener, CancellationToken::new()));
        told.send(format!("http://{address}")).unwrap();
    });
    let url = url.await.unwrap();

    under_test.country.then(Answer::Hang);
    let body = json!({"json": {
        "eventId": event, "transactionId": "r", "keepAssignment": true,
    }});
    let asking = Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(format!("{url}/events/event.actions.register.request"))
        .bearer_auth(&registrar.token)
        .json(&body)
        .send();
    let asking = tokio::spawn(asking);
    let arrived = under_test.country.reached(2).await;
    assert_eq!(arrived[1].header("x-delivery-attempt"), "1");
    machine.shutdown_background();
    assert!(asking.await.unwrap().is_err(), "its caller was cut off");

    let arrived = under_test.country.reached(3).await;
    assert_eq!(arrived[2].header("x-delivery-attempt"), "2");
    assert_eq!(
        arrived[2].header("webhook-id"),
        arrived[1].header("webhook-id")
    );
    assert_eq!(arrived[2].body, arrived[1].body);
    let document = registrar
        .ask("register", &event, "r", json!({}))
        .await
        .unwrap();
    assert_eq!(story(&document).last().unwrap(), "REGISTER Accepted");
    let id = arrived[2].header("webhook-id").parse().unwrap();
    let attempts = under_test.core.store.attempts(id).await.unwrap();
    let told: Vec<_> = attempts
        .iter()
        .map(|attempt| (attempt.number, attempt.outcome.as_str()))
        .collect();
    assert_eq!(told, [(1, "lost"), (2, "accepted")]);
}
