//! The operations as REST, below `/`, and as OpenCRVS's gateway serves them below `/events` and
//! `/api/events`.

mod openapi;
mod routes;
mod schemas;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{RawPathParams, RawQuery, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Response},
    routing::{MethodFilter, on},
};
use serde_json::{Map, Value};

use super::{
    dispatch::{Incoming, dispatch},
    procedure::Procedure,
    unreadable,
};
use crate::{
    Core,
    deliveries::export,
    error::{ApiError, ErrorCode},
};

pub use openapi::openapi;
pub use routes::{Input, Output, Route, Verb};

/// Where the routes are found besides the root.
const PREFIXES: [&str; 3] = ["", "/events", "/api/events"];

/// All routes of the table, below every prefix.
pub(super) fn routes() -> Router<Core> {
    let mut router = Router::new();
    for route in routes::all() {
        let filter = match route.verb {
            Verb::Get => MethodFilter::GET,
            Verb::Post => MethodFilter::POST,
            Verb::Delete => MethodFilter::DELETE,
        };
        for prefix in PREFIXES {
            let handler = move |State(core): State<Core>,
                                params: RawPathParams,
                                RawQuery(query): RawQuery,
                                headers: HeaderMap,
                                body: Result<Bytes, BytesRejection>| {
                async move { answer(core, route, &params, query, &headers, body).await }
            };
            router = router.route(&format!("{prefix}{}", route.path), on(filter, handler));
        }
    }
    router
}

async fn answer(
    core: Core,
    route: &'static Route,
    params: &RawPathParams,
    query: Option<String>,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let result = async {
        let body = body.map_err(|rejection| unreadable(&rejection))?;
        let input = input_of(route, params, query.as_deref().unwrap_or_default(), &body)?;
        let procedure = procedure_of(route)?;
        let incoming = Incoming::from_headers(headers);
        dispatch(core.clone(), procedure, incoming, input).await
    };
    match result.await {
        Ok(asked) if route.output == Output::Deliveries => export::file(core, asked),
        Ok(Value::Null) => StatusCode::NO_CONTENT.into_response(),
        Ok(value) => Json(value).into_response(),
        Err(error) => error.into_response(),
    }
}

fn input_of(
    route: &Route,
    params: &RawPathParams,
    query: &str,
    body: &[u8],
) -> Result<Value, ApiError> {
    let mut named = Map::new();
    for (name, value) in params {
        named.insert(name.to_owned(), value.into());
    }
    match route.input {
        Input::Text(name) => Ok(named.remove(name).unwrap_or_default()),
        Input::Query => {
            for (name, value) in super::trpc::parse_query(query) {
                let value = match value.as_str() {
                    "true" => true.into(),
                    "false" => false.into(),
                    _ => value.into(),
                };
                named.entry(name).or_insert(value);
            }
            Ok(Value::Object(named))
        }
        Input::Body => {
            let body = if body.iter().all(u8::is_ascii_whitespace) {
                Value::Object(Map::new())
            } else {
                serde_json::from_slice(body).map_err(|error| {
                    ApiError::new(
                        ErrorCode::BadRequest,
                        format!("The body is not JSON: {error}"),
                    )
                })?
            };
            match body {
                Value::Object(mut fields) => {
                    // The path says which record it is about, whatever the body says.
                    fields.extend(named);
                    Ok(Value::Object(fields))
                }
                other if named.is_empty() => Ok(other),
                _ => Err(ApiError::new(
                    ErrorCode::BadRequest,
                    "The body is not a JSON object",
                )),
            }
        }
    }
}

fn procedure_of(route: &Route) -> Result<&'static Procedure, ApiError> {
    Procedure::named(route.operation).ok_or_else(|| {
        ApiError::internal(format!(
            "the route leads to no operation: {}",
            route.operation
        ))
    })
}

/// `GET /openapi.json`.
pub(super) async fn document() -> Json<Value> {
    Json(openapi())
}

/// `GET /docs`: the document, to read.
pub(super) async fn browse() -> Html<&'static str> {
    Html(include_str!("docs.html"))
}
