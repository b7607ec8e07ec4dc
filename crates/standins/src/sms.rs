//! The SMS gateway: takes a text for a phone and shows it on the page.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Shared,
    failure::Failure,
    inbox::{self, Arriving, Kind},
    knobs::{Knobs, SmsKnobs},
};

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/sms", post(send))
        .route("/sms/knobs", get(knobs).put(turn))
}

#[derive(Deserialize)]
struct Sms {
    to: String,
    text: String,
}

/// `POST /sms {to, text}` → 202 `{id}`. With an `Idempotency-Key`, a repeat is the same message.
async fn send(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<Json<Sms>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    if SmsKnobs::now(&shared).await?.outage {
        return Err(Failure::Outage("The SMS gateway"));
    }
    let Json(sms) = body?;
    if sms.to.trim().is_empty() {
        return Err(Failure::Malformed("'to' must be a phone number".to_owned()));
    }
    let key = headers
        .get("idempotency-key")
        .and_then(|key| key.to_str().ok());
    let message = Arriving {
        kind: Kind::Sms,
        to: sms.to.trim().to_owned(),
        subject: None,
        text: sms.text,
        sender_key: key.map(|key| format!("sms:{key}")),
    };
    let ids = inbox::keep(&shared, vec![message]).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "id": ids.first() }))))
}

async fn knobs(State(shared): State<Arc<Shared>>) -> Result<Json<SmsKnobs>, Failure> {
    Ok(Json(SmsKnobs::now(&shared).await?))
}

async fn turn(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<SmsKnobs>, JsonRejection>,
) -> Result<Json<SmsKnobs>, Failure> {
    let Json(knobs) = body?;
    Ok(Json(knobs.save(&shared).await?))
}
