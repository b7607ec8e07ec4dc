//! The protocol's endpoints on the country's side.
//!
//! `actions` and `accounts` take triggers, `documents` serves the configuration, `once` makes
//! sure that a delivery is handled once however often it is attempted.

mod accounts;
mod actions;
mod decide;
mod documents;
mod once;
mod reply;
mod request;

use std::{collections::HashMap, sync::Arc};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;
use world::World;

use self::{once::Flights, reply::Reply};
use crate::{
    CountryConfig,
    configuration::Document,
    core_client::CoreClient,
    correlation::step,
    handlers::Handlers,
    settings::Settings,
    signature::Signatures,
    store::{Answers, Numbers, Pending, Received},
    tokens::TokenVerifier,
    trigger::Correlation,
};

/// What every endpoint works with.
struct Shared {
    settings: Settings,
    world: World,
    core: CoreClient,
    verifier: TokenVerifier,
    signatures: Signatures,
    received: Received,
    answers: Answers,
    pending: Pending,
    numbers: Numbers,
    handlers: Handlers,
    documents: HashMap<String, Document>,
    flights: Flights,
}

/// Everything Core calls, and the country's own routes.
pub(crate) fn router(config: CountryConfig) -> Router {
    let shared = Arc::new(Shared {
        documents: config.configuration.documents(),
        flights: Flights::default(),
        settings: config.settings,
        world: config.world,
        core: config.core,
        verifier: config.verifier,
        signatures: config.signatures,
        received: config.received,
        answers: config.answers,
        pending: config.pending,
        numbers: config.numbers,
        handlers: config.handlers,
    });
    Router::new()
        .route("/ping", get(ping))
        .route(
            "/trigger/events/{event}/actions/{action}",
            post(actions::trigger),
        )
        .route("/triggers/user/{event}", post(accounts::tell))
        .route("/triggers/system/ready", post(accounts::ready))
        .route("/reindex", post(accounts::reindex))
        .with_state(Arc::clone(&shared))
        .merge(config.routes)
        .fallback_service(
            get(documents::serve)
                .fallback(documents::absent)
                .with_state(Arc::clone(&shared)),
        )
        .layer(CatchPanicLayer::custom(panicked))
        .layer(DefaultBodyLimit::max(shared.settings.body_limit))
        .layer(middleware::from_fn_with_state(shared, correlate))
}

async fn ping() -> Json<Value> {
    Json(json!({ "success": true }))
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    // What the panic says may hold personal data; the panic hook has printed where it was.
    tracing::error!("a route panicked");
    Reply::failed(500, "the country config failed; its log says where").into_response()
}

/// Gives every request its correlation id and one line in the log. The line names the route, not
/// the path, since paths of the country's own may hold personal data.
async fn correlate(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Response {
    let correlation = Correlation::of(request.headers(), &shared.world);
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(document)".to_owned(), |it| it.as_str().to_owned());
    let given = request.headers().get("traceparent");
    let given = given.and_then(|it| it.to_str().ok());
    let span = tracing::info_span!(
        "request",
        correlation_id = %correlation,
        // For whoever collects traces: where this request stands among the steps of its own.
        step = step(&correlation.traceparent),
        parent = given.and_then(step),
        method = %request.method(),
        route,
    );
    request.extensions_mut().insert(correlation);
    async move {
        let start = Instant::now();
        let response = next.run(request).await;
        let status = response.status().as_u16();
        let took = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        if response.status().is_server_error() {
            tracing::warn!(status, took_ms = took, "answered");
        } else {
            tracing::debug!(status, took_ms = took, "answered");
        }
        response
    }
    .instrument(span)
    .await
}
