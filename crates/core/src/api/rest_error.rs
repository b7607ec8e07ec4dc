//! How a failed operation looks over plain HTTP:
//! `{"message", "code", "data": {"code", "httpStatus", "details"?}}` (contract, "tRPC"), and
//! `"fields": [{"field", "messageId", "message"}]` where answers to a form will not do.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use crate::error::ApiError;

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (name, _, status) = self.code.parts();
        let retry_after = self.retry_after_seconds();
        let mut data = Map::new();
        data.insert("code".into(), name.into());
        data.insert("httpStatus".into(), status.into());
        if let Some(details) = self.details {
            data.insert("details".into(), *details);
        }
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut body = json!({"message": self.message, "code": name, "data": Value::Object(data)});
        if !self.fields.is_empty() {
            // The protocol's message is a list in a string, for clients of tRPC; here a list is one.
            body["message"] = answers_will_not_do(self.fields.len()).into();
            body["fields"] = json!(self.fields);
        }
        let mut response = (status, Json(body)).into_response();
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

fn answers_will_not_do(count: usize) -> String {
    match count {
        1 => "An answer will not do; `fields` says which and why".to_owned(),
        _ => format!("{count} answers will not do; `fields` says which and why"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn a_refusal_says_when_to_ask_again() {
        let error =
            ApiError::plain(ErrorCode::TooManyRequests).retry_after(Duration::from_millis(1500));
        let response = error.into_response();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
    }
}
