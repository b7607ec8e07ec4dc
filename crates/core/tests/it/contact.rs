//! Being reached elsewhere.

use serde_json::{Value, json};
use storage::User;

use crate::{
    core_under_test::{Answer, CoreUnderTest},
    small_country::{CLERK, REGISTRAR},
};

async fn code(core: &CoreUnderTest, event: &str, number: usize) -> String {
    let message = core
        .country
        .received(&format!("/triggers/user/{event}"), number)
        .await;
    message.body["code"].as_str().unwrap().to_owned()
}

async fn nonce(core: &CoreUnderTest, token: &str, email: &str) -> Value {
    let input = json!({"email": email});
    let asked = core.call(token, "user.requestEmailChange", input).await;
    asked.result()["nonce"].clone()
}

async fn change(
    core: &CoreUnderTest,
    token: &str,
    user: &User,
    email: &str,
    (nonce, code): (&Value, &str),
) -> Answer {
    let input = json!({"userId": user.id, "email": email, "nonce": nonce, "verifyCode": code});
    core.call(token, "user.changeEmail", input).await
}

#[tokio::test]
async fn a_code_that_goes_to_the_old_address_lets_its_owner_take_a_new_one() {
    let core = CoreUnderTest::start().await;
    let user = core.user("c.clerk", CLERK).await;
    let token = core.token_with(&user, &[]);
    let nonce = nonce(&core, &token, "new@example.org").await;
    // As OpenCRVS's clients know nonces: 16 bytes in base64.
    assert_eq!(nonce.as_str().unwrap().len(), 24);
    let code = code(&core, "change-email-address", 0).await;
    let message = &core
        .country
        .all_received("/triggers/user/change-email-address")[0];
    assert_eq!(message.body["recipient"]["email"], "c.clerk@example.org");
    let wrong = if code == "123456" { "654321" } else { "123456" };
    let refused = change(&core, &token, &user, "new@example.org", (&nonce, wrong)).await;
    assert_eq!(refused.status, 400);
    let done = change(&core, &token, &user, "New@example.org", (&nonce, &code)).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let email = core.account("c.clerk").await.email;
    assert_eq!(email.as_deref(), Some("new@example.org"));
    // A code is good once.
    let again = change(&core, &token, &user, "newer@example.org", (&nonce, &code)).await;
    assert_eq!(again.status, 400);
}

#[tokio::test]
async fn a_number_must_be_one_of_the_countrys() {
    let core = CoreUnderTest::start().await;
    let user = core.user("c.clerk", CLERK).await;
    let token = core.token_with(&user, &[]);
    let input = json!({"phoneNumber": "0911111111"});
    let asked = core.call(&token, "user.requestPhoneChange", input).await;
    let nonce = asked.result()["nonce"].clone();
    let code = code(&core, "change-phone-number", 0).await;
    let change = |number: &str| {
        let input = json!({
            "userId": user.id, "phoneNumber": number, "nonce": nonce, "verifyCode": code,
        });
        core.call(&token, "user.changePhone", input)
    };
    let refused = change("+260911111111").await;
    assert_eq!(refused.status, 400);
    assert!(refused.message().contains("INVALID_MOBILE"));
    // What was wrong with the number has not used the code up.
    assert_eq!(change("0911111111").await.status, 200);
    let mobile = core.account("c.clerk").await.mobile;
    assert_eq!(mobile.as_deref(), Some("0911111111"));
}

#[tokio::test]
async fn nobody_changes_where_somebody_else_is_reached() {
    let core = CoreUnderTest::start().await;
    let user = core.user("c.clerk", CLERK).await;
    let other = core.user("k.mweene", REGISTRAR).await;
    let token = core.token_with(&user, &[]);
    let nonce = nonce(&core, &token, "new@example.org").await;
    let code = code(&core, "change-email-address", 0).await;
    let theirs = change(&core, &token, &other, "new@example.org", (&nonce, &code)).await;
    assert_eq!(theirs.status, 403);
    let taken = change(
        &core,
        &token,
        &user,
        "k.mweene@example.org",
        (&nonce, &code),
    )
    .await;
    assert_eq!((taken.status, taken.message()), (409, "DUPLICATE_EMAIL"));
    // Nor with a code of one's own, once it is somebody else who is signed in.
    let thief = core.token_with(&other, &[]);
    let stolen = change(&core, &thief, &other, "new@example.org", (&nonce, &code)).await;
    assert_eq!(stolen.status, 400);
    let asked = json!({"email": "k.mweene@example.org"});
    let asked = core.call(&token, "user.requestEmailChange", asked).await;
    assert_eq!(asked.status, 409);
}

#[tokio::test]
async fn asking_for_codes_without_end_must_wait() {
    let core = CoreUnderTest::start().await;
    let user = core.user("c.clerk", CLERK).await;
    let token = core.token_with(&user, &[]);
    core.clock.hold();
    let input = json!({"email": "new@example.org"});
    let mut statuses = Vec::new();
    for _ in 0..11 {
        let asked = core.call(&token, "user.requestEmailChange", input.clone());
        statuses.push(asked.await.status);
    }
    assert_eq!(statuses.pop(), Some(429));
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
}

#[tokio::test]
async fn trying_whose_addresses_are_must_wait() {
    let core = CoreUnderTest::start().await;
    let user = core.user("c.clerk", CLERK).await;
    let token = core.token_with(&user, &[]);
    core.clock.hold();
    let mut statuses = Vec::new();
    for number in 0..11 {
        let email = format!("somebody{number}@example.org");
        let nonce = Value::from(number.to_string());
        let tried = change(&core, &token, &user, &email, (&nonce, "000000")).await;
        statuses.push(tried.status);
    }
    assert_eq!(statuses.pop(), Some(429));
    assert!(statuses.iter().all(|status| *status == 400), "{statuses:?}");
}

#[tokio::test]
async fn people_change_their_own_picture_alone() {
    let core = CoreUnderTest::start().await;
    let user = core.user("c.clerk", CLERK).await;
    let token = core.token_with(&user, &[]);
    let change = |id: uuid::Uuid, avatar: Value| {
        let input = json!({"userId": id, "avatar": avatar});
        core.call(&token, "user.changeAvatar", input)
    };
    assert_eq!(
        change(core.core.world.new_id(), json!("a.png"))
            .await
            .status,
        403
    );
    assert_eq!(change(user.id, json!({"data": "a"})).await.status, 400);
    assert_eq!(change(user.id, json!("a.png")).await.status, 200);
    let avatar = core.account("c.clerk").await.avatar;
    assert_eq!(avatar.as_deref(), Some("a.png"));
}
