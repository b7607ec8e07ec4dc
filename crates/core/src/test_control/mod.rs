//! Forgetting everything, and filling an empty Core, for suites that no one here wrote.
//!
//! Such a suite brings its own idea of how records, accounts and places get into a database. Here
//! it has two ways in, on an address of their own: `POST /reset` and `POST /seed`. Whoever reaches
//! them needs no token, so all of this is compiled only with the feature `test-control`, which what
//! is shipped does not have, and the program serves it on loopback alone.

mod at_work;
mod event;
mod reset;
mod seed;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Request, State, rejection::BytesRejection},
    http::{HeaderMap, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::json;
use storage::Forget;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    Core,
    configuration::Configuration,
    error::{ApiError, ErrorCode},
    settings::ConfigRefresh,
};

pub(crate) use at_work::AtWork;

/// A country's places are a few megabytes; nobody seeds more at once.
const LARGEST_SEED: usize = 64 * 1024 * 1024;

#[derive(Clone)]
struct Controlled {
    core: Core,
    store: Arc<dyn Forget>,
}

/// `POST /reset` and `POST /seed` for this Core; `store` is the one it was opened on. Both answer
/// `{}`, or an error in the shape of the REST API. Anything sent by a browser is refused: a page of
/// somebody else's must not reach it.
pub fn router(core: Core, store: Arc<dyn Forget>) -> Router {
    Router::new()
        .route("/reset", post(reset_all))
        .route("/seed", post(seed_one))
        .layer(middleware::from_fn(no_browsers))
        .layer(DefaultBodyLimit::max(LARGEST_SEED))
        .layer(CatchPanicLayer::custom(|_| {
            ApiError::internal("the test control panicked").into_response()
        }))
        .with_state(Controlled { core, store })
}

async fn no_browsers(headers: HeaderMap, request: Request, next: Next) -> Response {
    if headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site") {
        return ApiError::plain(ErrorCode::Forbidden).into_response();
    }
    next.run(request).await
}

async fn reset_all(State(controlled): State<Controlled>) -> Result<Response, ApiError> {
    // In a task of its own, as seeding: half a reset is of no use to anybody.
    let work =
        tokio::spawn(
            async move { reset::reset(&controlled.core, controlled.store.as_ref()).await },
        );
    work.await.map_err(ApiError::internal)??;
    Ok(done())
}

async fn seed_one(
    State(controlled): State<Controlled>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body = body.map_err(|rejection| {
        let code = match rejection.status().as_u16() {
            413 => ErrorCode::PayloadTooLarge,
            _ => ErrorCode::BadRequest,
        };
        ApiError::new(code, format!("A seed holds at most {LARGEST_SEED} bytes"))
    })?;
    let work = tokio::spawn(async move {
        let core = &controlled.core;
        if core.settings.config_refresh == ConfigRefresh::Always {
            Configuration::before_request(core).await;
        }
        let seed = seed::read(&body)?;
        core.at_work.clone().during(seed::plant(core, seed)).await
    });
    work.await.map_err(ApiError::internal)??;
    Ok(done())
}

fn done() -> Response {
    Json(json!({})).into_response()
}
