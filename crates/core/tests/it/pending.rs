//! Actions that wait long for the country: who sees them, who is told, who may decide by hand.

use std::time::Duration;

use countersign_core::configuration::{RefreshError, Refreshed};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use storage::ConfigurationKind;

use crate::{
    core_under_test::CoreUnderTest,
    country_under_test::{Answer, Received},
    person::{Outcome, Person, story},
};

/// What the country's own system client holds.
const THE_COUNTRYS: [&str; 2] = [
    "type=record.confirm-registration",
    "type=record.reject-registration",
];
/// Long enough for anything that is going to happen, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(20);

/// A Core that looks for what waits too long all the time.
async fn watchful() -> CoreUnderTest {
    CoreUnderTest::start_with(|settings| {
        settings.deadline_check = Duration::from_millis(5);
    })
    .await
}

/// The country says how long it may take.
async fn patience(under_test: &CoreUnderTest, deadlines: Value) {
    under_test.country.serve("/config/deadlines", deadlines);
    let configuration = &under_test.core.configuration;
    let refreshed = configuration.refresh(&under_test.core).await.unwrap();
    assert_eq!(refreshed, Refreshed::Changed);
}

/// A birth whose registration waits for the country, and the trigger that told it so.
pub(crate) async fn pending(
    under_test: &CoreUnderTest,
    registrar: &Person<'_>,
) -> (String, Received) {
    let event = registrar.declared().await;
    under_test.country.then(Answer::With(202, json!(null)));
    registrar
        .ask("register", &event, &format!("r-{event}"), json!({}))
        .await
        .unwrap();
    let trigger = under_test.country.arrived().pop().unwrap();
    (event, trigger)
}

/// Somebody who may decide by hand, and nothing else.
pub(crate) async fn operator(under_test: &CoreUnderTest) -> Person<'_> {
    let admin = under_test.person("ADMIN").await;
    under_test.person_with_id(admin.id, "ADMIN", &["type=pending.resolve"])
}

fn refused(outcome: Outcome) -> (u16, Value) {
    outcome.unwrap_err()
}

fn decisions(document: &Value) -> Vec<String> {
    let steps = story(document).into_iter();
    steps.filter(|step| step.starts_with("REGISTER")).collect()
}

/// The action that decided the registration.
fn decision(document: &Value) -> Value {
    let mut actions = document["actions"].as_array().unwrap().iter();
    let decides = |action: &&Value| action["type"] == "REGISTER" && action["status"] != "Requested";
    actions.rfind(decides).unwrap().clone()
}

