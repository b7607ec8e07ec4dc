//! People's accounts: who sees whom, and what they can do with their own.

use countersign_core::accounts::{Made, NewUser, create_user};
use serde_json::{Value, json};
use storage::{AccountStatus, PersonName, User};

use crate::{
    core_under_test::{CoreUnderTest, PASSWORD},
    small_country::{ADMIN, CLERK, HEAD_OFFICE, OFFICE, REGISTRAR},
};

fn newcomer(username: &str) -> NewUser {
    NewUser {
        username: username.to_owned(),
        name: PersonName {
            firstname: "Ama".to_owned(),
            surname: "Phiri".to_owned(),
        },
        role: CLERK.to_owned(),
        primary_office_id: HEAD_OFFICE,
        mobile: Some("0911111111".to_owned()),
        email: None,
        full_honorific_name: None,
        device: None,
        status: None,
        password: None,
    }
}

async fn made(core: &CoreUnderTest, new: NewUser) -> User {
    let made = create_user(&core.core, new, "test", "0").await.unwrap();
    assert!(matches!(made, Made::New(_)), "{made:?}");
    made.user().clone()
}

#[tokio::test]
async fn a_newcomer_is_told_how_to_sign_in_for_the_first_time() {
    let core = CoreUnderTest::start().await;
    made(&core, newcomer("a.phiri")).await;
    let message = core
        .country
        .received("/triggers/user/user-created", 0)
        .await;
    assert_eq!(message.body["username"], "a.phiri");
    assert_eq!(message.body["recipient"]["mobile"], "0911111111");
    let password = &message.body["temporaryPassword"];
    let body = json!({"username": "a.phiri", "password": password});
    let started = core.post("/auth/authenticate", body).await;
    assert_eq!(started.body["status"], "pending");
    assert!(started.body["token"].is_string());
}

#[tokio::test]
async fn a_username_makes_one_account_however_often_it_is_brought_in() {
    let core = CoreUnderTest::start().await;
    let first = made(&core, newcomer("a.phiri")).await;
    let mut again = newcomer("a.phiri");
    again.role = ADMIN.to_owned();
    let again = create_user(&core.core, again, "test", "0").await.unwrap();
    assert_eq!(again, Made::Already(first));
}

#[tokio::test]
async fn a_number_belongs_to_one_person_and_offices_and_roles_must_exist() {
    let core = CoreUnderTest::start().await;
    made(&core, newcomer("a.phiri")).await;
    let same_number = create_user(&core.core, newcomer("b.phiri"), "test", "0").await;
    let refused = same_number.unwrap_err();
    assert_eq!(
        (refused.code.status(), refused.message.as_str()),
        (409, "DUPLICATE_MOBILE")
    );
    let twin = |username: &str, email: &str| {
        let mut twin = newcomer(username);
        (twin.mobile, twin.email) = (None, Some(email.to_owned()));
        create_user(&core.core, twin, "test", "0")
    };
    // Also when both come at the same moment.
    let (one, other) = tokio::join!(
        twin("one.phiri", "phiri@example.org"),
        twin("other.phiri", "Phiri@Example.org")
    );
    let refused: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(
        (refused[0].code.status(), refused[0].message.as_str()),
        (409, "DUPLICATE_EMAIL")
    );
    let mut lost = newcomer("c.phiri");
    lost.primary_office_id = core.core.world.new_id();
    lost.role = "KING".to_owned();
    let lost = create_user(&core.core, lost, "test", "0")
        .await
        .unwrap_err();
    let problems: Value = serde_json::from_str(&lost.message).unwrap();
    assert_eq!(problems[0]["path"], json!(["role"]));
    assert_eq!(problems[1]["path"], json!(["primaryOfficeId"]));
}

#[tokio::test]
async fn whoever_does_not_know_their_password_is_told_one() {
    let core = CoreUnderTest::start().await;
    for (username, status, password) in [
        ("one.phiri", Some(AccountStatus::Active), None),
        (
            "two.phiri",
            Some(AccountStatus::Active),
            Some(String::new()),
        ),
        ("three.phiri", None, None),
    ] {
        let mut new = newcomer(username);
        new.mobile = None;
        (new.status, new.password) = (status, password);
        made(&core, new).await;
    }
    let mut known = newcomer("four.phiri");
    known.mobile = None;
    known.status = Some(AccountStatus::Active);
    known.password = Some(PASSWORD.to_owned());
    made(&core, known).await;
    core.country
        .received("/triggers/user/user-created", 2)
        .await;
    let told = core.country.all_received("/triggers/user/user-created");
    let told: Vec<_> = told.iter().map(|told| &told.body["username"]).collect();
    assert_eq!(told, ["one.phiri", "two.phiri", "three.phiri"]);
}

