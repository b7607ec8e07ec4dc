//! The only HTTP client of Core. Country config is the only peer it talks to: third parties are
//! the country's business (law 5).

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use delivery::{Failure, Reply};
use reqwest::{Client, Method, RequestBuilder, Response, header, redirect};

use crate::{
    settings::Settings,
    signature::{BadSecret, Signatures},
};

/// No answer to a trigger is longer.
const LARGEST_ANSWER: usize = 1024 * 1024;
/// No configuration document is longer.
const LARGEST_DOCUMENT: usize = 64 * 1024 * 1024;

/// Country config could not be reached, or its answer could not be used.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// The configured origin is no URL.
    #[error("the address of country config is not a URL: {0}")]
    Address(String),
    /// A configured secret is none.
    #[error(transparent)]
    Secret(#[from] BadSecret),
    /// The client itself could not be made.
    #[error("the HTTP client could not be made")]
    Client(#[source] reqwest::Error),
    /// It did not answer.
    #[error("country config did not answer {path}: {reason}")]
    NoAnswer {
        /// What was asked for.
        path: String,
        /// Why, with all causes.
        reason: String,
    },
    /// It answered something other than was asked for.
    #[error("country config answered {status} to {path}")]
    Status {
        /// What was asked for.
        path: String,
        /// Its answer.
        status: u16,
    },
}

/// A document from country config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// It is as the given ETag says.
    Unchanged,
    /// It is this.
    New {
        /// The bytes; real country configs serve JSON under other content types.
        body: Bytes,
        /// Its version, where country config says so.
        etag: Option<String>,
    },
}

/// Headers of one attempt at a trigger.
#[derive(Debug, Clone)]
pub struct TriggerHeaders {
    /// Kept for the delivery's life.
    pub delivery_id: String,
    /// This attempt, from 1.
    pub attempt: u32,
    /// Seconds since the epoch.
    pub timestamp: i64,
    /// Carries the correlation id.
    pub traceparent: String,
    /// Fresh at every attempt.
    pub token: Option<String>,
}

/// Country config, over HTTP. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Peer {
    client: Client,
    origin: reqwest::Url,
    attempt_timeout: Duration,
    signatures: Signatures,
}

impl Peer {
    /// The peer at the configured origin. Nothing is sent yet.
    ///
    /// # Errors
    /// [`PeerError::Address`], [`PeerError::Secret`] or [`PeerError::Client`].
    pub fn new(settings: &Settings) -> Result<Self, PeerError> {
        let text = settings.country_config_url.trim_end_matches('/');
        let origin = reqwest::Url::parse(text)
            .map_err(|error| PeerError::Address(format!("{text}: {error}")))?;
        if !matches!(origin.scheme(), "http" | "https") {
            return Err(PeerError::Address(format!("{text}: not http or https")));
        }
        let mut client = Client::builder()
            .redirect(redirect::Policy::none())
            .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
            .no_proxy();
        if origin.scheme() == "http" {
            // Certificates of authorities are then not needed, and small machines have none.
            client = client.tls_certs_only([]);
        }
        let client = client.build().map_err(PeerError::Client)?;
        Ok(Self {
            client,
            origin,
            attempt_timeout: settings.attempt_timeout,
            signatures: Signatures::new(&settings.webhook_secrets)?,
        })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut url = self.origin.clone();
        let below = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{below}{path}"));
        self.client.request(method, url)
    }

