//! What people's browsers need before anybody has signed in, and what the country draws with: texts,
//! certificates, fonts, and what the country is called. None of it is about anybody.

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    Core,
    country_files::{CERTIFICATES, CLIENT, LOGIN, content_type},
    error::ApiError,
};

const JSON: &str = "application/json";
/// A drawing may carry scripts; opened by itself, none of them runs.
const DISARMED: &str = "default-src 'none'; style-src 'unsafe-inline'; font-src 'self' data:; \
                        img-src 'self' data:; sandbox";

pub(super) fn routes() -> Router<Core> {
    Router::new()
        .route("/desk.json", get(desk))
        .route("/content/client", get(client))
        .route("/content/login", get(login))
        .route("/certificates", get(certificates))
        .route("/certificates/{file}", get(drawing))
        .route("/fonts/{file}", get(font))
}

async fn client(State(core): State<Core>, headers: HeaderMap) -> Result<Response, ApiError> {
    kept(&core, CLIENT, JSON, &headers)
}

async fn login(State(core): State<Core>, headers: HeaderMap) -> Result<Response, ApiError> {
    kept(&core, LOGIN, JSON, &headers)
}

async fn certificates(State(core): State<Core>, headers: HeaderMap) -> Result<Response, ApiError> {
    kept(&core, CERTIFICATES, JSON, &headers)
}

async fn drawing(
    State(core): State<Core>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    named(&core, "/certificates/", &file, &headers)
}

async fn font(
    State(core): State<Core>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    named(&core, "/fonts/", &file, &headers)
}

/// A file that the country names: only what looks like one is looked for.
fn named(core: &Core, folder: &str, file: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    let kind = content_type(file).unwrap_or(JSON);
    kept(core, &format!("{folder}{file}"), kind, headers)
}

fn kept(
    core: &Core,
    path: &str,
    kind: &'static str,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let kept = core.country_files.find(path)?;
    Ok(answered(
        headers,
        kept.entity_tag(),
        kind,
        kept.body().clone(),
    ))
}

/// `GET /desk.json`: what the country is called and looks like, before anybody has signed in.
async fn desk(State(core): State<Core>, headers: HeaderMap) -> Response {
    let current = core.configuration.current().ok();
    let setting = |name: &str| {
        let current = current.as_ref()?;
        Some(current.application().get(name)?.clone()).filter(|value| !value.is_null())
    };
    let languages = core.country_files.languages();
    let name = setting("APPLICATION_NAME").filter(Value::is_string);
    let body = json!({
        "applicationName": name.unwrap_or_else(|| "Countersign".into()),
        "logo": setting("COUNTRY_LOGO").and_then(|logo| logo.get("file").cloned()),
        "loginBackground": setting("LOGIN_BACKGROUND"),
        "defaultLanguage": languages.first().map_or("en", String::as_str),
        "languages": languages,
        "coreVersion": env!("CARGO_PKG_VERSION"),
        "configurationVersion": current.as_ref().map(|current| current.version()),
    });
    let body = Bytes::from(Value::to_string(&body));
    let mut digest = hex::encode(Sha256::digest(&body));
    digest.truncate(32);
    answered(&headers, &format!("\"{digest}\""), JSON, body)
}

/// The bytes, or 304 for whoever has them.
fn answered(headers: &HeaderMap, tag: &str, kind: &'static str, body: Bytes) -> Response {
    let known = headers.get_all(header::IF_NONE_MATCH).into_iter();
    let known = known
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|item| item == "*" || item.strip_prefix("W/").unwrap_or(item) == tag);
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(body).into_response()
    };
    let answered = response.headers_mut();
    let mut insert = |name: HeaderName, value: &'static str| {
        answered.insert(name, HeaderValue::from_static(value))
    };
    if !known {
        insert(header::CONTENT_TYPE, kind);
    }
    insert(header::CACHE_CONTROL, "no-cache");
    insert(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    insert(header::CONTENT_SECURITY_POLICY, DISARMED);
    if let Ok(tag) = HeaderValue::try_from(tag) {
        answered.insert(header::ETAG, tag);
    }
    response
}
