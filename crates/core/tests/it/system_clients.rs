//! System clients: made, used, given new secrets, shut.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{
    core_under_test::{Answer, CoreUnderTest},
    small_country::{ADMIN, REGISTRAR},
};

async fn ask_token(core: &CoreUnderTest, id: &Value, secret: &Value) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", id.as_str().unwrap()),
        ("client_secret", secret.as_str().unwrap()),
    ];
    core.post_form("/auth/token", &form).await
}

async fn make(core: &CoreUnderTest, admin: &str) -> Value {
    let input = json!({"name": "Health", "scopes": ["integration.create", "record.search"]});
    core.call(admin, "integrations.create", input)
        .await
        .result()
        .clone()
}

#[tokio::test]
async fn a_client_gets_a_token_with_its_scopes_in_todays_form() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let made = make(&core, &admin).await;
    let answer = ask_token(&core, &made["clientId"], &made["clientSecret"]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let token = answer.body["access_token"].as_str().unwrap();
    let claims = core
        .core
        .tokens
        .verify(core.core.store.as_ref(), token, core.core.world.now());
    let claims = claims.await.unwrap();
    assert_eq!(
        claims.scope,
        ["type=integration.create", "type=record.search"]
    );
    assert_eq!(claims.exp - claims.iat, 600);

    let list = core.call(&admin, "integrations.list", Value::Null).await;
    assert_eq!(list.result()[0]["name"], "Health");
    assert!(list.result()[0]["lastUsedAt"].is_string());
}

#[tokio::test]
async fn a_secret_is_shown_once_and_kept_nowhere() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let made = make(&core, &admin).await;
    let secret = made["clientSecret"].as_str().unwrap();
    let shown = core
        .call(&admin, "integrations.get", json!({"id": made["clientId"]}))
        .await;
    assert_eq!(shown.result()["shaSecret"], made["shaSecret"]);
    assert!(!shown.body.to_string().contains(secret));
    let (trail, _) = core.core.store.audit(None, None, 0, 100).await.unwrap();
    let entry = trail
        .iter()
        .find(|entry| entry.operation == "integrations.create")
        .unwrap();
    assert!(!entry.details.to_string().contains(secret));
}

#[tokio::test]
async fn a_deactivated_clients_token_is_refused_at_once() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let made = make(&core, &admin).await;
    let answer = ask_token(&core, &made["clientId"], &made["clientSecret"]).await;
    let token = answer.body["access_token"].as_str().unwrap();
    assert_eq!(
        core.call(token, "integrations.list", Value::Null)
            .await
            .status,
        200
    );

    let id = json!({"id": made["clientId"]});
    let shut = core
        .call(&admin, "integrations.deactivate", id.clone())
        .await;
    assert_eq!(shut.result()["status"], "disabled");
    let refused = core.call(token, "integrations.list", Value::Null).await;
    assert_eq!(
        (refused.status, refused.message()),
        (401, "Authentication failed")
    );
    let refused = ask_token(&core, &made["clientId"], &made["clientSecret"]).await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (401, &json!("invalid_client"))
    );

    core.call(&admin, "integrations.activate", id.clone())
        .await
        .result();
    assert_eq!(
        core.call(token, "integrations.list", Value::Null)
            .await
            .status,
        200
    );
    core.call(&admin, "integrations.delete", id).await.result();
    assert_eq!(
        core.call(token, "integrations.list", Value::Null)
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn both_secrets_work_during_the_overlap() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let made = make(&core, &admin).await;
    let input = json!({"id": made["clientId"], "overlapSeconds": 3600});
    let fresh = core
        .call(&admin, "integrations.refreshSecret", input)
        .await
        .result()
        .clone();
    let status = async |secret: &Value| ask_token(&core, &made["clientId"], secret).await.status;
    assert_eq!(status(&made["clientSecret"]).await, 200);
    assert_eq!(status(&fresh["clientSecret"]).await, 200);
    core.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(status(&made["clientSecret"]).await, 401);
    assert_eq!(status(&fresh["clientSecret"]).await, 200);
}

