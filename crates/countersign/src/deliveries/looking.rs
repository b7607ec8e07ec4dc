//! Lists of deliveries, and one with every attempt.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};
use world::World;

use super::{as_of, filter::FilterArgs};
use crate::operator::{Failure, Operator, Table, age, ahead, number, plain, text, time};

/// How many are asked for at a time.
const PAGE: u64 = 500;

/// Prints deliveries, newest first.
///
/// # Errors
/// [`Failure`].
pub async fn list(
    operator: &Operator,
    filter: &FilterArgs,
    limit: u64,
    world: &World,
) -> Result<(), Failure> {
    let mut all: Vec<Value> = Vec::new();
    let mut next = Value::Null;
    let mut now = world.now();
    loop {
        let left = limit.saturating_sub(u64::try_from(all.len()).unwrap_or(u64::MAX));
        if left == 0 {
            break;
        }
        let mut query = filter.query();
        query.push(("limit", left.min(PAGE).to_string()));
        if let Some(next) = next.as_str() {
            query.push(("after", next.to_owned()));
        }
        let mut page = operator.get("/deliveries", &query).await?;
        now = as_of(&page, world);
        if let Some(Value::Array(deliveries)) = page.get_mut("deliveries") {
            all.append(deliveries);
        }
        next = page.get("next").cloned().unwrap_or_default();
        if next.is_null() {
            break;
        }
    }
    let more = !next.is_null();
    let answer = json!({ "asOf": now.to_string(), "deliveries": all, "next": next });
    operator.show(&answer, || in_words(&all, more, now))
}

fn in_words(deliveries: &[Value], more: bool, now: Timestamp) -> String {
    if deliveries.is_empty() {
        return "No delivery is like that.".to_owned();
    }
    let titles = [
        "ID",
        "KIND",
        "RECORD",
        "STATE",
        "TRIES",
        "AGE",
        "NEXT TRY",
        "LAST RESULT",
        "WHY",
    ];
    let mut table = Table::new(&titles).right(&["TRIES"]).cut("WHY");
    for delivery in deliveries {
        let waits = delivery["state"] == "queued";
        table.row([
            text(&delivery["id"]),
            text(&delivery["kind"]),
            text(&delivery["eventType"]),
            state(delivery),
            number(&delivery["attempts"]),
            age(&delivery["createdAt"], now),
            if waits {
                ahead(&delivery["dueAt"], now)
            } else {
                String::new()
            },
            text(&delivery["lastOutcome"]),
            text(&delivery["lastError"]),
        ]);
    }
    let mut shown = table.print();
    if more {
        shown.push_str("There are more: see --limit, or narrow down what you look for.\n");
    }
    shown
}

/// Prints one delivery.
///
/// # Errors
/// [`Failure`].
pub async fn show(
    operator: &Operator,
    id: &str,
    answers: bool,
    world: &World,
) -> Result<(), Failure> {
    let delivery = operator.get(&path_of(id, "")?, &[]).await?;
    let now = as_of(&delivery, world);
    operator.show(&delivery, || one(&delivery, answers, now))
}

/// The path of one delivery, and of what can be done with it.
///
/// # Errors
/// [`Failure::Invalid`] for an id that would make another path of it.
pub fn path_of(id: &str, step: &str) -> Result<String, Failure> {
    if id.parse::<uuid::Uuid>().is_ok() {
        Ok(format!("/deliveries/{id}{step}"))
    } else {
        let id = plain(id);
        let message = format!("'{id}' is no delivery's id: `deliveries list` shows them");
        Err(Failure::Invalid { message })
    }
}

fn one(delivery: &Value, answers: bool, now: Timestamp) -> String {
    let mut shown = format!(
        "Delivery {}: {}, {}\n",
        text(&delivery["id"]),
        text(&delivery["kind"]),
        state(delivery)
    );
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            // A String takes all that is written.
            let _ = writeln!(shown, "  {name:<13}{value}");
        }
    };
    if !delivery["eventId"].is_null() {
        let record = format!(
            "{}, {}",
            text(&delivery["eventId"]),
            text(&delivery["eventType"])
        );
        line("record", record);
    }
    let ago = |at: &Value| match at {
        Value::Null => String::new(),
        at => format!("{} ({} ago)", time(at), age(at, now)),
    };
    line("begun", ago(&delivery["createdAt"]));
    line("finished", ago(&delivery["finishedAt"]));
    line("expires", time(&delivery["expiresAt"]));
    line("attempts", number(&delivery["attempts"]));
    line("next try", next_try(delivery, now));
    let awaited = delivery["awaitsDecision"] == true;
    if awaited {
        line("decision", "awaited".to_owned());
    }
    line("correlation", text(&delivery["correlation"]));
    let timeline = delivery["timeline"].as_array();
    let timeline = timeline.map(Vec::as_slice).unwrap_or_default();
    if !timeline.is_empty() {
        shown.push('\n');
        shown.push_str(&attempts(timeline));
    }
    let whose = if answers { timeline } else { last(timeline) };
    for attempt in whose {
        answer(attempt, &mut shown);
    }
    shown
}

fn next_try(delivery: &Value, now: Timestamp) -> String {
    if delivery["state"] != "queued" {
        return String::new();
    }
    if delivery["paused"] == true {
        return "when the stop that an operator put to it is lifted".to_owned();
    }
    match &delivery["waitsFor"] {
        Value::Null => ahead(&delivery["dueAt"], now),
        first => format!("after {}, which is about the same record", text(first)),
    }
}

fn attempts(timeline: &[Value]) -> String {
    let titles = ["TRY", "BEGUN", "TOOK", "STATUS", "RESULT", "WHY"];
    let mut table = Table::new(&titles).right(&["TRY", "TOOK"]).cut("WHY");
    for attempt in timeline {
        table.row([
            number(&attempt["number"]),
            time(&attempt["startedAt"]),
            format!("{} ms", number(&attempt["durationMs"])),
            text(&attempt["status"]),
            text(&attempt["outcome"]),
            text(&attempt["error"]),
        ]);
    }
    table.print()
}

fn last(timeline: &[Value]) -> &[Value] {
    timeline
        .last()
        .map(std::slice::from_ref)
        .unwrap_or_default()
}

fn answer(attempt: &Value, shown: &mut String) {
    let number = number(&attempt["number"]);
    if attempt["answerWithheld"] == true {
        let _ = writeln!(
            shown,
            "\nThe answer to try {number} is not shown: it may hold somebody's code."
        );
    }
    let answer = text(&attempt["answer"]);
    if !answer.trim().is_empty() {
        let _ = writeln!(shown, "\nCountry config answered to try {number}:");
        for line in answer.lines() {
            let _ = writeln!(shown, "  {line}");
        }
    }
}

/// In a word that says what is going on.
fn state(delivery: &Value) -> String {
    match delivery["state"].as_str() {
        Some("queued") => "waits".to_owned(),
        Some("leased") => "under way".to_owned(),
        _ => text(&delivery["state"]),
    }
}
