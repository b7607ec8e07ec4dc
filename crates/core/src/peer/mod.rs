//! The only HTTP client of Core. Country config is the only peer it talks to: third parties are
//! the country's business (law 5). What carries the requests is a [`Network`]: HTTP, or whatever a
//! simulation has in its place.

mod network;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use delivery::{Failure, Reply};
use jiff::fmt::rfc2822;
use network::Http;
pub use network::{Answer, Network, Reads, Request};
use reqwest::{
    Method,
    header::{self, HeaderMap, HeaderName},
};

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
    /// It answered with more than anybody wants.
    #[error("country config serves more than {limit} bytes at {path}")]
    TooLarge {
        /// What was asked for.
        path: String,
        /// How many bytes it may be.
        limit: usize,
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

/// A probe that is not answered within this is not answered.
const PROBE: Duration = Duration::from_secs(5);

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

/// Country config. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Peer {
    network: Arc<dyn Network>,
    attempt_timeout: Duration,
    signatures: Signatures,
}

impl Peer {
    /// The peer at the configured origin, over HTTP. Nothing is sent yet.
    ///
    /// # Errors
    /// [`PeerError::Address`], [`PeerError::Secret`] or [`PeerError::Client`].
    pub fn new(settings: &Settings) -> Result<Self, PeerError> {
        let http = Http::new(&settings.country_config_url)?;
        Self::over(Arc::new(http), settings)
    }

    /// The peer that this network leads to.
    ///
    /// # Errors
    /// [`PeerError::Secret`].
    pub fn over(network: Arc<dyn Network>, settings: &Settings) -> Result<Self, PeerError> {
        Ok(Self {
            network,
            attempt_timeout: settings.attempt_timeout,
            signatures: Signatures::new(&settings.webhook_secrets)?,
        })
    }

    /// One deadline over everything that a request takes, whatever carries it.
    async fn exchange(&self, request: Request) -> Result<Answer, Failure> {
        let answer = self.network.exchange(request);
        match tokio::time::timeout(self.attempt_timeout, answer).await {
            Ok(answer) => answer,
            Err(_) => Err(Failure {
                class: "timeout",
                reason: format!("no whole answer within {:?}", self.attempt_timeout),
            }),
        }
    }