#[tokio::test]
async fn changes_at_the_same_time_do_not_undo_each_other() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    for round in 0..5 {
        let made = make(&core, &admin).await;
        let id = &made["clientId"];
        let name = format!("Health {round}");
        let (renamed, fresh, shut) = tokio::join!(
            core.call(
                &admin,
                "integrations.update",
                json!({"id": id, "name": name})
            ),
            core.call(&admin, "integrations.refreshSecret", json!({"id": id})),
            core.call(&admin, "integrations.deactivate", json!({"id": id})),
        );
        for answer in [&renamed, &fresh, &shut] {
            answer.result();
        }
        let kept = core
            .core
            .store
            .system_client(id.as_str().unwrap().parse().unwrap());
        let kept = kept.await.unwrap().unwrap();
        assert_eq!(kept.name, name);
        assert_eq!(kept.status, storage::ClientStatus::Deactivated);
        core.call(&admin, "integrations.activate", json!({"id": id}))
            .await
            .result();
        let secret = &fresh.result()["clientSecret"];
        assert_eq!(ask_token(&core, id, secret).await.status, 200);
        assert_eq!(
            ask_token(&core, id, &made["clientSecret"]).await.status,
            401
        );
    }
}

#[tokio::test]
async fn an_unknown_client_and_a_wrong_secret_look_alike() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let made = make(&core, &admin).await;
    let wrong = ask_token(&core, &made["clientId"], &json!("wrong")).await;
    let unknown = ask_token(&core, &json!("unknown"), &json!("wrong")).await;
    assert_eq!(wrong.status, 401);
    assert_eq!((unknown.status, unknown.body), (wrong.status, wrong.body));
}

#[tokio::test]
async fn what_oauth_does_not_know_is_refused_in_its_words() {
    let core = CoreUnderTest::start().await;
    let no_type = core.post("/auth/token", json!({})).await;
    assert_eq!(
        (no_type.status, &no_type.body["error"]),
        (400, &json!("unsupported_grant_type"))
    );
    let no_secret = core
        .post("/auth/token?grant_type=client_credentials", Value::Null)
        .await;
    assert_eq!(
        (no_secret.status, &no_secret.body["error"]),
        (400, &json!("invalid_request"))
    );
    assert_eq!(no_secret.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn only_those_with_the_scope_look_after_clients() {
    let core = CoreUnderTest::start().await;
    let registrar = core.token_of("k.mweene", REGISTRAR).await;
    let id = json!({"id": core.core.world.new_id()});
    for procedure in [
        "create",
        "list",
        "get",
        "update",
        "activate",
        "deactivate",
        "delete",
        "refreshSecret",
    ] {
        let refused = core
            .call(&registrar, &format!("integrations.{procedure}"), id.clone())
            .await;
        assert_eq!(refused.status, 403, "{procedure}");
    }
}

#[tokio::test]
async fn users_are_brought_in_once_by_the_seeding_service_alone() {
    let core = CoreUnderTest::start().await;
    let input = json!({
        "username": "k.mweene",
        "name": {"firstname": "Kennedy", "surname": "Mweene"},
        "role": REGISTRAR,
        "primaryOfficeId": crate::small_country::OFFICE,
        "mobile": "0933333333",
        "email": "k.mweene@example.org",
        "password": "test",
        "status": "active",
    });
    let path = "initialisation.users.create";
    let admin = core.token_of("a.admin", ADMIN).await;
    let tokens = &core.core.tokens;
    let life = std::time::Duration::from_secs(60);
    let seeder = countersign_core::accounts::tokens::DATA_SEEDER;
    let seeder = tokens.sign_service(&core.core.world, life, seeder).unwrap();
    let other = tokens
        .sign_service(&core.core.world, life, "opencrvs:other")
        .unwrap();
    assert_eq!(core.call(&admin, path, input.clone()).await.status, 401);
    assert_eq!(core.call(&other, path, input.clone()).await.status, 401);
    let first = core
        .call(&seeder, path, input.clone())
        .await
        .result()
        .clone();
    assert_eq!(first["status"], "active");
    let again = core.call(&seeder, path, input).await.result().clone();
    assert_eq!(again, first);
}
