//! A suite that no one here wrote empties Core and fills it again.

use std::time::Duration;

use countersign_core::ConfigRefresh;
use serde_json::{Value, json};

use crate::{
    core_under_test::CoreUnderTest,
    country_under_test::Answer,
    person::{birth, story},
    small_country::{self, OFFICE, REGISTRAR},
};

const AREA: &str = "5d3f2c7e-0000-4000-8000-000000000001";
const REGISTRY: &str = "5d3f2c7e-0000-4000-8000-000000000002";
const AMA: &str = "5d3f2c7e-0000-4000-8000-000000000003";
const RECORD: &str = "5d3f2c7e-0000-4000-8000-000000000004";

/// A Core and what controls it.
struct Controlled {
    core: CoreUnderTest,
    control: String,
}

impl Controlled {
    async fn start() -> Self {
        Self::of(CoreUnderTest::start().await).await
    }

    async fn of(core: CoreUnderTest) -> Self {
        let control = core.test_control().await;
        Self { core, control }
    }

    async fn reset(&self) {
        let answer = self
            .core
            .post_to(&format!("{}/reset", self.control), "")
            .await;
        assert_eq!((answer.status, answer.body), (200, json!({})));
    }

    async fn try_seed(&self, seed: impl Into<reqwest::Body>) -> (u16, Value) {
        let answer = self
            .core
            .post_to(&format!("{}/seed", self.control), seed)
            .await;
        (answer.status, answer.body)
    }

    async fn seed(&self, seed: Value) {
        let answer = self.try_seed(seed.to_string()).await;
        assert_eq!(answer, (200, json!({})), "{seed}");
    }

    async fn refused(&self, seed: Value) -> String {
        let (status, body) = self.try_seed(seed.to_string()).await;
        assert_eq!(status, 400, "{body}");
        body["message"].as_str().unwrap().to_owned()
    }

    /// An area, an office in it, and somebody who works there.
    async fn seed_world(&self) {
        self.seed(json!({"administrativeAreas": [{
            "id": AREA, "name": "North", "parentId": null, "validUntil": null, "externalId": "N",
        }]}))
        .await;
        self.seed(json!({"locations": [{
            "id": REGISTRY, "name": "Registry", "administrativeAreaId": AREA, "validUntil": null,
            "externalId": "R", "locationType": "CRVS_OFFICE",
        }]}))
        .await;
        self.seed(json!({"user": ama(), "credentials": credentials()}))
            .await;
    }

    fn token(&self, id: &str) -> String {
        let core = &self.core.core;
        let scopes = core.configuration.role_scopes(REGISTRAR).unwrap();
        let life = Duration::from_secs(3600);
        core.tokens
            .sign_user(&core.world, life, id, REGISTRAR, scopes)
            .unwrap()
    }

    async fn found(&self, token: &str) -> u64 {
        let query = json!({"query": {"type": "and", "clauses": [{"eventType": "birth"}]}});
        let page = self.core.ask_with(token, "event.search", query).await;
        page.unwrap()["total"].as_u64().unwrap()
    }
}

fn ama() -> Value {
    json!({
        "id": AMA, "officeId": REGISTRY, "role": REGISTRAR, "status": "active",
        "firstname": "Ama", "surname": "Mensah", "fullHonorificName": null,
        "email": "Ama@example.org", "mobile": null, "device": null, "signaturePath": "ama.png",
    })
}

fn credentials() -> Value {
    json!({
        "username": "ama", "passwordHash": "dummy", "salt": "dummy", "securityQuestions": {},
    })
}

fn event() -> Value {
    json!({
        "id": RECORD, "eventType": "birth", "transactionId": "seeded",
        "trackingId": "0b45feab-3e4f-4ddc-9b0d-8e1f0a4b6c09",
    })
}

fn action(kind: &str, status: &str, more: Value) -> Value {
    let mut action = json!({
        "eventId": RECORD, "actionType": kind, "status": status,
        "transactionId": format!("{kind} {status}"), "createdBy": AMA, "createdByRole": REGISTRAR,
        "createdByUserType": "user", "createdAtLocation": REGISTRY, "annotation": null,
    });
    for (name, value) in more.as_object().unwrap() {
        action[name] = value.clone();
    }
    action
}

fn at(second: u32) -> String {
    format!("2026-01-10T10:00:{second:02}.000Z")
}

/// A birth that was declared and awaits its registration.
fn declared() -> Vec<Value> {
    let request = "5d3f2c7e-0000-4000-8000-000000000005";
    vec![
        action("CREATE", "Accepted", json!({"createdAt": at(1)})),
        action(
            "ASSIGN",
            "Accepted",
            json!({"createdAt": at(2), "assignedTo": AMA}),
        ),
        action(
            "DECLARE",
            "Requested",
            json!({"createdAt": at(3), "id": request, "declaration": birth()}),
        ),
        action(
            "DECLARE",
            "Accepted",
            json!({"createdAt": at(4), "originalActionId": request}),
        ),
    ]
}

