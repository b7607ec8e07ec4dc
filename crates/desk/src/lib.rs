//! Serves the desk, the web application of registrars and administrators, below `/desk/`.
//!
//! The application is built elsewhere (`web/`, which makes `web/dist`); this crate knows its files
//! and nothing of what they do. Release builds carry the files in the binary, debug builds read them
//! from the folder. A project without Node builds all the same: its desk says how to build one.
//!
//! It may not know Core: whoever serves both puts [`router`] beside Core's own routes. Start there.

mod connections;
mod content_type;
mod files;
mod negotiation;
mod origin;
mod safety;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

pub use connections::Connections;
pub use files::{Embedded, File, Files};
use negotiation::Coding;
pub use origin::{BadOrigin, Origin};

/// Where the desk is.
pub const HOME: &str = "/desk/";
/// What the application is started with, wherever in it a browser wants to go.
const START: &str = "index.html";
/// Files below this are named by what is in them, so that none ever changes.
const NAMED_BY_CONTENT: &str = "assets/";
/// What works for the application while it is closed; it may look after all of the desk.
const SERVICE_WORKER: &str = "sw.js";
/// Whom else the desk may ask.
const AS_DATA: &str = "/desk/connections.json";
const AS_SCRIPT: &str = "/desk/connections.js";

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");
const SERVICE_WORKER_ALLOWED: HeaderName = HeaderName::from_static("service-worker-allowed");

/// Everything below [`HOME`], out of these files, for browsers that may connect to Core and to
/// these. Files are answered as they are; any other path is a place in the application, which finds
/// its way itself, unless it looks like a file's: then the file is not there.
pub fn router(files: Arc<dyn Files>, connections: &Connections) -> Router {
    let made = |path: &'static str, text: String| {
        get(move || async move {
            let kind = HeaderValue::from_static(content_type::of(path));
            let headers = [
                (header::CACHE_CONTROL, ASK_FIRST),
                (header::CONTENT_TYPE, kind),
            ];
            (headers, text)
        })
    };
    let policy = connections.content_policy();
    Router::new()
        .route("/desk", get(|| async { Redirect::permanent(HOME) }))
        .route("/desk/", get(start))
        .route(AS_DATA, made(AS_DATA, connections.json()))
        .route(AS_SCRIPT, made(AS_SCRIPT, connections.script()))
        .route("/desk/{*path}", get(anywhere))
        .layer(middleware::map_response_with_state(policy, safety::guard))
        .with_state(files)
}

async fn start(State(files): State<Arc<dyn Files>>, headers: HeaderMap) -> Response {
    served(files.as_ref(), START, &headers).unwrap_or_else(not_built)
}

async fn anywhere(
    State(files): State<Arc<dyn Files>>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Some(found) = served(files.as_ref(), &path, &headers) {
        return found;
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    if last.contains('.') {
        let body = "There is no such file in this version of the desk.\n";
        return (
            StatusCode::NOT_FOUND,
            [(header::CACHE_CONTROL, ASK_FIRST)],
            body,
        )
            .into_response();
    }
    served(files.as_ref(), START, &headers).unwrap_or_else(not_built)
}

/// A file, in the smallest form that the client takes and the build has made; 304 when the client
/// has it. `None` when there is no such file.
fn served(files: &dyn Files, path: &str, headers: &HeaderMap) -> Option<Response> {
    if !files::is_plain(path) {
        return None;
    }
    let whole = files.file(path)?;
    let smaller = negotiation::accepted(headers)
        .into_iter()
        .find_map(|coding| {
            let name = format!("{path}.{}", coding.suffix());
            files.file(&name).map(|file| (file, coding))
        });
    let (file, coding) = match smaller {
        Some((file, coding)) => (file, Some(coding)),
        None => (whole, None),
    };
    let tag = file.entity_tag();
    let known = negotiation::has(headers, &tag);
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.into_bytes()).into_response()
    };
    let answered = response.headers_mut();
    if !known {
        let kind = HeaderValue::from_static(content_type::of(path));
        answered.insert(header::CONTENT_TYPE, kind);
        if let Some(name) = coding.map(Coding::name) {
            answered.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
    }
    if let Ok(tag) = HeaderValue::try_from(tag) {
        answered.insert(header::ETAG, tag);
    }
    let named_by_content = path.starts_with(NAMED_BY_CONTENT);
    let keep = if named_by_content { FOREVER } else { ASK_FIRST };
    answered.insert(header::CACHE_CONTROL, keep);
    answered.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if path == SERVICE_WORKER {
        answered.insert(SERVICE_WORKER_ALLOWED, HeaderValue::from_static(HOME));
    }
    Some(response)
}

/// The desk of a program that was built without one.
fn not_built() -> Response {
    let headers = [
        (header::CACHE_CONTROL, ASK_FIRST),
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static(content_type::HTML),
        ),
    ];
    let page = include_str!("not_built.html");
    (StatusCode::SERVICE_UNAVAILABLE, headers, page).into_response()
}
