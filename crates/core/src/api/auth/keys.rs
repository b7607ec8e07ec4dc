//! The public keys that tokens are verified with.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use jsonwebtoken::jwk::JwkSet;

use crate::Core;

/// Long enough to spare Core, short enough for a new key to be seen soon.
const CACHE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "public, max-age=60");

/// `GET /.well-known`: PEM of the key that signs now.
pub(super) async fn pem(State(core): State<Core>) -> Response {
    let text = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
    ([text, CACHE], core.tokens.public_key_pem()).into_response()
}

/// `GET /.well-known/jwks.json`: every key that still verifies.
pub(super) async fn key_set(
    State(core): State<Core>,
) -> ([(header::HeaderName, &'static str); 1], Json<JwkSet>) {
    ([CACHE], Json(core.tokens.key_set()))
}
