//! Whether Core is alive, and whether it can do its work.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::Core;

/// `GET /ping`, as OpenCRVS answers it.
pub(super) async fn ping() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// `GET /health/live`: the process answers. Restart it when it does not.
pub(super) async fn live() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// `GET /health/ready`: the store answers and there is configuration to work with; 503 says what
/// is missing. Country config being down does not make Core unready: actions are kept for it.
pub(super) async fn ready(State(core): State<Core>) -> Response {
    let store = match core.store.places_version().await {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.to_string(),
    };
    let configuration = match core.configuration.current() {
        Ok(_) => "ok",
        Err(_) => "no configuration was read from country config yet",
    };
    let ready = store == "ok" && configuration == "ok";
    let body = json!({
        "status": if ready { "ok" } else { "not ready" },
        "store": store,
        "configuration": configuration,
        "refusedConfiguration": core.configuration.problem().map(|problem| problem.to_string()),
    });
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(body)).into_response()
}
