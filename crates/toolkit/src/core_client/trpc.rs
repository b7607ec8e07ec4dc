//! The envelope: tRPC over HTTP with superjson, un-batched.

use std::{fmt, time::Duration};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::CoreClient;

/// The largest answer that is read.
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;

/// tRPC's name for what went wrong, such as `CONFLICT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorCode(pub String);

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A call to Core did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    /// Core answered, and said no.
    #[error("Core refused {procedure}: {message} ({code}, {http_status})")]
    Refused {
        /// What was called.
        procedure: String,
        /// tRPC's or OAuth's name for the reason.
        code: ErrorCode,
        /// The HTTP status.
        http_status: u16,
        /// Core's sentence.
        message: String,
        /// More about it, where Core says more: `data.details` of its answer, else null.
        details: Box<Value>,
        /// When Core asked to be called again.
        retry_after: Option<Duration>,
    },
    /// Core could not be reached, or did not answer in time.
    #[error("Core did not answer {procedure}")]
    Unreachable {
        /// What was called.
        procedure: String,
        /// What the network says.
        source: reqwest::Error,
    },
    /// Core answered something that is not the protocol.
    #[error("Core answered {procedure} with something unreadable ({http_status})")]
    Unreadable {
        /// What was called.
        procedure: String,
        /// The HTTP status.
        http_status: u16,
        /// What was wrong with it.
        source: serde_json::Error,
    },
    /// Core answered more than is read.
    #[error("Core's answer to {procedure} is larger than {ANSWER_LIMIT} bytes")]
    TooLarge {
        /// What was called.
        procedure: String,
    },
    /// The action is of a kind that no country decides on.
    #[error("{0} actions are not decided by a country")]
    NotDecided(records::ActionType),
    /// The client holds no token to exchange.
    #[error("this client for Core holds no token")]
    NoToken,
}

impl CoreError {
    /// The HTTP status, when Core answered at all.
    #[must_use]
    pub const fn http_status(&self) -> Option<u16> {
        match self {
            Self::Refused { http_status, .. } | Self::Unreadable { http_status, .. } => {
                Some(*http_status)
            }
            _ => None,
        }
    }

    /// Whether Core has resolved the action in the opposite way already.
    ///
    /// Countersign says how it was resolved in the details of its 409; a 409 without that is about
    /// something else, such as a registration number that another record has. OpenCRVS says 400 or
    /// 500 with a sentence; nothing else in its answer tells this apart from a failure.
    #[must_use]
    pub fn is_resolved_otherwise(&self) -> bool {
        match self {
            Self::Refused {
                http_status: 400 | 409 | 500,
                message,
                details,
                ..
            } => {
                details.get("resolution").is_some_and(|how| !how.is_null())
                    || message.contains("already been rejected")
                    || message.contains("already been accepted")
            }
            _ => false,
        }
    }

    /// Whether asking again later is pointless: Core understood, and said no.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Refused { http_status, .. } => {
                matches!(*http_status, 400..=499) && !matches!(*http_status, 408 | 425 | 429)
            }
            Self::NotDecided(_) | Self::NoToken => true,
            Self::Unreachable { .. } | Self::Unreadable { .. } | Self::TooLarge { .. } => false,
        }
    }

    /// When Core asked to be called again, if it did.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether another token might help: 401, 403 or 404.
    #[must_use]
    pub const fn is_about_the_token(&self) -> bool {
        matches!(self.http_status(), Some(401 | 403 | 404))
    }
}

/// Query or mutation: how the input travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Query,
    Mutation,
}

#[derive(Deserialize)]
struct Success {
    result: Data,
}

#[derive(Deserialize)]
struct Data {
    #[serde(default)]
    data: Json,
}

#[derive(Deserialize, Default)]
struct Json {
    #[serde(default)]
    json: Value,
}

#[derive(Deserialize)]
struct Failure {
    error: ErrorJson,
}

#[derive(Deserialize)]
struct ErrorJson {
    json: ErrorBody,
}

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(default)]
    message: String,
    #[serde(default)]
    data: ErrorData,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ErrorData {
    code: String,
    http_status: u16,
    details: Box<Value>,
}

