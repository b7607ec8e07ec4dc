//! Signing in and getting back in.

use jiff::SignedDuration;
use serde_json::{Value, json};
use storage::AccountStatus;

use crate::{
    core_under_test::{Answer, CODE_TRIGGER, CoreUnderTest, PASSWORD},
    small_country::{ADMIN, REGISTRAR},
};

async fn authenticate(core: &CoreUnderTest, username: &str, password: &str) -> Answer {
    let body = json!({"username": username, "password": password});
    core.post("/auth/authenticate", body).await
}

async fn verify(core: &CoreUnderTest, nonce: &Value, code: &str) -> Answer {
    core.post("/auth/verifyCode", json!({"nonce": nonce, "code": code}))
        .await
}

/// A code that is not this one.
fn other_than(code: &str) -> &'static str {
    if code == "123456" { "654321" } else { "123456" }
}

#[tokio::test]
async fn a_password_and_then_a_code_sign_a_person_in() {
    let core = CoreUnderTest::start().await;
    let user = core.user("k.mweene", REGISTRAR).await;
    let started = authenticate(&core, " k.mweene", PASSWORD).await;
    assert_eq!(started.status, 200, "{}", started.body);
    assert_eq!(started.body["status"], "active");
    assert_eq!(started.body["email"], "k.mweene@example.org");
    assert_eq!(started.body.get("token"), None);

    let message = core.country.received(CODE_TRIGGER, 0).await;
    let recipient = json!({
        "name": {"firstname": "Ama", "surname": "k.mweene"},
        "email": "k.mweene@example.org",
    });
    assert_eq!(message.body["recipient"], recipient);
    let code = message.body["code"].as_str().unwrap();
    assert_eq!(code.len(), 6);

    let signed_in = verify(&core, &started.body["nonce"], code).await;
    let token = signed_in.body["token"].as_str().unwrap();
    let me = core.call(token, "user.get", json!(user.id)).await;
    assert_eq!(me.result()["role"], REGISTRAR);
}

#[tokio::test]
async fn an_unknown_user_and_a_wrong_password_look_alike() {
    let core = CoreUnderTest::start().await;
    core.user("k.mweene", REGISTRAR).await;
    let wrong = authenticate(&core, "k.mweene", "wrong").await;
    let unknown = authenticate(&core, "nobody", "wrong").await;
    assert_eq!(wrong.status, 401);
    assert_eq!((unknown.status, unknown.body), (wrong.status, wrong.body));
}

