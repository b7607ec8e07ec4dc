//! What must be true of every record once the killing is over.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    crash::{Acknowledged, Record},
    deployment::Deployment,
    desk::{Desk, patiently, read, until},
};

/// How much was found to be as it must.
#[derive(Debug, Default)]
pub struct Proven {
    /// Acknowledged actions that country config has received.
    pub delivered: usize,
    /// Acknowledged actions that country config has decided, once.
    pub resolved: usize,
    /// Records with a registration number of their own.
    pub registered: usize,
}

/// Waits until nothing is pending any more, then looks at everything.
pub async fn of(
    begun: &[Record],
    acknowledged: &[Acknowledged],
    desk: &Desk,
    deployment: &Deployment,
    http: &Client,
) -> Proven {
    // In vain when an action was lost; then it is named below.
    patiently(async || {
        let pending = ["declare:requested", "register:requested"];
        let found = search(desk, json!({ "flags": { "anyOf": pending } })).await;
        (found["total"] == 0).then_some(())
    })
    .await;

    all_are_found(begun, desk).await;

    let mut proven = Proven::default();
    let mut numbers: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let mut national_ids = BTreeSet::new();
    let mut records = BTreeMap::new();
    for Record { id, phone } in begun {
        let record = desk.shown(&format!("/events/{id}")).await;
        happened_once(&record);
        if let Some(registration) = accepted(&record, "REGISTER") {
            let number = registration["registrationNumber"].as_str().unwrap();
            let (series, count) = series_and_count(number);
            let new = numbers.entry(series).or_default().insert(count);
            assert!(new, "{number} was given twice");
            let national_id = registration["declaration"]["child.nationalId"].as_str();
            let national_id = national_id.expect("a registered child has a national ID");
            assert!(national_ids.insert(national_id.to_owned()), "{record}");
            proven.registered += 1;
        }
        told_once(&record, phone, deployment, http).await;
        records.insert(id.clone(), record);
    }
    for (series, counts) in numbers {
        // A number that was taken and not used would leave a gap.
        assert!(
            counts.iter().copied().eq(1..=counts.len()),
            "gaps in {series}: {counts:?}"
        );
    }
    for action in acknowledged {
        resolved_once(action, &records[&action.event]);
        proven.resolved += 1;
        delivered(action, desk).await;
        proven.delivered += 1;
    }
    proven
}

/// A search shows every record that was begun, no other, and nothing pending on any.
async fn all_are_found(begun: &[Record], desk: &Desk) {
    let found = search(desk, json!({ "eventType": "birth" })).await;
    let shown: BTreeSet<&str> = (found["results"].as_array().unwrap().iter())
        .map(|record| record["id"].as_str().unwrap())
        .collect();
    let ids: BTreeSet<&str> = begun.iter().map(|record| record.id.as_str()).collect();
    assert_eq!(found["total"], ids.len(), "a record too few or too many");
    assert_eq!(shown, ids, "the records found are not those begun");
    for record in found["results"].as_array().unwrap() {
        let flags = record["flags"].as_array().unwrap();
        let pending = |flag: &Value| flag.as_str().unwrap().ends_with(":requested");
        assert!(!flags.iter().any(pending), "{record}");
    }
}

async fn search(desk: &Desk, query: Value) -> Value {
    desk.told(
        "/events/search",
        &json!({ "query": query, "limit": 10_000 }),
    )
    .await
}

/// Nothing on the record is there twice, and nothing is half done, whoever was told about it.
fn happened_once(record: &Value) {
    for action_type in ["CREATE", "DECLARE", "REGISTER"] {
        let asked = of_type(record, action_type).filter(|action| is_request(action));
        assert!(asked.count() <= 1, "{action_type} twice: {record}");
    }
    let requested = actions(record).filter(|action| action["status"] == "Requested");
    for request in requested {
        let id = &request["id"];
        assert_eq!(resolutions(record, id).count(), 1, "{id} in {record}");
    }
}

/// The record has the action once, and one resolution of it.
fn resolved_once(action: &Acknowledged, record: &Value) {
    let name = format!("{} of {}", action.action_type, action.transaction);
    let asked: Vec<&Value> = of_type(record, action.action_type)
        .filter(|one| one["transactionId"] == *action.transaction && is_request(one))
        .collect();
    let [asked] = asked.as_slice() else {
        panic!("{name}: on the record {} times: {record}", asked.len());
    };
    let resolutions: Vec<&Value> = resolutions(record, &asked["id"]).collect();
    let [resolution] = resolutions.as_slice() else {
        panic!("{name}: {} resolutions: {record}", resolutions.len());
    };
    assert_eq!(resolution["status"], "Accepted", "{name}: {record}");
}

/// Core tells the registrar the same.
async fn delivered(action: &Acknowledged, desk: &Desk) {
    let path = format!("/transactions/{}", action.transaction);
    let told = desk.shown(&path).await;
    let submissions = told["submissions"].as_array().unwrap();
    let [submission] = submissions.as_slice() else {
        panic!("{} submissions in {told}", submissions.len());
    };
    assert_eq!(submission["eventId"], *action.event, "{told}");
    assert_eq!(submission["type"], action.action_type, "{told}");
    assert_eq!(submission["status"], "Accepted", "{told}");
    assert_eq!(submission["delivery"]["state"], "delivered", "{told}");
}

/// The informant got one message for each action that the country accepted.
async fn told_once(record: &Value, phone: &str, deployment: &Deployment, http: &Client) {
    let accepted = ["DECLARE", "REGISTER"].map(|action_type| accepted(record, action_type));
    let wanted = accepted.iter().flatten().count();
    let inbox = format!("{}/inbox?to={phone}", deployment.standins.url);
    // Messages are sent in the background.
    let messages = until("the informant to be told", async || {
        let messages = read(http.get(&inbox).send().await.unwrap()).await;
        let messages = messages.as_array().unwrap().clone();
        (messages.len() >= wanted).then_some(messages)
    })
    .await;
    assert_eq!(
        messages.len(),
        wanted,
        "{phone} was told twice: {messages:?}"
    );
}

fn actions(record: &Value) -> impl Iterator<Item = &Value> {
    record["actions"].as_array().unwrap().iter()
}

fn of_type<'a>(record: &'a Value, action_type: &str) -> impl Iterator<Item = &'a Value> {
    actions(record).filter(move |action| action["type"] == action_type)
}

fn is_request(action: &Value) -> bool {
    action["originalActionId"].is_null()
}

fn resolutions<'a>(record: &'a Value, id: &'a Value) -> impl Iterator<Item = &'a Value> {
    actions(record).filter(move |action| action["originalActionId"] == *id)
}

fn accepted<'a>(record: &'a Value, action_type: &str) -> Option<&'a Value> {
    of_type(record, action_type)
        .find(|action| !is_request(action) && action["status"] == "Accepted")
}

/// `B2026-ORM-000123-K` is the 123rd of `B2026-ORM`.
fn series_and_count(number: &str) -> (String, usize) {
    let parts: Vec<&str> = number.split('-').collect();
    let [kind_and_year, province, count, _check] = parts.as_slice() else {
        panic!("{number} is no registration number");
    };
    (
        format!("{kind_and_year}-{province}"),
        count.parse().unwrap(),
    )
}