#[tokio::test]
async fn what_was_seeded_is_there_for_everyone() {
    let scene = Controlled::start().await;
    scene.reset().await;
    scene.seed_world().await;
    // As rows come from a database: in any order, and some of them twice.
    let mut actions = declared();
    actions.extend(declared());
    actions.reverse();
    scene
        .seed(json!({"event": event(), "actions": actions}))
        .await;

    let token = scene.token(AMA);
    assert_eq!(scene.found(&token).await, 1);
    let input = json!({"eventId": RECORD});
    let record = scene
        .core
        .ask_with(&token, "event.get", input)
        .await
        .unwrap();
    assert_eq!(
        story(&record),
        [
            "CREATE Accepted",
            "ASSIGN Accepted",
            "DECLARE Requested",
            "DECLARE Accepted"
        ]
    );
    assert_eq!(record["actions"][3]["declaration"], json!({}));
    let register = json!({"eventId": RECORD, "transactionId": "r"});
    let registered = scene
        .core
        .ask_with(&token, "event.actions.register.request", register)
        .await
        .unwrap();
    assert_eq!(registered["actions"][4]["createdBySignature"], "ama.png");
}

#[tokio::test]
async fn more_actions_come_to_a_record_that_is_there() {
    let scene = Controlled::start().await;
    scene.seed_world().await;
    let actions = declared();
    scene
        .seed(json!({"event": event(), "actions": actions[..2]}))
        .await;
    let token = scene.token(AMA);
    let query = json!({"query": {"type": "and", "clauses": [
        {"status": {"type": "exact", "term": "DECLARED"}},
    ]}});
    let declared = async || {
        let page = scene
            .core
            .ask_with(&token, "event.search", query.clone())
            .await;
        page.unwrap()["total"].as_u64().unwrap()
    };
    assert_eq!(declared().await, 0);
    scene
        .seed(json!({"event": event(), "actions": actions}))
        .await;
    assert_eq!(declared().await, 1);
}

#[tokio::test]
async fn a_reset_leaves_nothing_but_keys_and_reads_the_configuration_again() {
    let scene = Controlled::start().await;
    scene.seed_world().await;
    let seed = json!({"event": event(), "actions": declared()});
    scene.seed(seed.clone()).await;
    let token = scene.token(AMA);
    let id = json!({"eventId": RECORD});
    scene.core.ask_with(&token, "event.get", id).await.unwrap();
    for _ in 0..10 {
        let wrong = json!({"username": "ama", "password": "no"});
        scene.core.post("/auth/authenticate", wrong).await;
    }
    let mut roles = small_country::roles();
    roles[0]["scopes"] = json!(["type=record.search"]);
    scene.core.country.serve("/config/roles", roles);

    scene.reset().await;
    // The person is gone, and not the key their token was signed with.
    let gone = scene.core.ask_with(&token, "event.search", json!({})).await;
    assert_eq!(gone.unwrap_err().0, 401);
    assert!(scene.core.core.places.get(REGISTRY).is_none());
    let (audit, _) = scene
        .core
        .core
        .store
        .audit(None, None, 0, 10)
        .await
        .unwrap();
    assert!(audit.is_empty(), "{audit:?}");
    let scopes = scene.core.core.configuration.role_scopes(REGISTRAR);
    assert_eq!(scopes.unwrap(), ["type=record.search"]);
    // Nobody has tried to sign in yet.
    let wrong = json!({"username": "ama", "password": "no"});
    assert_eq!(
        scene.core.post("/auth/authenticate", wrong).await.status,
        401
    );

    scene.seed_world().await;
    assert_eq!(scene.found(&token).await, 0);
    scene.seed(seed).await;
    assert_eq!(scene.found(&token).await, 1);
}

#[tokio::test]
async fn what_was_under_way_writes_nothing_after_a_reset() {
    let scene = Controlled::start().await;
    scene.seed_world().await;
    let registrar = scene.token(AMA);
    let seed = json!({"event": event(), "actions": declared()});
    scene.seed(seed.clone()).await;
    scene.core.country.always(Answer::Hang);
    let register = json!({"eventId": RECORD, "transactionId": "r"});
    let asked = scene
        .core
        .ask_with(&registrar, "event.actions.register.request", register);
    let (outcome, ()) = tokio::join!(asked, async {
        scene.core.country.reached(1).await;
        scene.reset().await;
        scene.seed_world().await;
        scene.seed(seed).await;
    });
    // Whoever waited is told that there is nothing to wait for any more.
    assert_ne!(
        outcome.map(|document| document["id"].clone()),
        Ok(json!(RECORD))
    );
    let stored = scene.core.core.store.record(RECORD.parse().unwrap()).await;
    assert_eq!(stored.unwrap().unwrap().document.actions.len(), 4);
    assert_eq!(scene.core.core.store.delivery_totals().await.unwrap(), []);
}