async fn until<T>(what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
    let wait = async {
        loop {
            if let Some(found) = check().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait)
        .await
        .unwrap_or_else(|_| panic!("it never came to this: {what}"))
}

/// Waits until the registration of this birth is decided.
async fn decided(registrar: &Person<'_>, event: &str) -> Value {
    until("a decision", async || {
        let submission = registrar.submission(&format!("r-{event}")).await;
        (submission["status"] != "Requested").then_some(submission)
    })
    .await
}

#[tokio::test]
async fn what_waits_is_listed_oldest_first_to_the_country_and_to_operators_alone() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let (first, trigger) = pending(&under_test, &registrar).await;
    under_test.clock.advance(SignedDuration::from_secs(60));
    let (second, _) = pending(&under_test, &registrar).await;

    let country = under_test.system(&THE_COUNTRYS).await;
    let reader = under_test.system(&["type=delivery.read"]).await;
    for caller in [&country, &reader, &operator(&under_test).await] {
        let page = caller.call("pending.list", Value::Null).await.unwrap();
        let listed = page["pendingActions"].as_array().unwrap();
        let events: Vec<_> = listed.iter().map(|action| &action["eventId"]).collect();
        assert_eq!(events, [&json!(first), &json!(second)]);
        assert_eq!(page["next"], Value::Null);
        let one = &listed[0];
        assert_eq!(one["actionId"], json!(trigger.ids().1));
        assert_eq!(one["actionType"], "REGISTER");
        assert_eq!(one["eventType"], "birth");
        assert_eq!(one["transactionId"], json!(format!("r-{first}")));
        assert_eq!(one["trackingId"].as_str().unwrap().len(), 6);
        assert_eq!(one["delivered"], true);
        assert_eq!(one["alert"], "none");
        assert_eq!(one["deadline"], Value::Null);
        assert!(one["ageSeconds"].as_i64().unwrap() >= 60);
        assert!(!page.to_string().contains("Amina"), "nothing declared");
    }
    let confirmer = under_test.system(&THE_COUNTRYS[..1]).await;
    for (who, token) in [
        ("a registrar", &registrar.token),
        ("half of the country's rights", &confirmer.token),
        ("the token of one action", &trigger.token()),
    ] {
        let outcome = under_test.ask_with(token, "pending.list", Value::Null);
        assert_eq!(refused(outcome.await).0, 403, "{who}");
    }
    let people = registrar.with_scopes(&THE_COUNTRYS);
    let outcome = people.call("pending.list", Value::Null).await;
    assert_eq!(
        refused(outcome).0,
        403,
        "only a system client is the country's"
    );

    // The list is gone through page by page, over REST, while it grows shorter.
    let get = async |path: &str| {
        let answer = under_test.ask_path(&country.token, Method::GET, path).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    };
    let page = get("/pending-actions?limit=1").await;
    let next = page["next"].as_str().unwrap();
    let accept = json!({
        "eventId": first, "actionId": trigger.ids().1, "transactionId": "a",
        "registrationNumber": "B1",
    });
    under_test
        .ask_with(&trigger.token(), "event.actions.register.accept", accept)
        .await
        .unwrap();
    let page = get(&format!("/pending-actions?limit=1&after={next}")).await;
    assert_eq!(page["pendingActions"][0]["eventId"], json!(second));
    assert_eq!(page["next"], Value::Null);
    let page = get("/pending-actions?event=birth&action=REGISTER&delivered=true").await;
    assert_eq!(page["pendingActions"].as_array().unwrap().len(), 1);
    for nobody in [
        "event=death",
        "action=DECLARE",
        "delivered=false",
        "olderThan=P1D",
    ] {
        let page = get(&format!("/pending-actions?{nobody}")).await;
        assert_eq!(page["pendingActions"], json!([]), "{nobody}");
    }
    let wrong = under_test.ask_path(&country.token, Method::GET, "/pending-actions?actoin=X");
    assert_eq!(wrong.await.status, 400, "a filter is never left unheeded");

    under_test.core.reads.written().await;
    let who = country.id.to_string();
    let trail = under_test.core.store.audit(None, Some(&who), 0, 100).await;
    let (trail, _) = trail.unwrap();
    assert!(trail.iter().all(|entry| entry.operation == "pending.list"));
    assert!(trail.len() >= 8, "every page is audited");
}

#[tokio::test]
async fn the_country_says_when_an_action_is_due_and_when_overdue() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let operator = operator(&under_test).await;
    pending(&under_test, &registrar).await;
    let listed = async |alert: &str| {
        let page = operator
            .call("pending.list", json!({ "alert": alert }))
            .await;
        page.unwrap()["pendingActions"].as_array().unwrap().clone()
    };
    assert_eq!(listed("none").await.len(), 1);
    let rule = json!({
        "event": "birth", "action": "REGISTER", "alertAfter": "PT6H", "deadline": "P1D",
    });
    patience(&under_test, json!([rule])).await;
    under_test.clock.advance(SignedDuration::from_hours(7));
    let due = listed("due").await;
    assert_eq!((due.len(), listed("none").await.len()), (1, 0));
    assert_eq!(due[0]["whenPassed"], "alert");
    assert!(due[0]["deadline"].is_string());
    under_test.clock.advance(SignedDuration::from_hours(17));
    assert_eq!(listed("overdue").await.len(), 1);
    assert_eq!(listed("due").await.len(), 0);
    let metrics = under_test.get("/metrics").await.text().await.unwrap();
    let shown = |name: &str| {
        let labels = "{event=\"birth\",action=\"REGISTER\"}";
        let line = metrics
            .lines()
            .find(|line| line.starts_with(&format!("{name}{labels}")));
        let value = line.unwrap_or_else(|| panic!("{name} is not shown: {metrics}"));
        value.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    // Cores of other tests in this process may have been asked last: what is theirs is none.
    assert!(shown("countersign_pending_actions") >= 0.0);
    assert!(shown("countersign_pending_overdue") >= 0.0);
    assert!(shown("countersign_pending_oldest_seconds") >= 0.0);
    assert!(metrics.contains(
        "countersign_pending_older{event=\"birth\",action=\"REGISTER\",older_than=\"6h\"}"
    ));
}

