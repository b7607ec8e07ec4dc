//! What administrators do with other people's accounts.

use jiff::SignedDuration;
use serde_json::{Value, json};
use storage::AccountStatus;

use crate::{
    core_under_test::{CoreUnderTest, PASSWORD},
    small_country::{ADMIN, CLERK, DISTRICT, HEAD_OFFICE, OFFICE, REGISTRAR},
};

fn newcomer() -> Value {
    json!({
        "name": {"firstname": "Éva Marie", "surname": "Núñez"},
        "role": CLERK,
        "primaryOfficeId": OFFICE,
        "email": "Eva@example.org",
        "mobile": "",
        "data": {"employee": "E-7"},
        "signature": {"path": "s.png", "originalFilename": "s.png", "type": "image/png"},
    })
}

fn with(mut input: Value, field: &str, value: Value) -> Value {
    input[field] = value;
    input
}

async fn sign_in(core: &CoreUnderTest, username: &str, password: &str) -> (u16, Value) {
    let body = json!({"username": username, "password": password});
    let answer = core.post("/auth/authenticate", body).await;
    (answer.status, answer.body["status"].clone())
}

#[tokio::test]
async fn a_new_account_gets_a_username_from_the_name_and_its_owner_an_invitation() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let made = core.call(&admin, "user.create", newcomer()).await;
    let made = made.result();
    let expected = json!({
        "type": "user",
        "id": made["id"],
        "name": {"firstname": "Éva Marie", "surname": "Núñez"},
        "role": CLERK,
        "administrativeAreaId": DISTRICT,
        "primaryOfficeId": OFFICE,
        "status": "pending",
        "signature": "s.png",
        "email": "eva@example.org",
        "data": {"employee": "E-7"},
    });
    assert_eq!(*made, expected);
    let invitation = core
        .country
        .received("/triggers/user/user-created", 0)
        .await
        .body;
    assert_eq!(invitation["username"], "em.nunez");
    let password = invitation["temporaryPassword"].as_str().unwrap();
    let entered = sign_in(&core, "em.nunez", password).await;
    assert_eq!(entered, (200, json!("pending")));
    // Somebody else with that name.
    let namesake = with(newcomer(), "email", json!("other@example.org"));
    core.call(&admin, "user.create", namesake).await.result();
    core.account("em.nunez1").await;
}

#[tokio::test]
async fn an_account_that_nobody_could_use_is_not_made() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    core.user("k.mweene", REGISTRAR).await;
    let nowhere = core.core.world.new_id();
    for (field, value, status, says) in [
        ("username", json!("chosen"), 400, "Core chooses it"),
        ("password", json!("chosen"), 400, "Core chooses it"),
        ("email", json!(""), 400, "email_or_mobile_not_null"),
        ("email", json!("no address"), 400, "Invalid email address"),
        (
            "email",
            json!("K.Mweene@example.org"),
            409,
            "DUPLICATE_EMAIL",
        ),
        ("mobile", json!("12345"), 400, "INVALID_MOBILE"),
        ("role", json!("KING"), 400, "no such role"),
        ("primaryOfficeId", json!(nowhere), 400, "no such office"),
    ] {
        let input = with(newcomer(), field, value);
        let refused = core.call(&admin, "user.create", input).await;
        assert_eq!(refused.status, status, "{field}: {}", refused.body);
        assert!(refused.message().contains(says), "{}", refused.message());
    }
}

#[tokio::test]
async fn an_administrator_makes_accounts_only_within_reach() {
    let core = CoreUnderTest::start().await;
    let head = core.user("h.head", ADMIN).await;
    let scope = format!("type=user.create&accessLevel=location&role={CLERK}");
    let token = core.token_with(&head, &[&scope]);
    let create = |input: Value| core.call(&token, "user.create", input);
    let far = with(newcomer(), "primaryOfficeId", json!(HEAD_OFFICE));
    assert_eq!(create(far).await.status, 403);
    assert_eq!(
        create(with(newcomer(), "role", json!(ADMIN))).await.status,
        403
    );
    assert_eq!(create(newcomer()).await.status, 200);
}

