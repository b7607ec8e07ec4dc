//! Calls that ask for no decision: telling people, getting ready, reindexing.

use std::{future::Future, sync::Arc, time::Duration};

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
};
use records::EventDocument;
use serde_json::Value;

use super::{Reply, Shared, request};
use crate::{
    account::{self, AccountTrigger},
    decision::TriggerError,
    trigger::{Claims, Correlation, Delivery},
};

/// `POST /triggers/user/{event}`.
pub(super) async fn tell(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Reply {
    within(&shared, told(&shared, &name, &headers, &body)).await
}

async fn told(
    shared: &Arc<Shared>,
    name: &str,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Reply, Reply> {
    shared.check_signature(headers, body).await?;
    let vouched = shared.is_vouched_for();
    if headers.contains_key("authorization") || !vouched {
        let may = |claims: &Claims| vouched || claims.is_core_itself();
        shared.admit(headers, may).await?;
    }
    let Some(handler) = shared.handlers.account.clone() else {
        return Err(Reply::failed(
            501,
            "this country has no handler for account triggers",
        ));
    };
    let unreadable = |error| Reply::failed(422, format!("the body cannot be read: {error}"));
    let value: Value = serde_json::from_slice(body).map_err(unreadable)?;
    let (event, recipient) = account::parse(name, value).map_err(unreadable)?;
    let attempt = request::attempt(headers);
    let Some(id) = request::delivery_id(headers) else {
        // Nothing tells a repetition from a second message with the same text.
        let delivery = Delivery {
            id: String::new(),
            attempt,
        };
        let told = shared
            .run(handler(AccountTrigger {
                event,
                recipient,
                delivery,
            }))
            .await;
        return Ok(done(told));
    };
    let trigger = AccountTrigger {
        event,
        recipient,
        delivery: Delivery {
            id: id.clone(),
            attempt,
        },
    };
    let digest = request::fingerprint(&[name.as_bytes(), body]);
    let working = Arc::clone(shared);
    Ok(shared
        .once(id, digest, async move {
            done(working.run(handler(trigger)).await)
        })
        .await)
}

/// `POST /triggers/system/ready`.
pub(super) async fn ready(
    State(shared): State<Arc<Shared>>,
    Extension(correlation): Extension<Correlation>,
    headers: HeaderMap,
    body: Bytes,
) -> Reply {
    let work = async {
        shared.check_signature(&headers, &body).await?;
        let may = |claims: &Claims| claims.is_client_with("integration.create");
        let token = shared.admit(&headers, may).await?;
        let Some(handler) = shared.handlers.ready.clone() else {
            return Ok(Reply::standing(204, None));
        };
        let core = shared
            .core
            .with_token(token)
            .with_traceparent(correlation.traceparent);
        Ok(done(shared.run(handler(core)).await))
    };
    within(&shared, work).await
}

/// `POST /reindex`: batches may come again, so handlers write by record.
pub(super) async fn reindex(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Reply {
    let work = async {
        shared.check_signature(&headers, &body).await?;
        let may = |claims: &Claims| {
            shared.is_vouched_for()
                || claims.is_core_itself()
                || claims.is_client_with("record.reindex")
        };
        shared.admit(&headers, may).await?;
        let Some(handler) = shared.handlers.reindex.clone() else {
            return Ok(Reply::standing(204, None));
        };
        let events: Vec<EventDocument> = serde_json::from_slice(&body).map_err(|error| {
            Reply::failed(
                422,
                format!("the body is no list of event documents: {error}"),
            )
        })?;
        Ok(done(shared.run(handler(events)).await))
    };
    within(&shared, work).await
}

impl Shared {
    /// Whether something other than the token says that Core is calling: a signature that was
    /// checked before, or the operator.
    const fn is_vouched_for(&self) -> bool {
        self.signatures.required() || self.settings.opencrvs_core
    }
}

/// One deadline over everything an answer needs.
async fn within(shared: &Shared, work: impl Future<Output = Result<Reply, Reply>> + Send) -> Reply {
    match tokio::time::timeout(shared.settings.deadline, work).await {
        Ok(Ok(reply) | Err(reply)) => reply,
        Err(_) => Reply::failed(503, "still at work").after(Duration::from_secs(1)),
    }
}

fn done(result: Result<(), TriggerError>) -> Reply {
    match result {
        Ok(()) => Reply::standing(200, None),
        Err(error) => {
            tracing::warn!(reason = error.reason(), "the handler failed");
            error.into()
        }
    }
}
