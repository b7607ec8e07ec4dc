//! Who may call what: every operation and every route is in this test, or it fails.

use std::{collections::BTreeSet, time::Duration};

use countersign_core::api::{
    openapi,
    procedure::{Callers, Procedure},
};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use storage::{ClientStatus, SystemClient};

use crate::{core_under_test::CoreUnderTest, person::Person};

/// Operations that anyone who is signed in may call; every other one asks for a scope.
const WITHOUT_SCOPE: [(&str, &str); 28] = [
    (
        "event.config.get",
        "scopes name event types, so everyone may know them",
    ),
    (
        "application.config.get",
        "how forms and numbers are made; OpenCRVS serves it to anybody",
    ),
    (
        "workqueue.config.list",
        "a person's own scopes pick from the list",
    ),
    (
        "event.draft.list",
        "answers with the caller's own drafts only",
    ),
    ("locations.list", "forms show places"),
    ("locations.get", "forms show places"),
    ("locations.getLocationHierarchy", "forms show places"),
    ("administrativeAreas.list", "forms show places"),
    (
        "transaction.get",
        "answers with the caller's own submissions only",
    ),
    (
        "stream.listen",
        "tells of the caller's own submissions; of others', only that something changed",
    ),
    ("user.get", "oneself; others only with a scope"),
    ("user.list", "names of those who acted on a record"),
    ("user.roles.list", "names of roles"),
    ("user.summaries", "names of those who acted on a record"),
    ("user.me", "oneself"),
    ("user.changePassword", "one's own"),
    ("user.activate", "one's own"),
    ("user.verifyLoggedInUserPassword", "one's own"),
    ("user.changeAvatar", "one's own"),
    ("user.requestPhoneChange", "one's own"),
    ("user.requestEmailChange", "one's own"),
    ("user.changePhone", "one's own"),
    ("user.changeEmail", "one's own"),
    ("user.audit.record", "says what one did oneself"),
    (
        "user.audit.list",
        "without a scope, nobody is there, as the protocol has it",
    ),
    (
        "user.actions",
        "without a scope, nobody is there, as the protocol has it",
    ),
    ("integrations.authenticate", "proves who one is"),
    (
        "attachments.get",
        "one's own; others' for whoever may read a record that refers to them",
    ),
];

/// Paths outside the table of operations, and why they need no token.
const PUBLIC_PATHS: [(&str, &str); 9] = [
    ("/ping", "says that Core answers"),
    ("/health/live", "says that Core answers"),
    ("/health/ready", "says whether Core can work"),
    (
        "/metrics",
        "counts, no data; keep it from the public network",
    ),
    ("/desk.json", "what the country is called"),
    ("/openapi.json", "describes the API"),
    ("/docs", "describes the API"),
    ("/.well-known", "the public key"),
    ("/.well-known/jwks.json", "the public keys"),
];

/// What the country serves to anybody, and Core hands on: nothing of it is about anybody.
const OF_THE_COUNTRY: [&str; 3] = ["/content/", "/certificates", "/fonts/"];

fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

/// An input with every id that any operation asks for, so that scopes are what decides.
fn input(under_test: &CoreUnderTest) -> Value {
    let id = under_test.core.world.new_id();
    json!({
        "eventId": id, "actionId": id, "id": id, "userId": id, "type": "birth",
        "transactionId": id.to_string(), "customActionType": "ESCALATE",
        "query": {"type": "and", "clauses": [{"status": {"type": "exact", "term": "DECLARED"}}]},
        "name": "n", "scopes": ["type=record.read"], "content": {"reason": "r"},
    })
}

fn name_of(procedure: &Procedure) -> String {
    let router = ["initialisation", "internal"]
        .into_iter()
        .find_map(|router| {
            let name = procedure.name.strip_prefix(router)?.strip_prefix('.')?;
            Some(format!("/{router}/{name}"))
        });
    router.unwrap_or_else(|| format!("/events/{}", procedure.name))
}

async fn status(under_test: &CoreUnderTest, procedure: &Procedure, token: Option<&str>) -> u16 {
    let url = format!("{}{}", under_test.url, name_of(procedure));
    let mut request = client()
        .post(url)
        .json(&json!({ "json": input(under_test) }));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request.send().await.unwrap().status().as_u16()
}

fn token_without_scopes(under_test: &CoreUnderTest, person: &Person<'_>, life: u64) -> String {
    let (core, life) = (&under_test.core, Duration::from_secs(life));
    core.tokens
        .sign_user(
            &core.world,
            life,
            &person.id.to_string(),
            "CLERK",
            Vec::new(),
        )
        .unwrap()
}

#[tokio::test]
async fn no_operation_answers_without_a_good_token() {
    let under_test = CoreUnderTest::start().await;
    let person = under_test.person("REGISTRAR").await;
    let expired = token_without_scopes(&under_test, &person, 0);
    let mut tampered = person.token.clone();
    tampered.replace_range(tampered.len() - 8.., "AAAAAAAA");
    let elsewhere = CoreUnderTest::start().await;
    let foreign = elsewhere.person("REGISTRAR").await.token;
    for procedure in Procedure::all().filter(|p| p.callers != Callers::Anyone) {
        for (which, token) in [
            ("none", None),
            ("rubbish", Some("rubbish")),
            ("expired", Some(expired.as_str())),
            ("tampered", Some(tampered.as_str())),
            ("another Core's", Some(foreign.as_str())),
        ] {
            let status = status(&under_test, procedure, token).await;
            assert_eq!(
                status, 401,
                "{} with a token that is {which}",
                procedure.name
            );
        }
    }
}

