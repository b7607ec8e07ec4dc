//! The API: one table of operations, on the wire as tRPC and as REST.
//!
//! [`procedures`] lists the operations, [`dispatch`] checks who calls and runs them, [`trpc`] and
//! [`rest`] are the two ways in. REST paths and the OpenAPI document come from one table of
//! routes, so neither can forget the other.

mod auth;
pub(crate) mod dispatch;
pub(crate) mod fields;
mod health;
mod metrics;
pub mod procedure;
mod procedures;
mod rest;
mod rest_error;
mod trpc;

use std::time::Duration;

use axum::{
    Extension, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, RawQuery, Request, State, rejection::BytesRejection},
    http::{HeaderMap, Method, Uri},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutBody};

use crate::{
    Core,
    configuration::Configuration,
    error::{ApiError, ErrorCode},
    measure::http,
    settings::ConfigRefresh,
};

pub use rest::{Route, openapi};

/// The longest pause within a body.
const BODY_PAUSE: Duration = Duration::from_secs(30);
/// No request is longer; attachments have a way of their own.
const LARGEST_BODY: usize = 10 * 1024 * 1024;

/// Everything Core answers.
pub fn router(core: Core) -> Router {
    let routes = Router::new()
        .route("/ping", get(health::ping))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .route("/openapi.json", get(rest::document))
        .route("/docs", get(rest::browse))
        .merge(rest::routes())
        .merge(auth::key_routes())
        .nest("/auth", auth::routes());
    served(routes, core)
}

/// Operations alone, as tRPC: for a simulation, which starts nodes by the thousand and calls each a
/// few times. Most of what a start costs is the table of all other routes.
pub fn operations(core: Core) -> Router {
    served(Router::new(), core)
}

/// Routes, and what goes for all requests.
fn served(routes: Router<Core>, core: Core) -> Router {
    let read_always = core.settings.config_refresh == ConfigRefresh::Always;
    let router = routes
        .fallback(nothing_here)
        .layer(middleware::from_fn_with_state(core.clone(), trpc_first));
    let router = if read_always {
        let first = middleware::from_fn_with_state(core.clone(), configuration_first);
        router.layer(first)
    } else {
        router
    };
    router
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(CatchPanicLayer::custom(|_| {
            ApiError::internal("a handler panicked").into_response()
        }))
        .layer(middleware::from_fn(http::measured))
        .with_state(core)
}

/// tRPC is recognised by its search string or by an operation's name, whatever REST makes of the
/// path; everything else is REST.
async fn trpc_first(
    State(core): State<Core>,
    RawQuery(query): RawQuery,
    request: Request,
    next: Next,
) -> Response {
    // A client that stops sending in the middle must not hold a connection for ever.
    let request = request.map(|body| Body::new(TimeoutBody::new(BODY_PAUSE, body)));
    let path = request.uri().path().to_owned();
    let Some(procedures) = trpc::procedures_of(&path, query.as_deref()) else {
        return next.run(request).await;
    };
    let route = trpc::route_of(&procedures);
    let (method, headers) = (request.method().clone(), request.headers().clone());
    let body = match body_of(request, &core).await {
        Ok(body) => body,
        Err(error) => return (Extension(route), error).into_response(),
    };
    let answer = trpc::answer(core, method, procedures, query, headers, body).await;
    (Extension(route), answer).into_response()
}

/// The country's configuration is read, then the request is handled; but not for those who only
/// want to know how Core is.
async fn configuration_first(State(core): State<Core>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !["/ping", "/health", "/metrics"]
        .iter()
        .any(|quick| path.starts_with(quick))
    {
        Configuration::before_request(&core).await;
    }
    next.run(request).await
}

async fn body_of(request: Request, core: &Core) -> Result<Bytes, ApiError> {
    use axum::extract::FromRequest;
    Bytes::from_request(request, core)
        .await
        .map_err(|rejection| unreadable(&rejection))
}

/// The answer to a body that could not be read.
fn unreadable(rejection: &BytesRejection) -> ApiError {
    if rejection.status() == 413 {
        ApiError::new(
            ErrorCode::PayloadTooLarge,
            format!("A request holds at most {LARGEST_BODY} bytes"),
        )
    } else {
        ApiError::new(
            ErrorCode::BadRequest,
            "The request ended before its body was complete",
        )
    }
}

async fn nothing_here(method: Method, uri: Uri, _: HeaderMap) -> ApiError {
    ApiError::new(
        ErrorCode::NotFound,
        format!(
            "Nothing answers {method} {}; see /docs for what does",
            uri.path()
        ),
    )
}
