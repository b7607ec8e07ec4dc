//! What an authentication service in front of Core asks.

use std::time::Duration;

use countersign_core::accounts::tokens::AUTH_SERVICE;
use serde_json::{Value, json};
use storage::{AccountStatus, User};

use crate::{
    core_under_test::{Answer, CoreUnderTest, PASSWORD},
    small_country::CLERK,
};

async fn ask(core: &CoreUnderTest, name: &str, input: Value) -> Answer {
    let token = service_token(core);
    core.call_at(&token, &format!("/internal/{name}"), input)
        .await
}

fn service_token(core: &CoreUnderTest) -> String {
    let (core, life) = (&core.core, Duration::from_secs(600));
    core.tokens
        .sign_service(&core.world, life, AUTH_SERVICE)
        .unwrap()
}

/// Somebody who has set their account up, with two questions.
async fn somebody(core: &CoreUnderTest) -> User {
    let mut user = core.user("c.clerk", CLERK).await;
    user.status = AccountStatus::Pending;
    let store = &core.core.store;
    let saved = store.save_user(user.clone(), None, vec![], vec![]);
    saved.await.unwrap();
    let token = core.token_with(&user, &[]);
    let input = json!({
        "userId": user.id,
        "password": PASSWORD,
        "securityQNAs": [
            {"questionKey": "BIRTH_TOWN", "answer": "London"},
            {"questionKey": "FAVORITE_FOOD", "answer": "Nshima"},
        ],
    });
    core.call(&token, "user.activate", input).await.result();
    core.account("c.clerk").await
}

#[tokio::test]
async fn a_password_is_checked_for_the_service() {
    let core = CoreUnderTest::start().await;
    let user = somebody(&core).await;
    let check = |username: &str, password: &str| {
        let input = json!({"username": username, "password": password});
        let core = &core;
        async move { ask(core, "user.verifyPassword", input).await }
    };
    let shown = json!({
        "id": user.id,
        "name": user.name,
        "status": "active",
        "email": "c.clerk@example.org",
        "role": CLERK,
    });
    assert_eq!(*check("C.Clerk", PASSWORD).await.result(), shown);
    let wrong = check("c.clerk", "wrong").await;
    let unknown = check("nobody", PASSWORD).await;
    assert_eq!((wrong.status, wrong.message()), (401, "UNAUTHORIZED"));
    assert_eq!((unknown.status, unknown.message()), (401, "UNAUTHORIZED"));
}

#[tokio::test]
async fn questions_are_asked_one_after_the_other() {
    let core = CoreUnderTest::start().await;
    let user = somebody(&core).await;
    let found = ask(
        &core,
        "user.verifyUser",
        json!({"email": "C.Clerk@example.org"}),
    )
    .await;
    let found = found.result();
    assert_eq!(
        (&found["id"], &found["username"]),
        (&json!(user.id), &json!("c.clerk"))
    );
    assert_eq!(found["scope"].as_array().unwrap().len(), 3);
    let question = found["securityQuestionKey"].as_str().unwrap();
    assert!(["BIRTH_TOWN", "FAVORITE_FOOD"].contains(&question));
    let answer = |question: &str, answer: &str| {
        let input = json!({"userId": user.id, "questionKey": question, "answer": answer});
        let core = &core;
        async move {
            let answered = ask(core, "user.verifySecurityAnswer", input).await;
            let answered = answered.result();
            let next = answered["questionKey"].as_str().unwrap().to_owned();
            (answered["matched"].as_bool().unwrap(), next)
        }
    };
    let said = |matched, question: &str| (matched, question.to_owned());
    assert_eq!(
        answer("BIRTH_TOWN", "Paris").await,
        said(false, "FAVORITE_FOOD")
    );
    assert_eq!(
        answer("FAVORITE_FOOD", "Pizza").await,
        said(false, "BIRTH_TOWN")
    );
    assert_eq!(
        answer("BIRTH_TOWN", "LONDON").await,
        said(true, "BIRTH_TOWN")
    );
    assert_eq!(answer("UNKNOWN", "x").await, said(false, "UNKNOWN"));
    let nobody = ask(&core, "user.verifyUser", json!({"mobile": "0999999999"})).await;
    assert_eq!(nobody.status, 401);
    assert_eq!(ask(&core, "user.verifyUser", json!({})).await.status, 400);
    core.user("d.clerk", CLERK).await;
    let unasked = ask(
        &core,
        "user.verifyUser",
        json!({"email": "d.clerk@example.org"}),
    )
    .await;
    assert_eq!(unasked.status, 409);
}

#[tokio::test]
async fn the_service_sets_a_password_for_whoever_is_in_office() {
    let core = CoreUnderTest::start().await;
    let mut user = somebody(&core).await;
    let set = async |id: uuid::Uuid| {
        let input = json!({"userId": id, "password": "newpassword"});
        ask(&core, "user.changePassword", input).await.status
    };
    assert_eq!(set(user.id).await, 200);
    let input = json!({"username": "c.clerk", "password": "newpassword"});
    assert_eq!(ask(&core, "user.verifyPassword", input).await.status, 200);
    assert_eq!(set(core.core.world.new_id()).await, 401);
    user.status = AccountStatus::Deactivated;
    let store = &core.core.store;
    let saved = store.save_user(user.clone(), None, vec![], vec![]);
    saved.await.unwrap();
    assert_eq!(set(user.id).await, 401);
}

#[tokio::test]
async fn only_the_service_asks() {
    let core = CoreUnderTest::start().await;
    let user = core.user("c.clerk", CLERK).await;
    let person = core.token_with(&user, &["type=user.read"]);
    let input = json!({"email": "c.clerk@example.org"});
    let refused = core
        .call_at(&person, "/internal/user.verifyUser", input)
        .await;
    assert_eq!((refused.status, refused.message()), (401, "UNAUTHORIZED"));
    let nobody = core.post("/internal/user.ping", json!({"json": "a"})).await;
    assert_eq!((nobody.status, nobody.message()), (401, "UNAUTHORIZED"));
    assert_eq!(
        ask(&core, "user.ping", json!("a")).await.result(),
        "pong: a"
    );
}

#[tokio::test]
async fn the_password_for_setting_up_is_good_until_that_is_complete() {
    let set = |settings: &mut countersign_core::Settings| {
        settings.setup_password = Some("super secure".to_owned());
    };
    let core = CoreUnderTest::start_with(set).await;
    let check = async |password: &str| {
        let name = "user.initialisation.authenticate";
        ask(&core, name, json!({"password": password})).await.status
    };
    assert_eq!(check("wrong").await, 401);
    assert_eq!(check("super secure").await, 200);
    let life = Duration::from_secs(600);
    let seeder = countersign_core::accounts::tokens::DATA_SEEDER;
    let seeder = core
        .core
        .tokens
        .sign_service(&core.core.world, life, seeder);
    let seeder = seeder.unwrap();
    let complete = || core.call_at(&seeder, "/initialisation/complete", Value::Null);
    // Somebody was impatient.
    let (one, other) = tokio::join!(complete(), complete());
    assert_eq!((one.status, other.status), (200, 200), "{}", other.body);
    assert_eq!(check("super secure").await, 401);
}