impl CoreClient {
    /// Calls any procedure: `input` is its plain input, the result its plain output. For what has
    /// no method of its own.
    ///
    /// # Errors
    /// As [`CoreError`].
    pub async fn query<T: DeserializeOwned>(
        &self,
        procedure: &str,
        input: &Value,
    ) -> Result<T, CoreError> {
        self.call(Kind::Query, procedure, input).await
    }

    /// As [`CoreClient::query`], for a procedure that changes something.
    ///
    /// # Errors
    /// As [`CoreError`].
    pub async fn mutate<T: DeserializeOwned>(
        &self,
        procedure: &str,
        input: &Value,
    ) -> Result<T, CoreError> {
        self.call(Kind::Mutation, procedure, input).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        kind: Kind,
        procedure: &str,
        input: &Value,
    ) -> Result<T, CoreError> {
        let envelope = json!({ "json": input });
        let url = format!("{}/events/{procedure}", self.peer.base);
        let mut request = match kind {
            Kind::Query => self
                .peer
                .http
                .get(url)
                .query(&[("input", envelope.to_string())]),
            Kind::Mutation => self.peer.http.post(url).json(&envelope),
        };
        if let Some(token) = self.bearer().await? {
            request = request.bearer_auth(token.reveal());
        }
        if let Some(traceparent) = &self.traceparent {
            request = request.header("traceparent", traceparent);
        }
        let (http_status, retry_after, body) = send(procedure, request).await?;
        let unreadable = |source| CoreError::Unreadable {
            procedure: procedure.to_owned(),
            http_status,
            source,
        };
        if (200..300).contains(&http_status) {
            let success: Success = serde_json::from_slice(&body).map_err(unreadable)?;
            return serde_json::from_value(success.result.data.json).map_err(unreadable);
        }
        let failure: Failure = serde_json::from_slice(&body).map_err(unreadable)?;
        let ErrorBody { message, data } = failure.error.json;
        Err(CoreError::Refused {
            procedure: procedure.to_owned(),
            code: ErrorCode(data.code),
            http_status: if data.http_status == 0 {
                http_status
            } else {
                data.http_status
            },
            message,
            details: data.details,
            retry_after,
        })
    }
}

/// Sends, and reads the answer up to the limit.
pub(super) async fn send(
    procedure: &str,
    request: reqwest::RequestBuilder,
) -> Result<(u16, Option<Duration>, Vec<u8>), CoreError> {
    let unreachable = |source| CoreError::Unreachable {
        procedure: procedure.to_owned(),
        source,
    };
    let mut answer = request.send().await.map_err(unreachable)?;
    let retry_after = answer
        .headers()
        .get("retry-after")
        .and_then(|it| it.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(unreachable)? {
        if body.len() + part.len() > ANSWER_LIMIT {
            return Err(CoreError::TooLarge {
                procedure: procedure.to_owned(),
            });
        }
        body.extend_from_slice(&part);
    }
    Ok((answer.status().as_u16(), retry_after, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(http_status: u16, message: &str, details: Value) -> CoreError {
        CoreError::Refused {
            procedure: "event.actions.register.accept".to_owned(),
            code: ErrorCode("CONFLICT".to_owned()),
            http_status,
            message: message.to_owned(),
            details: details.into(),
            retry_after: None,
        }
    }

    #[test]
    fn only_what_says_how_the_action_was_resolved_is_about_that() {
        let by_details = refused(409, "too late", json!({ "resolution": "rejected" }));
        assert!(by_details.is_resolved_otherwise());
        for status in [400, 500] {
            let by_sentence = refused(status, "Action has already been accepted.", Value::Null);
            assert!(by_sentence.is_resolved_otherwise(), "{status}");
        }
        let number = "The registration number is already on another record";
        for details in [Value::Null, json!({ "resolution": null })] {
            assert!(!refused(409, number, details).is_resolved_otherwise());
        }
    }
}
