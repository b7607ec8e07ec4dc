//! A registered record is corrected in two steps: somebody asks, and somebody approves or refuses.

use serde_json::{Value, json};

use crate::{
    core_under_test::CoreUnderTest,
    country_under_test::Answer,
    demanding_country,
    person::{Outcome, Person, story},
};

async fn request(person: &Person<'_>, event: &str, transaction: &str, changes: Value) -> Outcome {
    let more = json!({ "declaration": changes });
    person
        .ask("correction.request", event, transaction, more)
        .await
}

async fn answer(person: &Person<'_>, step: &str, event: &str, of: &Value, more: Value) -> Outcome {
    let mut input = json!({"requestId": of});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    let transaction = format!("{step}-{of}");
    person
        .ask(&format!("correction.{step}"), event, &transaction, input)
        .await
}

/// The document's last action.
fn last(document: &Value) -> &Value {
    document["actions"].as_array().unwrap().last().unwrap()
}

fn declared(document: &Value) -> Value {
    let document = serde_json::from_value(document.clone()).unwrap();
    Value::Object(records::current_declaration(&document))
}

/// Message ids and fields of a refusal.
fn named(outcome: Outcome) -> Vec<(String, String)> {
    let (status, error) = outcome.unwrap_err();
    assert_eq!(status, 400, "{error}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let fields = error["data"]["fields"].as_array().unwrap().iter();
    fields
        .map(|problem| (text(&problem["field"]), text(&problem["messageId"])))
        .collect()
}

fn problem(field: &str, id: &str) -> (String, String) {
    (field.to_owned(), id.to_owned())
}

fn message(outcome: Outcome) -> (u16, String) {
    let (status, error) = outcome.unwrap_err();
    (status, error["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_correction_applies_once_it_is_approved_and_names_the_request_it_answers() {
    let under_test = demanding_country::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.registered_with_mother().await;
    let changes = json!({"mother.unknown": true, "mother.name": null, "mother.reason": "Died"});
    let asked = request(&registrar, &event, "c", changes).await.unwrap();
    assert_eq!(
        story(&asked)[6..],
        [
            "REQUEST_CORRECTION Requested",
            "REQUEST_CORRECTION Accepted"
        ]
    );
    assert_eq!(declared(&asked)["mother.name"], "Esther Banda");
    let waiting = last(&asked)["id"].clone();
    let immediate = json!({"content": {"immediateCorrection": true}, "keepAssignment": false});
    let approved = answer(&registrar, "approve", &event, &waiting, immediate)
        .await
        .unwrap();
    assert_eq!(
        story(&approved)[8..],
        [
            "APPROVE_CORRECTION Requested",
            "APPROVE_CORRECTION Accepted",
            "UNASSIGN Accepted"
        ]
    );
    for step in [&approved["actions"][8], &approved["actions"][9]] {
        assert_eq!(step["requestId"], waiting);
        assert_eq!(step["content"], json!({"immediateCorrection": true}));
    }
    let now = declared(&approved);
    assert_eq!(
        (&now["mother.name"], &now["mother.reason"]),
        (&Value::Null, &json!("Died"))
    );
}

#[tokio::test]
async fn a_refused_correction_leaves_everything_as_it_was_and_keeps_the_reason() {
    let under_test = demanding_country::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.registered_with_mother().await;
    let before = declared(&registrar.read(&event).await);
    let changes = json!({"mother.name": "Ruth"});
    let asked = request(&registrar, &event, "c", changes).await.unwrap();
    let waiting = &last(&asked)["id"];
    let unexplained = answer(&registrar, "reject", &event, waiting, json!({})).await;
    assert_eq!(unexplained.unwrap_err().0, 400);
    let why = json!({"content": {"reason": "No proof"}});
    let refused = answer(&registrar, "reject", &event, waiting, why)
        .await
        .unwrap();
    assert_eq!(last(&refused)["content"], json!({"reason": "No proof"}));
    assert_eq!(declared(&refused), before);
    request(&registrar, &event, "again", json!({"mother.name": "Eve"}))
        .await
        .unwrap();
}

#[tokio::test]
async fn one_correction_waits_at_a_time() {
    let under_test = demanding_country::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.registered_with_mother().await;
    let changes = json!({"mother.name": "Ruth"});
    request(&registrar, &event, "c", changes.clone())
        .await
        .unwrap();
    let expected = "Action 'REQUEST_CORRECTION' cannot be performed on an event in 'REGISTERED' \
                    state with [correction-requested] flags. Available actions: READ, \
                    APPROVE_CORRECTION, REJECT_CORRECTION, CUSTOM, REVIEW_CORRECTION_REQUEST.";
    let second = request(&registrar, &event, "c2", changes).await;
    assert_eq!(message(second), (409, expected.to_owned()));
    let nothing = json!(under_test.core.world.new_id());
    let unknown = answer(&registrar, "approve", &event, &nothing, json!({})).await;
    let expected = format!(
        "Correction request not found with ID: {}",
        nothing.as_str().unwrap()
    );
    assert_eq!(message(unknown), (404, expected));
}

#[tokio::test]
async fn what_must_not_be_corrected_is_named_and_does_not_stand_in_the_way() {
    let under_test = demanding_country::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.registered_with_mother().await;
    let changes = json!({"child.nid": "4712", "mother.name": "Ruth"});
    let refused = request(&registrar, &event, "c", changes).await;
    assert_eq!(
        named(refused),
        [problem("child.nid", "error.correctionNotAllowed")]
    );
    // Without a mother the number is hidden, and nobody could take it off.
    let changes = json!({"mother.unknown": true, "mother.name": null});
    request(&registrar, &event, "c", changes).await.unwrap();
}

#[tokio::test]
async fn a_correction_must_leave_the_declaration_complete() {
    let under_test = demanding_country::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.registered_with_mother().await;
    let changes = json!({"child.dob": "soon", "mother.name": null, "child.name": ""});
    assert_eq!(
        named(request(&registrar, &event, "c", changes).await),
        [
            problem("child.name", "error.required"),
            problem("child.dob", "error.invalidDate"),
            problem("mother.name", "error.required"),
        ]
    );
    let changes = json!({"mother.reason": "?"});
    assert_eq!(
        named(request(&registrar, &event, "c", changes).await),
        [problem("mother.reason", "error.hidden")]
    );
}

#[tokio::test]
async fn whoever_may_only_ask_for_corrections_answers_none() {
    let under_test = demanding_country::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.registered_with_mother().await;
    let asker = registrar.with_scopes(&["type=record.request-correction"]);
    let asked = request(&asker, &event, "c", json!({"mother.name": "Ruth"}))
        .await
        .unwrap();
    let waiting = &last(&asked)["id"];
    let refused = answer(&asker, "approve", &event, waiting, json!({})).await;
    assert_eq!(refused.unwrap_err().0, 403);
    let elsewhere = registrar.with_scopes(&["type=record.correct&event=death"]);
    let refused = answer(&elsewhere, "approve", &event, waiting, json!({})).await;
    assert_eq!(refused.unwrap_err().0, 404);
    let corrector = registrar.with_scopes(&["type=record.correct&event=birth"]);
    answer(&corrector, "approve", &event, waiting, json!({}))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_system_client_corrects_what_nobody_holds_and_says_where() {
    let under_test = demanding_country::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.registered_with_mother().await;
    let client = under_test.system(&["type=record.correct"]).await;
    let office = crate::small_country::OFFICE;
    let ask = |location: Value| {
        let more = json!({"declaration": {"mother.name": "Ruth"}, "createdAtLocation": location});
        client.ask("correction.request", &event, "c", more)
    };
    assert_eq!(
        message(ask(json!(office)).await),
        (
            409,
            "System user can not perform action on assigned event".to_owned()
        )
    );
    let release = json!({"eventId": event, "transactionId": "u"});
    registrar
        .call("event.actions.assignment.unassign", release)
        .await
        .unwrap();
    for (location, why) in [
        (
            Value::Null,
            "createdAtLocation is required and must be a valid location id",
        ),
        (
            json!(crate::small_country::DISTRICT),
            "createdAtLocation must be a valid location id",
        ),
    ] {
        assert_eq!(message(ask(location).await), (400, why.to_owned()));
    }
    let asked = ask(json!(office)).await.unwrap();
    assert_eq!(last(&asked)["type"], "REQUEST_CORRECTION", "no UNASSIGN");
    assert_eq!(last(&asked)["createdAtLocation"], json!(office));
}

#[tokio::test]
async fn the_country_may_decide_a_correction_later() {
    let under_test = demanding_country::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let event = registrar.registered_with_mother().await;
    let decide = async |under_test: &CoreUnderTest, step: &str| {
        let trigger = under_test.country.arrived().pop().unwrap();
        let (_, action) = trigger.ids();
        let input = json!({"eventId": event, "actionId": action, "transactionId": action});
        under_test
            .ask_with(&trigger.token(), step, input)
            .await
            .unwrap()
    };
    under_test.country.then(Answer::With(202, Value::Null));
    request(&registrar, &event, "c", json!({"mother.name": "Ruth"}))
        .await
        .unwrap();
    let refused = decide(&under_test, "event.actions.correction.request.reject").await;
    let rejection = story(&refused)
        .iter()
        .rev()
        .find(|step| step.starts_with("REQUEST"))
        .cloned();
    assert_eq!(rejection.unwrap(), "REQUEST_CORRECTION Rejected");
    assert_eq!(declared(&refused)["mother.name"], "Esther Banda");
}