    /// Reads one document.
    ///
    /// # Errors
    /// [`PeerError::NoAnswer`], or [`PeerError::Status`] for anything but 200 and 304.
    pub async fn document(
        &self,
        path: &str,
        etag: Option<&str>,
        token: Option<&str>,
    ) -> Result<Document, PeerError> {
        let mut request = self.request(Method::GET, path);
        if let Some(etag) = etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let no_answer = |reason| PeerError::NoAnswer {
            path: path.to_owned(),
            reason,
        };
        let exchange = async {
            let response = request
                .send()
                .await
                .map_err(|error| no_answer(causes(&error)))?;
            let status = response.status().as_u16();
            if status == 304 {
                return Ok(Document::Unchanged);
            }
            if status != 200 {
                return Err(PeerError::Status {
                    path: path.to_owned(),
                    status,
                });
            }
            let etag = response
                .headers()
                .get(header::ETAG)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned);
            let body = read(response, LARGEST_DOCUMENT)
                .await
                .map_err(|f| no_answer(f.reason))?;
            Ok(Document::New { body, etag })
        };
        match tokio::time::timeout(self.attempt_timeout, exchange).await {
            Ok(result) => result,
            Err(_) => Err(no_answer(format!(
                "no whole answer within {:?}",
                self.attempt_timeout
            ))),
        }
    }

    /// Sends something that nothing waits for; only whether it was taken is looked at.
    ///
    /// # Errors
    /// [`PeerError::NoAnswer`], or [`PeerError::Status`] for anything but a 2xx.
    pub async fn send(&self, path: &str, token: &str, body: Bytes) -> Result<(), PeerError> {
        let no_answer = |reason| PeerError::NoAnswer {
            path: path.to_owned(),
            reason,
        };
        let sent = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/json")
            .bearer_auth(token)
            .body(body)
            .send();
        let answer = match tokio::time::timeout(self.attempt_timeout, sent).await {
            Ok(answer) => answer.map_err(|error| no_answer(causes(&error)))?,
            Err(_) => {
                let reason = format!("no answer within {:?}", self.attempt_timeout);
                return Err(no_answer(reason));
            }
        };
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(PeerError::Status {
                path: path.to_owned(),
                status: answer.status().as_u16(),
            })
        }
    }

    /// One attempt at a trigger: one deadline over DNS, connecting, headers and body.
    pub async fn trigger(&self, path: &str, headers: TriggerHeaders, body: Bytes) -> Reply {
        let mut request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &headers.delivery_id)
            .header("webhook-timestamp", headers.timestamp)
            .header("idempotency-key", &headers.delivery_id)
            .header("x-delivery-attempt", headers.attempt)
            .header("traceparent", headers.traceparent)
            .body(body.clone());
        let signature = self
            .signatures
            .header(&headers.delivery_id, headers.timestamp, &body);
        if let Some(signature) = signature {
            request = request.header("webhook-signature", signature);
        }
        if let Some(token) = headers.token {
            request = request.bearer_auth(token);
        }
        let exchange = async {
            let response = request.send().await.map_err(failure)?;
            let status = response.status().as_u16();
            let retry_after = retry_after(&response);
            let body = read(response, LARGEST_ANSWER).await?;
            Ok(Reply::Answer {
                status,
                body,
                retry_after,
            })
        };
        match tokio::time::timeout(self.attempt_timeout, exchange).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(failure)) => Reply::Failed(failure),
            Err(_) => Reply::Failed(Failure {
                class: "timeout",
                reason: format!("no whole answer within {:?}", self.attempt_timeout),
            }),
        }
    }
}

/// Reads a body, but never more of it than the limit.
async fn read(mut response: Response, limit: usize) -> Result<Bytes, Failure> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(failure)? {
        if body.len() + chunk.len() > limit {
            return Err(Failure {
                class: "too-large",
                reason: format!("the answer is longer than {limit} bytes"),
            });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// `Retry-After` in seconds; the form with a date is not used by services that mean it.
fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

fn failure(error: reqwest::Error) -> Failure {
    let class = if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "connect"
    } else {
        "connection-lost"
    };
    Failure {
        class,
        reason: causes(&error),
    }
}

/// An HTTP error with its causes, without the address (which may carry a secret).
fn causes(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut next: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(cause) = next {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    if text.is_empty() {
        "the connection failed".to_owned()
    } else {
        text
    }
}
