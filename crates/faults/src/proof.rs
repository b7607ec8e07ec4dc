//! What must be true of every record once all is well again.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    deployment::Deployment,
    desk::{Desk, patiently, read},
    work::{Acknowledged, Record, Story},
};

/// What was found.
#[derive(Debug, Default)]
pub struct Proven {
    /// Actions that somebody was told are safe.
    pub acknowledged: usize,
    /// Of these, those that country config has received, as Core tells it.
    pub delivered: usize,
    /// Of these, those that were decided once.
    pub resolved: usize,
    /// Records with a registration number of their own.
    pub registered: usize,
    /// What should be there and is not.
    pub lost: Vec<String>,
    /// What is there more than once.
    pub twice: Vec<String>,
    /// What is otherwise not as it must be.
    pub wrong: Vec<String>,
    /// What was done to the parts.
    pub faults: String,
    /// Records that were begun.
    pub records: usize,
    /// Registrations that nobody insisted on.
    pub forgotten: u32,
}

impl Proven {
    /// Whether everything is as it must be.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.lost.is_empty()
            && self.twice.is_empty()
            && self.wrong.is_empty()
            && self.delivered == self.acknowledged
            && self.resolved == self.acknowledged
    }

    /// This and another run in one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.acknowledged += other.acknowledged;
        self.delivered += other.delivered;
        self.resolved += other.resolved;
        self.registered += other.registered;
        self.records += other.records;
        self.forgotten += other.forgotten;
        self.lost.extend(other.lost);
        self.twice.extend(other.twice);
        self.wrong.extend(other.wrong);
        self.faults = format!("{}; {}", self.faults, other.faults);
        self
    }
}

impl fmt::Display for Proven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, all) in [
            ("lost", &self.lost),
            ("twice", &self.twice),
            ("wrong", &self.wrong),
        ] {
            for one in all {
                writeln!(f, "{what}: {one}")?;
            }
        }
        writeln!(
            f,
            "{} records, {} registration numbers, each of one record, {} registrations that nobody \
             insisted on; {}",
            self.records, self.registered, self.forgotten, self.faults
        )?;
        write!(
            f,
            "acknowledged {}, delivered {}, resolved {}, lost {}, twice {}",
            self.acknowledged,
            self.delivered,
            self.resolved,
            self.lost.len(),
            self.twice.len(),
        )?;
        if !self.wrong.is_empty() {
            write!(f, ", wrong {}", self.wrong.len())?;
        }
        Ok(())
    }
}

/// Waits until nothing is pending any more, then looks at everything.
pub async fn of(story: &Story, desk: &Desk, deployment: &Deployment, http: &Client) -> Proven {
    // In vain when an action was lost; then it is named below.
    patiently(async || {
        let pending = ["declare:requested", "register:requested"];
        let found = search(desk, json!({ "flags": { "anyOf": pending } })).await;
        (found["total"] == 0).then_some(())
    })
    .await;

    let (begun, acknowledged) = (story.records.take(), story.acknowledged.take());
    let mut proven = Proven {
        acknowledged: acknowledged.len(),
        records: begun.len(),
        forgotten: story.forgotten.get(),
        faults: story.faults_in_words(),
        ..Proven::default()
    };
    all_are_found(&begun, desk, &mut proven).await;

    let mut numbers: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let mut national_ids = BTreeSet::new();
    let mut records = BTreeMap::new();
    for Record { id, phone } in begun {
        let record = desk.shown(&format!("/events/{id}")).await;
        happened_once(&record, &mut proven);
        if let Some(registration) = accepted(&record, "REGISTER") {
            let number = registration["registrationNumber"].as_str().unwrap();
            let (series, count) = series_and_count(number);
            if !numbers.entry(series).or_default().insert(count) {
                proven.twice.push(format!("registration number {number}"));
            }
            match registration["declaration"]["child.nationalId"].as_str() {
                Some(known) if !national_ids.insert(known.to_owned()) => {
                    proven.twice.push(format!("national ID {known}"));
                }
                Some(_) => {}
                None => proven.lost.push(format!("the national ID of {id}")),
            }
            proven.registered += 1;
        }
        told_once(&record, &phone, deployment, http, &mut proven).await;
        records.insert(id, record);
    }
    for (series, counts) in numbers {
        // A number that was taken and not used would leave a gap.
        if !counts.iter().copied().eq(1..=counts.len()) {
            let gaps = format!("gaps in the registration numbers of {series}: {counts:?}");
            proven.wrong.push(gaps);
        }
    }
    for action in acknowledged {
        if resolved_once(&action, &records[&action.event], &mut proven) {
            proven.resolved += 1;
        }
        if delivered(&action, desk, &mut proven).await {
            proven.delivered += 1;
        }
    }
    proven
}

