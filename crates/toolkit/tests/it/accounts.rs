//! Account triggers and the calls around set-up.

use std::sync::{Arc, Mutex};

use axum::{Router, routing::get};
use serde_json::json;
use toolkit::{AccountEvent, AccountTrigger, CountryConfig, TriggerError};

use crate::{
    country::{Country, claims, claims_of_client, claims_of_core, settings},
    fake_core::FakeCore,
};

type Told = Arc<Mutex<Vec<AccountEvent>>>;

fn telling(config: CountryConfig, told: &Told) -> CountryConfig {
    let told = Arc::clone(told);
    config.on_account(move |trigger: AccountTrigger| {
        let told = Arc::clone(&told);
        async move {
            if trigger.recipient.mobile.is_none() {
                return Err(TriggerError::new("no way to reach the recipient"));
            }
            told.lock().unwrap().push(trigger.event);
            Ok(())
        }
    })
}

async fn post(country: &Country, path: &str, id: &str, token: &str, mobile: Option<&str>) -> u16 {
    let body = json!({ "recipient": { "mobile": mobile }, "code": "123456" });
    let request = country
        .http
        .post(country.url(path))
        .header("webhook-id", id)
        .json(&body);
    let request = if token.is_empty() {
        request
    } else {
        request.bearer_auth(token)
    };
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_code_is_told_once_per_delivery_and_again_after_a_failure() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let told = Told::default();
    let country = Country::start(settings(&core, folder.path()), |it| telling(it, &told)).await;
    let token = core.key().sign(&claims_of_core());
    let path = "/triggers/user/2fa";
    assert_eq!(post(&country, path, "a", &token, Some("+260")).await, 200);
    assert_eq!(post(&country, path, "a", &token, Some("+260")).await, 200);
    assert_eq!(told.lock().unwrap().len(), 1);
    assert_eq!(post(&country, path, "b", &token, None).await, 500);
    assert_eq!(post(&country, path, "c", &token, Some("+260")).await, 200);
    assert_eq!(told.lock().unwrap().len(), 2);
    assert_eq!(
        post(&country, "/triggers/user/user-created", "d", &token, None).await,
        422
    );
}

#[tokio::test]
async fn nobody_but_core_can_have_messages_sent() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let told = Told::default();
    let country = Country::start(settings(&core, folder.path()), |it| telling(it, &told)).await;
    let person = core.key().sign(&claims());
    assert_eq!(
        post(&country, "/triggers/user/2fa", "a", "", Some("+260")).await,
        401
    );
    assert_eq!(
        post(&country, "/triggers/user/2fa", "a", &person, Some("+260")).await,
        403
    );
    assert!(told.lock().unwrap().is_empty());
    country.stop().await;
    let mut open = settings(&core, folder.path());
    open.opencrvs_core = true;
    let country = Country::start(open, |it| telling(it, &told)).await;
    assert_eq!(
        post(&country, "/triggers/user/2fa", "a", "", Some("+260")).await,
        200
    );
    assert_eq!(
        post(&country, "/triggers/user/2fa", "b", "rubbish", Some("+260")).await,
        401
    );
    // OpenCRVS shows the token of whoever made the account.
    assert_eq!(
        post(&country, "/triggers/user/2fa", "c", &person, Some("+260")).await,
        200
    );
}

#[tokio::test]
async fn no_person_can_say_that_core_is_ready_or_hand_over_records() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), |it| it).await;
    for (path, scope) in [
        ("/triggers/system/ready", "type=integration.create"),
        ("/reindex", "record.reindex"),
    ] {
        let mut person = claims_of_client(scope);
        person["userType"] = json!("user");
        let another = claims_of_client("type=record.read");
        let allowed = claims_of_client(scope);
        for (claims, status) in [(person, 403), (another, 403), (allowed, 204)] {
            let token = core.key().sign(&claims);
            assert_eq!(
                post(&country, path, "a", &token, None).await,
                status,
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn without_a_handler_messages_stay_with_core() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), |it| it).await;
    let token = core.key().sign(&claims_of_core());
    assert_eq!(
        post(&country, "/triggers/user/2fa", "a", &token, Some("+260")).await,
        501
    );
    let setting_up = core
        .key()
        .sign(&claims_of_client("type=integration.create"));
    assert_eq!(
        post(&country, "/triggers/system/ready", "b", &setting_up, None).await,
        204
    );
    assert_eq!(post(&country, "/reindex", "c", &token, None).await, 204);
    assert_eq!(post(&country, "/reindex", "d", "", None).await, 401);
}

#[tokio::test]
async fn routes_of_the_countrys_own_are_served_and_may_fail() {
    let (core, folder) = (FakeCore::start().await, tempfile::tempdir().unwrap());
    let country = Country::start(settings(&core, folder.path()), |it| {
        it.routes(
            Router::new()
                .route("/hello", get(|| async { "hello" }))
                .route(
                    "/bug",
                    get(async || if true { panic!("a bug") } else { "" }),
                ),
        )
    })
    .await;
    let hello = country
        .http
        .get(country.url("/hello"))
        .send()
        .await
        .unwrap();
    assert_eq!(hello.text().await.unwrap(), "hello");
    let bug = country.http.get(country.url("/bug")).send().await.unwrap();
    assert_eq!(bug.status(), 500);
}
