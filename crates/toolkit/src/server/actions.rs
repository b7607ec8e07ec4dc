//! `POST /trigger/events/{event}/actions/{ACTION}`: one action that waits for the country.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
};
use records::{Action, ActionStatus, ActionType, EventDocument};

use super::{Reply, Shared, decide, request};
use crate::{
    settings::Secret,
    trigger::{Claims, Correlation, Delivery, Trigger},
};

pub(super) async fn trigger(
    State(shared): State<Arc<Shared>>,
    Path((event_type, action)): Path<(String, String)>,
    Extension(correlation): Extension<Correlation>,
    headers: HeaderMap,
    body: Bytes,
) -> Reply {
    let deadline = shared.settings.deadline;
    let answer = answer(&shared, &event_type, &action, correlation, &headers, &body);
    match tokio::time::timeout(deadline, answer).await {
        Ok(Ok(reply) | Err(reply)) => {
            tracing::info!(
                event_type,
                action,
                status = reply.answer.status,
                repeated = reply.repeated,
                attempt = request::attempt(&headers),
                "trigger answered"
            );
            reply
        }
        Err(_) => {
            tracing::warn!(
                event_type,
                action,
                "the handler takes longer than an answer may"
            );
            Reply::failed(
                503,
                "still at work on this action; ask again for the outcome",
            )
            .after(Duration::from_secs(1))
        }
    }
}

async fn answer(
    shared: &Arc<Shared>,
    event_type: &str,
    action: &str,
    correlation: Correlation,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Reply, Reply> {
    let kind: ActionType = action
        .parse()
        .ok()
        .filter(|it: &ActionType| it.awaits_country())
        .ok_or_else(|| Reply::failed(404, format!("no country decides on '{action}'")))?;
    shared.check_signature(headers, body).await?;
    let (token, person) = shared.authenticate(headers).await?;
    let event: EventDocument = serde_json::from_slice(body)
        .map_err(|error| Reply::failed(422, format!("the body is no event document: {error}")))?;
    let action = waiting_action(&event, event_type, kind)?;
    check_reach(&person, &event, &action)?;

    let id = request::delivery_id(headers)
        .unwrap_or_else(|| format!("action:{}/{}", event.id, action.id));
    // Which action it is, and no more of the body: between two attempts a record may be read, and
    // another version of Core may write the same record differently.
    let digest = request::fingerprint(&[
        event_type.as_bytes(),
        event.id.to_string().as_bytes(),
        action.id.to_string().as_bytes(),
        kind.to_string().as_bytes(),
    ]);
    let delivery = Delivery {
        id: id.clone(),
        attempt: request::attempt(headers),
    };
    let trigger = shared.trigger(event, action, delivery, token.clone(), person, correlation);
    let key = trigger.key();
    let reply = shared
        .once(id, digest, decide::decide(Arc::clone(shared), trigger))
        .await;
    if reply.repeated && reply.answer.status == 202 {
        // Core never learned that the action is pending; the token it sent now will last longer.
        shared.pending.renew(key, &token).await?;
    }
    Ok(reply)
}

/// The action to decide on: the last one, still requested, of the kind that the path names.
fn waiting_action(
    event: &EventDocument,
    event_type: &str,
    kind: ActionType,
) -> Result<Action, Reply> {
    let last = event
        .actions
        .last()
        .filter(|it| it.status == ActionStatus::Requested);
    let action =
        last.ok_or_else(|| Reply::failed(422, "the record's last action is not a requested one"))?;
    if action.action_type != kind || event.event_type != event_type {
        let found = format!(
            "the body holds a {} of a {}",
            action.action_type, event.event_type
        );
        return Err(Reply::failed(
            422,
            format!("{found}, the path names another"),
        ));
    }
    Ok(action.clone())
}

/// Only the token of this very action speaks for it: any user of Core holds one that is signed by
/// the same key.
fn check_reach(person: &Claims, event: &EventDocument, action: &Action) -> Result<(), Reply> {
    let names = |claim: &Option<String>, id: String| {
        claim
            .as_deref()
            .is_some_and(|it| it.eq_ignore_ascii_case(&id))
    };
    if names(&person.event_id, event.id.to_string())
        && names(&person.action_id, action.id.to_string())
    {
        Ok(())
    } else {
        Err(Reply::failed(403, "the token is not for this action"))
    }
}

impl Shared {
    fn trigger(
        &self,
        event: EventDocument,
        action: Action,
        delivery: Delivery,
        token: Secret,
        person: Claims,
        correlation: Correlation,
    ) -> Trigger {
        let core = self
            .core
            .with_token(token)
            .with_traceparent(correlation.traceparent.clone());
        Trigger {
            event,
            action,
            delivery,
            person,
            correlation,
            core,
            pending: self.pending.clone(),
            numbers: self.numbers.clone(),
        }
    }
}
