//! The API: one table of operations, on the wire as tRPC and as REST.
//!
//! [`procedures`] lists the operations, [`dispatch`] checks who calls and runs them, [`trpc`] and
//! [`rest`] are the two ways in. REST paths and the OpenAPI document come from one table of
//! routes, so neither can forget the other.

mod auth;
mod country_files;
pub(crate) mod dispatch;
pub(crate) mod fields;
mod health;
mod metrics;
mod multipart;
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
    http::{HeaderMap, Method, StatusCode, Uri, header},
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
/// No request is longer, unless files may be.
const LARGEST_BODY: usize = 10 * 1024 * 1024;

/// Everything Core answers.
pub fn router(core: Core) -> Router {
    router_with(core, Router::new())
}

/// [`router`], with other routes beside Core's own: measured and guarded as these are.
pub fn router_with(core: Core, more: Router) -> Router {
    let routes = Router::new()
        .route("/ping", get(health::ping))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .route("/openapi.json", get(rest::document))
        .route("/docs", get(rest::browse))
        .merge(rest::routes())
        .merge(country_files::routes())
        .merge(auth::key_routes())
        .nest("/auth", auth::routes())
        .merge(more.with_state(()));
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
        .layer(DefaultBodyLimit::max(largest_body(&core)))
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
    let form = multipart::boundary(request.headers());
    let Some(procedures) = trpc::procedures_of(&path, query.as_deref(), form.is_some()) else {
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
        .map_err(|rejection| unreadable(core, &rejection))
}

/// What a request holds at most. Around a file there is what a form says of it.
fn largest_body(core: &Core) -> usize {
    let file = usize::try_from(core.settings.attachments.largest).unwrap_or(usize::MAX);
    LARGEST_BODY.max(file.saturating_add(64 * 1024))
}

/// The answer to a body that could not be read.
fn unreadable(core: &Core, rejection: &BytesRejection) -> ApiError {
    if rejection.status() == 413 {
        ApiError::new(
            ErrorCode::PayloadTooLarge,
            format!("A request holds at most {} bytes", largest_body(core)),
        )
    } else {
        ApiError::new(
            ErrorCode::BadRequest,
            "The request ended before its body was complete",
        )
    }
}

/// Browsers that come to `/` are led to where people work; everything else is not there.
async fn nothing_here(
    State(core): State<Core>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if let Some(page) = &core.settings.front_page
        && uri.path() == "/"
        && method == Method::GET
        && wants_a_page(&headers)
    {
        let location = [(header::LOCATION, page.clone())];
        return (StatusCode::FOUND, location).into_response();
    }
    ApiError::new(
        ErrorCode::NotFound,
        format!(
            "Nothing answers {method} {}; see /docs for what does",
            uri.path()
        ),
    )
    .into_response()
}

/// Whether this is somebody's browser rather than a program.
fn wants_a_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).into_iter();
    let mut kinds = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']));
    kinds.any(|kind| kind.trim().eq_ignore_ascii_case("text/html"))
}