#[tokio::test]
async fn deadlines_that_make_no_sense_are_refused_where_they_are_wrong() {
    let under_test = CoreUnderTest::start().await;
    let rule = json!({"action": "REGISTER", "deadline": "P1D", "whenPassed": "accept"});
    under_test.country.serve("/config/deadlines", json!([rule]));
    let configuration = &under_test.core.configuration;
    let refused = configuration.refresh(&under_test.core).await.unwrap_err();
    let RefreshError::Refused(refused) = refused else {
        panic!("{refused}")
    };
    let problem = &refused.problems[0];
    assert_eq!(problem.document, ConfigurationKind::Deadlines);
    assert_eq!(problem.path, "/0/whenPassed");
    assert_eq!(refused.problems.len(), 1);
}

#[tokio::test]
async fn a_store_that_was_filled_before_there_were_deadlines_goes_on() {
    let under_test = CoreUnderTest::start().await;
    under_test.forget_document("deadlines");
    under_test.country.serve_nothing();
    let under_test = under_test.restart().await;
    assert!(under_test.core.configuration.event("birth").is_ok());
    let usual = under_test.core.configuration.deadlines();
    let patience = usual.of("birth", records::ActionType::Register);
    assert_eq!(patience.alert_after, SignedDuration::from_hours(48));
}