    /// The headers of Standard Webhooks; with a signature when there is a secret.
    fn signed(&self, id: &str, timestamp: i64, body: &[u8]) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            json(),
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", timestamp.to_string()),
        ];
        let signature = self.signatures.header(id, timestamp, body);
        headers.extend(signature.map(|signature| ("webhook-signature", signature)));
        headers
    }

    /// Reads one document.
    ///
    /// # Errors
    /// As [`Self::document_within`].
    pub async fn document(
        &self,
        path: &str,
        etag: Option<&str>,
        token: Option<&str>,
    ) -> Result<Document, PeerError> {
        self.document_within(path, etag, token, LARGEST_DOCUMENT)
            .await
    }

    /// Reads one document of at most `limit` bytes.
    ///
    /// # Errors
    /// [`PeerError::NoAnswer`], [`PeerError::TooLarge`], or [`PeerError::Status`] for anything but
    /// 200 and 304.
    pub async fn document_within(
        &self,
        path: &str,
        etag: Option<&str>,
        token: Option<&str>,
        limit: usize,
    ) -> Result<Document, PeerError> {
        let mut headers = Vec::new();
        if let Some(etag) = etag {
            headers.push((IF_NONE_MATCH, etag.to_owned()));
        }
        headers.extend(token.map(bearer));
        let request = Request {
            method: Method::GET,
            path: path.to_owned(),
            headers,
            body: Bytes::new(),
            reads: Reads::Only { status: 200, limit },
        };
        let answer = self.exchange(request).await;
        let answer = answer.map_err(|failure| match failure.class {
            "too-large" => PeerError::TooLarge {
                path: path.to_owned(),
                limit,
            },
            _ => no_answer(path, failure),
        })?;
        match answer.status {
            304 => Ok(Document::Unchanged),
            200 => Ok(Document::New {
                etag: text_of(&answer.headers, &header::ETAG).map(str::to_owned),
                body: answer.body,
            }),
            status => Err(PeerError::Status {
                path: path.to_owned(),
                status,
            }),
        }
    }

    /// Sends something that nothing waits for; only whether it was taken is looked at. It is signed
    /// as a trigger is, under an `id` and at a `timestamp` (seconds) that no other call had together.
    ///
    /// # Errors
    /// [`PeerError::NoAnswer`], or [`PeerError::Status`] for anything but a 2xx.
    pub async fn send(
        &self,
        path: &str,
        (id, timestamp): (&str, i64),
        token: &str,
        body: Bytes,
    ) -> Result<(), PeerError> {
        let mut headers = self.signed(id, timestamp, &body);
        headers.push(bearer(token));
        let request = Request {
            method: Method::POST,
            path: path.to_owned(),
            headers,
            body,
            reads: Reads::Nothing,
        };
        let answer = self.exchange(request).await;
        match answer.map_err(|failure| no_answer(path, failure))?.status {
            200..=299 => Ok(()),
            status => Err(PeerError::Status {
                path: path.to_owned(),
                status,
            }),
        }
    }

    /// One attempt at a trigger.
    pub async fn trigger(&self, path: &str, trigger: TriggerHeaders, body: Bytes) -> Reply {
        let mut headers = self.signed(&trigger.delivery_id, trigger.timestamp, &body);
        headers.extend([
            ("idempotency-key", trigger.delivery_id),
            ("x-delivery-attempt", trigger.attempt.to_string()),
            ("traceparent", trigger.traceparent),
        ]);
        headers.extend(trigger.token.as_deref().map(bearer));
        let request = Request {
            method: Method::POST,
            path: path.to_owned(),
            headers,
            body,
            reads: Reads::Everything {
                limit: LARGEST_ANSWER,
            },
        };
        match self.exchange(request).await {
            Ok(answer) => Reply::Answer {
                status: answer.status,
                retry_after: retry_after(&answer.headers, trigger.timestamp),
                body: answer.body,
            },
            Err(failure) => Reply::Failed(failure),
        }
    }

    /// Whether country config is there: any answer to `GET /ping` says so.
    pub async fn answers(&self) -> bool {
        let request = Request {
            method: Method::GET,
            path: "/ping".to_owned(),
            headers: Vec::new(),
            body: Bytes::new(),
            reads: Reads::Nothing,
        };
        let answered = tokio::time::timeout(PROBE, self.exchange(request)).await;
        matches!(answered, Ok(Ok(_)))
    }
}

const IF_NONE_MATCH: &str = "if-none-match";

fn json() -> (&'static str, String) {
    ("content-type", "application/json".to_owned())
}

fn bearer(token: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {token}"))
}

fn no_answer(path: &str, failure: Failure) -> PeerError {
    PeerError::NoAnswer {
        path: path.to_owned(),
        reason: failure.reason,
    }
}

fn text_of<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// `Retry-After`, in seconds or as a date. A date is seen from the answer's own, since nobody says
/// that its clock goes as ours does; from when it was asked (in seconds) if it has none.
fn retry_after(headers: &HeaderMap, asked_at: i64) -> Option<Duration> {
    let text = text_of(headers, &header::RETRY_AFTER)?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let seconds = |text: &str| {
        rfc2822::parse(text)
            .ok()
            .map(|date| date.timestamp().as_second())
    };
    let until = seconds(text)?;
    let now = text_of(headers, &header::DATE).and_then(seconds);
    let wait = until.saturating_sub(now.unwrap_or(asked_at));
    Some(Duration::from_secs(u64::try_from(wait).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    fn asked(retry_after: &str, date: Option<&str>, asked_at: i64) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, retry_after.parse().unwrap());
        if let Some(date) = date {
            headers.insert(header::DATE, date.parse().unwrap());
        }
        super::retry_after(&headers, asked_at).map(|wait| wait.as_secs())
    }

    #[test]
    fn country_config_says_in_seconds_when_to_come_back() {
        assert_eq!(asked(" 120 ", None, 0), Some(120));
        assert_eq!(asked("soon", None, 0), None);
        assert_eq!(asked("-1", None, 0), None);
    }

    #[test]
    fn or_with_a_date_by_its_own_clock() {
        let date = Some("Sun, 06 Nov 1994 08:49:07 GMT");
        assert_eq!(asked(THEN, date, 0), Some(30));
        assert_eq!(asked(THEN, None, 784_111_777 - 7), Some(7));
        assert_eq!(asked(THEN, None, 784_111_777 + 7), Some(0), "long ago");
    }
}