#[tokio::test]
async fn one_scope_alone_must_reach_an_account_as_it_is_and_as_it_is_to_be() {
    let core = CoreUnderTest::start().await;
    let admin = core.user("a.admin", ADMIN).await;
    let clerk = core.user("c.clerk", CLERK).await;
    let here = format!("type=user.edit&accessLevel=location&role={CLERK},{REGISTRAR}");
    let anywhere = format!("type=user.edit&role={CLERK}");
    let token = core.token_with(&admin, &[&here, &anywhere]);
    let update = |field: &str, value: Value| {
        let input = with(json!({"id": clerk.id}), field, value);
        core.call(&token, "user.update", input)
    };
    assert_eq!(update("role", json!(ADMIN)).await.status, 403);
    assert_eq!(
        update("primaryOfficeId", json!(HEAD_OFFICE)).await.status,
        200
    );
    // Out of the first scope's reach now, and the second one knows clerks alone.
    assert_eq!(update("role", json!(REGISTRAR)).await.status, 403);
    assert_eq!(update("primaryOfficeId", json!(OFFICE)).await.status, 200);
    assert_eq!(update("role", json!(REGISTRAR)).await.status, 200);
}

#[tokio::test]
async fn a_token_from_before_another_role_lets_its_holder_do_what_the_new_role_may() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let token = core.token_of("k.mweene", REGISTRAR).await;
    let user = core.account("k.mweene").await;
    let without = core.token_with(&user, &[]);
    let archive = || {
        let input = json!({
            "eventId": core.core.world.new_id(), "transactionId": core.core.world.new_id(),
        });
        core.call(&token, "event.actions.archive.request", input)
    };
    let begin = |token: String| {
        let input = json!({"type": "birth", "transactionId": core.core.world.new_id()});
        let core = &core;
        async move { core.call(&token, "event.create", input).await.status }
    };
    // There is no such record; the right to archive would be there.
    assert_eq!(archive().await.status, 404);
    let demoted = json!({"id": user.id, "role": CLERK});
    core.call(&admin, "user.update", demoted).await.result();
    assert_eq!(archive().await.status, 403);
    assert_eq!(begin(token.clone()).await, 200);
    // One that could do nothing gains nothing.
    assert_eq!(begin(without).await, 403);
}

#[tokio::test]
async fn the_trail_tells_which_rights_somebody_got_and_which_they_had() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let user = core.user("c.clerk", CLERK).await;
    let update = |more: Value| {
        let mut input = more;
        input["id"] = json!(user.id);
        core.call(&admin, "user.update", input)
    };
    let kept = async || {
        let (trail, _) = core.core.store.audit(None, None, 0, 100).await.unwrap();
        let entry = trail
            .into_iter()
            .find(|entry| entry.operation == "user.edit_user");
        entry.unwrap().details
    };
    update(json!({"device": "tablet"})).await.result();
    assert_eq!(kept().await, json!({"subjectId": user.id}));
    let moved = json!({
        "role": REGISTRAR, "primaryOfficeId": HEAD_OFFICE, "status": "deactivated",
        "mobile": "0911111111",
    });
    update(moved).await.result();
    let expected = json!({
        "subjectId": user.id,
        "role": {"from": CLERK, "to": REGISTRAR},
        "primaryOfficeId": {"from": OFFICE, "to": HEAD_OFFICE},
        "status": {"from": "active", "to": "deactivated"},
    });
    assert_eq!(kept().await, expected);
}

#[tokio::test]
async fn another_name_makes_another_username_and_its_owner_is_told() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let clerk = core.user("c.clerk", CLERK).await;
    let update = |input: Value| {
        let input = with(input, "id", json!(clerk.id));
        core.call(&admin, "user.update", input)
    };
    // What is not the name leaves the username alone, and so does the name they have.
    update(json!({"fullHonorificName": "Dr Clerk", "name": clerk.name}))
        .await
        .result();
    assert_eq!(core.account("c.clerk").await.id, clerk.id);
    update(json!({"name": {"firstname": "Jane", "surname": "Blam-Smith"}}))
        .await
        .result();
    let told = core
        .country
        .received("/triggers/user/user-updated", 0)
        .await;
    let expected = json!({
        "recipient": {
            "name": {"firstname": "Jane", "surname": "Blam-Smith"},
            "email": "c.clerk@example.org",
        },
        "oldUsername": "c.clerk",
        "newUsername": "j.blam-smith",
    });
    assert_eq!(told.body, expected);
    assert_eq!(core.account("j.blam-smith").await.id, clerk.id);
}

