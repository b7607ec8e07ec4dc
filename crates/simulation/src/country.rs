//! The country: agrees and refuses, at once and later, and is as difficult about it as its chances
//! say. Once these are calm it is reliable: it decides everything it was ever sent, and says the
//! same however often it is asked.

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use countersign_core::peer::{Answer, Request};
use delivery::Failure;
use records::{Action, ActionId, ActionStatus, ActionType, EventDocument, EventId};
use serde_json::{Value, json};

use crate::{
    Law,
    client::{Heard, call, procedure},
    codes::{self, Messages},
    laws,
    network::failure,
    pry,
    stage::{ByAction, Stage, note},
    template,
};

/// What the country knows.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub cases: ByAction<Case>,
    pub messages: Messages,
    pub is_down: bool,
}

/// An action that it was told of.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub event: EventId,
    pub kind: ActionType,
    /// What came first; whatever comes later must be the same.
    pub body: Bytes,
    pub path: String,
    /// Ties what it leads to to the user's click.
    correlation: String,
    /// Tokens that came with it.
    pub tokens: Vec<String>,
    /// Whether it has answered with a 2xx that counts.
    pub acknowledged: bool,
    /// Against it.
    rejects: bool,
    number: String,
    /// Whether it calls back, or has.
    calls_back: bool,
    /// The record as it was answered to a callback that decided.
    pub decided: Option<Value>,
}

/// What a request for a decision says.
#[derive(Debug)]
pub(crate) struct Trigger {
    pub action: Action,
    pub document: EventDocument,
    pub attempt: u32,
}

