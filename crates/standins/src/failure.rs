//! What the stand-ins answer when they cannot do what was asked.

use axum::{
    Json,
    extract::rejection::JsonRejection,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::StoreError;

/// A request that failed; becomes a status and `{"reason"}`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The request makes no sense: 400.
    #[error("{0}")]
    Malformed(String),
    /// There is no such thing: 404.
    #[error("{0}")]
    Unknown(&'static str),
    /// The system understood and said no: 422.
    #[error("{0}")]
    Refused(String),
    /// The outage knob is on: 503.
    #[error("{0} is out of service")]
    Outage(&'static str),
    /// Our own storage failed: 500.
    #[error("the stand-in could not read or write its data")]
    Store(#[from] StoreError),
}

impl From<JsonRejection> for Failure {
    fn from(rejection: JsonRejection) -> Self {
        Self::Malformed(rejection.body_text())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Unknown(_) => StatusCode::NOT_FOUND,
            Self::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Outage(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(ref error) => {
                tracing::error!(error = %error, cause = ?error, "a stand-in's storage failed");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        (status, Json(json!({ "reason": self.to_string() }))).into_response()
    }
}