#[tokio::test]
async fn a_reset_says_when_there_is_no_configuration_to_go_on_with() {
    let scene = Controlled::start().await;
    scene.core.country.serve_nothing();
    let answer = scene
        .core
        .post_to(&format!("{}/reset", scene.control), "")
        .await;
    assert_eq!(answer.status, 503);
    let message = answer.body["message"].as_str().unwrap();
    assert!(
        message.contains("no configuration to go on with"),
        "{message}"
    );
}

#[tokio::test]
async fn a_user_is_brought_up_to_date_and_null_leaves_a_value_as_it_is() {
    let scene = Controlled::start().await;
    scene.seed_world().await;
    let change = json!({"id": AMA, "role": "CLERK", "primaryOfficeId": OFFICE, "signature": null});
    scene.seed(json!({ "syncUser": change })).await;
    let user = scene
        .core
        .core
        .store
        .user(AMA.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (user.role.as_str(), user.primary_office_id),
        ("CLERK", OFFICE)
    );
    assert_eq!(user.signature.as_deref(), Some("ama.png"));
    assert_eq!(user.email.as_deref(), Some("ama@example.org"));
    let nobody = json!({"syncUser": {"id": AREA, "role": null}});
    assert_eq!(scene.try_seed(nobody.to_string()).await.0, 404);
}

#[tokio::test]
async fn a_seed_that_cannot_be_is_refused_with_the_reason() {
    let scene = Controlled::start().await;
    scene.seed_world().await;
    let with = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut actions = declared();
        change(&mut actions);
        json!({"event": event(), "actions": actions})
    };
    let stranger = "5d3f2c7e-0000-4000-8000-00000000ffff";
    for (seed, reason) in [
        (json!({}), "A seed is one of"),
        (json!([]), "Not a JSON object"),
        (
            json!({"user": ama(), "event": event()}),
            "not {event, user}",
        ),
        (json!({"locations": {}}), "locations: invalid type"),
        (json!({"locations": [{"id": "x"}]}), "locations: "),
        (
            json!({"user": {}, "credentials": credentials()}),
            "user: missing field",
        ),
        (
            with(&|all| all[0]["status"] = json!("Done")),
            "actions: unknown variant",
        ),
        (
            with(&|all| all[1]["assignedTo"] = json!(null)),
            "actions/1: ASSIGN needs assignedTo",
        ),
        (
            with(&|all| drop(all.remove(0))),
            "a record begins with CREATE",
        ),
        (
            with(&|all| all[2]["eventId"] = json!(stranger)),
            "actions/2: eventId names another",
        ),
        (
            with(&|all| all[2]["createdAtLocation"] = json!(stranger)),
            "there is no location",
        ),
        (
            with(&|all| all.push(action("REGISTER", "Accepted", json!({})))),
            "actions/4: REGISTER needs registrationNumber",
        ),
        (
            with(&|all| all.push(action("REJECT", "Accepted", json!({})))),
            "actions/4: REJECT needs a reason",
        ),
    ] {
        let message = scene.refused(seed).await;
        assert!(message.contains(reason), "{message}");
    }
    assert_eq!(scene.try_seed("{").await.0, 400);
    assert_eq!(scene.try_seed(vec![0xff; 64]).await.0, 400);
    let huge = vec![b' '; 64 * 1024 * 1024 + 1];
    assert_eq!(scene.try_seed(huge).await.0, 413);
    assert_eq!(scene.found(&scene.token(AMA)).await, 0);
}

#[tokio::test]
async fn the_configuration_can_be_read_at_every_request() {
    let always = |settings: &mut countersign_core::Settings| {
        settings.config_refresh = ConfigRefresh::Always;
    };
    let scene = Controlled::of(CoreUnderTest::start_with(always).await).await;
    scene.seed_world().await;
    let token = scene.token(AMA);
    let roles = async || {
        let roles = scene
            .core
            .ask_with(&token, "user.roles.list", Value::Null)
            .await;
        roles.unwrap().as_array().unwrap().len()
    };
    assert_eq!(roles().await, 3);
    let two = small_country::roles().as_array().unwrap()[..2].to_vec();
    scene.core.country.serve("/config/roles", two.into());
    assert_eq!(roles().await, 2);
    // Without it, a request goes on with the last good one.
    scene.core.country.serve_nothing();
    assert_eq!(roles().await, 2);
    // After a reset there is none, until it is served again.
    scene.reset().await;
    let answer = scene.core.post("/auth/authenticate", json!({})).await;
    assert_eq!(answer.status, 400);
    assert!(!scene.core.core.configuration.is_loaded());
}