#[tokio::test]
async fn an_alert_that_could_not_be_kept_is_told_at_the_next_look() {
    let under_test = watchful().await;
    let registrar = under_test.person("REGISTRAR").await;
    patience(&under_test, json!([{ "alertAfter": "PT1H" }])).await;
    let (event, _) = pending(&under_test, &registrar).await;
    let failures = async || {
        let page = under_test.get("/metrics").await.text().await.unwrap();
        let lines = page.lines();
        lines
            .filter(|line| line.starts_with("countersign_store_errors_total"))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
            .sum::<u64>()
    };
    let before = failures().await;
    under_test.refuse_audit_of("pending.alert", true);
    under_test.clock.advance(SignedDuration::from_mins(90));
    until("the store has refused it", async || {
        (failures().await > before).then_some(())
    })
    .await;
    under_test.refuse_audit_of("pending.alert", false);
    let operator = operator(&under_test).await;
    until("it is told", async || {
        let input = json!({ "eventId": event });
        let history = operator.call("event.history", input).await.unwrap();
        let told = &history["steps"][0];
        (told["operation"] == "pending.alert" && told["details"]["alert"] == "due").then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_overdue_is_told_once_and_waits_on_unless_the_country_says_otherwise() {
    let under_test = watchful().await;
    let registrar = under_test.person("REGISTRAR").await;
    let admin = under_test.person("ADMIN").await.id;
    patience(
        &under_test,
        json!([{"alertAfter": "PT1H", "deadline": "PT2H"}]),
    )
    .await;
    let (event, first) = pending(&under_test, &registrar).await;
    let registrar = registrar.id;
    let alerts = async |under_test: &CoreUnderTest| {
        let operator = under_test.person_with_id(admin, "ADMIN", &["type=pending.resolve"]);
        let input = json!({ "eventId": event });
        let history = operator.call("event.history", input).await.unwrap();
        let steps = history["steps"].as_array().unwrap().clone();
        let alerts = steps
            .iter()
            .filter(|step| step["operation"] == "pending.alert");
        let told = alerts.map(|step| {
            assert_eq!(
                (&step["by"], &step["byType"]),
                (&json!("core"), &json!("core"))
            );
            step["details"]["alert"].as_str().unwrap().to_owned()
        });
        told.collect::<Vec<_>>()
    };
    under_test.clock.advance(SignedDuration::from_mins(90));
    until("it is due", async || {
        (alerts(&under_test).await == ["due"]).then_some(())
    })
    .await;
    under_test.clock.advance(SignedDuration::from_mins(60));
    let told = ["overdue", "due"];
    until("it is overdue", async || {
        (alerts(&under_test).await == told).then_some(())
    })
    .await;

    let under_test = under_test.restart().await;
    // Another one tells that the watch has been there again.
    let registrar = under_test.person_with_id(
        registrar,
        "REGISTRAR",
        &[
            "type=record.create",
            "type=record.declare",
            "type=record.register",
            "type=record.read",
        ],
    );
    let (other, _) = pending(&under_test, &registrar).await;
    under_test.clock.advance(SignedDuration::from_mins(90));
    until("the other is due", async || {
        let trail = under_test
            .core
            .store
            .audit(Some(other.parse().unwrap()), Some("core"), 0, 9);
        (trail.await.unwrap().1 > 0).then_some(())
    })
    .await;
    assert_eq!(
        alerts(&under_test).await,
        told,
        "kept once, whoever tells it how often"
    );
    let action = first.ids().1;
    let operator = under_test.person_with_id(admin, "ADMIN", &["type=pending.resolve"]);
    let input = json!({ "actionId": action });
    let waits = operator.call("pending.get", input).await.unwrap();
    assert_eq!(waits["alert"], "overdue");
}

#[tokio::test]
async fn core_rejects_what_is_overdue_where_the_country_says_so() {
    let under_test = watchful().await;
    let registrar = under_test.person("REGISTRAR").await;
    let rule = json!({
        "action": "REGISTER", "deadline": "PT2H", "whenPassed": "reject",
        "reason": "The national ID system is silent",
    });
    patience(&under_test, json!([rule])).await;
    let (event, trigger) = pending(&under_test, &registrar).await;
    under_test.clock.advance(SignedDuration::from_hours(3));
    let submission = decided(&registrar, &event).await;
    assert_eq!(submission["status"], "Rejected");
    assert_eq!(submission["reason"], "The national ID system is silent");
    let rejected = decision(&registrar.read(&event).await);
    assert_eq!(rejected["createdBy"], "core");
    assert_eq!(rejected["createdByUserType"], "system");
    assert_eq!(rejected["content"]["deadlinePassed"], true);
    let trail = under_test
        .core
        .store
        .audit(Some(event.parse().unwrap()), Some("core"), 0, 9);
    let (trail, _) = trail.await.unwrap();
    let entry = &trail[0];
    assert_eq!(entry.operation, "event.actions.register.reject");
    assert_eq!(entry.client_type, "core");
    assert_eq!(entry.details["reason"], "The national ID system is silent");

    let late = accept(&under_test, &trigger, "B1").await;
    let (status, error) = refused(late);
    assert_eq!(status, 409);
    assert_eq!(error["data"]["details"]["resolvedBy"], "core");
    assert_eq!(error["data"]["details"]["deadlinePassed"], true);
}

#[tokio::test]
async fn core_accepts_what_is_overdue_where_the_country_says_so() {
    let under_test = watchful().await;
    let registrar = under_test.person("REGISTRAR").await;
    let rule = json!({"action": "CUSTOM", "deadline": "PT2H", "whenPassed": "accept"});
    patience(&under_test, json!([rule])).await;
    let event = registrar.declared().await;
    under_test.country.then(Answer::With(202, json!(null)));
    let escalate = json!({"customActionType": "ESCALATE"});
    let transaction = format!("r-{event}");
    registrar
        .ask("custom", &event, &transaction, escalate)
        .await
        .unwrap();
    under_test.clock.advance(SignedDuration::from_hours(3));
    let submission = decided(&registrar, &event).await;
    assert_eq!(submission["status"], "Accepted");
    let document = registrar.read(&event).await;
    let steps = story(&document);
    assert_eq!(
        steps
            .iter()
            .filter(|step| *step == "CUSTOM Accepted")
            .count(),
        1
    );
}

async fn accept(under_test: &CoreUnderTest, trigger: &Received, number: &str) -> Outcome {
    let (event, action) = trigger.ids();
    let input = json!({
        "eventId": event, "actionId": action, "transactionId": format!("accept-{action}"),
        "registrationNumber": number,
    });
    under_test
        .ask_with(&trigger.token(), "event.actions.register.accept", input)
        .await
}

async fn reject(under_test: &CoreUnderTest, trigger: &Received) -> Outcome {
    let (event, action) = trigger.ids();
    let input = json!({
        "eventId": event, "actionId": action, "transactionId": format!("reject-{action}"),
        "reason": "the country says no",
    });
    under_test
        .ask_with(&trigger.token(), "event.actions.register.reject", input)
        .await
}

#[tokio::test]
async fn an_operator_approves_by_hand_with_a_reason_and_a_number() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let operator = operator(&under_test).await;
    let (event, trigger) = pending(&under_test, &registrar).await;
    let action = trigger.ids().1;
    let approve = |input: Value| {
        let mut input = input;
        input["actionId"] = json!(action);
        operator.call("pending.approve", input)
    };
    for incomplete in [
        json!({"reason": "The country is down for good"}),
        json!({"reason": " ", "registrationNumber": "H1"}),
        json!({"registrationNumber": "H1"}),
        json!({"reason": "why", "registrationNumber": " "}),
        json!({"reason": "why", "registrationNumber": "H1", "declaration": {}}),
    ] {
        let outcome = approve(incomplete.clone()).await;
        assert_eq!(refused(outcome).0, 400, "{incomplete}");
    }
    let input = json!({"reason": "The country is down for good", "registrationNumber": "H1"});
    let told = approve(input.clone()).await.unwrap();
    assert_eq!(told["resolution"], "accepted");
    assert_eq!(told["resolvedBy"], json!(operator.id));
    assert_eq!(
        (&told["byHand"], &told["already"]),
        (&json!(true), &json!(false))
    );
    assert!(
        told.get("actions").is_none(),
        "who decides by hand may not read the record"
    );
    let again = approve(input).await.unwrap();
    assert_eq!(again["already"], true);

    let document = registrar.read(&event).await;
    assert_eq!(
        decisions(&document),
        ["REGISTER Requested", "REGISTER Accepted"]
    );
    let accepted = decision(&document);
    assert_eq!(accepted["registrationNumber"], "H1");
    assert_eq!(accepted["createdBy"], json!(operator.id));
    assert_eq!(
        accepted["content"]["reason"],
        "The country is down for good"
    );
    assert_eq!(accepted["content"]["byHand"], true);
    let submission = registrar.submission(&format!("r-{event}")).await;
    assert_eq!(
        (&submission["status"], &submission["byHand"]),
        (&json!("Accepted"), &json!(true))
    );

    // The country was not asked; what it says later changes nothing, and it is told why.
    let (status, error) = refused(reject(&under_test, &trigger).await);
    assert_eq!(status, 409);
    let details = &error["data"]["details"];
    assert_eq!(details["resolution"], "accepted");
    assert_eq!(details["resolvedBy"], json!(operator.id));
    assert_eq!(details["byHand"], true);
    assert_eq!(details["reason"], "The country is down for good");
    assert!(accept(&under_test, &trigger, "B9").await.is_ok());
    let document = registrar.read(&event).await;
    assert_eq!(decision(&document)["registrationNumber"], "H1");
    let shown = operator
        .call("pending.get", json!({ "actionId": action }))
        .await;
    let (status, error) = refused(shown);
    assert_eq!(status, 404);
    assert_eq!(error["data"]["details"]["byHand"], true);
}

#[tokio::test]
async fn the_reason_that_was_requested_is_not_lost_when_an_operator_gives_another() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let operator = operator(&under_test).await;
    let event = registrar.declared().await;
    under_test.country.then(Answer::With(202, json!(null)));
    let asked = json!({"content": {"reason": "No such mother", "byHand": true}});
    registrar.ask("reject", &event, "r", asked).await.unwrap();
    let action = under_test.country.arrived().pop().unwrap().ids().1;
    let input = json!({"actionId": action, "reason": "The country is away"});
    operator.call("pending.approve", input).await.unwrap();
    let document = registrar.read(&event).await;
    let actions = document["actions"].as_array().unwrap();
    let rejects = |action: &&Value| action["type"] == "REJECT" && action["status"] == "Accepted";
    let content = &actions.iter().find(rejects).unwrap()["content"];
    assert_eq!(content["reason"], "No such mother");
    assert_eq!(content["decisionReason"], "The country is away");
}

#[tokio::test]
async fn what_the_country_answers_after_a_rejection_by_hand_changes_nothing() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let operator = operator(&under_test).await;
    let event = registrar.declared().await;
    under_test.country.answer_slowly(Duration::from_millis(300));
    let transaction = format!("r-{event}");
    let asking = registrar.ask("register", &event, &transaction, json!({}));
    let deciding = async {
        let trigger = under_test.country.reached(2).await.pop().unwrap();
        let input = json!({"actionId": trigger.ids().1, "reason": "A mistake"});
        operator.call("pending.reject", input).await.unwrap();
        trigger
    };
    let (answer, trigger) = tokio::join!(asking, deciding);
    answer.unwrap();
    let attempt = until("the late answer is kept", async || {
        let submission = registrar.submission(&format!("r-{event}")).await;
        submission["attempts"].get(0).cloned()
    })
    .await;
    assert_eq!(attempt["outcome"], "decided-otherwise");
    let (status, error) = refused(accept(&under_test, &trigger, "B1").await);
    assert_eq!(status, 409);
    assert_eq!(error["data"]["details"]["byHand"], true);
    let document = registrar.read(&event).await;
    assert_eq!(
        decisions(&document),
        ["REGISTER Requested", "REGISTER Rejected"]
    );
    assert_eq!(decision(&document)["content"]["reason"], "A mistake");
}

