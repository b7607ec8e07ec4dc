//! Orders to send many deliveries: what they are, how far they have come, and their end.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use serde_json::{Value, json};
use world::World;

use crate::operator::{Failure, Operator, Table, age, number, plain, text};

/// Between looks at how far an order has come.
const LOOK: Duration = Duration::from_millis(300);

/// Prints orders, newest first.
///
/// # Errors
/// [`Failure`].
pub async fn list(operator: &Operator, under_way: bool, world: &World) -> Result<(), Failure> {
    let query = [("underWay", under_way.to_string())];
    let orders = operator.get("/deliveries/sendings", &query).await?;
    operator.show(&orders, || {
        let all = orders.as_array().map(Vec::as_slice).unwrap_or_default();
        let table = table(all, world.now());
        if table.is_empty() {
            "There is no such order.".to_owned()
        } else {
            table.print()
        }
    })
}

/// Prints one order, or follows it to its end.
///
/// # Errors
/// [`Failure`]; [`Failure::Ended`] when it was stopped, and waited for.
pub async fn show(operator: &Operator, id: &str, wait: bool) -> Result<(), Failure> {
    let order = operator.get(&path_of(id, "")?, &[]).await?;
    if wait {
        return follow(operator, order).await;
    }
    operator.show(&order, || one(&order))
}

/// Ends an order.
///
/// # Errors
/// [`Failure`].
pub async fn stop(operator: &Operator, id: &str, reason: Option<String>) -> Result<(), Failure> {
    let body = json!({ "reason": reason });
    let order = operator.post(&path_of(id, "/stop")?, &body).await?;
    operator.show(&order, || one(&order))
}

/// Follows an order to its end, and shows those who watch how far it is.
///
/// # Errors
/// [`Failure`]; [`Failure::Ended`] when it was stopped.
pub async fn follow(operator: &Operator, mut order: Value) -> Result<(), Failure> {
    let path = path_of(&text(&order["id"]), "")?;
    let progress = if operator.is_watched() {
        ProgressBar::new_spinner().with_style(ProgressStyle::default_spinner())
    } else {
        ProgressBar::hidden()
    };
    while order["state"] == "underWay" {
        progress.set_message(so_far(&order));
        progress.tick();
        tokio::time::sleep(LOOK).await;
        order = operator.get(&path, &[]).await?;
    }
    progress.finish_and_clear();
    operator.show(&order, || one(&order))?;
    if order["state"] == "done" {
        Ok(())
    } else {
        Err(Failure::Ended {
            message: format!("the order ended before its end: {}", text(&order["error"])),
        })
    }
}

/// Orders, a line each.
pub fn table(orders: &[Value], now: Timestamp) -> Table {
    let titles = ["ID", "STATE", "LOOKED AT", "SENT", "AGE", "BY", "WHY"];
    let mut table = Table::new(&titles).right(&["LOOKED AT", "SENT"]).cut("WHY");
    for order in orders {
        table.row([
            text(&order["id"]),
            state(order).to_owned(),
            number(&order["lookedAt"]),
            number(&order["sent"]),
            age(&order["startedAt"], now),
            who(order),
            text(&order["reason"]),
        ]);
    }
    table
}

/// Who did it, by the name that people know.
pub fn who(done: &Value) -> String {
    match &done["byName"] {
        Value::Null => text(&done["by"]),
        name => text(name),
    }
}

fn one(order: &Value) -> String {
    let mut shown = format!(
        "Order {}: {}, {}\n  which   {}\n  by      {}\n  why     {}",
        text(&order["id"]),
        state(order),
        so_far(order),
        text(&order["filter"]),
        who(order),
        text(&order["reason"])
    );
    if order["error"].is_string() {
        shown.push_str("\n  ended   ");
        shown.push_str(&text(&order["error"]));
    }
    shown
}

fn so_far(order: &Value) -> String {
    format!(
        "{} looked at, {} sent",
        number(&order["lookedAt"]),
        number(&order["sent"])
    )
}

fn state(order: &Value) -> &'static str {
    match order["state"].as_str() {
        Some("underWay") => "under way",
        Some("done") => "done",
        Some("stopped") => "stopped",
        _ => "unknown",
    }
}

fn path_of(id: &str, step: &str) -> Result<String, Failure> {
    if id.parse::<uuid::Uuid>().is_ok() {
        Ok(format!("/deliveries/sendings/{id}{step}"))
    } else {
        let id = plain(id);
        let message = format!("'{id}' is no order's id: `deliveries sendings` shows them");
        Err(Failure::Invalid { message })
    }
}
