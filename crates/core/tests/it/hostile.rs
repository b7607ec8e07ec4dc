//! Bad input gets a clear error and loses nothing; nothing from outside can make Core panic.

use reqwest::Client;
use serde_json::{Value, json};

use crate::{core_under_test::CoreUnderTest, person::birth};

fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

#[tokio::test]
async fn malformed_calls_get_errors_in_the_protocols_shape() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let post = |path: &str, body: &'static str| {
        client()
            .post(format!("{}{path}", under_test.url))
            .bearer_auth(&registrar.token)
            .header("content-type", "application/json")
            .body(body)
    };
    let declare = "/events/event.actions.declare.request";
    for (path, body, status) in [
        (declare, "{", 400),
        (declare, "", 400),
        (declare, "7", 400),
        (declare, r#"{"json": null}"#, 400),
        (declare, r#"{"json": {"eventId": 7}}"#, 400),
        (declare, r#"{"json": {"eventId": "../../etc/passwd"}}"#, 400),
        (declare, "\u{0}\u{0}", 400),
        ("/events/event.nope?batch=1", "{}", 404),
        (
            "/events/event.create,event.nope?batch=1",
            r#"{"0": {"json": 1}}"#,
            207,
        ),
        (
            "/events/event.create?batch=1",
            r#"{"7": {"json": {}}}"#,
            400,
        ),
        ("/events/,,,,?batch=1", "{}", 404),
    ] {
        let response = post(path, body).send().await.unwrap();
        assert_eq!(response.status(), status, "{path} {body}");
        let answer: Value = response.json().await.unwrap();
        let error = if answer.is_array() {
            &answer[0]
        } else {
            &answer
        };
        assert!(
            error["error"]["json"]["data"]["httpStatus"].is_u64(),
            "{path} {body}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_with_its_limit() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let response = client()
        .post(format!("{}/events", under_test.url))
        .bearer_auth(&registrar.token)
        .body(vec![b' '; 11 * 1024 * 1024])
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 413);
    assert!(response.text().await.unwrap().contains("10485760"));
}

#[tokio::test]
async fn deep_wide_and_odd_declarations_are_refused_or_kept_never_fatal() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    let wide: serde_json::Map<String, Value> =
        (0..5000).map(|n| (format!("field{n}"), json!(n))).collect();
    for (which, declaration) in [
        ("deep", json!({ "child.name": deep })),
        ("wide", Value::Object(wide)),
        (
            "a prototype",
            json!({"__proto__": {"x": 1}, "constructor": 1}),
        ),
        (
            "control characters",
            json!({"child.nid": "\u{0}\u{1}\u{feff}", "child.dob": "\u{202e}"}),
        ),
        ("wrong types", json!({"child.name": [], "child.dob": {}})),
        ("far dates", json!({"child.dob": "999999-99-99"})),
    ] {
        let (status, _) = registrar
            .ask(
                "declare",
                &event,
                which,
                json!({ "declaration": declaration }),
            )
            .await
            .unwrap_err();
        assert_eq!(status, 400, "{which}");
    }
    let more = json!({ "declaration": birth() });
    registrar
        .ask("declare", &event, "good", more)
        .await
        .unwrap();
}

#[tokio::test]
async fn answers_that_no_country_could_be_sent_for_long_are_refused_with_what_to_do() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    let around = r#"{"c":""}"#.len();
    let comment = |bytes: usize| json!({"c": "x".repeat(bytes - around)});
    let largest = 1024 * 1024;
    for more in [
        json!({"declaration": comment(largest + 1)}),
        json!({"declaration": birth(), "annotation": comment(largest + 1)}),
    ] {
        let refused = registrar.ask("declare", &event, "large", more).await;
        let (status, error) = refused.unwrap_err();
        assert_eq!(status, 400);
        let said = error["message"].as_str().unwrap();
        assert!(
            said.contains("1048576") && said.contains("as files"),
            "{said}"
        );
    }
    let kept = json!({"declaration": birth(), "annotation": comment(largest)});
    registrar
        .ask("declare", &event, "large", kept)
        .await
        .unwrap();
}

#[tokio::test]
async fn actions_out_of_order_are_conflicts_that_say_what_may_come_next() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    let (status, error) = registrar
        .ask("register", &event, "r", json!({}))
        .await
        .unwrap_err();
    // A registration of nothing fails on the form first, as the protocol has it.
    assert_eq!(status, 400, "{error}");
    let more = json!({"content": {"reason": "r"}});
    let (status, error) = registrar
        .ask("archive", &event, "a", more)
        .await
        .unwrap_err();
    assert_eq!(status, 409);
    assert_eq!(
        error["message"],
        "Action 'ARCHIVE' cannot be performed on an event in 'CREATED' state with [] flags. \
         Available actions: READ, DECLARE, NOTIFY, DELETE, CUSTOM."
    );
}

#[tokio::test]
async fn a_conflict_over_assignment_names_who_holds_the_record() {
    let under_test = CoreUnderTest::start().await;
    let holder = under_test.person("REGISTRAR").await;
    let other = under_test.person("REGISTRAR").await;
    let event = holder.declared().await;
    let (status, error) = other
        .ask("register", &event, "r", json!({}))
        .await
        .unwrap_err();
    assert_eq!(status, 409);
    let assigned = &error["data"]["details"]["assignedTo"];
    assert_eq!(assigned["id"], holder.id.to_string());
    assert_eq!(assigned["name"]["firstname"], "Ama");
}

#[tokio::test]
async fn someone_elses_transaction_id_is_a_conflict_not_a_leak() {
    let under_test = CoreUnderTest::start().await;
    let first = under_test.person("REGISTRAR").await;
    let second = under_test.person("REGISTRAR").await;
    let input = json!({"type": "birth", "transactionId": "shared"});
    first.call("event.create", input.clone()).await.unwrap();
    let (status, _) = second
        .call("event.create", input.clone())
        .await
        .unwrap_err();
    assert_eq!(status, 409);
    let again = first.call("event.create", input).await.unwrap();
    assert_eq!(again["actions"].as_array().unwrap().len(), 2);
}
