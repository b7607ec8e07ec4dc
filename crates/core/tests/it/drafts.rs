//! What somebody has begun to fill in is theirs alone, and ends with what is done.

use serde_json::{Value, json};

use crate::{
    core_under_test::CoreUnderTest,
    person::{Outcome, Person, birth},
    small_country::HEAD_OFFICE,
};

async fn draft(person: &Person<'_>, event: &str, transaction: &str, more: Value) -> Outcome {
    let mut input = json!({
        "eventId": event, "transactionId": transaction, "type": "DECLARE", "status": "Requested",
    });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    person.call("event.draft.create", input).await
}

async fn drafts(person: &Person<'_>) -> Value {
    person.call("event.draft.list", Value::Null).await.unwrap()
}

#[tokio::test]
async fn a_draft_looks_like_the_action_it_will_be_and_only_its_person_sees_it() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let other = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    let saved = draft(&registrar, &event, "d", json!({})).await.unwrap();
    let expected = json!({
        "id": saved["id"],
        "eventId": event,
        "transactionId": "d",
        "createdAt": saved["createdAt"],
        "action": {
            "transactionId": "d",
            "createdAt": saved["createdAt"],
            "createdBy": registrar.id,
            "createdByRole": "REGISTRAR",
            "createdByUserType": "user",
            "declaration": {},
            "annotation": null,
            "type": "DECLARE",
            "status": "Accepted",
        },
    });
    assert_eq!(saved, expected);
    assert_eq!(drafts(&registrar).await, json!([saved]));
    assert_eq!(drafts(&other).await, json!([]));
}

#[tokio::test]
async fn answers_in_a_draft_need_not_be_right_yet() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    let unfinished = json!({"child.dob": "yest", "long.ago": null});
    let more = json!({"declaration": unfinished, "annotation": {"review.comment": "?"}});
    let saved = draft(&registrar, &event, "d", more).await.unwrap();
    assert_eq!(saved["action"]["declaration"], unfinished);
    assert_eq!(
        saved["action"]["annotation"],
        json!({"review.comment": "?"})
    );
}

#[tokio::test]
async fn a_newer_draft_takes_the_place_of_the_older_and_the_same_transaction_changes_nothing() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    let said = |comment: &str| json!({"annotation": {"comment": comment}});
    draft(&registrar, &event, "1", said("one")).await.unwrap();
    let second = draft(&registrar, &event, "2", said("two")).await.unwrap();
    let again = draft(&registrar, &event, "2", said("not kept"))
        .await
        .unwrap();
    assert_eq!(again, second);
    assert_eq!(drafts(&registrar).await, json!([second]));
}

#[tokio::test]
async fn only_an_action_that_may_be_taken_now_is_drafted_by_whoever_holds_the_record() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let other = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    let refused = |outcome: Outcome| {
        let (status, error) = outcome.unwrap_err();
        (status, error["message"].as_str().unwrap().to_owned())
    };
    let absent = under_test.core.world.new_id().to_string();
    assert_eq!(
        refused(draft(&registrar, &absent, "d", json!({})).await),
        (404, format!("Event not found with ID: {absent}"))
    );
    assert_eq!(
        refused(draft(&other, &event, "d", json!({})).await),
        (409, "You are not assigned to this event".to_owned())
    );
    let message = "Action 'REGISTER' cannot be performed on an event in 'CREATED' state with [] \
                   flags. Available actions: READ, DECLARE, NOTIFY, DELETE, CUSTOM.";
    let register = json!({"type": "REGISTER"});
    assert_eq!(
        refused(draft(&registrar, &event, "d", register).await),
        (409, message.to_owned())
    );
    for wrong in [
        json!({"type": "DELETE"}),
        json!({"type": "DREAM"}),
        json!({"status": "Maybe"}),
        json!({"declaration": []}),
    ] {
        let (status, _) = refused(draft(&registrar, &event, "d", wrong.clone()).await);
        assert_eq!(status, 400, "{wrong}");
    }
    let searcher = registrar.with_scopes(&["type=record.search"]);
    let (status, _) = refused(draft(&searcher, &event, "d", json!({})).await);
    assert_eq!(status, 403);
    assert_eq!(drafts(&registrar).await, json!([]));
}

