//! What people did, and who may see it.

use serde_json::{Value, json};

use crate::{
    core_under_test::CoreUnderTest,
    person::birth,
    small_country::{ADMIN, CLERK, REGISTRAR},
};

#[tokio::test]
async fn an_administrator_sees_what_somebody_did_and_not_what_they_wrote() {
    let core = CoreUnderTest::start().await;
    let registrar = core.person(REGISTRAR).await;
    let event = registrar.declared().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let see = |more: Value| {
        let mut input = json!({"userId": registrar.id});
        for (field, value) in more.as_object().unwrap() {
            input[field] = value.clone();
        }
        core.call(&admin, "user.actions", input)
    };
    let seen = see(json!({})).await;
    let results = seen.result()["results"].as_array().unwrap().clone();
    assert_eq!(seen.result()["total"], results.len());
    let newest_first: Vec<_> = results
        .iter()
        .map(|done| format!("{} {}", done["actionType"], done["status"]).replace('"', ""))
        .collect();
    let expected = [
        "DECLARE Accepted",
        "DECLARE Requested",
        "ASSIGN Accepted",
        "CREATE Accepted",
    ];
    assert_eq!(newest_first, expected);
    assert_eq!(results[0]["eventId"], json!(event));
    assert_eq!(results[0]["trackingId"].as_str().unwrap().len(), 6);
    let written = birth()["child.name"].as_str().unwrap().to_owned();
    assert!(!seen.body.to_string().contains(&written));

    let declared = see(json!({"actionTypes": ["DECLARE"], "count": 1, "skip": 1})).await;
    assert_eq!(declared.result()["total"], 2);
    assert_eq!(declared.result()["results"][0]["status"], "Requested");
    let later = see(json!({"timeStart": "2999-01-01"})).await;
    assert_eq!(later.result()["total"], 0);
    let until_now = see(json!({"timeEnd": world::iso(core.core.world.now())})).await;
    assert_eq!(until_now.result()["total"], 4);
}

#[tokio::test]
async fn what_a_client_says_it_did_is_listed_with_what_core_has_seen() {
    let core = CoreUnderTest::start().await;
    let admin = core.token_of("a.admin", ADMIN).await;
    let me = core.account("a.admin").await;
    let clerk = core.user("c.clerk", CLERK).await;
    let record = |operation: &str, data: Value| {
        let input = json!({"operation": operation, "requestData": data});
        core.call(&admin, "user.audit.record", input)
    };
    let subject = json!({"subjectId": clerk.id, "reason": "left"});
    assert_eq!(record("user.deactivate", subject.clone()).await.status, 200);
    let unreasoned = json!({"subjectId": clerk.id});
    assert_eq!(
        record("user.deactivate", unreasoned.clone()).await.status,
        400
    );
    assert_eq!(record("integrations.create", unreasoned).await.status, 400);
    core.call(&admin, "user.sendUsernameReminder", json!(clerk.id))
        .await
        .result();
    let list = |more: Value| {
        let mut input = json!({"userId": me.id});
        for (field, value) in more.as_object().unwrap() {
            input[field] = value.clone();
        }
        core.call(&admin, "user.audit.list", input)
    };
    let listed = list(json!({})).await;
    assert_eq!(listed.result()["total"], 2);
    let [seen, said] = [0, 1].map(|at| listed.result()["results"][at].clone());
    assert_eq!(seen["operation"], "user.username_reminder_by_admin");
    assert_eq!(seen["requestData"], json!({"subjectId": clerk.id}));
    assert_eq!(
        (&said["operation"], &said["requestData"]),
        (&json!("user.deactivate"), &subject)
    );
    assert_eq!(
        (&said["clientId"], &said["clientType"]),
        (&json!(me.id), &json!("user"))
    );
    assert_eq!(said["responseSummary"], Value::Null);
    let others = list(json!({"excludeOperations": ["user.deactivate"]})).await;
    assert_eq!(others.result()["total"], 1);
    let page = list(json!({"skip": 1, "count": 1})).await;
    assert_eq!(page.result()["results"], json!([said]));
    assert_eq!(
        list(json!({"timeStart": "2999-01-01"})).await.result()["total"],
        0
    );

    // In the trail itself it shows who says so.
    let (trail, _) = core.core.store.audit(None, None, 0, 100).await.unwrap();
    let kept = trail
        .iter()
        .find(|entry| entry.operation == "user.deactivate");
    assert_eq!(kept.unwrap().details, json!({"said": subject}));
}

#[tokio::test]
async fn people_see_their_own_history_if_they_may_and_nobody_elses() {
    let core = CoreUnderTest::start().await;
    let clerk = core.user("c.clerk", CLERK).await;
    let other = core.user("d.clerk", CLERK).await;
    let nobody = core.core.world.new_id();
    let without = core.token_with(&clerk, &[]);
    let own = core.token_with(&clerk, &["type=user.read-only-my-audit"]);
    for operation in ["user.actions", "user.audit.list"] {
        for (token, id, status) in [
            (&without, clerk.id, 404),
            (&own, clerk.id, 200),
            (&own, other.id, 404),
            (&own, nobody, 404),
        ] {
            let input = json!({"userId": id});
            assert_eq!(core.call(token, operation, input).await.status, status);
        }
    }
}