#[tokio::test]
async fn what_is_handed_back_may_be_put_right_and_asked_for_again() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let operator = operator(&under_test).await;
    let (event, trigger) = pending(&under_test, &registrar).await;
    let path = format!("/pending-actions/{}/hand-back", trigger.ids().1);
    let body = json!({"reason": "The mother's name is missing"});
    let told = under_test.post_as(&operator.token, &path, body).await;
    assert_eq!(told.status, 200, "{}", told.body);
    assert_eq!(told.body["handedBack"], true);
    let submission = registrar.submission(&format!("r-{event}")).await;
    assert_eq!(submission["status"], "Rejected");
    assert_eq!(submission["handedBack"], true);
    assert_eq!(submission["reason"], "The mother's name is missing");
    registrar.assign(&event, "x").await;
    let again = registrar
        .ask("register", &event, "again", json!({}))
        .await
        .unwrap();
    assert_eq!(decisions(&again).last().unwrap(), "REGISTER Accepted");
}

#[tokio::test]
async fn nobody_decides_by_hand_unless_that_was_given_to_them_and_nobody_approves_their_own() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let (_, trigger) = pending(&under_test, &registrar).await;
    let action = trigger.ids().1;
    let input = json!({"actionId": action, "reason": "why", "registrationNumber": "H1"});
    let admin = under_test.person("ADMIN").await;
    let country = under_test.system(&THE_COUNTRYS).await;
    let manager = under_test
        .system(&["type=delivery.manage", "type=delivery.read"])
        .await;
    for who in [&admin, &country, &manager, &registrar] {
        for how in ["approve", "reject", "handBack"] {
            let outcome = who.call(&format!("pending.{how}"), input.clone()).await;
            assert_eq!(refused(outcome).0, 403, "{how}");
        }
    }
    let own = registrar.with_scopes(&["type=pending.resolve"]);
    let (status, error) = refused(own.call("pending.approve", input).await);
    assert_eq!(status, 403);
    assert!(error["message"].as_str().unwrap().contains("themselves"));
    let stays = registrar
        .submission(&format!("r-{}", trigger.ids().0))
        .await;
    assert_eq!(stays["status"], "Requested");
    let unknown = json!({"actionId": under_test.core.world.new_id(), "reason": "why"});
    let operator = operator(&under_test).await;
    assert_eq!(
        refused(operator.call("pending.reject", unknown).await).0,
        404
    );
}

