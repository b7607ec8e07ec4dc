//! Stopping and lifting, sending now and once more.

use serde_json::{Value, json};
use world::World;

use super::{SendArgs, filter::Whole, looking::path_of, orders, summary::stopped};
use crate::operator::{Failure, Operator, text};

impl SendArgs {
    /// Whether it says which deliveries, and why where that is needed.
    ///
    /// # Errors
    /// [`Failure::Invalid`].
    pub fn check(&self) -> Result<(), Failure> {
        let invalid = |message: &str| {
            Err(Failure::Invalid {
                message: message.to_owned(),
            })
        };
        if self.id.is_some() {
            return Ok(());
        }
        if !self.all && self.filter.is_empty() {
            return invalid(
                "which deliveries? Give the id of one, options that narrow them down, or --all",
            );
        }
        if self.reason.is_none() {
            return invalid("to send more than one, say why: --reason WORDS");
        }
        Ok(())
    }
}

/// Stops a kind, or all.
///
/// # Errors
/// [`Failure`].
pub async fn pause(
    operator: &Operator,
    kind: Option<String>,
    reason: &str,
    world: &World,
) -> Result<(), Failure> {
    let body = json!({ "kind": kind, "reason": reason });
    let answer = operator.post("/deliveries/pause", &body).await?;
    let done = if answer["changed"] == true {
        "Stopped: nothing more of it is begun until you lift that."
    } else {
        "It was stopped already, and stays as it was."
    };
    show_pauses(operator, &answer, done, world)
}

/// Lifts the stop of a kind, or the one of all.
///
/// # Errors
/// [`Failure`].
pub async fn resume(
    operator: &Operator,
    kind: Option<String>,
    reason: Option<String>,
    world: &World,
) -> Result<(), Failure> {
    let body = json!({ "kind": kind, "reason": reason });
    let answer = operator.post("/deliveries/resume", &body).await?;
    let done = if answer["changed"] == true {
        "Lifted: what waits is sent again."
    } else {
        "There was no such stop."
    };
    show_pauses(operator, &answer, done, world)
}

fn show_pauses(
    operator: &Operator,
    answer: &Value,
    done: &str,
    world: &World,
) -> Result<(), Failure> {
    operator.show(answer, || {
        let pauses = answer["pauses"].as_array();
        let pauses = stopped(pauses.map(Vec::as_slice).unwrap_or_default(), world.now());
        if pauses.is_empty() {
            format!("{done}\nNothing is stopped now.")
        } else {
            format!("{done}\n\nStopped now:\n{}", pauses.print())
        }
    })
}

/// Sends one delivery, or orders that all are sent that the options let through.
///
/// # Errors
/// [`Failure`].
pub async fn send(operator: &Operator, send: SendArgs, whole: Whole) -> Result<(), Failure> {
    let Some(id) = &send.id else {
        return order(operator, send, whole).await;
    };
    let step = match whole {
        Whole::Waiting => "/send",
        Whole::Undecided => "/resend",
    };
    let body = json!({ "reason": send.reason });
    let answer = operator.post(&path_of(id, step)?, &body).await?;
    operator.show(&answer, || outcome(&answer))
}

fn outcome(answer: &Value) -> String {
    let mut shown = match answer["outcome"].as_str() {
        Some("queued") => "It will be sent again, under the same id.".to_owned(),
        Some("hurried") => "It is sent now.".to_owned(),
        Some("underWay") => "It is being tried just now.".to_owned(),
        _ => text(&answer["outcome"]),
    };
    if answer["paused"] == true {
        shown.push_str("\nBut its kind is stopped: it goes out when that is lifted.");
    }
    if answer["waitsFor"].is_string() {
        shown.push_str("\nBut it waits for another delivery about the same record: ");
        shown.push_str(&text(&answer["waitsFor"]));
    }
    shown
}

async fn order(operator: &Operator, send: SendArgs, whole: Whole) -> Result<(), Failure> {
    let filter = send.filter.order(whole);
    let body = json!({ "filter": filter, "reason": send.reason });
    let order = operator.post("/deliveries/sendings", &body).await?;
    if send.wait {
        return orders::follow(operator, order).await;
    }
    operator.show(&order, || {
        let more = if order["foundAtLeast"] == true {
            " or more"
        } else {
            ""
        };
        format!(
            "Ordered: {}{more} deliveries are like that now, and are gone through.\n\
             See how far it is: countersign deliveries sendings show {} --wait",
            crate::operator::number(&order["found"]),
            text(&order["id"])
        )
    })
}
