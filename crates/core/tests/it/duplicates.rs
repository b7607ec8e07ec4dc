//! Possible duplicates: found once a declaration is accepted, shown, and decided on by a person.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::{
    core_under_test::CoreUnderTest,
    country_under_test::{Answer, Received},
    person::{Outcome, Person, birth, story},
    small_country::{self, CLERK, REGISTRAR},
};

const QUEUE: &str = "potential-duplicate";

fn rule() -> Value {
    let text = json!({"id": "rule", "defaultMessage": "rule", "description": "rule"});
    let query = json!({"type": "and", "clauses": [
        {"type": "fuzzy", "fieldId": "child.name"},
        {"type": "dateRange", "fieldId": "child.dob", "options": {"days": 5}},
    ]});
    json!({"id": "same-child", "label": text, "query": query})
}

/// The small country, whose registrars look after duplicates that are looked for at these actions.
async fn looking_at(actions: &[&str]) -> CoreUnderTest {
    let under_test = CoreUnderTest::start().await;
    let mut roles = small_country::roles();
    let scopes = roles[0]["scopes"].as_array_mut().unwrap();
    scopes.push(json!("type=record.review-duplicates"));
    scopes.push(json!(format!("type=workqueue&ids={QUEUE}")));
    under_test.country.serve("/config/roles", roles);
    let mut queues = small_country::workqueues();
    let mut queue = queues[0].clone();
    queue["slug"] = json!(QUEUE);
    queue["query"] = json!({"type": "and", "clauses": [{"flags": {"anyOf": [QUEUE]}}]});
    queues.as_array_mut().unwrap().push(queue);
    under_test.country.serve("/config/workqueues", queues);
    look_at(&under_test, actions).await;
    under_test
}

async fn look_at(under_test: &CoreUnderTest, actions: &[&str]) {
    let mut events = small_country::events();
    for action in events[0]["actions"].as_array_mut().unwrap() {
        if actions.contains(&action["type"].as_str().unwrap()) {
            action["deduplication"] = rule();
        }
    }
    under_test.country.serve("/config/events", events);
    let core = &under_test.core;
    core.configuration.refresh(core).await.unwrap();
}

fn named(name: &str, born: &str) -> Value {
    json!({ "declaration": {"child.name": name, "child.dob": born} })
}

/// Declares and lets go; answers what came back.
async fn declare(person: &Person<'_>, event: &str, name: &str, born: &str) -> Value {
    let mut more = named(name, born);
    more["keepAssignment"] = json!(false);
    person
        .ask("declare", event, &format!("declare-{event}"), more)
        .await
        .unwrap()
}

/// Begins and declares a birth; answers its id and its tracking id.
async fn declared(person: &Person<'_>, name: &str, born: &str) -> (String, Value) {
    let event = person.begin().await;
    let document = declare(person, &event, name, born).await;
    (event, document["trackingId"].clone())
}

async fn assign(person: &Person<'_>, event: &str) {
    let before = story(&person.read(event).await).len();
    person
        .assign(event, &format!("assign after {before}"))
        .await;
}

async fn mark(person: &Person<'_>, how: &str, event: &str, more: Value) -> Outcome {
    let mut input = json!({"eventId": event, "transactionId": format!("{how}-{event}")});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    person
        .call(&format!("event.actions.duplicate.{how}"), input)
        .await
}

async fn duplicates(person: &Person<'_>, event: &str) -> Outcome {
    person
        .call("event.getDuplicates", json!({ "eventId": event }))
        .await
}

/// What a search says of a record.
async fn index(person: &Person<'_>, event: &str) -> Value {
    let query = json!({"query": {"id": event}});
    let query = person.call("event.search", query).await;
    match query {
        Ok(page) => page["results"][0].clone(),
        Err(error) => panic!("{error:?}"),
    }
}

