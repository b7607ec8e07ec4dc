//! Keys, and the token that goes out with an action.

use countersign_core::accounts::tokens::Claims;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use serde_json::{Value, json};
use storage::{ClientStatus, SystemClient};

use crate::{
    core_under_test::{Answer, CoreUnderTest},
    small_country::{CLERK, OFFICE, REGISTRAR},
};

const DECLARE_TRIGGER: &str = "/trigger/events/birth/actions/DECLARE";

#[tokio::test]
async fn a_country_config_can_check_tokens_with_the_published_key() {
    let core = CoreUnderTest::start().await;
    let token = core.token_of("k.mweene", REGISTRAR).await;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&["opencrvs:auth-service"]);
    validation.set_audience(&["opencrvs:countryconfig-user"]);
    for path in ["/.well-known", "/auth/.well-known"] {
        let pem = core.get(path).await.text().await.unwrap();
        assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{pem}");
        let key = DecodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
        let read = jsonwebtoken::decode::<Claims>(&token, &key, &validation).unwrap();
        assert_eq!(read.claims.role.as_deref(), Some(REGISTRAR));
    }
    let set: JwkSet = core
        .get("/.well-known/jwks.json")
        .await
        .json()
        .await
        .unwrap();
    let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
    assert!(DecodingKey::from_jwk(set.find(&kid).unwrap()).is_ok());
}

#[tokio::test]
async fn a_token_that_was_changed_or_has_run_out_is_refused() {
    let core = CoreUnderTest::start().await;
    let token = core.token_of("k.mweene", REGISTRAR).await;
    let asked = async |token: &str| {
        core.call(token, "user.roles.list", Value::Null)
            .await
            .status
    };
    assert_eq!(asked(&token).await, 200);
    let (rest, _) = token.rsplit_once('.').unwrap();
    assert_eq!(asked(&format!("{rest}.AAAA")).await, 401);
    assert_eq!(asked("rubbish").await, 401);
    core.clock.advance(jiff::SignedDuration::from_hours(7 * 24));
    assert_eq!(asked(&token).await, 401);
}

#[tokio::test]
async fn tokens_go_on_working_after_a_restart() {
    let core = CoreUnderTest::start().await;
    let token = core.token_of("k.mweene", REGISTRAR).await;
    let key = core.get("/.well-known").await.text().await.unwrap();
    let core = core.restart().await;
    assert_eq!(
        core.call(&token, "user.roles.list", Value::Null)
            .await
            .status,
        200
    );
    assert_eq!(core.get("/.well-known").await.text().await.unwrap(), key);
}

#[tokio::test]
async fn a_refreshed_token_has_the_scopes_that_its_role_has_today() {
    let core = CoreUnderTest::start().await;
    let token = core.token_of("k.mweene", REGISTRAR).await;
    let label = json!({"id": "r", "defaultMessage": "r", "description": "r"});
    let roles = json!([{"id": REGISTRAR, "label": label, "scopes": ["type=record.read"]}]);
    core.country.serve("/config/roles", roles);
    core.core.configuration.refresh(&core.core).await.unwrap();
    let fresh = core
        .post("/auth/refreshToken", json!({"token": token}))
        .await;
    let fresh = fresh.body["token"].as_str().unwrap();
    let claims = core
        .core
        .tokens
        .verify(core.core.store.as_ref(), fresh, core.core.world.now());
    assert_eq!(claims.await.unwrap().scope, ["type=record.read"]);
}

/// A birth that is declared, and waits; its id, its action's id, and the action token.
async fn pending(core: &CoreUnderTest, token: &str, number: usize) -> (Value, Value, String) {
    core.country.answer(|_| (202, json!({})));
    let transaction = |step: &str| format!("{step}-{number}");
    let create = json!({"type": "birth", "transactionId": transaction("create")});
    let event = core
        .call(token, "event.create", create)
        .await
        .result()
        .clone();
    let input = json!({
        "eventId": event["id"],
        "transactionId": transaction("declare"),
        "declaration": {"child.name": "Amina", "child.dob": "2025-01-02"},
        "keepAssignment": true,
    });
    core.call(token, "event.actions.declare.request", input)
        .await
        .result();
    let received = core.country.received(DECLARE_TRIGGER, number).await;
    let action = received.body["actions"].as_array().unwrap().last().unwrap()["id"].clone();
    (event["id"].clone(), action, received.token())
}

