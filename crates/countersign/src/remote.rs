//! A Core at the other end of the network, called as a country's tools call it: tRPC for what is
//! done to records, REST for signing in.

use std::time::Duration;

use anyhow::Context as _;
use reqwest::{Method, Response, StatusCode, header};
use serde_json::{Value, json};

/// Why a call did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No answer came.
    #[error("no answer from {path}")]
    NoAnswer {
        /// What was called.
        path: String,
        /// Why.
        source: reqwest::Error,
    },
    /// The other side said no, or not yet.
    #[error("{status} {code}: {message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Its name for the error, such as `CONFLICT`.
        code: String,
        /// In words.
        message: String,
        /// How long it asks to wait before the next try.
        retry_after: Option<Duration>,
        /// More about it, where it says more.
        details: Box<Value>,
    },
    /// The answer is not of this protocol.
    #[error("{path} answered {status} with something that is not this protocol: {start}")]
    Unreadable {
        /// What was called.
        path: String,
        /// HTTP status.
        status: u16,
        /// How the answer begins.
        start: String,
    },
}

impl CallError {
    /// A short name to count errors by.
    #[must_use]
    pub fn kind(&self) -> String {
        match self {
            Self::NoAnswer { source, .. } if source.is_timeout() => "timeout".to_owned(),
            Self::NoAnswer { source, .. } if source.is_connect() => "no connection".to_owned(),
            Self::NoAnswer { .. } => "connection lost".to_owned(),
            Self::Refused { status, code, .. } => format!("{status} {code}"),
            Self::Unreadable { status, .. } => format!("{status} unreadable"),
        }
    }

    /// Whether the same request may well succeed later.
    #[must_use]
    pub const fn is_not_yet(&self) -> bool {
        matches!(self, Self::Refused { status: 503, .. })
    }
}

/// The HTTP client for tools; `timeout` bounds one call. No proxy is asked: the parts that are
/// called are on this machine or beside it, where a proxy for the internet does not lead.
///
/// # Errors
/// When TLS cannot be set up.
pub fn http(timeout: Duration) -> anyhow::Result<reqwest::Client> {
    reqwest::Client::builder()
        .timeout(timeout)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .context("the HTTP client could not be made")
}

/// One Core, and who calls it.
#[derive(Debug, Clone)]
pub struct Remote {
    http: reqwest::Client,
    origin: String,
    prefix: String,
    token: Option<String>,
}

impl Remote {
    /// The Core at `origin`, such as `http://127.0.0.1:7070`; its procedures are below `prefix`,
    /// such as `/events`, or at the root when that is empty.
    #[must_use]
    pub fn new(http: reqwest::Client, origin: &str, prefix: &str) -> Self {
        let prefix = prefix.trim_matches('/');
        Self {
            http,
            origin: origin.trim_end_matches('/').to_owned(),
            prefix: if prefix.is_empty() {
                String::new()
            } else {
                format!("/{prefix}")
            },
            token: None,
        }
    }

    /// The same Core, called with this token.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
            ..self.clone()
        }
    }

    /// Calls a mutation.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn mutate(&self, procedure: &str, input: Value) -> Result<Value, CallError> {
        let request = self
            .request(Method::POST, &format!("{}/{procedure}", self.prefix))
            .json(&json!({ "json": input }));
        let (status, body, retry_after) = read(procedure, send(procedure, request).await?).await?;
        procedure_result(procedure, status, body, retry_after)
    }

    /// `GET`s a REST path.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn get(&self, path: &str) -> Result<Value, CallError> {
        self.rest(path, self.request(Method::GET, path)).await
    }

    /// `POST`s to a REST path.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, CallError> {
        self.rest(path, self.request(Method::POST, path).json(body))
            .await
    }

    /// `PUT`s to a REST path.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn put(&self, path: &str, body: &Value) -> Result<Value, CallError> {
        self.rest(path, self.request(Method::PUT, path).json(body))
            .await
    }

    /// `GET`s a REST path, and leaves it to the caller to read the answer.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn open(&self, path: &str) -> Result<Response, CallError> {
        let request = self.request(Method::GET, path);
        let response = send(path, request).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let (status, body, retry_after) = read(path, response).await?;
        let body = body.unwrap_or(Value::Null);
        Err(refused(status, &body, body.get("data"), retry_after))
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.origin));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn rest(&self, path: &str, request: reqwest::RequestBuilder) -> Result<Value, CallError> {
        let (status, body, retry_after) = read(path, send(path, request).await?).await?;
        if status.is_success() {
            return Ok(body.unwrap_or(Value::Null));
        }
        let body = body.unwrap_or(Value::Null);
        Err(refused(status, &body, body.get("data"), retry_after))
    }
}