#[tokio::test]
async fn the_trigger_is_sent_again_under_its_id_to_a_country_that_has_lost_it() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let (event, first) = pending(&under_test, &registrar).await;
    let action = first.ids().1;
    let country = under_test.system(&THE_COUNTRYS).await;
    let before = under_test.country.arrived().len();
    under_test.country.then(Answer::With(202, json!(null)));
    let again = json!({ "actionId": action });
    let told = country.call("pending.resend", again.clone()).await.unwrap();
    assert_eq!(told["resent"], "queued");
    let second = under_test.country.reached(before + 1).await.pop().unwrap();
    assert_eq!(second.header("webhook-id"), first.header("webhook-id"));
    assert_eq!(second.header("x-delivery-attempt"), "2");
    assert_eq!(second.body, first.body, "byte for byte what it was");
    until("it is acknowledged again", async || {
        let input = json!({ "actionId": action });
        let shown = country.call("pending.get", input).await.unwrap();
        let attempts = shown["attempts"].as_array().unwrap().len();
        (shown["delivered"] == true && attempts == 2).then_some(())
    })
    .await;

    // Operators may, too; what is decided is not sent again.
    let admin = under_test.person("ADMIN").await;
    assert!(admin.call("pending.resend", again.clone()).await.is_ok());
    let third = under_test.country.reached(before + 2).await.pop().unwrap();
    assert_eq!(third.header("x-delivery-attempt"), "3");
    let submission = decided(&registrar, &event).await;
    assert_eq!(submission["status"], "Accepted");
    let (status, error) = refused(country.call("pending.resend", again).await);
    assert_eq!(status, 409);
    assert_eq!(error["data"]["details"]["resolution"], "accepted");
    let reader = under_test.system(&["type=delivery.read"]).await;
    let outcome = reader
        .call("pending.resend", json!({ "actionId": action }))
        .await;
    assert_eq!(refused(outcome).0, 403);
}