/// A search shows every record that was begun, no other, and nothing pending on any.
async fn all_are_found(begun: &[Record], desk: &Desk, proven: &mut Proven) {
    let found = search(desk, json!({ "eventType": "birth" })).await;
    let mut left: BTreeSet<&str> = begun.iter().map(|record| record.id.as_str()).collect();
    for record in found["results"].as_array().unwrap() {
        let id = record["id"].as_str().unwrap();
        if !left.remove(id) {
            let twice = format!("record {id}, begun by a transaction that had begun another");
            proven.twice.push(twice);
        }
        let flags = record["flags"].as_array().unwrap();
        let pending = |flag: &Value| flag.as_str().unwrap().ends_with(":requested");
        if flags.iter().any(pending) {
            proven.lost.push(format!("the decision on {id}: {record}"));
        }
    }
    for id in left {
        proven.lost.push(format!("record {id}"));
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
fn happened_once(record: &Value, proven: &mut Proven) {
    for action_type in ["CREATE", "DECLARE", "REGISTER"] {
        let asked = of_type(record, action_type).filter(|action| is_request(action));
        if asked.count() > 1 {
            proven.twice.push(format!("{action_type} on {record}"));
        }
    }
    let requested = actions(record).filter(|action| action["status"] == "Requested");
    for request in requested {
        let id = &request["id"];
        match resolutions(record, id).count() {
            0 => proven
                .lost
                .push(format!("the decision on {id} of {record}")),
            1 => {}
            _ => proven
                .twice
                .push(format!("the decision on {id} of {record}")),
        }
    }
}

/// The record has the action once, and one resolution of it.
fn resolved_once(action: &Acknowledged, record: &Value, proven: &mut Proven) -> bool {
    let name = format!("{} of {}", action.action_type, action.transaction);
    let asked: Vec<&Value> = of_type(record, action.action_type)
        .filter(|one| one["transactionId"] == *action.transaction && is_request(one))
        .collect();
    let asked = match asked.as_slice() {
        [asked] => asked,
        [] => {
            proven.lost.push(format!("{name} on {record}"));
            return false;
        }
        _ => {
            proven.twice.push(format!("{name} on {record}"));
            return false;
        }
    };
    let resolutions: Vec<&Value> = resolutions(record, &asked["id"]).collect();
    // None, or several, are told of by `happened_once`.
    let [resolution] = resolutions.as_slice() else {
        return false;
    };
    let accepted = resolution["status"] == "Accepted";
    if !accepted {
        proven.wrong.push(format!("{name} was refused: {record}"));
    }
    accepted
}

/// Core tells the registrar the same.
async fn delivered(action: &Acknowledged, desk: &Desk, proven: &mut Proven) -> bool {
    let path = format!("/transactions/{}", action.transaction);
    let told = desk.shown(&path).await;
    let submissions = told["submissions"].as_array().unwrap();
    let delivered = match submissions.as_slice() {
        [submission] => {
            submission["eventId"] == *action.event
                && submission["type"] == action.action_type
                && submission["status"] == "Accepted"
                && submission["delivery"]["state"] == "delivered"
        }
        _ => false,
    };
    if !delivered {
        let what = format!("{} of {}: {told}", action.action_type, action.transaction);
        proven.lost.push(format!("the delivery of {what}"));
    }
    delivered
}

/// The informant got one message for each action that the country accepted.
async fn told_once(
    record: &Value,
    phone: &str,
    deployment: &Deployment,
    http: &Client,
    proven: &mut Proven,
) {
    let accepted = ["DECLARE", "REGISTER"].map(|action_type| accepted(record, action_type));
    let wanted = accepted.iter().flatten().count();
    let inbox = format!("{}/inbox?to={phone}", deployment.standins.url);
    // Messages are sent in the background.
    let messages = patiently(async || {
        let messages = read(http.get(&inbox).send().await.unwrap()).await;
        let messages = messages.as_array().unwrap().clone();
        (messages.len() >= wanted).then_some(messages)
    })
    .await;
    match messages {
        None => proven.lost.push(format!("a message to {phone}")),
        Some(messages) if messages.len() > wanted => {
            proven
                .twice
                .push(format!("a message to {phone}: {messages:?}"));
        }
        Some(_) => {}
    }
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
