//! How an operation fails, as callers see it.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use storage::StoreError;

/// What the protocol says of an id that is none.
const NO_UUID: &str = "Invalid UUID";
/// What it says an id is like.
const UUID_PATTERN: &str = "/^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-\
    [89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}|00000000-0000-0000-0000-000000000000|\
    ffffffff-ffff-ffff-ffff-ffffffffffff)$/";

/// The error codes of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the protocol's own names")]
pub enum ErrorCode {
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotSupported,
    Timeout,
    Conflict,
    PreconditionFailed,
    PayloadTooLarge,
    TooManyRequests,
    Internal,
    ServiceUnavailable,
}

impl ErrorCode {
    /// Name, JSON-RPC number and HTTP status.
    #[must_use]
    pub const fn parts(self) -> (&'static str, i32, u16) {
        match self {
            Self::BadRequest => ("BAD_REQUEST", -32600, 400),
            Self::Unauthorized => ("UNAUTHORIZED", -32001, 401),
            Self::Forbidden => ("FORBIDDEN", -32003, 403),
            Self::NotFound => ("NOT_FOUND", -32004, 404),
            Self::MethodNotSupported => ("METHOD_NOT_SUPPORTED", -32005, 405),
            Self::Timeout => ("TIMEOUT", -32008, 408),
            Self::Conflict => ("CONFLICT", -32009, 409),
            Self::PreconditionFailed => ("PRECONDITION_FAILED", -32012, 412),
            Self::PayloadTooLarge => ("PAYLOAD_TOO_LARGE", -32013, 413),
            Self::TooManyRequests => ("TOO_MANY_REQUESTS", -32029, 429),
            Self::Internal => ("INTERNAL_SERVER_ERROR", -32603, 500),
            Self::ServiceUnavailable => ("SERVICE_UNAVAILABLE", -32603, 503),
        }
    }

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.parts().0
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.parts().2
    }
}

/// An operation failed; the caller is told this much.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// What kind of failure.
    pub code: ErrorCode,
    /// A sentence the caller can act on, or the protocol's own text.
    pub message: String,
    /// More about it, put into the error's `data` under `details`. Boxed, because errors travel
    /// through every function and hardly any has details.
    pub details: Option<Box<Value>>,
    /// The answers that will not do, put into the error's `data` under `fields`.
    pub fields: Vec<FieldProblem>,
    /// When asking again makes sense.
    pub retry_after: Option<Duration>,
    /// Why, for the log alone.
    #[source]
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl ApiError {
    /// An error of this kind with this message.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: None,
            fields: Vec::new(),
            retry_after: None,
            cause: None,
        }
    }

    /// An error that says no more than its code.
    #[must_use]
    pub fn plain(code: ErrorCode) -> Self {
        Self::new(code, code.name())
    }

    /// 400 with the list of problems as its message, as the protocol has it for invalid input.
    #[must_use]
    pub fn invalid(problems: &[InputProblem]) -> Self {
        let list: Vec<Value> = problems
            .iter()
            .map(|p| {
                if p.message == NO_UUID {
                    json!({
                        "origin": "string",
                        "code": p.code,
                        "format": "uuid",
                        "pattern": UUID_PATTERN,
                        "path": p.path,
                        "message": p.message,
                    })
                } else {
                    json!({"code": p.code, "path": p.path, "message": p.message})
                }
            })
            .collect();
        Self::unreadable(&Value::Array(list))
    }

    /// 400 for an input that lacks an object: `path` says where.
    #[must_use]
    pub fn no_object(path: &[Value]) -> Self {
        Self::unreadable(&json!([{
            "expected": "object",
            "code": "invalid_type",
            "path": path,
            "message": "Invalid input: expected object, received undefined",
        }]))
    }

    /// 400 for a list that must not be empty: `path` says where.
    #[must_use]
    pub fn empty_list(path: &[Value], message: &str) -> Self {
        Self::unreadable(&json!([{
            "origin": "array",
            "code": "too_small",
            "minimum": 1,
            "inclusive": true,
            "path": path,
            "message": message,
        }]))
    }

    /// 400 with problems as OpenCRVS writes them, letter by letter: clients show the text.
    fn unreadable(problems: &Value) -> Self {
        Self::new(ErrorCode::BadRequest, format!("{problems:#}"))
    }

    /// 500, whose cause goes to the log and not to the caller.
    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let mut error = Self::new(ErrorCode::Internal, "Internal server error");
        error.cause = Some(cause.into());
        error
    }

    /// Adds details.
    #[must_use]
    pub fn with_details(mut self, details: Value) -> Self {
        self.details = Some(Box::new(details));
        self
    }

    /// `Retry-After` in whole seconds, rounded up: asking a moment too early would only fail again.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        let seconds = self.retry_after?.as_millis().div_ceil(1000).max(1);
        Some(u64::try_from(seconds).unwrap_or(u64::MAX))
    }

    /// Says when to ask again.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::UsernameTaken(_) => Self::new(ErrorCode::Conflict, error.to_string()),
            StoreError::MobileTaken => Self::new(ErrorCode::Conflict, "DUPLICATE_MOBILE"),
            StoreError::EmailTaken => Self::new(ErrorCode::Conflict, "DUPLICATE_EMAIL"),
            StoreError::RegistrationNumberTaken => Self::new(
                ErrorCode::Conflict,
                "The registration number is already on another record",
            ),
            StoreError::TooSlow { limit } => Self::new(
                ErrorCode::Timeout,
                format!(
                    "The search took longer than {} seconds and was stopped. Ask for less: name a \
                     status, a place, a time, or whole words.",
                    limit.as_secs()
                ),
            ),
            StoreError::Unavailable { .. } => {
                let mut unavailable = Self::new(
                    ErrorCode::ServiceUnavailable,
                    "The store is unavailable. Send the same request again: under its transaction id \
                     nothing is done twice.",
                )
                .retry_after(Duration::from_secs(5));
                unavailable.cause = Some(Box::new(error));
                unavailable
            }
            StoreError::TrackingIdTaken
            | StoreError::Refused { .. }
            | StoreError::Unreadable { .. } => Self::internal(error),
        }
    }
}

/// One thing wrong with an input, in the shape clients of the protocol parse.
#[derive(Debug, Clone, PartialEq)]
pub struct InputProblem {
    /// Kind of problem, such as `invalid_type` or `custom`.
    pub code: String,
    /// Where in the input: names and positions.
    pub path: Vec<Value>,
    /// A sentence.
    pub message: String,
}

impl InputProblem {
    /// A text stands at `path` that is no UUID.
    #[must_use]
    pub fn no_uuid(path: Vec<Value>) -> Self {
        Self {
            code: "invalid_format".to_owned(),
            path,
            message: NO_UUID.to_owned(),
        }
    }
}

/// An answer that will not do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldProblem {
    /// The field's id, or a path into its value where only a part of it will not do.
    pub field: String,
    /// The id under which the country translates the message.
    pub message_id: String,
    /// The message itself, in the configuration's own language.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_none_is_told_as_the_protocol_tells_it() {
        let error = ApiError::invalid(&[InputProblem::no_uuid(vec!["eventId".into()])]);
        let told: Value = serde_json::from_str(&error.message).unwrap();
        let pattern = "/^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$/";
        let keys: Vec<_> = told[0].as_object().unwrap().keys().collect();
        assert_eq!(
            keys,
            ["origin", "code", "format", "pattern", "path", "message"]
        );
        assert_eq!(told[0]["pattern"], pattern);
        assert_eq!(told[0]["path"], json!(["eventId"]));
        assert_eq!(told[0]["message"], "Invalid UUID");
    }
}
