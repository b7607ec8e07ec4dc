//! Calls on Core's own API: by people, and by the country.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    http::{Request, Response, header},
};
use records::ActionType;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::stage::{Answered, Stage, note};

/// Nobody waits longer for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a caller hears.
#[derive(Debug)]
pub(crate) enum Heard {
    /// An answer: the result, or the error.
    Answer(u16, Value),
    /// None, whatever has become of the call.
    Nothing,
}

/// The procedure that takes a step of an action: `request`, `accept` or `reject`.
pub(crate) fn procedure(kind: ActionType, step: &str) -> String {
    let name = match kind {
        ActionType::RequestCorrection => "correction.request".to_owned(),
        ActionType::ApproveCorrection => "correction.approve".to_owned(),
        ActionType::RejectCorrection => "correction.reject".to_owned(),
        other => other.as_str().to_lowercase(),
    };
    format!("event.actions.{name}.{step}")
}

/// Calls a procedure on any node. `check` sees what Core answers, even where the caller does not.
/// `correlation` is passed on by callers who were told one.
pub(crate) async fn call(
    stage: &Arc<Stage>,
    (token, correlation): (&str, Option<&str>),
    procedure: &str,
    input: &Value,
    check: impl Fn(&Stage, u16, &Value),
) -> Heard {
    let lost = stage.chances().client_lost;
    let Some(node) = stage.some_node() else {
        tokio::time::sleep(Duration::from_millis(300)).await;
        return Heard::Nothing;
    };
    if stage.chance(lost) {
        note!(stage, "lost on its way to {}: {procedure}", node.life.name);
        stage.pause(2000).await;
        return Heard::Nothing;
    }
    stage.pause(20).await;
    let correlation = match correlation {
        Some(told) => told.to_owned(),
        None => stage.random.new_id().simple().to_string(),
    };
    let request = Request::post(format!("/events/{procedure}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(
            "traceparent",
            format!("00-{correlation}-0000000000000001-01"),
        )
        .body(Body::from(json!({ "json": input }).to_string()));
    let Ok(request) = request else {
        return Heard::Nothing;
    };
    if node.stop.is_cancelled() {
        note!(stage, "{} takes no calls any more", node.life.name);
        return Heard::Nothing;
    }
    let _answered = Arc::clone(&node.answering);
    let answer = node.router.clone().oneshot(request);
    let answer = match tokio::time::timeout(PATIENCE, answer).await {
        Ok(Ok(answer)) if !node.life.is_over() => answer,
        _ => {
            note!(stage, "no answer from {}: {procedure}", node.life.name);
            return Heard::Nothing;
        }
    };
    let (status, body) = read(answer).await;
    note!(stage, "{} answers {status} to {procedure}", node.life.name);
    // Of the others, whoever calls knows what they are audited as.
    if status == 200 && (procedure.starts_with("event.") || procedure == "pending.list") {
        stage.answered().push(Answered {
            procedure: procedure.to_owned(),
            correlation,
            run: Some(node.life.run),
        });
    }
    check(stage, status, &body);
    if stage.chance(lost) {
        note!(stage, "the answer is lost");
        return Heard::Nothing;
    }
    Heard::Answer(status, body)
}

async fn read(answer: Response<Body>) -> (u16, Value) {
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), usize::MAX).await;
    let mut body: Value = body
        .ok()
        .and_then(|body| serde_json::from_slice(&body).ok())
        .unwrap_or_default();
    let what = match status {
        200 => "/result/data/json",
        _ => "/error/json",
    };
    let body = body.pointer_mut(what).map(Value::take).unwrap_or_default();
    (status, body)
}