#[tokio::test]
async fn a_records_history_tells_requests_decisions_and_re_sends_and_no_reads() {
    let under_test = CoreUnderTest::start().await;
    let registrar = under_test.person("REGISTRAR").await;
    let operator = operator(&under_test).await;
    let (event, trigger) = pending(&under_test, &registrar).await;
    let action = trigger.ids().1;
    under_test.country.then(Answer::With(202, json!(null)));
    let again = json!({ "actionId": action });
    operator.call("pending.resend", again).await.unwrap();
    let reject = json!({"actionId": action, "reason": "Asked twice"});
    operator.call("pending.reject", reject).await.unwrap();
    registrar.read(&event).await;
    let input = json!({ "eventId": event });
    let admin = under_test.person("ADMIN").await;
    admin.call("delivery.list", input.clone()).await.unwrap();
    under_test.core.reads.written().await;

    for caller in [&registrar, &operator] {
        let history = caller.call("event.history", input.clone()).await.unwrap();
        let steps = history["steps"].as_array().unwrap();
        let told: Vec<_> = steps
            .iter()
            .map(|step| step["operation"].as_str().unwrap())
            .collect();
        assert_eq!(
            told,
            [
                "event.actions.register.reject",
                "pending.resend",
                "event.actions.register.request",
                "event.actions.declare.accept",
                "event.actions.declare.request",
                "event.create",
            ]
        );
        assert_eq!(steps[0]["by"], json!(operator.id));
        assert_eq!(steps[0]["details"]["byHand"], true);
        assert_eq!(steps[0]["details"]["reason"], "Asked twice");
        assert_eq!(steps[1]["by"], json!(operator.id));
        assert_eq!(steps[1]["details"]["actionId"], json!(action));
        assert!(!history.to_string().contains("Amina"));
    }
    let page = async |query: &str| {
        let path = format!("/events/{event}/history?{query}");
        let answer = under_test
            .ask_path(&operator.token, Method::GET, &path)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    };
    let mut all = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let page = page(&query).await;
        all.extend(page["steps"].as_array().unwrap().clone());
        // Reads of it are written meanwhile.
        under_test.core.reads.written().await;
        let Some(next) = page["next"].as_u64() else {
            break;
        };
        query = format!("limit=2&after={next}");
    }
    let ids: std::collections::BTreeSet<_> =
        all.iter().map(|step| step["id"].to_string()).collect();
    assert_eq!((all.len(), ids.len()), (6, 6), "each step once");

    let stranger = registrar.with_scopes(&["type=record.read&event=death"]);
    assert_eq!(
        refused(stranger.call("event.history", input.clone()).await).0,
        404
    );
    let nobody = registrar.with_scopes(&["type=record.create"]);
    assert_eq!(refused(nobody.call("event.history", input).await).0, 403);
}