async fn named_on(person: &Person<'_>, event: &str) -> Vec<String> {
    let index = index(person, event).await;
    let named = index["potentialDuplicates"].as_array().unwrap();
    let ids = named.iter().map(|one| one["id"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}

async fn queued(person: &Person<'_>) -> Value {
    let input = json!([{ "slug": QUEUE }]);
    person.call("workqueue.count", input).await.unwrap()[QUEUE].clone()
}

#[tokio::test]
async fn a_birth_declared_twice_is_noticed_the_second_time() {
    let under_test = looking_at(&["DECLARE"]).await;
    let registrar = under_test.person(REGISTRAR).await;
    let (first, tracking) = declared(&registrar, "Amina Banda", "2026-01-18").await;
    let second = registrar.begin().await;
    let document = declare(&registrar, &second, "Amina Bandá", "2026-01-20").await;
    assert_eq!(
        story(&document)[2..],
        [
            "DECLARE Requested",
            "DECLARE Accepted",
            "UNASSIGN Accepted",
            "DUPLICATE_DETECTED Accepted",
        ]
    );
    let detected = document["actions"].as_array().unwrap().last().unwrap();
    let expected = json!({"duplicates": [{"id": first, "trackingId": tracking}]});
    assert_eq!(detected["content"], expected);
    assert_eq!(
        (&detected["declaration"], &detected["annotation"]),
        (&json!({}), &json!({}))
    );
    assert_eq!(detected["createdBy"], json!(registrar.id));
    assert_eq!(named_on(&registrar, &second).await, [first.as_str()]);
    assert_eq!(index(&registrar, &second).await["flags"], json!([QUEUE]));
    assert_eq!(named_on(&registrar, &first).await, [""; 0]);
    assert_eq!(queued(&registrar).await, 1);
}

#[tokio::test]
async fn another_birth_is_no_duplicate() {
    let under_test = looking_at(&["DECLARE"]).await;
    let registrar = under_test.person(REGISTRAR).await;
    declared(&registrar, "Amina Banda", "2026-01-10").await;
    for (name, born) in [
        ("Amina Banda", "2026-01-16"),
        ("Joseph Phiri", "2026-01-10"),
    ] {
        let (other, _) = declared(&registrar, name, born).await;
        assert_eq!(named_on(&registrar, &other).await, [""; 0], "{name} {born}");
    }
    // What was only begun says nothing yet.
    registrar.begin().await;
    assert_eq!(queued(&registrar).await, 0);
}

#[tokio::test]
async fn asking_again_finds_nothing_more() {
    let under_test = looking_at(&["DECLARE"]).await;
    let registrar = under_test.person(REGISTRAR).await;
    declared(&registrar, "Amina Banda", "2026-01-18").await;
    let event = registrar.begin().await;
    let once = declare(&registrar, &event, "Amina Banda", "2026-01-18").await;
    let twice = declare(&registrar, &event, "Amina Banda", "2026-01-18").await;
    assert_eq!(once, twice);
}

async fn answer_later(under_test: &CoreUnderTest, trigger: &Received, how: &str) -> Value {
    let (event, action) = trigger.ids();
    let input = json!({"eventId": event, "actionId": action, "transactionId": "decision"});
    let name = format!("event.actions.declare.{how}");
    under_test
        .ask_with(&trigger.token(), &name, input)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_declaration_accepted_later_is_looked_at_then() {
    let under_test = looking_at(&["DECLARE"]).await;
    let registrar = under_test.person(REGISTRAR).await;
    let event = registrar.begin().await;
    under_test.country.then(Answer::With(202, json!(null)));
    let waiting = declare(&registrar, &event, "Amina Banda", "2026-01-18").await;
    assert_eq!(story(&waiting)[2..], ["DECLARE Requested"]);
    let trigger = under_test.country.arrived().pop().unwrap();
    // Declared in the meantime; while the first waits, it is nobody's duplicate.
    let (other, _) = declared(&registrar, "Amina Banda", "2026-01-18").await;
    assert_eq!(named_on(&registrar, &other).await, [""; 0]);

    let document = answer_later(&under_test, &trigger, "accept").await;
    let told = story(&document);
    assert_eq!(told.last().unwrap(), "DUPLICATE_DETECTED Accepted");
    assert_eq!(named_on(&registrar, &event).await, [other.as_str()]);
    let again = answer_later(&under_test, &trigger, "accept").await;
    assert_eq!(document["actions"], again["actions"]);
}

#[tokio::test]
async fn a_declaration_that_is_refused_is_not_looked_at() {
    let under_test = looking_at(&["DECLARE"]).await;
    let registrar = under_test.person(REGISTRAR).await;
    declared(&registrar, "Amina Banda", "2026-01-18").await;
    let event = registrar.begin().await;
    under_test.country.then(Answer::With(202, json!(null)));
    declare(&registrar, &event, "Amina Banda", "2026-01-18").await;
    let trigger = under_test.country.arrived().pop().unwrap();
    let document = answer_later(&under_test, &trigger, "reject").await;
    let told = story(&document).join(" ");
    assert!(!told.contains("DUPLICATE_DETECTED"), "{told}");
}

#[tokio::test]
async fn a_notification_is_looked_at_by_the_rule_of_declarations() {
    let under_test = looking_at(&["DECLARE"]).await;
    let registrar = under_test.person(REGISTRAR).await;
    let (first, _) = declared(&registrar, "Amina Banda", "2026-01-18").await;
    let event = registrar.begin().await;
    let document = registrar
        .ask("notify", &event, "n", named("Amina Banda", "2026-01-18"))
        .await
        .unwrap();
    let told = story(&document);
    assert_eq!(told.last().unwrap(), "DUPLICATE_DETECTED Accepted");
    assert_eq!(named_on(&registrar, &event).await, [first.as_str()]);
}

#[tokio::test]
async fn one_transaction_may_find_duplicates_of_what_it_notifies_and_then_of_what_it_declares() {
    let under_test = looking_at(&["DECLARE"]).await;
    let registrar = under_test.person(REGISTRAR).await;
    declared(&registrar, "Amina Banda", "2026-01-18").await;
    let event = registrar.begin().await;
    let ask = |action, transaction, born| {
        registrar.ask(action, &event, transaction, named("Amina Banda", born))
    };
    let notified = ask("notify", "t", "2026-01-18").await.unwrap();
    assert_eq!(
        story(&notified).last().unwrap(),
        "DUPLICATE_DETECTED Accepted"
    );
    let kept = json!({"keepAssignment": true});
    mark(&registrar, "markNotDuplicate", &event, kept)
        .await
        .unwrap();
    ask("edit", "e", "2026-01-19").await.unwrap();
    let declare = || ask("declare", "t", "2026-01-19");
    let document = declare().await.unwrap();
    let told = story(&document);
    assert_eq!(
        told[told.len() - 3..],
        [
            "DECLARE Requested",
            "DECLARE Accepted",
            "DUPLICATE_DETECTED Accepted"
        ]
    );
    assert_eq!(declare().await.unwrap(), document);
}

#[tokio::test]
async fn what_was_found_is_no_submission_of_its_own_unless_it_stands_for_one() {
    let under_test = looking_at(&["DECLARE", "REGISTER"]).await;
    let registrar = under_test.person(REGISTRAR).await;
    let (event, _) = declared(&registrar, "Amina Banda", "2026-01-18").await;
    let (twin, _) = declared(&registrar, "Amina Banda", "2026-01-18").await;
    let submitted = async |transaction: &str| {
        let input = json!({ "transactionId": transaction });
        let told = registrar.call("transaction.get", input).await.unwrap();
        let submissions = told["submissions"].as_array().unwrap().iter();
        submissions
            .map(|one| one["type"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(submitted(&format!("declare-{twin}")).await, ["DECLARE"]);
    assign(&registrar, &event).await;
    let let_go = json!({"keepAssignment": false});
    registrar
        .ask("register", &event, "r", let_go)
        .await
        .unwrap();
    assert_eq!(submitted("r").await, ["DUPLICATE_DETECTED"]);
}

#[tokio::test]
async fn of_declarations_that_race_each_finds_those_before_it() {
    let under_test = looking_at(&["DECLARE"]).await;
    let registrar = under_test.person(REGISTRAR).await;
    let mut events = Vec::new();
    for _ in 0..5 {
        events.push(registrar.begin().await);
    }
    let race = events
        .iter()
        .map(|event| declare(&registrar, event, "Amina Banda", "2026-01-18"));
    join_all(race).await;
    let mut found = Vec::new();
    for event in &events {
        found.push(named_on(&registrar, event).await.len());
    }
    found.sort_unstable();
    assert_eq!(found, [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn whoever_reviews_a_record_sees_what_it_may_be_a_duplicate_of() {
    let under_test = looking_at(&["DECLARE"]).await;
    let registrar = under_test.person(REGISTRAR).await;
    let (first, _) = declared(&registrar, "Amina Banda", "2026-01-18").await;
    let (second, _) = declared(&registrar, "Amina Banda", "2026-01-18").await;
    let clerk = under_test.person(CLERK).await;
    assert_eq!(duplicates(&clerk, &second).await.unwrap_err().0, 403);
    let (status, error) = duplicates(&registrar, &second).await.unwrap_err();
    assert_eq!(status, 409);
    assert_eq!(error["message"], "You are not assigned to this event");
    let absent = under_test.core.world.new_id().to_string();
    let (status, error) = duplicates(&registrar, &absent).await.unwrap_err();
    assert_eq!(status, 404);
    assert_eq!(
        error["message"],
        format!("Event not found with ID: {absent}")
    );

    assign(&registrar, &second).await;
    let shown = duplicates(&registrar, &second).await.unwrap();
    let shown = shown.as_array().unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["id"], json!(first));
    let last = shown[0]["actions"].as_array().unwrap().last().unwrap();
    assert_eq!(last["type"], "READ");
    // Written behind: a moment later it is there.
    let audited = async {
        loop {
            let store = &under_test.core.store;
            let id = first.parse().unwrap();
            let (entries, _) = store.audit(Some(id), None, 0, 50).await.unwrap();
            let operation = "event.getDuplicates";
            if entries.iter().any(|entry| entry.operation == operation) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let patience = std::time::Duration::from_secs(20);
    tokio::time::timeout(patience, audited).await.unwrap();

    assign(&registrar, &first).await;
    assert_eq!(duplicates(&registrar, &first).await, Ok(json!([])));
}

#[tokio::test]
async fn a_record_said_to_be_no_duplicate_is_not_asked_about_again() {
    let under_test = looking_at(&["DECLARE", "REGISTER"]).await;
    let registrar = under_test.person(REGISTRAR).await;
    declared(&registrar, "Amina Banda", "2026-01-18").await;
    let (event, _) = declared(&registrar, "Amina Banda", "2026-01-18").await;
    let (status, _) = mark(&registrar, "markNotDuplicate", &event, json!({}))
        .await
        .unwrap_err();
    assert_eq!(status, 409, "nobody holds it");
    assign(&registrar, &event).await;
    let (status, _) = registrar
        .ask("register", &event, "early", json!({}))
        .await
        .unwrap_err();
    assert_eq!(status, 409, "it waits to be reviewed");

    let document = mark(&registrar, "markNotDuplicate", &event, json!({}))
        .await
        .unwrap();
    let told = story(&document);
    assert_eq!(
        told[told.len() - 2..],
        ["MARK_AS_NOT_DUPLICATE Accepted", "UNASSIGN Accepted"]
    );
    let again = mark(&registrar, "markNotDuplicate", &event, json!({})).await;
    assert_eq!(again.unwrap(), document);
    assert_eq!(queued(&registrar).await, 0);
    assert_eq!(named_on(&registrar, &event).await, [""; 0]);

    assign(&registrar, &event).await;
    under_test.country.always(Answer::registered("B7"));
    let document = registrar
        .ask("register", &event, "r", json!({}))
        .await
        .unwrap();
    assert_eq!(story(&document).last().unwrap(), "REGISTER Accepted");
}

#[tokio::test]
async fn a_record_is_marked_as_the_duplicate_of_another() {
    let under_test = looking_at(&["DECLARE"]).await;
    let registrar = under_test.person(REGISTRAR).await;
    let (first, _) = declared(&registrar, "Amina Banda", "2026-01-18").await;
    let (second, _) = declared(&registrar, "Amina Banda", "2026-01-18").await;
    assign(&registrar, &second).await;
    let wrong = json!({"content": {"duplicateOf": "somebody"}});
    let (status, _) = mark(&registrar, "markAsDuplicate", &second, wrong)
        .await
        .unwrap_err();
    assert_eq!(status, 400);
    // What comes along in a form changes nothing.
    let right = json!({
        "content": {"duplicateOf": first}, "keepAssignment": true,
        "declaration": {"child.name": "Somebody Else"},
    });
    let document = mark(&registrar, "markAsDuplicate", &second, right)
        .await
        .unwrap();
    let last = document["actions"].as_array().unwrap().last().unwrap();
    assert_eq!(last["type"], "MARK_AS_DUPLICATE");
    assert_eq!(last["content"], json!({"duplicateOf": first}));
    let index = index(&registrar, &second).await;
    assert_eq!(index["flags"], json!([]));
    assert_eq!(index["declaration"]["child.name"], "Amina Banda");
    let clerk = under_test.person(CLERK).await;
    let refused = mark(&clerk, "markAsDuplicate", &second, json!({})).await;
    assert_eq!(refused.unwrap_err().0, 403);
    // There is no question any more.
    let input = json!({"transactionId": "another"});
    let (status, error) = mark(&registrar, "markAsDuplicate", &second, input)
        .await
        .unwrap_err();
    assert_eq!(status, 409);
    let message = error["message"].as_str().unwrap();
    let begins = "Action 'MARK_AS_DUPLICATE' cannot be performed on an event in 'DECLARED' state";
    assert!(message.starts_with(begins), "{message}");
}

#[tokio::test]
async fn a_registration_is_held_back_until_the_duplicate_is_reviewed() {
    let under_test = looking_at(&["REGISTER"]).await;
    let registrar = under_test.person(REGISTRAR).await;
    let (first, _) = declared(&registrar, "Amina Banda", "2026-01-18").await;
    let (second, _) = declared(&registrar, "Joseph Phiri", "2026-01-18").await;
    assert_eq!(queued(&registrar).await, 0);
    assign(&registrar, &second).await;
    let triggers = under_test.country.arrived().len();
    let corrected = json!({"declaration": birth()});
    let register = || registrar.ask("register", &second, "r", corrected.clone());
    let document = register().await.unwrap();
    assert_eq!(
        story(&document).last().unwrap(),
        "DUPLICATE_DETECTED Accepted"
    );
    assert_eq!(
        under_test.country.arrived().len(),
        triggers,
        "nobody is asked"
    );
    assert_eq!(named_on(&registrar, &second).await, [first.as_str()]);
    assert_eq!(register().await.unwrap(), document);

    let kept = json!({"keepAssignment": true});
    mark(&registrar, "markNotDuplicate", &second, kept)
        .await
        .unwrap();
    under_test.country.always(Answer::registered("B7"));
    let document = registrar
        .ask("register", &second, "r2", corrected)
        .await
        .unwrap();
    assert_eq!(story(&document).last().unwrap(), "REGISTER Accepted");
}

#[tokio::test]
async fn records_from_before_the_country_looked_are_found_too() {
    let under_test = looking_at(&[]).await;
    let registrar = under_test.person(REGISTRAR).await;
    let (first, _) = declared(&registrar, "Amina Banda", "2026-01-18").await;
    look_at(&under_test, &["DECLARE"]).await;
    let walk = under_test.core.begin_rebuild().await.unwrap();
    under_test.core.rebuild_ended(walk).await.unwrap();
    let (second, _) = declared(&registrar, "Amina Banda", "2026-01-18").await;
    assert_eq!(named_on(&registrar, &second).await, [first]);
}

#[tokio::test]
async fn no_more_than_ten_are_named_best_first() {
    let under_test = looking_at(&["DECLARE"]).await;
    let registrar = under_test.person(REGISTRAR).await;
    for _ in 0..11 {
        declared(&registrar, "Amina Banda", "2026-01-16").await;
    }
    let (best, _) = declared(&registrar, "Amina Banda", "2026-01-20").await;
    let (event, _) = declared(&registrar, "Amina Banda", "2026-01-20").await;
    let found = named_on(&registrar, &event).await;
    assert_eq!((found.len(), &found[0]), (10, &best));
}
