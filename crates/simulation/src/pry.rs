//! The country tries what the tokens it was given must not let it (law 7).

use std::sync::Arc;

use records::ActionId;
use serde_json::{Value, json};

use crate::{
    Law,
    client::call,
    stage::{Stage, note},
};

/// Tries something with a token that came with an action.
pub(crate) fn begin(stage: &Arc<Stage>, action: ActionId) {
    let (stage, busy) = (Arc::clone(stage), stage.begin());
    tokio::spawn(async move {
        stage.pause(5000).await;
        pry(&stage, action).await;
        drop(busy);
    });
}

async fn pry(stage: &Arc<Stage>, action: ActionId) {
    let Some(case) = stage.ledger().cases.get(&action).cloned() else {
        return;
    };
    let Some(token) = stage.pick(&case.tokens) else {
        return;
    };
    let others = stage.records().into_iter().filter(|id| *id != case.event);
    let other = stage.pick(&others.collect::<Vec<_>>());
    let (procedure, input) = match (stage.below(4), other) {
        (0, Some(other)) => ("event.get", json!({ "eventId": other })),
        (1, Some(other)) => {
            let document = stage.record(other);
            let last = document.and_then(|document| Some(document.actions.last()?.id));
            let accept = json!({
                "eventId": other,
                "actionId": last,
                "transactionId": "prying",
                "registrationNumber": "prying",
            });
            ("event.actions.register.accept", accept)
        }
        (2, _) => {
            let input = json!({ "type": "birth", "transactionId": "prying" });
            ("event.create", input)
        }
        _ => {
            read_own(stage, action, &token).await;
            return;
        }
    };
    note!(stage, "the country tries {procedure}");
    let check = |stage: &Stage, status: u16, body: &Value| {
        stage.hold(Law::Tokens, matches!(status, 403 | 404 | 503), || {
            format!("{status} to {procedure} with the token of {action}: {body}")
        });
    };
    call(stage, (&token, None), procedure, &input, check).await;
}

/// Its own record it can read as long as the action waits, and no longer.
async fn read_own(stage: &Arc<Stage>, action: ActionId, token: &str) {
    let Some(event) = stage.ledger().cases.get(&action).map(|case| case.event) else {
        return;
    };
    let was_over = stage.decision(event, action).is_some();
    let check = |stage: &Stage, status: u16, body: &Value| {
        let is_over = stage.decision(event, action).is_some();
        let as_it_should = match status {
            200 => !was_over,
            401 => is_over,
            503 => true,
            _ => false,
        };
        stage.hold(Law::Tokens, as_it_should, || {
            format!("{status} to event.get with the token of {action}, decided before: {was_over}, after: {is_over}: {body}")
        });
    };
    let input = json!({ "eventId": event });
    call(stage, (token, None), "event.get", &input, check).await;
}