async fn claims(core: &CoreUnderTest, token: &str) -> Claims {
    let now = core.core.world.now();
    let claims = core
        .core
        .tokens
        .verify(core.core.store.as_ref(), token, now);
    claims.await.unwrap()
}

async fn exchange(core: &CoreUnderTest, subject: &str, event: &Value, action: &Value) -> Answer {
    let body = json!({
        "grant_type": "urn:opencrvs:oauth:grant-type:token-exchange",
        "subject_token": subject,
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "requested_token_type": "urn:opencrvs:oauth:token-type:single_record_token",
        "event_id": event,
        "action_id": action,
    });
    core.post("/auth/token", body).await
}

#[tokio::test]
async fn an_action_token_reads_its_record_resolves_its_action_and_nothing_else() {
    let core = CoreUnderTest::start().await;
    let registrar = core.token_of("k.mweene", REGISTRAR).await;
    let (event, action, token) = pending(&core, &registrar, 0).await;
    let (other_event, other_action, _) = pending(&core, &registrar, 1).await;

    let read = async |event: &Value| {
        core.call(&token, "event.get", json!({"eventId": event}))
            .await
            .status
    };
    assert_eq!(read(&event).await, 200);
    assert_eq!(read(&other_event).await, 403);
    for (procedure, input) in [
        ("user.roles.list", Value::Null),
        (
            "event.create",
            json!({"type": "birth", "transactionId": "another"}),
        ),
        (
            "event.actions.declare.accept",
            json!({
                "eventId": other_event, "actionId": other_action, "transactionId": "t",
            }),
        ),
    ] {
        assert_eq!(
            core.call(&token, procedure, input).await.status,
            403,
            "{procedure}"
        );
    }
    assert_eq!(
        core.post("/auth/refreshToken", json!({"token": token}))
            .await
            .status,
        401
    );

    let accept = json!({"eventId": event, "actionId": action, "transactionId": "accepted"});
    let accepted = core
        .call(&token, "event.actions.declare.accept", accept.clone())
        .await;
    accepted.result();
    // The token has died with its action; only the same resolution can be repeated.
    assert_eq!(read(&event).await, 401);
    let again = core
        .call(&token, "event.actions.declare.accept", accept)
        .await;
    assert_eq!(again.result()["actions"], accepted.result()["actions"]);
}

#[tokio::test]
async fn an_action_token_can_be_exchanged_for_a_fresh_one_while_its_action_waits() {
    let core = CoreUnderTest::start().await;
    let registrar = core.token_of("k.mweene", REGISTRAR).await;
    let (event, action, token) = pending(&core, &registrar, 0).await;
    let (_, other_action, other_token) = pending(&core, &registrar, 1).await;

    let fresh = exchange(&core, &token, &event, &action).await;
    assert_eq!(fresh.status, 200, "{}", fresh.body);
    let fresh = fresh.body["access_token"].as_str().unwrap();
    let read = core
        .call(fresh, "event.get", json!({"eventId": event}))
        .await;
    assert_eq!(read.status, 200);
    let (before, claims) = (claims(&core, &token).await, claims(&core, fresh).await);
    assert_eq!(
        (claims.sub, claims.user_type),
        (before.sub, before.user_type)
    );
    assert_eq!(
        claims.scope,
        [
            "type=record.confirm-registration",
            "type=record.reject-registration",
            "type=record.reject",
            "type=record.read",
        ]
    );
    for (subject, action) in [(&other_token, &action), (&token, &other_action)] {
        let not_theirs = exchange(&core, subject, &event, action).await;
        assert_eq!(
            (not_theirs.status, &not_theirs.body["error"]),
            (400, &json!("invalid_request"))
        );
    }
    let rubbish = exchange(&core, "rubbish", &event, &action).await;
    assert_eq!(
        (rubbish.status, &rubbish.body["error"]),
        (401, &json!("unauthorized_client"))
    );

    let reject = json!({"eventId": event, "actionId": action, "transactionId": "rejected"});
    core.call(&token, "event.actions.declare.reject", reject)
        .await
        .result();
    assert_eq!(exchange(&core, &token, &event, &action).await.status, 400);
}