#[tokio::test]
async fn what_is_somebody_elses_is_not_given_to_another() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let clerk = core.user("c.clerk", CLERK).await;
    let other = core.user("k.mweene", REGISTRAR).await;
    let update = |id: uuid::Uuid, field: &str, value: &str| {
        let input = with(json!({"id": id}), field, json!(value));
        core.call(&admin, "user.update", input)
    };
    assert_eq!(update(other.id, "mobile", "0911111111").await.status, 200);
    let phone = update(clerk.id, "mobile", "0911111111").await;
    assert_eq!((phone.status, phone.message()), (409, "DUPLICATE_PHONE"));
    let mail = update(clerk.id, "email", "K.Mweene@example.org").await;
    assert_eq!((mail.status, mail.message()), (409, "DUPLICATE_EMAIL"));
    // One's own is one's own.
    assert_eq!(update(other.id, "mobile", "0911111111").await.status, 200);
    assert_eq!(update(clerk.id, "email", "").await.status, 400);
}

#[tokio::test]
async fn shutting_an_account_needs_a_reason_and_ends_its_sessions_for_good() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let clerk = core.user("c.clerk", CLERK).await;
    let session = core.token_with(&clerk, &[]);
    let look = || core.call(&session, "user.get", json!(clerk.id));
    let set = |operation: &'static str, reason: &str| {
        let input = json!({"id": clerk.id, "reason": reason, "comment": "c"});
        core.call(&admin, operation, input)
    };
    core.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(look().await.status, 200);
    assert_eq!(set("user.deactivate", " ").await.status, 400);
    let shut = set("user.deactivate", "left").await;
    assert_eq!(shut.result()["status"], "deactivated");
    assert_eq!(look().await.status, 401);
    assert_eq!(sign_in(&core, "c.clerk", PASSWORD).await.0, 403);
    let open = set("user.reactivate", "came back").await;
    assert_eq!(open.result()["status"], "active");
    assert_eq!(look().await.status, 401);
    assert_eq!(sign_in(&core, "c.clerk", PASSWORD).await.0, 200);

    let (trail, _) = core.core.store.audit(None, None, 0, 100).await.unwrap();
    let entry = trail
        .iter()
        .find(|entry| entry.operation == "user.deactivate");
    let kept = json!({"subjectId": clerk.id, "reason": "left", "comment": "c"});
    assert_eq!(entry.unwrap().details, kept);
}

#[tokio::test]
async fn an_account_that_was_never_set_up_is_not_opened_without_its_owner() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let made = core.call(&admin, "user.create", newcomer()).await;
    let id = made.result()["id"].clone();
    let set = |status: &str| {
        let input = json!({"id": id, "status": status});
        core.call(&admin, "user.update", input)
    };
    assert_eq!(set("active").await.status, 409);
    assert_eq!(set("deactivated").await.status, 200);
    assert_eq!(set("active").await.result()["status"], "pending");
    assert_eq!(set("pending").await.status, 200);
}

#[tokio::test]
async fn another_invitation_voids_the_one_before() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let made = core.call(&admin, "user.create", newcomer()).await;
    let id = made.result()["id"].clone();
    let password = |message: Value| message["temporaryPassword"].as_str().unwrap().to_owned();
    let first = core
        .country
        .received("/triggers/user/user-created", 0)
        .await;
    let again = core.call(&admin, "user.resendInvite", id).await;
    assert_eq!(again.status, 200, "{}", again.body);
    let second = core
        .country
        .received("/triggers/user/resend-invite", 0)
        .await;
    assert_eq!(second.body["username"], "em.nunez");
    assert_eq!(
        sign_in(&core, "em.nunez", &password(first.body)).await.0,
        401
    );
    assert_eq!(
        sign_in(&core, "em.nunez", &password(second.body)).await.0,
        200
    );

    let active = core.user("c.clerk", CLERK).await;
    let refused = core
        .call(&admin, "user.resendInvite", json!(active.id))
        .await;
    assert_eq!(refused.status, 400);
    let nobody = json!(core.core.world.new_id());
    let missing = core.call(&admin, "user.resendInvite", nobody).await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn an_administrator_takes_an_account_back_to_its_start() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let clerk = core.user("c.clerk", CLERK).await;
    let session = core.token_with(&clerk, &["type=record.create"]);
    core.clock.advance(SignedDuration::from_secs(1));
    let reset = core
        .call(&admin, "user.sendResetPasswordInvite", json!(clerk.id))
        .await;
    assert_eq!(reset.status, 200, "{}", reset.body);
    let told = core
        .country
        .received("/triggers/user/reset-password-by-admin", 0)
        .await;
    let by = core.account("a.admin").await;
    let expected = json!({"id": by.id, "name": by.name, "role": ADMIN});
    assert_eq!(told.body["admin"], expected);
    assert_eq!(core.account("c.clerk").await.status, AccountStatus::Pending);
    let look = core.call(&session, "user.get", json!(clerk.id)).await;
    assert_eq!(look.status, 401);
    assert_eq!(sign_in(&core, "c.clerk", PASSWORD).await.0, 401);
    let temporary = told.body["temporaryPassword"].as_str().unwrap();
    let entered = sign_in(&core, "c.clerk", temporary).await;
    assert_eq!(entered, (200, json!("pending")));
}