/// Who may decide a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decider {
    Answer,
    Callback,
    ByHand,
    Deadline,
}

/// What came of it, where the decider is told.
type Told = Option<Outcome>;

#[tokio::test]
async fn of_any_two_who_decide_at_once_one_wins_and_the_other_is_told() {
    use Decider::{Answer as Answers, ByHand, Callback, Deadline};
    let under_test = watchful().await;
    let rule = json!({"action": "REGISTER", "deadline": "PT1H", "whenPassed": "reject"});
    patience(&under_test, json!([rule])).await;
    let registrar = under_test.person("REGISTRAR").await;
    let operator = operator(&under_test).await;
    // The first of each pair accepts, the second rejects.
    let pairs = [
        (Answers, Callback),
        (Answers, ByHand),
        (Answers, Deadline),
        (Callback, ByHand),
        (Callback, Deadline),
        (ByHand, Callback),
        (ByHand, Deadline),
    ];
    for round in 0..4_u64 {
        for (accepts, rejects) in pairs {
            let number = format!("{accepts:?}-{rejects:?}-{round}");
            let event = registrar.declared().await;
            under_test.country.then(match accepts {
                Answers => Answer::registered(&number),
                _ => Answer::With(202, json!(null)),
            });
            let transaction = format!("r-{event}");
            let asking = registrar.ask("register", &event, &transaction, json!({}));
            let mut asking = std::pin::pin!(asking);
            let mut answered = None;
            if accepts != Answers {
                answered = Some(asking.as_mut().await);
            }
            let decides = async |decider: Decider, wait: u64| -> Told {
                let trigger = trigger_of(&under_test, &event).await;
                tokio::time::sleep(Duration::from_micros(wait)).await;
                let action = trigger.ids().1;
                match decider {
                    Answers => None,
                    Callback if decider == accepts => {
                        Some(accept(&under_test, &trigger, &number).await)
                    }
                    Callback => Some(reject(&under_test, &trigger).await),
                    ByHand if decider == accepts => {
                        let input = json!({
                            "actionId": action, "reason": "raced", "registrationNumber": number,
                        });
                        Some(operator.call("pending.approve", input).await)
                    }
                    ByHand => {
                        let input = json!({"actionId": action, "reason": "raced"});
                        Some(operator.call("pending.reject", input).await)
                    }
                    Deadline => {
                        under_test.clock.advance(SignedDuration::from_mins(61));
                        None
                    }
                }
            };
            let finish = async {
                if answered.is_none() {
                    answered = Some(asking.await);
                }
            };
            let (accepting, rejecting, ()) = tokio::join!(
                decides(accepts, round * 150),
                decides(rejects, (3 - round) * 150),
                finish
            );
            let submission = decided(&registrar, &event).await;
            let document = registrar.read(&event).await;
            let steps = decisions(&document);
            assert_eq!(steps.len(), 2, "{accepts:?} against {rejects:?}: {steps:?}");
            let accepted = submission["status"] == "Accepted";
            for (told, won) in [(accepting, accepted), (rejecting, !accepted)] {
                match told {
                    Some(Ok(_)) => assert!(won, "{accepts:?} against {rejects:?}"),
                    Some(Err((status, error))) => {
                        assert!(!won, "{accepts:?} against {rejects:?}: {error}");
                        assert_eq!(status, 409, "{error}");
                        let details = &error["data"]["details"];
                        let stands = if accepted { "accepted" } else { "rejected" };
                        assert_eq!(details["resolution"], stands);
                        assert!(details["resolvedBy"].is_string());
                    }
                    None => {}
                }
            }
            let action = trigger_of(&under_test, &event).await.ids().1;
            let left = under_test
                .core
                .store
                .pending_action(action.parse().unwrap());
            assert_eq!(left.await.unwrap(), None, "it waits no more");
        }
    }
}

/// The trigger that told the country of the registration of this birth.
async fn trigger_of(under_test: &CoreUnderTest, event: &str) -> Received {
    until("the trigger", async || {
        let mut arrived = under_test.country.arrived().into_iter();
        arrived.find(|one| one.path.ends_with("/REGISTER") && one.ids().0 == event)
    })
    .await
}