#[tokio::test]
async fn a_registrar_cannot_countersign_their_own_action() {
    let core = CoreUnderTest::start().await;
    let registrar = core.token_of("k.mweene", REGISTRAR).await;
    let clerk = core.token_of("c.clerk", CLERK).await;
    let (event, action, _) = pending(&core, &registrar, 0).await;
    for person in [&registrar, &clerk] {
        let refused = exchange(&core, person, &event, &action).await;
        assert_eq!(
            (refused.status, &refused.body["error"]),
            (400, &json!("invalid_request"))
        );
        let why = refused.body["error_description"].as_str().unwrap();
        assert!(why.contains("record.confirm-registration"), "{why}");
        let accept = json!({"eventId": event, "actionId": action, "transactionId": "accepted"});
        let refused = core
            .call(person, "event.actions.declare.accept", accept)
            .await;
        assert_eq!(refused.status, 403);
    }
}

/// A system client with these scopes, and a token of it.
async fn system_client(core: &CoreUnderTest, scopes: &[&str]) -> (SystemClient, String) {
    let client = SystemClient {
        id: core.core.world.new_id(),
        name: "Connector".to_owned(),
        scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        secrets: Vec::new(),
        sha_secret: String::new(),
        status: ClientStatus::Active,
        created_by: "test".to_owned(),
        created_at: core.core.world.now(),
        last_used_at: None,
    };
    let saved = core.core.store.save_system_client(client.clone(), vec![]);
    saved.await.unwrap();
    let life = core.core.settings.system_token_life;
    let id = client.id.to_string();
    let token = core
        .core
        .tokens
        .sign_system(&core.core.world, life, &id, client.scopes.clone());
    (client, token.unwrap())
}

#[tokio::test]
async fn a_system_client_that_may_decide_gets_an_action_token_in_its_own_name() {
    let core = CoreUnderTest::start().await;
    let registrar = core.token_of("k.mweene", REGISTRAR).await;
    let (event, action, _) = pending(&core, &registrar, 0).await;
    let confirms = "type=record.confirm-registration";
    let (_, half) = system_client(&core, &[confirms]).await;
    assert_eq!(exchange(&core, &half, &event, &action).await.status, 400);

    let rejects = "type=record.reject-registration";
    let (mut client, token) = system_client(&core, &[confirms, rejects]).await;
    let fresh = exchange(&core, &token, &event, &action).await;
    assert_eq!(fresh.status, 200, "{}", fresh.body);
    let fresh = fresh.body["access_token"].as_str().unwrap();
    let claims = claims(&core, fresh).await;
    assert_eq!(claims.sub, client.id.to_string());
    assert_eq!(claims.user_type, access::UserType::System);

    // The action is not its own, so that the token ends with the client.
    client.status = ClientStatus::Deactivated;
    let shut = core.core.store.save_system_client(client, vec![]);
    shut.await.unwrap();
    let accept = json!({"eventId": event, "actionId": action, "transactionId": "accepted"});
    let refused = core
        .call(fresh, "event.actions.declare.accept", accept)
        .await;
    assert_eq!(refused.status, 401);
}