#[tokio::test]
async fn a_token_without_scopes_may_call_nothing_but_what_is_listed_here() {
    let under_test = CoreUnderTest::start().await;
    let person = under_test.person("CLERK").await;
    let token = token_without_scopes(&under_test, &person, 600);
    let listed: BTreeSet<&str> = WITHOUT_SCOPE.iter().map(|(name, _)| *name).collect();
    for procedure in Procedure::all() {
        let status = status(&under_test, procedure, Some(&token)).await;
        let expected = match procedure.callers {
            Callers::Service(_) => 401,
            _ if listed.contains(procedure.name) => {
                assert_ne!(status, 403, "{} is listed as open", procedure.name);
                continue;
            }
            // Deciding and assigning look at the record first; it is not there for this person.
            _ => 403,
        };
        assert_eq!(status, expected, "{}", procedure.name);
    }
    for name in listed {
        assert!(
            Procedure::named(name).is_some(),
            "{name} is listed and does not exist"
        );
    }
}

#[tokio::test]
async fn what_only_people_may_call_is_closed_to_system_clients() {
    let under_test = CoreUnderTest::start().await;
    let core = &under_test.core;
    let scopes: Vec<String> = access::ALL_SCOPE_KINDS
        .iter()
        .map(|kind| format!("type={kind}"))
        .collect();
    let system = SystemClient {
        id: core.world.new_id(),
        name: "everything".into(),
        scopes: scopes.clone(),
        secrets: Vec::new(),
        sha_secret: String::new(),
        status: ClientStatus::Active,
        created_by: "test".into(),
        created_at: core.world.now(),
        last_used_at: None,
    };
    let id = system.id.to_string();
    core.store
        .save_system_client(system, Vec::new())
        .await
        .unwrap();
    let token = core
        .tokens
        .sign_system(&core.world, Duration::from_secs(600), &id, scopes)
        .unwrap();
    let mut people_only = 0;
    for procedure in Procedure::all().filter(|p| p.callers == Callers::People) {
        people_only += 1;
        assert_eq!(
            status(&under_test, procedure, Some(&token)).await,
            403,
            "{}",
            procedure.name
        );
    }
    assert!(people_only > 10);
}

#[tokio::test]
async fn every_rest_route_asks_for_a_token_below_every_prefix() {
    let under_test = CoreUnderTest::start().await;
    let document = openapi();
    for (path, verbs) in document["paths"].as_object().unwrap() {
        for (verb, operation) in verbs.as_object().unwrap() {
            let public = operation["security"] == json!([]);
            let id = under_test.core.world.new_id().to_string();
            let concrete: String = path
                .split('/')
                .map(|step| {
                    if step.starts_with('{') {
                        id.as_str()
                    } else {
                        step
                    }
                })
                .collect::<Vec<_>>()
                .join("/");
            if public {
                let known = PUBLIC_PATHS.iter().any(|(known, _)| path == known)
                    || OF_THE_COUNTRY.iter().any(|of| path.starts_with(of));
                assert!(known || path.starts_with("/auth/"), "{path} is public");
                continue;
            }
            for prefix in ["", "/events", "/api/events"] {
                let method = Method::from_bytes(verb.to_uppercase().as_bytes()).unwrap();
                let url = format!("{}{prefix}{concrete}", under_test.url);
                let response = client()
                    .request(method, url)
                    .json(&json!({}))
                    .send()
                    .await
                    .unwrap();
                assert_eq!(response.status(), 401, "{verb} {prefix}{path}");
                let body: Value = response.json().await.unwrap();
                assert_eq!(body["message"], "Authorization token is missing");
            }
        }
    }
}

#[tokio::test]
async fn what_needs_no_token_shows_nobodys_data() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    registrar.declared().await;
    for (path, _) in PUBLIC_PATHS {
        let response = client()
            .get(format!("{}{path}", under_test.url))
            .send()
            .await
            .unwrap();
        assert!(
            response.status().is_success(),
            "{path}: {}",
            response.status()
        );
        let text = response.text().await.unwrap();
        assert!(!text.contains("Amina") && !text.contains("Ada"), "{path}");
    }
}

#[tokio::test]
async fn a_record_out_of_reach_looks_as_if_it_were_not_there() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.declared().await;
    let core = &under_test.core;
    let other = under_test.person("REGISTRAR").await;
    let scopes = vec!["type=record.read&event=death".to_owned()];
    let life = Duration::from_secs(600);
    let token = core
        .tokens
        .sign_user(
            &core.world,
            life,
            &other.id.to_string(),
            "REGISTRAR",
            scopes,
        )
        .unwrap();
    let read = |id: String| {
        let (under_test, token) = (&under_test, &token);
        async move {
            under_test
                .ask_with(token, "event.get", json!({ "eventId": id }))
                .await
                .unwrap_err()
        }
    };
    let absent = core.world.new_id().to_string();
    let (hidden, missing) = (read(event.clone()).await, read(absent.clone()).await);
    assert_eq!((hidden.0, missing.0), (404, 404));
    let message = |outcome: &(u16, Value)| outcome.1["message"].as_str().unwrap().to_owned();
    assert_eq!(
        message(&hidden).replace(&event, "ID"),
        message(&missing).replace(&absent, "ID")
    );
}
