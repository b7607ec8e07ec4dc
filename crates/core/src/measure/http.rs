//! How long requests take, by route.

use axum::{
    extract::{MatchedPath, Request},
    http::Method,
    middleware::Next,
    response::Response,
};
use metrics::{Gauge, gauge, histogram};
use tokio::time::Instant;

/// The route of an answer that the router did not lead to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route(pub(crate) &'static str);

/// Counts a request as long as it is being answered, also when its client goes away.
struct InFlight(Gauge);

impl InFlight {
    fn begin() -> Self {
        let gauge = gauge!("countersign_http_requests_in_flight");
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// Measures one request. The label is the route and never the path, which names records.
pub(crate) async fn measured(request: Request, next: Next) -> Response {
    let _in_flight = InFlight::begin();
    let started = Instant::now();
    let method = name_of(request.method());
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = match (response.extensions().get::<Route>(), matched) {
        (Some(route), _) => route.0.to_owned(),
        (None, Some(matched)) => matched.as_str().to_owned(),
        (None, None) => "none".to_owned(),
    };
    let status = response.status().as_u16().to_string();
    histogram!(
        "countersign_http_request_seconds",
        "route" => route,
        "method" => method,
        "status" => status,
    )
    .record(started.elapsed());
    response
}

/// A method's name; whoever makes methods up makes no series of ours up.
fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
