//! One flow: a record is created, declared and registered, and each step timed.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use world::World;

use super::declaration::Declared;
use crate::remote::{CallError, Remote};

/// The steps of a flow, in order.
pub const STEPS: [&str; 3] = ["create", "declare", "register"];
/// How many of them country config decides on.
pub const DECIDED: usize = 2;

/// How long to wait before asking again about an action that is still undecided, when the answer
/// does not say.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// Why a flow ended early.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The answer lacks the record's id.
    #[error("the created record has no id")]
    NoId,
    /// The country said no.
    #[error("the action was rejected")]
    Rejected,
    /// It took too long.
    #[error("the action was not accepted within {0:?}")]
    Undecided(Duration),
}

impl FlowError {
    /// A short name to count errors by.
    #[must_use]
    pub fn kind(&self) -> String {
        match self {
            Self::Call(error) => error.kind(),
            Self::NoId => "unreadable".to_owned(),
            Self::Rejected => "rejected".to_owned(),
            Self::Undecided(_) => "undecided".to_owned(),
        }
    }
}

/// A step that failed.
#[derive(Debug)]
pub struct Failed {
    /// Which.
    pub step: &'static str,
    /// Why.
    pub error: FlowError,
}

/// Runs one flow; the times of its steps, in order.
///
/// # Errors
/// The first step that failed.
pub async fn run(
    core: &Remote,
    world: &World,
    event_type: &str,
    declared: Declared,
    patience: Duration,
) -> Result<[Duration; 3], Failed> {
    let started = Instant::now();
    let event_id = create(core, world, event_type)
        .await
        .map_err(|error| Failed {
            step: "create",
            error,
        })?;
    let created = Instant::now();
    // The same person goes on to register, so they keep the record in between.
    let input = json!({
        "eventId": event_id,
        "transactionId": world.new_id(),
        "declaration": declared.declaration,
        "annotation": declared.annotation,
        "keepAssignmentIfAccepted": true,
    });
    until_accepted(core, "declare", "DECLARE", input, patience)
        .await
        .map_err(|error| Failed {
            step: "declare",
            error,
        })?;
    let declared = Instant::now();
    let input = json!({
        "eventId": event_id,
        "transactionId": world.new_id(),
        "declaration": {},
        "annotation": {},
    });
    until_accepted(core, "register", "REGISTER", input, patience)
        .await
        .map_err(|error| Failed {
            step: "register",
            error,
        })?;
    Ok([created - started, declared - created, declared.elapsed()])
}

async fn create(core: &Remote, world: &World, event_type: &str) -> Result<String, FlowError> {
    let input = json!({ "type": event_type, "transactionId": world.new_id() });
    let document = core.mutate("event.create", input).await?;
    let id = document.get("id").and_then(Value::as_str);
    id.map(str::to_owned).ok_or(FlowError::NoId)
}

/// Requests an action, again and again with the same transaction id, until it is accepted. A Core
/// in good order with a country config that answers at once needs one request.
async fn until_accepted(
    core: &Remote,
    action: &str,
    action_type: &str,
    input: Value,
    patience: Duration,
) -> Result<(), FlowError> {
    let procedure = format!("event.actions.{action}.request");
    let started = Instant::now();
    loop {
        let wait = match core.mutate(&procedure, input.clone()).await {
            Ok(document) => match status(&document, action_type) {
                Some("Accepted") => return Ok(()),
                Some("Rejected") => return Err(FlowError::Rejected),
                _ => ASK_AGAIN,
            },
            Err(CallError::Refused {
                status: 503,
                retry_after,
                ..
            }) => retry_after.unwrap_or(ASK_AGAIN),
            Err(error) => return Err(error.into()),
        };
        if started.elapsed() + wait > patience {
            return Err(FlowError::Undecided(patience));
        }
        tokio::time::sleep(wait).await;
    }
}

/// What the newest action of this type has come to.
fn status<'a>(document: &'a Value, action_type: &str) -> Option<&'a str> {
    let newest = document
        .get("actions")?
        .as_array()?
        .iter()
        .rfind(|action| action.get("type").and_then(Value::as_str) == Some(action_type))?;
    newest.get("status")?.as_str()
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashMap,
        sync::{Arc, Mutex},
    };

    use axum::{extract::Path, http::StatusCode, routing::post};
    use tokio::net::TcpListener;

    use super::*;

    /// A Core that answers each procedure with the next answer planned for it, over real HTTP.
    async fn core(answers: [(&'static str, Vec<(u16, Value)>); 3]) -> Remote {
        let answers = Arc::new(Mutex::new(HashMap::from(answers)));
        let app = axum::Router::new().route(
            "/{procedure}",
            post(async move |Path(procedure): Path<String>| {
                let next = answers
                    .lock()
                    .unwrap()
                    .get_mut(procedure.as_str())
                    .unwrap()
                    .remove(0);
                (StatusCode::from_u16(next.0).unwrap(), axum::Json(next.1))
            }),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Remote::new(
            crate::remote::http(Duration::from_secs(5)).unwrap(),
            &origin,
            "",
        )
    }

    fn answer(action_type: &str, status: &str) -> (u16, Value) {
        let actions = json!([{"type": action_type, "status": status}]);
        (
            200,
            json!({"result": {"data": {"json": {"id": "e", "actions": actions}}}}),
        )
    }

    fn not_yet() -> (u16, Value) {
        let data = json!({"code": "SERVICE_UNAVAILABLE", "httpStatus": 503});
        (
            503,
            json!({"error": {"json": {"message": "Not yet", "data": data}}}),
        )
    }

    async fn run_against(core: Remote) -> Result<[Duration; 3], Failed> {
        let declared = Declared {
            declaration: json!({}),
            annotation: json!({}),
        };
        run(
            &core,
            &World::real(),
            "birth",
            declared,
            Duration::from_secs(5),
        )
        .await
    }

    #[tokio::test]
    async fn an_action_is_asked_for_again_until_it_is_accepted() {
        let core = core([
            ("event.create", vec![answer("CREATE", "Accepted")]),
            (
                "event.actions.declare.request",
                vec![
                    not_yet(),
                    answer("DECLARE", "Requested"),
                    answer("DECLARE", "Accepted"),
                ],
            ),
            (
                "event.actions.register.request",
                vec![answer("REGISTER", "Accepted")],
            ),
        ]);
        let [_, declare, _] = run_against(core.await).await.unwrap();
        assert!(declare >= 2 * ASK_AGAIN, "{declare:?}");
    }

    #[tokio::test]
    async fn a_rejection_ends_the_flow_and_names_its_step() {
        let core = core([
            ("event.create", vec![answer("CREATE", "Accepted")]),
            (
                "event.actions.declare.request",
                vec![answer("DECLARE", "Accepted")],
            ),
            (
                "event.actions.register.request",
                vec![answer("REGISTER", "Rejected")],
            ),
        ]);
        let failed = run_against(core.await).await.unwrap_err();
        assert_eq!(
            (failed.step, failed.error.kind().as_str()),
            ("register", "rejected")
        );
    }

    #[test]
    fn what_an_action_has_come_to_is_told_by_the_newest_of_its_type() {
        let document = json!({"actions": [
            {"type": "DECLARE", "status": "Requested"},
            {"type": "DECLARE", "status": "Accepted"},
            {"type": "UNASSIGN", "status": "Accepted"},
            {"type": "REGISTER", "status": "Requested"},
        ]});
        assert_eq!(status(&document, "DECLARE"), Some("Accepted"));
        assert_eq!(status(&document, "REGISTER"), Some("Requested"));
        assert_eq!(status(&document, "NOTIFY"), None);
    }
}