#[tokio::test]
async fn a_code_is_good_once() {
    let core = CoreUnderTest::start().await;
    core.user("k.mweene", REGISTRAR).await;
    let nonce = authenticate(&core, "k.mweene", PASSWORD).await.body["nonce"].clone();
    let code = core.code(0).await;
    let (first, second) = tokio::join!(verify(&core, &nonce, &code), verify(&core, &nonce, &code));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[tokio::test]
async fn a_wrong_code_five_times_voids_the_challenge() {
    let core = CoreUnderTest::start().await;
    core.user("k.mweene", REGISTRAR).await;
    let nonce = authenticate(&core, "k.mweene", PASSWORD).await.body["nonce"].clone();
    let code = core.code(0).await;
    for _ in 0..5 {
        assert_eq!(verify(&core, &nonce, other_than(&code)).await.status, 401);
    }
    assert_eq!(verify(&core, &nonce, &code).await.status, 401);
}

#[tokio::test]
async fn an_expired_code_is_refused() {
    let core = CoreUnderTest::start().await;
    core.user("k.mweene", REGISTRAR).await;
    let nonce = authenticate(&core, "k.mweene", PASSWORD).await.body["nonce"].clone();
    let code = core.code(0).await;
    core.clock.advance(SignedDuration::from_mins(10));
    assert_eq!(verify(&core, &nonce, &code).await.status, 401);
}

#[tokio::test]
async fn a_fresh_code_voids_the_one_before() {
    let core = CoreUnderTest::start().await;
    core.user("k.mweene", REGISTRAR).await;
    let nonce = authenticate(&core, "k.mweene", PASSWORD).await.body["nonce"].clone();
    let first = core.code(0).await;
    let body = json!({"nonce": nonce, "notificationEvent": "TWO_FACTOR_AUTHENTICATION"});
    let again = core.post("/auth/resendAuthenticationCode", body).await;
    assert_eq!(again.body, json!({"nonce": nonce}));
    let second = core.code(1).await;
    assert_eq!(verify(&core, &nonce, &first).await.status, 401);
    assert_eq!(verify(&core, &nonce, &second).await.status, 200);
}

#[tokio::test]
async fn signing_in_does_not_wait_for_the_message() {
    let core = CoreUnderTest::start().await;
    core.user("k.mweene", REGISTRAR).await;
    core.country.answer(|_| (500, json!({})));
    let started = authenticate(&core, "k.mweene", PASSWORD).await;
    assert_eq!(started.status, 200);
    core.country.received(CODE_TRIGGER, 0).await;
    core.country.answer(|_| (200, json!({})));
    let code = core.code(1).await;
    assert_eq!(
        verify(&core, &started.body["nonce"], &code).await.status,
        200
    );
}

#[tokio::test]
async fn too_many_tries_must_wait() {
    let core = CoreUnderTest::start_with(|settings| settings.sign_in_rate = 3).await;
    core.user("k.mweene", REGISTRAR).await;
    core.clock.hold();
    for _ in 0..3 {
        assert_eq!(authenticate(&core, "K.Mweene", "wrong").await.status, 401);
    }
    let limited = authenticate(&core, "k.mweene", PASSWORD).await;
    assert_eq!(limited.status, 429);
    assert_eq!(limited.body["code"], "TOO_MANY_REQUESTS");
    assert_eq!(limited.headers["retry-after"], "20");
    core.clock.advance(SignedDuration::from_secs(20));
    assert_eq!(authenticate(&core, "k.mweene", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_shut_account_cannot_sign_in_and_its_tokens_end_at_once() {
    let core = CoreUnderTest::start().await;
    let token = core.token_of("k.mweene", REGISTRAR).await;
    let mut user = core.user("k.mweene", REGISTRAR).await;
    assert_eq!(
        core.call(&token, "user.get", json!(user.id)).await.status,
        200
    );
    user.status = AccountStatus::Deactivated;
    core.core
        .store
        .save_user(user.clone(), None, Vec::new(), Vec::new())
        .await
        .unwrap();
    let refused = core.call(&token, "user.get", json!(user.id)).await;
    assert_eq!(
        (refused.status, refused.message()),
        (401, "Authentication failed")
    );
    assert_eq!(authenticate(&core, "k.mweene", PASSWORD).await.status, 403);
}

#[tokio::test]
async fn a_pending_account_can_be_set_up_and_nothing_else() {
    let core = CoreUnderTest::start().await;
    let mut user = core.user("k.mweene", ADMIN).await;
    user.status = AccountStatus::Pending;
    core.core
        .store
        .save_user(user.clone(), None, Vec::new(), Vec::new())
        .await
        .unwrap();
    let started = authenticate(&core, "k.mweene", PASSWORD).await;
    assert_eq!(started.body["status"], "pending");
    let token = started.body["token"].as_str().unwrap();
    let refused = core.call(token, "integrations.list", Value::Null).await;
    assert_eq!(refused.status, 403);

    let input = json!({
        "userId": user.id,
        "password": "My own horse 8",
        "securityQNAs": [{"questionKey": "BIRTH_TOWN", "answer": "Ibombo"}],
    });
    core.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(
        core.call(token, "user.activate", input.clone())
            .await
            .status,
        200
    );
    assert_eq!(core.call(token, "user.activate", input).await.status, 401);
    let started = authenticate(&core, "k.mweene", "My own horse 8").await;
    assert_eq!(started.body["status"], "active");
}

#[tokio::test]
async fn setting_an_account_up_takes_a_few_questions_each_with_an_answer() {
    let core = CoreUnderTest::start().await;
    let mut user = core.user("k.mweene", ADMIN).await;
    user.status = AccountStatus::Pending;
    let saved = core
        .core
        .store
        .save_user(user.clone(), None, Vec::new(), Vec::new());
    saved.await.unwrap();
    let token = core.token_with(&user, &[]);
    let set_up = |answers: Vec<(String, &str)>| {
        let answers: Vec<Value> = answers
            .into_iter()
            .map(|(key, answer)| json!({"questionKey": key, "answer": answer}))
            .collect();
        let input = json!({
            "userId": user.id, "password": "My own horse 8", "securityQNAs": answers,
        });
        core.call(&token, "user.activate", input)
    };
    let named = |name: &str, answer| (name.to_owned(), answer);
    // Each answer is hashed, which takes a while: nobody keeps a node busy with them.
    let many = (0..11).map(|number| (format!("Q{number}"), "a")).collect();
    let twice = vec![named("BIRTH_TOWN", "a"), named("BIRTH_TOWN", "b")];
    for refused in [many, twice, vec![named("BIRTH_TOWN", " ")]] {
        assert_eq!(set_up(refused).await.status, 400);
    }
    let good = vec![named("BIRTH_TOWN", "Ibombo"), named("HIGH_SCHOOL", "b")];
    assert_eq!(set_up(good).await.status, 200);
}

#[tokio::test]
async fn signing_out_ends_the_token() {
    let core = CoreUnderTest::start().await;
    let token = core.token_of("k.mweene", REGISTRAR).await;
    let valid = |answer: Answer| answer.body["valid"].as_bool().unwrap();
    let body = json!({"token": token});
    assert!(valid(core.post("/auth/verifyToken", body.clone()).await));
    assert_eq!(
        core.post("/auth/invalidateToken", body.clone()).await.body,
        json!({})
    );
    assert!(!valid(core.post("/auth/verifyToken", body.clone()).await));
    assert_eq!(core.post("/auth/refreshToken", body).await.status, 401);
}

async fn refreshed(core: &CoreUnderTest, token: &str) -> Answer {
    core.post("/auth/refreshToken", json!({"token": token}))
        .await
}

async fn works(core: &CoreUnderTest, token: &str) -> bool {
    core.call(token, "user.roles.list", Value::Null)
        .await
        .status
        == 200
}

#[tokio::test]
async fn a_refreshed_token_takes_the_place_of_the_one_before() {
    let core = CoreUnderTest::start().await;
    let old = core.token_of("k.mweene", REGISTRAR).await;
    let fresh = refreshed(&core, &old).await.body["token"].clone();
    assert!(works(&core, fresh.as_str().unwrap()).await);
    assert!(!works(&core, &old).await);
    assert_eq!(refreshed(&core, &old).await.status, 401);
}

#[tokio::test]
async fn a_session_ends_thirty_days_after_signing_in_however_often_it_is_refreshed() {
    let core = CoreUnderTest::start().await;
    let mut token = core.token_of("k.mweene", REGISTRAR).await;
    for _ in 0..5 {
        core.clock.advance(SignedDuration::from_hours(6 * 24 - 1));
        let fresh = refreshed(&core, &token).await;
        token = fresh.body["token"].as_str().unwrap().to_owned();
    }
    assert!(works(&core, &token).await);
    core.clock.advance(SignedDuration::from_hours(5));
    assert!(!works(&core, &token).await);
    assert_eq!(refreshed(&core, &token).await.status, 401);
}

#[tokio::test]
async fn a_new_password_ends_every_session_begun_before() {
    let core = CoreUnderTest::start().await;
    let here = core.token_of("k.mweene", REGISTRAR).await;
    let elsewhere = core.token_of("k.mweene", REGISTRAR).await;
    core.clock.advance(SignedDuration::from_secs(2));
    let elsewhere = refreshed(&core, &elsewhere).await.body["token"].clone();
    let elsewhere = elsewhere.as_str().unwrap();
    assert!(works(&core, elsewhere).await);
    let input = json!({"existingPassword": PASSWORD, "password": "Another horse 9"});
    core.call(&here, "user.changePassword", input)
        .await
        .result();
    for token in [&here, elsewhere] {
        assert!(!works(&core, token).await);
        assert_eq!(refreshed(&core, token).await.status, 401);
    }
    let fresh = core.token_of("k.mweene", REGISTRAR).await;
    assert!(works(&core, &fresh).await);
}

#[tokio::test]
async fn a_step_of_a_recovery_cannot_be_left_out() {
    let core = CoreUnderTest::start().await;
    with_answers(&core).await;
    let body = json!({"email": "k.mweene@example.org", "retrieveFlow": "password"});
    let nonce = core.post("/auth/verifyUser", body).await.body["nonce"].clone();
    let early = json!({"nonce": nonce, "newPassword": "Another horse 9"});
    assert_eq!(core.post("/auth/changePassword", early).await.status, 401);
}

#[tokio::test]
async fn a_lost_password_is_replaced_after_a_code_and_an_answer() {
    let core = CoreUnderTest::start().await;
    with_answers(&core).await;
    let body = json!({"email": "k.mweene@example.org", "retrieveFlow": "password"});
    let nonce = core.post("/auth/verifyUser", body).await.body["nonce"].clone();
    let message = core
        .country
        .received("/triggers/user/reset-password", 0)
        .await;
    let step = json!({"nonce": nonce, "code": message.body["code"]});
    let asked = core.post("/auth/verifyNumber", step).await;
    assert_eq!(asked.body["securityQuestionKey"], "BIRTH_TOWN");
    let wrong = json!({"nonce": nonce, "answer": "elsewhere"});
    let wrong = core.post("/auth/verifySecurityAnswer", wrong).await;
    assert_eq!(wrong.body["matched"], false);
    assert_eq!(wrong.body["securityQuestionKey"], "BIRTH_TOWN");
    let right = json!({"nonce": nonce, "answer": " IBOMBO "});
    let right = core.post("/auth/verifySecurityAnswer", right).await;
    assert_eq!(right.body["matched"], true);
    let weak = json!({"nonce": nonce, "newPassword": "short"});
    assert_eq!(core.post("/auth/changePassword", weak).await.status, 400);
    let session = core.token_of("k.mweene", REGISTRAR).await;
    core.clock.advance(SignedDuration::from_secs(1));
    let new = json!({"nonce": nonce, "newPassword": "Another horse 9"});
    assert_eq!(
        core.post("/auth/changePassword", new.clone()).await.status,
        200
    );
    assert_eq!(core.post("/auth/changePassword", new).await.status, 401);
    assert!(!works(&core, &session).await);
    assert_eq!(authenticate(&core, "k.mweene", PASSWORD).await.status, 401);
    assert_eq!(
        authenticate(&core, "k.mweene", "Another horse 9")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_lost_username_is_sent_after_an_answer() {
    let core = CoreUnderTest::start().await;
    with_answers(&core).await;
    let body = json!({"email": "K.Mweene@example.org", "retrieveFlow": "username"});
    let started = core.post("/auth/verifyUser", body).await;
    assert_eq!(started.body["securityQuestionKey"], "BIRTH_TOWN");
    let nonce = &started.body["nonce"];
    core.post(
        "/auth/verifySecurityAnswer",
        json!({"nonce": nonce, "answer": "Ibombo"}),
    )
    .await;
    assert_eq!(
        core.post("/auth/sendUserName", json!({"nonce": nonce}))
            .await
            .status,
        200
    );
    let message = core
        .country
        .received("/triggers/user/username-reminder", 0)
        .await;
    assert_eq!(message.body["username"], "k.mweene");
}

#[tokio::test]
async fn recovery_does_not_tell_whether_there_is_an_account() {
    let core = CoreUnderTest::start().await;
    let body = json!({"email": "nobody@example.org", "retrieveFlow": "username"});
    let started = core.post("/auth/verifyUser", body.clone()).await;
    assert_eq!(started.status, 200);
    let question = &started.body["securityQuestionKey"];
    assert!(question.is_string());
    assert_eq!(
        core.post("/auth/verifyUser", body.clone()).await.body["securityQuestionKey"],
        *question
    );
    let core = core.restart().await;
    assert_eq!(
        core.post("/auth/verifyUser", body).await.body["securityQuestionKey"],
        *question
    );
}

/// Every step of two recoveries for this contact, none of them right: statuses and kinds of answers.
async fn steps_of_a_stranger(core: &CoreUnderTest, email: &str) -> Vec<(u16, Vec<String>)> {
    let mut seen = Vec::new();
    let mut note = |answer: &Answer| {
        let fields = answer.body.as_object();
        let names = fields.into_iter().flatten().map(|(name, _)| name.clone());
        seen.push((answer.status, names.collect()));
    };
    for flow in ["password", "username"] {
        let body = json!({"email": email, "retrieveFlow": flow});
        let started = core.post("/auth/verifyUser", body).await;
        note(&started);
        let nonce = &started.body["nonce"];
        let again = json!({"nonce": nonce, "retrievalFlow": true});
        if flow == "password" {
            note(&core.post("/auth/resendAuthenticationCode", again).await);
        }
        for _ in 0..7 {
            let code = json!({"nonce": nonce, "code": "no code"});
            let answer = json!({"nonce": nonce, "answer": "no answer"});
            let answer = match flow {
                "password" => core.post("/auth/verifyNumber", code).await,
                _ => core.post("/auth/verifySecurityAnswer", answer).await,
            };
            note(&answer);
        }
        let new = json!({"nonce": nonce, "newPassword": "Another horse 9"});
        note(&core.post("/auth/changePassword", new).await);
        let remind = json!({"nonce": nonce});
        note(&core.post("/auth/sendUserName", remind).await);
    }
    seen
}

#[tokio::test]
async fn no_step_of_a_recovery_tells_whether_there_is_an_account() {
    let core = CoreUnderTest::start_with(|settings| settings.sign_in_rate = 4).await;
    with_answers(&core).await;
    core.clock.hold();
    let known = steps_of_a_stranger(&core, "k.mweene@example.org").await;
    let unknown = steps_of_a_stranger(&core, "nobody@example.org").await;
    assert_eq!(known, unknown);
    let limited = known.iter().filter(|(status, _)| *status == 429).count();
    assert!(limited > 0, "{known:?}");
}

async fn with_answers(core: &CoreUnderTest) {
    let user = core.user("k.mweene", REGISTRAR).await;
    let mut pending = user.clone();
    pending.status = AccountStatus::Pending;
    core.core
        .store
        .save_user(pending, None, Vec::new(), Vec::new())
        .await
        .unwrap();
    let started = authenticate(core, "k.mweene", PASSWORD).await;
    let token = started.body["token"].as_str().unwrap();
    let input = json!({
        "userId": user.id,
        "password": PASSWORD,
        "securityQNAs": [{"questionKey": "BIRTH_TOWN", "answer": "Ibombo"}],
    });
    assert_eq!(core.call(token, "user.activate", input).await.status, 200);
}
