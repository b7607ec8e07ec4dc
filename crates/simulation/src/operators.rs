//! Operators: they stop deliveries and lift that again, have things sent at once and once more, and
//! decide by hand what the country has not.

use std::sync::Arc;

use records::{Action, ActionId, ActionStatus, ActionType, EventId};
use serde_json::{Value, json};

use crate::{
    Law,
    client::{self, Heard, call},
    stage::{Answered, Stage, note, now},
    template::template,
};

/// How often somebody asks again who hears nothing.
const TRIES: u32 = 8;

/// What operators do at a step.
pub(crate) fn act(stage: &Arc<Stage>) {
    let chances = stage.chances().operators.clone();
    if stage.chance(chances.stops) {
        begin(stage, stop_and_lift);
    }
    if stage.chance(chances.sends) {
        begin(stage, send_again);
    }
    if stage.chance(chances.decides) {
        begin(stage, decide_by_hand);
    }
}

/// Lifts what is still stopped: somebody whose call to stop took long may have lifted it before.
pub(crate) fn lift_what_is_left(stage: &Arc<Stage>) {
    for pause in now(stage.store.pauses()).unwrap_or_default() {
        begin(stage, async move |stage| {
            lift(&stage, pause.kind.as_deref()).await
        });
    }
}

fn begin<F>(stage: &Arc<Stage>, work: impl FnOnce(Arc<Stage>) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let (busy, work) = (stage.begin(), work(Arc::clone(stage)));
    tokio::spawn(async move {
        work.await;
        drop(busy);
    });
}

/// Calls until there is an answer other than that Core cannot now.
pub(crate) async fn insist(
    stage: &Arc<Stage>,
    procedure: &str,
    input: &Value,
    check: impl Fn(&Stage, u16, &Value, &str),
) {
    for _ in 0..TRIES {
        let correlation = stage.random.new_id().simple().to_string();
        let told = correlation.as_str();
        let check = |stage: &Stage, status, body: &Value| {
            check(stage, status, body, told);
            let understood = matches!(status, 200 | 409 | 503);
            stage.hold(Law::Sense, understood, || {
                format!("{status} to {procedure} {input}: {body}")
            });
        };
        let who = (template().operator.as_str(), Some(told));
        match call(stage, who, procedure, input, check).await {
            Heard::Answer(503, _) | Heard::Nothing => stage.pause(2000).await,
            Heard::Answer(..) => return,
        }
    }
}

/// What was answered 200 must be in the audit trail.
fn audited(stage: &Stage, status: u16, operation: &str, correlation: &str) {
    if status == 200 {
        stage.answered().push(Answered {
            procedure: operation.to_owned(),
            correlation: correlation.to_owned(),
            run: None,
        });
    }
}

async fn stop_and_lift(stage: Arc<Stage>) {
    let kinds = ["DECLARE", "REGISTER", "CUSTOM", "EDIT", CODES];
    let kind = match stage.below(3) {
        0 => None,
        _ => stage.pick(&kinds),
    };
    note!(stage, "an operator stops {}", kind.unwrap_or("everything"));
    let input = json!({ "kind": kind, "reason": "simulated" });
    insist(
        &stage,
        "delivery.pause",
        &input,
        |stage, status, _, told| {
            audited(stage, status, "delivery.pause", told);
        },
    )
    .await;
    stage.pause(15_000).await;
    lift(&stage, kind).await;
}

async fn lift(stage: &Arc<Stage>, kind: Option<&str>) {
    note!(stage, "an operator lifts {}", kind.unwrap_or("everything"));
    let input = json!({ "kind": kind });
    insist(
        stage,
        "delivery.resume",
        &input,
        |stage, status, _, told| {
            audited(stage, status, "delivery.resume", told);
        },
    )
    .await;
}

/// The kind of messages that carry codes here.
pub(crate) const CODES: &str = "user/change-phone-number";