#[tokio::test]
async fn a_draft_outlives_reading_and_ends_with_what_is_done_to_the_record() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let (declared, released) = (registrar.begin().await, registrar.begin().await);
    for event in [&declared, &released] {
        draft(&registrar, event, "d", json!({})).await.unwrap();
        registrar.read(event).await;
    }
    assert_eq!(drafts(&registrar).await.as_array().unwrap().len(), 2);
    let more = json!({ "declaration": birth() });
    registrar
        .ask("declare", &declared, "now", more)
        .await
        .unwrap();
    assert_eq!(drafts(&registrar).await[0]["eventId"], released);
    let input = json!({"eventId": released, "transactionId": "u"});
    registrar
        .call("event.actions.assignment.unassign", input)
        .await
        .unwrap();
    assert_eq!(drafts(&registrar).await, json!([]));
}

#[tokio::test]
async fn whoever_moves_to_another_office_leaves_their_drafts() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    draft(&registrar, &event, "d", json!({})).await.unwrap();
    let store = &under_test.core.store;
    let mut user = store.user(registrar.id).await.unwrap().unwrap();
    user.primary_office_id = HEAD_OFFICE;
    store.save_user(user, None, vec![], vec![]).await.unwrap();
    assert_eq!(drafts(&registrar).await, json!([]));
}

#[tokio::test]
async fn drafts_are_kept_and_listed_over_rest_too() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    let path = format!("/events/{event}/draft");
    let body = json!({"transactionId": "d", "type": "DECLARE"});
    let saved = under_test.post_as(&registrar.token, &path, body).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let listed = under_test
        .ask_path(&registrar.token, reqwest::Method::GET, "/drafts")
        .await;
    assert_eq!(listed.body, json!([saved.body]));
}

#[tokio::test]
async fn drafts_come_page_by_page_or_for_one_record() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let mut saved = Vec::new();
    for _ in 0..3 {
        let event = registrar.begin().await;
        saved.push(draft(&registrar, &event, "d", json!({})).await.unwrap());
    }
    let list = async |input: Value| registrar.call("event.draft.list", input).await;
    let first = list(json!({"limit": 2})).await.unwrap();
    assert_eq!(first, json!([saved[0], saved[1]]));
    let rest = list(json!({"limit": 2, "after": first[1]["id"]}));
    assert_eq!(rest.await.unwrap(), json!([saved[2]]));
    let end = list(json!({"after": saved[2]["id"]})).await;
    assert_eq!(end.unwrap(), json!([]));
    let one = list(json!({"eventId": saved[1]["eventId"]})).await;
    assert_eq!(one.unwrap(), json!([saved[1]]));
    for wrong in [
        json!({"limit": 101}),
        json!({"limit": 0}),
        json!({"after": "the last"}),
    ] {
        let (status, error) = list(wrong.clone()).await.unwrap_err();
        assert_eq!(status, 400, "{wrong}: {error}");
    }
}

#[tokio::test]
async fn a_draft_that_is_larger_than_anything_a_person_fills_in_is_refused_with_what_to_do() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.begin().await;
    // The braces and names around the answer count, too.
    let comment = |bytes: usize| {
        let around = r#"[{},{"c":""}]"#.len();
        json!({"annotation": {"c": "x".repeat(bytes - around)}})
    };
    let largest = 256 * 1024;
    let full = draft(&registrar, &event, "full", comment(largest)).await;
    let full = full.unwrap();
    let (status, error) = draft(&registrar, &event, "more", comment(largest + 1))
        .await
        .unwrap_err();
    assert_eq!(status, 413);
    let said = error["message"].as_str().unwrap();
    assert!(said.contains("262144") && said.contains("262145"), "{said}");
    assert!(said.contains("as files"), "{said}");
    assert_eq!(drafts(&registrar).await, json!([full]));
}