#[tokio::test]
async fn what_a_deleted_system_client_asked_for_can_still_be_decided() {
    let core = CoreUnderTest::start().await;
    core.country.answer(|_| (202, json!({})));
    let scopes = [
        "type=record.create",
        "type=record.notify",
        "type=record.read",
    ];
    let (client, token) = system_client(&core, &scopes).await;
    let create = json!({
        "type": "birth", "transactionId": "create", "createdAtLocation": OFFICE,
    });
    let event = core.call(&token, "event.create", create).await;
    let event = event.result()["id"].clone();
    let notify = json!({
        "eventId": event, "transactionId": "notify", "createdAtLocation": OFFICE,
        "declaration": {"child.name": "Amina"},
    });
    core.call(&token, "event.actions.notify.request", notify)
        .await
        .result();
    let path = "/trigger/events/birth/actions/NOTIFY";
    let received = core.country.received(path, 0).await;
    let deleted = core.core.store.delete_system_client(client.id, vec![]);
    assert!(deleted.await.unwrap());

    let create = json!({"type": "birth", "transactionId": "another"});
    assert_eq!(core.call(&token, "event.create", create).await.status, 401);
    let accept = json!({
        "eventId": event, "actionId": received.ids().1, "transactionId": "accepted",
    });
    core.call(&received.token(), "event.actions.notify.accept", accept)
        .await
        .result();
}

#[tokio::test]
async fn an_action_token_outlives_the_account_of_whoever_acted() {
    let core = CoreUnderTest::start().await;
    let registrar = core.token_of("k.mweene", REGISTRAR).await;
    let (event, action, token) = pending(&core, &registrar, 0).await;
    let mut user = core.user("k.mweene", REGISTRAR).await;
    user.status = storage::AccountStatus::Deactivated;
    core.core
        .store
        .save_user(user, None, Vec::new(), Vec::new())
        .await
        .unwrap();
    let accept = json!({"eventId": event, "actionId": action, "transactionId": "accepted"});
    core.call(&token, "event.actions.declare.accept", accept)
        .await
        .result();
}

#[tokio::test]
async fn whoever_is_introduced_is_named_for_five_minutes_and_may_do_nothing_with_it() {
    let core = CoreUnderTest::start().await;
    let registrar = core.token_of("k.mweene", REGISTRAR).await;
    let introduce = async |subject: &str| {
        let body = json!({
            "grant_type": "urn:opencrvs:oauth:grant-type:token-exchange",
            "subject_token": subject,
            "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "requested_token_type": "urn:countersign:oauth:token-type:introduction",
        });
        core.post("/auth/token", body).await
    };
    let introduction = introduce(&registrar).await;
    assert_eq!(introduction.status, 200, "{}", introduction.body);
    let token = introduction.body["access_token"].as_str().unwrap();

    // The country's services check it with the key that Core publishes.
    let pem = core.get("/.well-known").await.text().await.unwrap();
    let key = DecodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&["opencrvs:countryconfig-user"]);
    validation.validate_exp = false;
    let said = jsonwebtoken::decode::<Claims>(token, &key, &validation);
    let said = said.unwrap().claims;
    assert_eq!(said.sub, claims(&core, &registrar).await.sub);
    assert_eq!(said.role.as_deref(), Some(REGISTRAR));
    assert_eq!(said.scope, Vec::<String>::new());
    assert_eq!(said.exp - said.iat, 5 * 60);

    // Core itself takes it for nothing: not to look, not for another token.
    let (event, _, action_token) = pending(&core, &registrar, 0).await;
    for (procedure, input) in [
        ("user.roles.list", Value::Null),
        ("event.draft.list", Value::Null),
        ("event.get", json!({"eventId": event})),
    ] {
        let answer = core.call(token, procedure, input).await;
        assert_eq!(answer.status, 401, "{procedure}");
    }
    assert_eq!(introduce(token).await.status, 401);
    let refreshed = core.post("/auth/refreshToken", json!({"token": token}));
    assert_eq!(refreshed.await.status, 401);
    // Only a person is introduced, and only by themselves.
    assert_eq!(introduce(&action_token).await.status, 400);
    assert_eq!(introduce("rubbish").await.status, 401);
}
