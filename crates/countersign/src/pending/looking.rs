//! Lists of actions that wait, and one with all that was done about it.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;
use world::World;

use super::{FilterArgs, as_of};
use crate::operator::{Failure, Operator, Table, age, number, text, time};

/// How many are asked for at a time.
const PAGE: usize = 500;

/// Prints actions that wait, oldest first.
///
/// # Errors
/// [`Failure`].
pub async fn list(
    operator: &Operator,
    filter: &FilterArgs,
    limit: usize,
    world: &World,
) -> Result<(), Failure> {
    let mut all: Vec<Value> = Vec::new();
    let mut next = Value::Null;
    let mut now = world.now();
    while all.len() < limit {
        let mut query = filter.query();
        query.push(("limit", (limit - all.len()).min(PAGE).to_string()));
        if let Some(next) = next.as_str() {
            query.push(("after", next.to_owned()));
        }
        let mut page = operator.get("/pending-actions", &query).await?;
        now = as_of(&page, world);
        if let Some(Value::Array(actions)) = page.get_mut("pendingActions") {
            all.append(actions);
        }
        next = page.get("next").cloned().unwrap_or_default();
        if next.is_null() {
            break;
        }
    }
    let more = !next.is_null();
    let answer = json!({ "asOf": now.to_string(), "pendingActions": all, "next": next });
    operator.show(&answer, || in_words(&all, more, now))
}

fn in_words(actions: &[Value], more: bool, now: Timestamp) -> String {
    if actions.is_empty() {
        return "No action that waits is like that.".to_owned();
    }
    let titles = [
        "ACTION",
        "TYPE",
        "RECORD",
        "TRACKING",
        "AGE",
        "ALERT",
        "DEADLINE",
        "DELIVERED",
        "TRIES",
        "WHY",
    ];
    let mut table = Table::new(&titles).right(&["TRIES"]).cut("WHY");
    for action in actions {
        let delivery = &action["delivery"];
        table.row([
            text(&action["actionId"]),
            text(&action["actionType"]),
            text(&action["eventType"]),
            text(&action["trackingId"]),
            age(&action["requestedAt"], now),
            text(&action["alert"]),
            time(&action["deadline"]),
            yes_or_no(&action["delivered"]),
            number(&delivery["attempts"]),
            text(&delivery["lastError"]),
        ]);
    }
    let mut shown = table.print();
    if more {
        shown.push_str("There are more: see --limit, or narrow down what you look for.\n");
    }
    shown
}

/// Prints one action that waits.
///
/// # Errors
/// [`Failure`].
pub async fn show(operator: &Operator, id: Uuid, world: &World) -> Result<(), Failure> {
    let path = format!("/pending-actions/{id}");
    let mut action = operator.get(&path, &[]).await?;
    let record = action["eventId"].as_str().and_then(|id| id.parse().ok());
    if let Some(record) = record {
        let record: Uuid = record;
        let path = format!("/events/{record}/history");
        let mut history = operator.get(&path, &[]).await?;
        action["history"] = history["steps"].take();
    }
    let now = as_of(&action, world);
    operator.show(&action, || one(&action, now))
}

fn one(action: &Value, now: Timestamp) -> String {
    let mut shown = format!(
        "{} on a {}, tracking id {}\n",
        text(&action["actionType"]),
        text(&action["eventType"]),
        text(&action["trackingId"]),
    );
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            // A String takes all that is written.
            let _ = writeln!(shown, "  {name:<13}{value}");
        }
    };
    line("action", text(&action["actionId"]));
    line("record", text(&action["eventId"]));
    line("transaction", text(&action["transactionId"]));
    line("custom", text(&action["customActionType"]));
    line("requested", time(&action["requestedAt"]));
    line("by", text(&action["requestedBy"]));
    line("age", age(&action["requestedAt"], now));
    line("alert", text(&action["alert"]));
    line("due", time(&action["dueAt"]));
    line("deadline", time(&action["deadline"]));
    line("then", text(&action["whenPassed"]));
    line("delivered", yes_or_no(&action["delivered"]));
    line("last error", text(&action["delivery"]["lastError"]));
    let mut attempts = Table::new(&["TRY", "BEGAN", "MS", "STATUS", "RESULT", "WHY"])
        .right(&["TRY", "MS"])
        .cut("WHY");
    for attempt in list_of(&action["attempts"]) {
        attempts.row([
            number(&attempt["number"]),
            time(&attempt["startedAt"]),
            number(&attempt["durationMs"]),
            text(&attempt["status"]),
            text(&attempt["outcome"]),
            text(&attempt["error"]),
        ]);
    }
    let mut steps = Table::new(&["AT", "BY", "DID", "WHY"]).cut("WHY");
    for step in list_of(&action["history"]) {
        let details = &step["details"];
        let why = match &details["reason"] {
            Value::Null => &details["alert"],
            reason => reason,
        };
        steps.row([
            time(&step["at"]),
            text(&step["by"]),
            text(&step["operation"]),
            text(why),
        ]);
    }
    for (title, table) in [
        ("Deliveries to country config", attempts),
        ("The record", steps),
    ] {
        if !table.is_empty() {
            let _ = write!(shown, "\n{title}:\n{}", table.print());
        }
    }
    shown
}

fn list_of(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn yes_or_no(value: &Value) -> String {
    match value.as_bool() {
        Some(true) => "yes".to_owned(),
        Some(false) => "no".to_owned(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_shown_with_its_age_its_attempts_and_what_was_done() {
        let action = json!({
            "actionId": "a", "eventId": "e", "actionType": "REGISTER", "eventType": "birth",
            "trackingId": "ABC123", "requestedAt": "2026-03-02T12:00:00.000Z", "alert": "due",
            "delivered": true, "deadline": null,
            "attempts": [{"number": 1, "startedAt": "2026-03-02T12:00:01.000Z", "durationMs": 12,
                "status": 202, "outcome": "pending", "error": null}],
            "history": [{"at": "2026-03-04T12:00:00.000Z", "by": "core",
                "operation": "pending.alert", "details": {"alert": "due"}}],
        });
        let now = "2026-03-04T13:00:00Z".parse().unwrap();
        let shown = one(&action, now);
        for part in [
            "REGISTER on a birth, tracking id ABC123",
            "2 days 1 h",
            "202",
            "pending.alert",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert!(!shown.contains("deadline"), "what is not there is not told");
    }
}