/// An action that the country is, or was, to decide.
fn some_request(stage: &Stage) -> Option<(EventId, Action)> {
    let documents = stage
        .records()
        .into_iter()
        .filter_map(|id| stage.record(id));
    let requests = documents.flat_map(|document| {
        let id = document.id;
        let actions = document.actions.into_iter();
        let asked = actions.filter(|action| action.status == ActionStatus::Requested);
        asked.map(move |action| (id, action))
    });
    let requests: Vec<_> = requests.collect();
    // Mostly the latest: the others are decided.
    match stage.below(3) {
        0 => stage.pick(&requests),
        _ => requests
            .into_iter()
            .max_by_key(|(_, action)| (action.created_at.clone(), action.id)),
    }
}

async fn send_again(stage: Arc<Stage>) {
    let Some((_, Action { id, .. })) = some_request(&stage) else {
        return;
    };
    let procedure = match stage.below(3) {
        0 => "delivery.sendNow",
        1 => "delivery.resend",
        _ => "pending.resend",
    };
    send_once_more(&stage, procedure, id).await;
}

/// Has an action's trigger sent at once, or once more, in one of the ways that there are.
pub(crate) async fn send_once_more(stage: &Arc<Stage>, procedure: &str, id: ActionId) {
    let input = match procedure {
        "pending.resend" => json!({ "actionId": id }),
        _ => json!({ "deliveryId": id }),
    };
    note!(stage, "an operator asks for {procedure} of {id}");
    // What is delivered may be on its way again from here on.
    stage.seen().sent_again.insert(id);
    insist(stage, procedure, &input, |stage, status, body, told| {
        let done = body["outcome"].as_str().or(body["resent"].as_str());
        if matches!(done, Some("queued" | "hurried")) {
            audited(stage, status, procedure, told);
        }
    })
    .await;
}

async fn decide_by_hand(stage: Arc<Stage>) {
    let Some((event, action)) = some_request(&stage) else {
        return;
    };
    let (procedure, asked, step) = match stage.below(3) {
        0 => ("pending.approve", ActionStatus::Accepted, "accept"),
        1 => ("pending.reject", ActionStatus::Rejected, "reject"),
        _ => ("pending.handBack", ActionStatus::Rejected, "reject"),
    };
    let (id, kind) = (action.id, action.action_type);
    note!(stage, "an operator asks for {procedure} of {id}");
    let mut input = json!({
        "actionId": id,
        "reason": "simulated",
        "transactionId": format!("{step} {id} by hand"),
    });
    if kind == ActionType::Register && asked == ActionStatus::Accepted {
        input["registrationNumber"] = format!("by hand {id}").into();
    }
    insist(&stage, procedure, &input, |stage, status, body, _| {
        decided(stage, (event, id), asked, status, body);
        let operation = client::procedure(kind, step);
        // A decision belongs to the click that asked for it.
        if let Some(correlation) = correlation(stage, id) {
            audited(stage, status, &operation, &correlation);
        }
    })
    .await;
}

fn correlation(stage: &Stage, id: ActionId) -> Option<String> {
    let delivery = now(stage.store.delivery_of_action(id)).flatten()?;
    Some(delivery.new.correlation)
}

/// Core has answered somebody who decides by hand: as it is told, so it is.
fn decided(
    stage: &Stage,
    (event, id): (EventId, ActionId),
    asked: ActionStatus,
    status: u16,
    body: &Value,
) {
    let told = match status {
        200 => body["resolution"].as_str(),
        409 => body
            .pointer("/data/details/resolution")
            .and_then(Value::as_str),
        _ => return,
    };
    let told = match told {
        Some("accepted") => ActionStatus::Accepted,
        Some("rejected") => ActionStatus::Rejected,
        // It was busy.
        _ => return stage.hold(Law::Sense, status == 409, || format!("{status}: {body}")),
    };
    let kept = stage.decision(event, id);
    let right = kept == Some(told) && (told == asked) == (status == 200);
    stage.hold(Law::Once, right, || {
        format!("{asked:?} of {id} by hand is told as {status}, {told:?}, and is {kept:?}")
    });
}