#[tokio::test]
async fn a_registrar_sees_the_people_of_her_area_and_nobody_elses() {
    let core = CoreUnderTest::start().await;
    let registrar = core.token_of("k.mweene", REGISTRAR).await;
    let near = core.user("c.clerk", CLERK).await;
    let far = made(&core, newcomer("a.phiri")).await;
    let seen = core.call(&registrar, "user.get", json!(near.id)).await;
    let shown = json!({
        "type": "user",
        "id": near.id,
        "name": {"firstname": "Ama", "surname": "c.clerk"},
        "role": CLERK,
        "administrativeAreaId": crate::small_country::DISTRICT,
        "primaryOfficeId": OFFICE,
        "status": "active",
        "email": "c.clerk@example.org",
    });
    assert_eq!(*seen.result(), shown);
    let unseen = core.call(&registrar, "user.get", json!(far.id)).await;
    assert_eq!(unseen.status, 404);
    let nobody = core.core.world.new_id();
    let missing = core.call(&registrar, "user.get", json!(nobody)).await;
    assert_eq!(missing.message(), format!("User not found: {nobody}"));
}

#[tokio::test]
async fn names_of_people_and_clients_are_known_to_everybody_who_works_here() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let input = json!({"name": "Health", "scopes": ["record.search"]});
    let client = core.call(&admin, "integrations.create", input).await;
    let client = client.result()["clientId"].clone();
    let far = made(&core, newcomer("a.phiri")).await;
    let clerk = core.token_of("c.clerk", CLERK).await;
    let asked = json!([far.id, client, core.core.world.new_id(), "no id"]);
    let seen = core.call(&clerk, "user.list", asked).await;
    let shown = json!([
        {
            "type": "user",
            "id": far.id,
            "name": {"firstname": "Ama", "surname": "Phiri"},
            "role": CLERK,
            "primaryOfficeId": HEAD_OFFICE,
        },
        {"type": "system", "id": client, "name": "Health"},
    ]);
    assert_eq!(*seen.result(), shown);
}

#[tokio::test]
async fn an_administrator_finds_people_a_page_at_a_time() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    for username in ["clerk.c", "clerk.a", "clerk.b"] {
        core.user(username, CLERK).await;
    }
    let input = json!({
        "primaryOfficeId": OFFICE, "sortBy": "surname", "sortOrder": "desc", "count": 2, "skip": 1,
    });
    let found = core.call(&admin, "user.search", input).await;
    let found = found.result().as_array().unwrap();
    let names: Vec<_> = found.iter().map(|user| &user["name"]["surname"]).collect();
    assert_eq!(names, ["clerk.b", "clerk.a"]);
    assert_eq!(found[0]["status"], "active");
}

#[tokio::test]
async fn a_new_password_asks_for_the_old_one() {
    let core = CoreUnderTest::start().await;
    let token = core.token_of("k.mweene", REGISTRAR).await;
    let change = async |existing: &str, new: &str| {
        let input = json!({"existingPassword": existing, "password": new});
        core.call(&token, "user.changePassword", input).await.status
    };
    assert_eq!(change("wrong", "Another horse 9").await, 401);
    assert_eq!(change(PASSWORD, "short").await, 400);
    // The session it is changed in is from an earlier second, and so ends with the old password.
    core.clock.advance(jiff::SignedDuration::from_secs(1));
    assert_eq!(change(PASSWORD, "Another horse 9").await, 200);
    assert_eq!(change("Another horse 9", "A third horse 3").await, 401);
    let token = core.token_of("k.mweene", REGISTRAR).await;
    let verify = async |password: &str| {
        let input = json!({"password": password});
        core.call(&token, "user.verifyLoggedInUserPassword", input)
            .await
            .status
    };
    assert_eq!(verify(PASSWORD).await, 401);
    assert_eq!(verify("Another horse 9").await, 200);
}

#[tokio::test]
async fn an_administrator_has_a_username_sent() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let clerk = core.user("c.clerk", CLERK).await;
    let answer = core
        .call(&admin, "user.sendUsernameReminder", json!(clerk.id))
        .await;
    assert_eq!(answer.status, 200);
    let message = core
        .country
        .received("/triggers/user/username-reminder", 0)
        .await;
    assert_eq!(message.body["username"], "c.clerk");
}

#[tokio::test]
async fn who_looked_at_whom_is_written_down() {
    let core = CoreUnderTest::start().await;
    let registrar = core.token_of("k.mweene", REGISTRAR).await;
    let clerk = core.user("c.clerk", CLERK).await;
    core.call(&registrar, "user.get", json!(clerk.id))
        .await
        .result();
    let written = async {
        loop {
            let (trail, _) = core.core.store.audit(None, None, 0, 100).await.unwrap();
            if let Some(entry) = trail
                .into_iter()
                .find(|entry| entry.operation == "user.get")
            {
                return entry;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let written = tokio::time::timeout(std::time::Duration::from_secs(20), written).await;
    assert_eq!(written.unwrap().details, json!({"subjectId": clerk.id}));
}
