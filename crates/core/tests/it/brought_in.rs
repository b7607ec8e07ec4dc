//! Accounts that were kept elsewhere before.

use countersign_core::accounts::{BroughtCredentials, BroughtUser, SyncedUser, bring_in, sync};
use serde_json::{Value, json};
use storage::{AccountStatus, DeliveryFilter};
use uuid::Uuid;

use crate::{
    core_under_test::{CoreUnderTest, PASSWORD},
    small_country::{CLERK, HEAD_OFFICE, OFFICE, REGISTRAR},
};

/// Of [`PASSWORD`] and of `räksmörgås`, made by OpenCRVS's own library with the same salt.
const HASH: &str = "$2a$04$abcdefghijklmnopqrstuugWLLCHP3pCSnkQe5oi3F5dpelFCITeW";
const ANSWER_HASH: &str = "$2a$04$abcdefghijklmnopqrstuuPNEOp0lIVmTlh0qhsm49oYNQrPfHI8i";

fn brought(core: &CoreUnderTest) -> BroughtUser {
    let user = json!({
        "id": core.core.world.new_id(),
        "officeId": OFFICE,
        "role": REGISTRAR,
        "status": "active",
        "firstname": "Kennedy",
        "surname": "Mweene",
        "email": "K.Mweene@example.org",
        "mobile": null,
        "signaturePath": "signatures/mweene.png",
    });
    serde_json::from_value(user).unwrap()
}

fn credentials(hash: &str) -> BroughtCredentials {
    let credentials = json!({
        "username": "user-019a0000-0000-7000-8000-736574757000",
        "passwordHash": hash,
        "salt": "$2a$04$abcdefghijklmnopqrstuu",
        "securityQuestions": [{"questionKey": "FAVORITE_FOOD", "answerHash": ANSWER_HASH}],
    });
    serde_json::from_value(credentials).unwrap()
}

async fn sign_in(core: &CoreUnderTest, password: &str) -> u16 {
    let username = credentials(HASH).username;
    let body = json!({"username": username, "password": password});
    core.post("/auth/authenticate", body).await.status
}

async fn hashes(core: &CoreUnderTest, id: Uuid) -> (String, String) {
    let kept = core.core.store.credentials(id).await.unwrap().unwrap();
    let answer = &kept.security_answers[0];
    (kept.password_hash, answer.answer_hash.clone())
}

#[tokio::test]
async fn a_password_from_elsewhere_signs_its_owner_in_and_is_hashed_anew() {
    let core = CoreUnderTest::start().await;
    let user = brought(&core);
    let id = user.id;
    bring_in(&core.core, user, Some(credentials(HASH)))
        .await
        .unwrap();
    assert_eq!(sign_in(&core, "correct horse 7").await, 401);
    assert_eq!(hashes(&core, id).await.0, HASH);
    assert_eq!(sign_in(&core, PASSWORD).await, 200);
    let (password, answer) = hashes(&core, id).await;
    assert!(password.starts_with("$argon2id$"), "{password}");
    assert_eq!(answer, ANSWER_HASH);
    assert_eq!(sign_in(&core, PASSWORD).await, 200);
    // Nobody was told of an account that they have had for years.
    let told = core
        .core
        .store
        .deliveries(&DeliveryFilter::default(), None, 10)
        .await
        .unwrap()
        .deliveries;
    assert!(told.iter().all(|told| told.new.kind == "user/2fa"));
}

#[tokio::test]
async fn an_answer_from_elsewhere_recovers_the_account_and_is_hashed_anew() {
    let core = CoreUnderTest::start().await;
    let user = brought(&core);
    let id = user.id;
    bring_in(&core.core, user, Some(credentials(HASH)))
        .await
        .unwrap();
    let body = json!({"email": "k.mweene@example.org", "retrieveFlow": "username"});
    let started = core.post("/auth/verifyUser", body).await;
    let nonce = &started.body["nonce"];
    let answer = |text: &str| {
        let body = json!({"nonce": nonce, "answer": text});
        core.post("/auth/verifySecurityAnswer", body)
    };
    assert_eq!(answer("raksmorgas").await.body["matched"], false);
    assert_eq!(answer(" Räksmörgås ").await.body["matched"], true);
    let (password, answer) = hashes(&core, id).await;
    assert_eq!(password, HASH);
    assert!(answer.starts_with("$argon2id$"), "{answer}");
}

#[tokio::test]
async fn what_is_no_hash_lets_nobody_in() {
    let core = CoreUnderTest::start().await;
    let mut kept = credentials("dummy-hash");
    kept.security_questions = json!({});
    bring_in(&core.core, brought(&core), Some(kept))
        .await
        .unwrap();
    assert_eq!(sign_in(&core, "dummy-hash").await, 401);
}

#[tokio::test]
async fn what_changed_elsewhere_changes_here_and_nothing_else_does() {
    let core = CoreUnderTest::start().await;
    let user = brought(&core);
    let id = user.id;
    bring_in(&core.core, user, None).await.unwrap();
    let synced = |change: Value| {
        let mut synced =
            json!({"id": id, "role": null, "primaryOfficeId": null, "signature": null});
        for (field, value) in change.as_object().unwrap() {
            synced[field] = value.clone();
        }
        serde_json::from_value::<SyncedUser>(synced).unwrap()
    };
    let before = core.core.store.user(id).await.unwrap().unwrap();
    assert_eq!(before.status, AccountStatus::Active);
    assert_eq!(before.email.as_deref(), Some("k.mweene@example.org"));
    sync(&core.core, synced(json!({}))).await.unwrap();
    assert_eq!(core.core.store.user(id).await.unwrap(), Some(before));
    let change = json!({"role": CLERK, "primaryOfficeId": HEAD_OFFICE, "signature": "s.png"});
    sync(&core.core, synced(change)).await.unwrap();
    let after = core.core.store.user(id).await.unwrap().unwrap();
    assert_eq!(
        (after.role.as_str(), after.primary_office_id),
        (CLERK, HEAD_OFFICE)
    );
    assert_eq!(after.signature.as_deref(), Some("s.png"));
    assert_eq!(after.name.surname, "Mweene");
    let nobody = SyncedUser {
        id: core.core.world.new_id(),
        role: None,
        primary_office_id: None,
        signature: None,
    };
    let refused = sync(&core.core, nobody).await.unwrap_err();
    assert_eq!(refused.code.status(), 404);
}
