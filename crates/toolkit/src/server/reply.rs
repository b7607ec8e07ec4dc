//! An answer to Core before it is written to the wire.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::{
    decision::TriggerError,
    store::{Answer, StoreError},
    tokens::TokenError,
};

/// What Core is answered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reply {
    pub(super) answer: Answer,
    /// When Core should come back.
    pub(super) retry_after: Option<Duration>,
    /// Whether it stands: the same delivery gets the same answer from now on.
    pub(super) stands: bool,
    /// Whether it was given to an earlier attempt already.
    pub(super) repeated: bool,
}

impl Reply {
    /// A decision: it stands.
    pub(super) const fn standing(status: u16, body: Option<Value>) -> Self {
        let answer = Answer { status, body };
        Self {
            answer,
            retry_after: None,
            stands: true,
            repeated: false,
        }
    }

    /// A failure that Core should retry. Never 400: some Cores read that as a rejection.
    pub(super) fn failed(status: u16, reason: impl Into<String>) -> Self {
        let body = Some(json!({ "reason": reason.into() }));
        let answer = Answer { status, body };
        Self {
            answer,
            retry_after: None,
            stands: false,
            repeated: false,
        }
    }

    /// The same, with a time to come back.
    pub(super) const fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

impl From<TriggerError> for Reply {
    fn from(error: TriggerError) -> Self {
        match error.wait() {
            Some(wait) => Self::failed(503, error.reason()).after(wait),
            None => Self::failed(500, error.reason()),
        }
    }
}

impl From<StoreError> for Reply {
    fn from(error: StoreError) -> Self {
        let reason = crate::decision::chain(&error);
        tracing::error!(reason, "the country's database failed");
        Self::failed(500, reason)
    }
}

impl From<TokenError> for Reply {
    fn from(error: TokenError) -> Self {
        let status = if error.is_transient() { 503 } else { 401 };
        Self::failed(status, crate::decision::chain(&error))
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = match self.answer.body {
            Some(body) => (status, Json(body)).into_response(),
            None => status.into_response(),
        };
        if let Some(wait) = self.retry_after {
            // Whole seconds, rounded up: zero would mean "at once".
            let seconds = wait.as_millis().div_ceil(1000).max(1);
            let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