#[tokio::test]
async fn nobody_is_told_of_people_out_of_reach() {
    let core = CoreUnderTest::start().await;
    let admin = core.user("a.admin", ADMIN).await;
    let far = core.user("c.clerk", CLERK).await;
    let everywhere = core.token_with(&admin, &["type=user.edit"]);
    let moved = json!({"id": far.id, "primaryOfficeId": HEAD_OFFICE});
    core.call(&everywhere, "user.update", moved).await.result();
    let near = core.token_with(&admin, &["type=user.edit&accessLevel=location"]);
    let nobody = core.core.world.new_id();
    for operation in [
        "user.resendInvite",
        "user.sendResetPasswordInvite",
        "user.sendUsernameReminder",
    ] {
        let hidden = core.call(&near, operation, json!(far.id)).await;
        let missing = core.call(&near, operation, json!(nobody)).await;
        assert_eq!((hidden.status, missing.status), (404, 404), "{operation}");
        let hidden = hidden.message().replace(&far.id.to_string(), "ID");
        assert_eq!(hidden, missing.message().replace(&nobody.to_string(), "ID"));
    }
}

#[tokio::test]
async fn a_console_looks_for_people_and_changes_them_over_rest() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let clerk = core.user("c.clerk", CLERK).await;
    core.user("d.clerk", CLERK).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: &str| -> Value {
        let request = http.get(format!("{}{path}", core.url)).bearer_auth(&admin);
        request.send().await.unwrap().json().await.unwrap()
    };
    let post = async |path: &str, body: Value| {
        let request = http.post(format!("{}{path}", core.url)).bearer_auth(&admin);
        request.json(&body).send().await.unwrap().status().as_u16()
    };
    let found = get("/users?username=CLERK&sortBy=username&sortOrder=desc&count=1").await;
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["name"]["surname"], "d.clerk");
    let own = format!("/users/{}", clerk.id);
    assert_eq!(post(&own, json!({"device": "tablet"})).await, 200);
    let reason = json!({"reason": "left"});
    assert_eq!(post(&format!("{own}/deactivate"), reason).await, 200);
    assert_eq!(get(&own).await["device"], "tablet");
    assert_eq!(get(&own).await["status"], "deactivated");
    assert_eq!(
        post(&format!("{own}/username-reminder"), json!({})).await,
        204
    );
    assert_eq!(get(&format!("{own}/audit?count=5")).await["total"], 0);
    assert_eq!(get("/roles").await[0]["id"], REGISTRAR);
}

#[tokio::test]
async fn people_set_their_account_up_and_change_their_password_over_rest() {
    let core = CoreUnderTest::start().await;
    let mut user = core.user("c.clerk", CLERK).await;
    user.status = AccountStatus::Pending;
    let saved = core
        .core
        .store
        .save_user(user.clone(), None, Vec::new(), Vec::new());
    saved.await.unwrap();
    let token = core.token_with(&user, &[]);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = async |token: &str, what: &str, body: Value| {
        let url = format!("{}/users/{}/{what}", core.url, user.id);
        let request = http.post(url).bearer_auth(token).json(&body);
        request.send().await.unwrap().status().as_u16()
    };
    let answers = json!([{"questionKey": "BIRTH_TOWN", "answer": "Ibombo"}]);
    let set_up = json!({"password": "My own horse 8", "securityQNAs": answers});
    core.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(post(&token, "activate", set_up.clone()).await, 204);
    assert_eq!(post(&token, "activate", set_up).await, 401);

    core.clock.advance(SignedDuration::from_secs(1));
    let user = core.core.store.user(user.id).await.unwrap().unwrap();
    let token = core.token_with(&user, &[]);
    let wrong = json!({"existingPassword": "Some other horse", "password": "My next horse 9"});
    assert_eq!(post(&token, "password", wrong).await, 401);
    let right = json!({"existingPassword": "My own horse 8", "password": "My next horse 9"});
    core.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(post(&token, "password", right.clone()).await, 204);
    assert_eq!(post(&token, "password", right).await, 401);
}