/// A request comes to the country.
pub(crate) async fn arrive(
    stage: &Arc<Stage>,
    request: &Request,
    trigger: Option<&Trigger>,
) -> Result<Answer, Failure> {
    if stage.ledger().is_down {
        return Err(failure("connect"));
    }
    if request.path.starts_with("/config/") {
        return Ok(document(request));
    }
    let Some(trigger) = trigger else {
        return codes::arrive(stage, request);
    };
    let action = &trigger.action;
    let token = request
        .headers
        .iter()
        .find(|(name, _)| *name == "authorization");
    let token = token.and_then(|(_, value)| value.strip_prefix("Bearer "));
    laws::arrived(stage, request, action);
    let case = learn(stage, request, trigger, token.unwrap_or_default());
    let chances = stage.chances().country.clone();
    if stage.chance(chances.pries) {
        pry::begin(stage, action.id);
    }
    if stage.chance(chances.errors) {
        return Ok(refuse(stage));
    }
    if stage.chance(chances.silent) {
        let seconds = 3 + stage.below(8);
        note!(stage, "the country takes {seconds} s for {}", action.id);
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
    if stage.chance(chances.garbage) {
        return garbage(stage, &case);
    }
    if stage.chance(chances.early_callback) {
        begin_calling_back(stage, action.id, 0);
        stage.pause(1500).await;
    }
    let lies = stage.chance(chances.lies);
    let later = case.calls_back || case.rejects || stage.chance(chances.later);
    if later != lies {
        if stage.chance(chances.forgets) {
            note!(stage, "the country forgets {}", action.id);
        } else {
            begin_calling_back(stage, action.id, 6000);
        }
        acknowledge(stage, action.id);
        note!(stage, "the country will decide on {} later", action.id);
        return Ok(answer(202, ""));
    }
    let number = match lies {
        true => some_number(stage, &case),
        false => case.number.clone(),
    };
    acknowledge(stage, action.id);
    note!(stage, "the country accepts {} as {number}", action.id);
    let mut body = json!({});
    if case.kind == ActionType::Register {
        body["registrationNumber"] = number.into();
    }
    if stage.chance(300) {
        body["declaration"] = json!({ "child.nid": "4711" });
    }
    Ok(answer(200, &body.to_string()))
}

fn document(request: &Request) -> Answer {
    let known = request
        .headers
        .iter()
        .any(|(name, _)| *name == "if-none-match");
    match template::document(&request.path) {
        Answer {
            status: 200,
            headers,
            ..
        } if known => Answer {
            status: 304,
            headers,
            body: Bytes::new(),
        },
        answer => answer,
    }
}

/// What a request says, if it asks for a decision.
pub(crate) fn read(request: &Request) -> Option<Trigger> {
    if !request.path.starts_with("/trigger/events/") {
        return None;
    }
    let document: EventDocument = serde_json::from_slice(&request.body).ok()?;
    let action = document.actions.last()?.clone();
    let attempt = laws::header(request, "x-delivery-attempt").parse().ok()?;
    Some(Trigger {
        action,
        document,
        attempt,
    })
}

fn learn(stage: &Stage, request: &Request, trigger: &Trigger, token: &str) -> Case {
    let Trigger {
        action, document, ..
    } = trigger;
    let rejects = stage.chance(stage.chances().country.rejects);
    let mut ledger = stage.ledger();
    let case = ledger.cases.entry(action.id).or_insert_with(|| Case {
        event: document.id,
        kind: action.action_type,
        body: request.body.clone(),
        path: request.path.clone(),
        correlation: laws::correlation(request),
        tokens: vec![],
        acknowledged: false,
        rejects,
        number: action.id.0.simple().to_string(),
        calls_back: false,
        decided: None,
    });
    if case.tokens.last().is_none_or(|last| last != token) {
        case.tokens.push(token.to_owned());
    }
    case.clone()
}

fn acknowledge(stage: &Stage, action: ActionId) {
    if let Some(case) = stage.ledger().cases.get_mut(&action) {
        case.acknowledged = true;
    }
}

/// A number that is another registration's already, if there is one. One that the country is still
/// to give would be worse than a lie: whose it is could never be registered.
fn some_number(stage: &Stage, case: &Case) -> String {
    let cases = stage.ledger().cases.clone();
    let given: Vec<_> = (cases.iter())
        .filter(|(_, other)| other.kind == ActionType::Register)
        .filter(|(id, other)| stage.decision(other.event, **id) == Some(ActionStatus::Accepted))
        .map(|(_, other)| other.number.clone())
        .collect();
    stage.pick(&given).unwrap_or_else(|| case.number.clone())
}

pub(crate) fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status,
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

pub(crate) fn refuse(stage: &Stage) -> Answer {
    let status = stage.pick(&[400, 404, 409, 429, 500, 503]).unwrap_or(500);
    note!(stage, "the country answers {status}");
    let mut refusal = answer(status, r#"{"reason":"simulated"}"#);
    if status == 503 {
        let seconds = HeaderValue::from(stage.below(10));
        refusal.headers.insert("retry-after", seconds);
    }
    refusal
}

/// What looks like agreement and is none.
fn garbage(stage: &Stage, case: &Case) -> Result<Answer, Failure> {
    note!(stage, "the country answers garbage");
    let bodies = ["<html>", "[]", "\"yes\"", r#"{"declaration":7}"#, "{"];
    match stage.below(4) {
        0 => Err(failure("too-large")),
        1 if case.kind == ActionType::Register => {
            let empty = ["", "{}", r#"{"registrationNumber":" "}"#];
            Ok(answer(200, stage.pick(&empty).unwrap_or_default()))
        }
        _ => Ok(answer(200, stage.pick(&bodies).unwrap_or_default())),
    }
}

/// Begins to call back about an action, unless that has begun.
fn begin_calling_back(stage: &Arc<Stage>, action: ActionId, within: u64) {
    let mut ledger = stage.ledger();
    let Some(case) = ledger.cases.get_mut(&action) else {
        return;
    };
    if case.calls_back {
        return;
    }
    case.calls_back = true;
    let decision = match case.rejects {
        true => ActionStatus::Rejected,
        false => ActionStatus::Accepted,
    };
    drop(ledger);
    let (stage, busy) = (Arc::clone(stage), stage.begin());
    tokio::spawn(async move {
        stage.pause(within).await;
        call_back(&stage, action, decision).await;
        while stage.chance(stage.chances().country.repeats) {
            stage.pause(3000).await;
            let other = match decision {
                ActionStatus::Accepted => ActionStatus::Rejected,
                _ => ActionStatus::Accepted,
            };
            let again = if stage.below(2) == 0 { decision } else { other };
            call_back(&stage, action, again).await;
        }
        drop(busy);
    });
}

/// Calls back about an action that was acknowledged, unless that has begun.
pub(crate) fn make_good(stage: &Arc<Stage>, action: ActionId) {
    let case = stage.ledger().cases.get(&action).cloned();
    if case.is_some_and(|case| case.acknowledged) {
        begin_calling_back(stage, action, 1000);
    }
}

/// Whether the country has forgotten to decide something.
pub(crate) fn has_forgotten(stage: &Stage) -> bool {
    let cases = stage.ledger().cases.clone();
    let mut forgotten = (cases.iter()).filter(|(_, case)| case.acknowledged && !case.calls_back);
    forgotten.any(|(id, case)| stage.decision(case.event, *id).is_none())
}

/// Calls back until Core has said what is decided.
async fn call_back(stage: &Arc<Stage>, id: ActionId, decision: ActionStatus) {
    let step = match decision {
        ActionStatus::Accepted => "accept",
        _ => "reject",
    };
    for number in 0_u32.. {
        let Some(case) = stage.ledger().cases.get(&id).cloned() else {
            return;
        };
        let Some(token) = stage.pick(&case.tokens) else {
            return;
        };
        let mut input = json!({
            "eventId": case.event,
            "actionId": id,
            "transactionId": format!("{step} {id}"),
        });
        if case.kind == ActionType::Register && decision == ActionStatus::Accepted {
            input["registrationNumber"] = match number {
                0 => some_or_own(stage, &case),
                _ => case.number.clone(),
            }
            .into();
        }
        let procedure = procedure(case.kind, step);
        let check = |stage: &Stage, status, body: &Value| {
            laws::called_back(stage, id, decision, status, body);
        };
        match call(
            stage,
            (&token, Some(&case.correlation)),
            &procedure,
            &input,
            check,
        )
        .await
        {
            Heard::Answer(200, _) => return,
            Heard::Answer(409, body) if body.pointer("/data/details/resolution").is_some() => {
                return;
            }
            Heard::Answer(409, body) => {
                note!(stage, "refused for {id}: {}", body["message"]);
                stage.pause(2000).await;
            }
            Heard::Answer(503, _) | Heard::Nothing => stage.pause(2000).await,
            Heard::Answer(status, body) => {
                let what = format!("{status} to {procedure} of {id}: {body}");
                return stage.broken(Law::Sense, what);
            }
        }
    }
}

fn some_or_own(stage: &Stage, case: &Case) -> String {
    match stage.chance(stage.chances().country.lies) {
        true => some_number(stage, case),
        false => case.number.clone(),
    }
}