async fn send(path: &str, request: reqwest::RequestBuilder) -> Result<Response, CallError> {
    request.send().await.map_err(|error| no_answer(path, error))
}

async fn read(
    path: &str,
    response: Response,
) -> Result<(StatusCode, Option<Value>, Option<Duration>), CallError> {
    let (status, retry_after) = (response.status(), retry_after(&response));
    let bytes = response.bytes().await;
    let bytes = bytes.map_err(|error| no_answer(path, error))?;
    if bytes.is_empty() {
        return Ok((status, None, retry_after));
    }
    match serde_json::from_slice(&bytes) {
        Ok(body) => Ok((status, Some(body), retry_after)),
        Err(_) => Err(CallError::Unreadable {
            path: path.to_owned(),
            status: status.as_u16(),
            start: String::from_utf8_lossy(&bytes).chars().take(120).collect(),
        }),
    }
}

fn no_answer(path: &str, source: reqwest::Error) -> CallError {
    // What is asked for may say something about a person.
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    CallError::NoAnswer {
        path: path.to_owned(),
        source: source.without_url(),
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    seconds.parse().ok().map(Duration::from_secs)
}

fn procedure_result(
    procedure: &str,
    status: StatusCode,
    body: Option<Value>,
    retry_after: Option<Duration>,
) -> Result<Value, CallError> {
    let mut body = body.unwrap_or(Value::Null);
    if let Some(result) = body.pointer_mut("/result/data/json") {
        return Ok(result.take());
    }
    // superjson wraps the error; a failure before it was at work is not wrapped.
    match body.pointer("/error/json").or_else(|| body.get("error")) {
        Some(error) => Err(refused(status, error, error.get("data"), retry_after)),
        None => Err(CallError::Unreadable {
            path: procedure.to_owned(),
            status: status.as_u16(),
            start: body.to_string().chars().take(120).collect(),
        }),
    }
}

fn refused(
    status: StatusCode,
    error: &Value,
    data: Option<&Value>,
    retry_after: Option<Duration>,
) -> CallError {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    CallError::Refused {
        status: status.as_u16(),
        code: text(data.and_then(|data| data.get("code")))
            .or_else(|| text(error.get("code")))
            .or_else(|| text(error.get("error")))
            .unwrap_or_else(|| status.canonical_reason().unwrap_or("unknown").to_owned()),
        message: text(error.get("message"))
            .or_else(|| text(error.get("reason")))
            .unwrap_or_default(),
        retry_after,
        details: data
            .and_then(|data| data.get("details"))
            .or_else(|| error.get("details"))
            .cloned()
            .unwrap_or_default()
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_taken_out_of_its_envelope() {
        let body = json!({"result": {"data": {"json": {"id": 1}}}});
        let result = procedure_result("event.get", StatusCode::OK, Some(body), None);
        assert_eq!(result.unwrap(), json!({"id": 1}));
    }

    #[test]
    fn a_refusal_keeps_its_code_its_words_and_when_to_come_back() {
        let body = json!({"error": {"json": {
            "message": "Not yet", "code": -32603,
            "data": {"code": "SERVICE_UNAVAILABLE", "httpStatus": 503, "details": {"attempts": 2}},
        }}});
        let wait = Some(Duration::from_secs(3));
        let error =
            procedure_result("x", StatusCode::SERVICE_UNAVAILABLE, Some(body), wait).unwrap_err();
        assert!(error.is_not_yet());
        assert_eq!(error.kind(), "503 SERVICE_UNAVAILABLE");
        let CallError::Refused {
            message,
            retry_after,
            details,
            ..
        } = error
        else {
            panic!("{error}")
        };
        assert_eq!((message.as_str(), retry_after), ("Not yet", wait));
        assert_eq!(*details, json!({"attempts": 2}));
    }

    #[test]
    fn what_is_not_the_protocol_is_shown_from_its_start() {
        let error = procedure_result("x", StatusCode::OK, Some(json!([1])), None).unwrap_err();
        assert!(error.to_string().ends_with("[1]"), "{error}");
    }
}
