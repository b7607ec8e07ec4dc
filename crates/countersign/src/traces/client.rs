//! Sends requests of OpenTelemetry's exporter through the HTTP client that all else uses.

use std::time::Duration;

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;

/// A collector takes spans at once or is in trouble.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    /// The exporter calls from a thread that is not the runtime's.
    runtime: Handle,
}

impl Client {
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        Ok(Self {
            http,
            runtime: Handle::current(),
        })
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        let http = self.http.clone();
        let exchange = async move {
            let answer = http.execute(request).await?;
            let status = answer.status();
            let headers = answer.headers().clone();
            Ok::<_, reqwest::Error>((status, headers, answer.bytes().await?))
        };
        let (status, headers, body) = self.runtime.spawn(exchange).await??;
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}
