//! How a request reaches country config. Everything above it is the same over a real network and
//! over a simulated one.

use std::fmt::Debug;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use delivery::Failure;
use reqwest::{Client, Method, Response, Url, header::HeaderMap, redirect};

use super::PeerError;

/// One request to country config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path below country config's origin, beginning with `/`.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// What is sent; may be empty.
    pub body: Bytes,
    /// Which answers are read to their end.
    pub reads: Reads,
}

/// Which answers' bodies are read; of the others, only the status and the headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// None.
    Nothing,
    /// That of an answer with this status.
    Only {
        /// The status.
        status: u16,
        /// An answer with more bytes than this is a failure (`too-large`).
        limit: usize,
    },
    /// That of every answer.
    Everything {
        /// An answer with more bytes than this is a failure (`too-large`).
        limit: usize,
    },
}

impl Reads {
    fn limit(self, answered: u16) -> Option<usize> {
        match self {
            Self::Nothing => None,
            Self::Only { status, limit } => (status == answered).then_some(limit),
            Self::Everything { limit } => Some(limit),
        }
    }
}

/// An answer, read as far as [`Request::reads`] says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; empty when it was not read.
    pub body: Bytes,
}

/// Carries requests to the one peer there is. It need not end by itself: whoever asks sets a time
/// and drops what takes longer.
#[async_trait]
pub trait Network: Debug + Send + Sync + 'static {
    /// Sends a request and reads its answer. Redirects are not followed.
    ///
    /// # Errors
    /// [`Failure`] of class `timeout`, `connect`, `connection-lost` or `too-large`.
    async fn exchange(&self, request: Request) -> Result<Answer, Failure>;
}

/// HTTP to the configured origin.
#[derive(Debug)]
pub(super) struct Http {
    client: Client,
    origin: Url,
}

impl Http {
    /// # Errors
    /// [`PeerError::Address`] or [`PeerError::Client`].
    pub(super) fn new(origin: &str) -> Result<Self, PeerError> {
        let text = origin.trim_end_matches('/');
        let origin =
            Url::parse(text).map_err(|error| PeerError::Address(format!("{text}: {error}")))?;
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
        Ok(Self { client, origin })
    }
}

#[async_trait]
impl Network for Http {
    async fn exchange(&self, request: Request) -> Result<Answer, Failure> {
        let mut url = self.origin.clone();
        let below = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{below}{}", request.path));
        let mut sent = self.client.request(request.method, url);
        for (name, value) in request.headers {
            sent = sent.header(name, value);
        }
        if !request.body.is_empty() {
            sent = sent.body(request.body);
        }
        let mut response = sent.send().await.map_err(|error| failure(&error))?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let body = match request.reads.limit(status) {
            Some(limit) => read(response, limit).await?,
            None => Bytes::new(),
        };
        Ok(Answer {
            status,
            headers,
            body,
        })
    }
}

/// Reads a body, but never more of it than the limit.
async fn read(mut response: Response, limit: usize) -> Result<Bytes, Failure> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
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

fn failure(error: &reqwest::Error) -> Failure {
    let class = if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "connect"
    } else {
        "connection-lost"
    };
    Failure {
        class,
        reason: causes(error),
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
