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
    Core, attachments,
    deliveries::export,
    error::{ApiError, ErrorCode},
    stream,
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
            Verb::Patch => MethodFilter::PATCH,
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
            // A file's path has slashes in it.
            let path = match route.output {
                Output::File => route.path.replace("{path}", "{*path}"),
                Output::Json | Output::Deliveries | Output::Events => route.path.clone(),
            };
            router = router.route(&format!("{prefix}{path}"), on(filter, handler));
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
        let body = body.map_err(|rejection| unreadable(&core, &rejection))?;
        let query = query.as_deref().unwrap_or_default();
        let input = match route.input {
            Input::Chunk => chunk_of(params, headers),
            _ => input_of(route, params, query, &body)?,
        };
        let procedure = procedure_of(route)?;
        let mut incoming = Incoming::from_headers(headers);
        if route.input == Input::Chunk {
            incoming = incoming.bringing(body);
        }
        dispatch(core.clone(), procedure, incoming, input).await
    };
    match result.await {
        Ok(asked) if route.output == Output::Deliveries => export::file(core, asked),
        Ok(_) if route.output == Output::Events => {
            let token = Incoming::from_headers(headers).token.unwrap_or_default();
            match stream::listen(core, token).await {
                Ok(events) => events,
                Err(error) => error.into_response(),
            }
        }
        Ok(asked) if route.output == Output::File => attachments::file(core, &asked, headers),
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
        // A form comes as tRPC (`super::trpc`): this one is none, and the operation says so.
        Input::Body | Input::Form | Input::Chunk => {
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

/// Which chunk of which file the body is.
fn chunk_of(params: &RawPathParams, headers: &HeaderMap) -> Value {
    let mut input = Map::new();
    for (name, value) in params {
        input.insert(name.to_owned(), value.into());
    }
    let offset = headers.get("upload-offset").map(|value| value.to_str());
    if let Some(offset) = offset {
        input.insert("offset".to_owned(), offset.unwrap_or_default().into());
    }
    Value::Object(input)
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
