//! Signing in and tokens, over plain HTTP (contract, "Tokens").
//!
//! [`routes`] belongs below `/auth`, [`key_routes`] also at the root.

mod keys;
mod recovery;
mod sign_in;
mod token;

use axum::{
    Router,
    body::Bytes,
    extract::{FromRequestParts, State},
    http::request::Parts,
    routing::{get, post},
};
use serde::de::DeserializeOwned;

use super::{
    dispatch::{Incoming, observed},
    procedure::parse,
};
use crate::{
    Core, correlation,
    error::{ApiError, ErrorCode},
};

/// Everything below `/auth`.
pub fn routes() -> Router<Core> {
    Router::new()
        .route("/authenticate", post(sign_in::authenticate))
        .route("/verifyCode", post(sign_in::verify_code))
        .route("/resendAuthenticationCode", post(sign_in::resend_code))
        .route("/refreshToken", post(sign_in::refresh_token))
        .route("/verifyToken", post(sign_in::verify_token))
        .route("/invalidateToken", post(sign_in::invalidate_token))
        .route("/verifyUser", post(recovery::verify_user))
        .route("/verifyNumber", post(recovery::verify_number))
        .route(
            "/verifySecurityAnswer",
            post(recovery::verify_security_answer),
        )
        .route("/changePassword", post(recovery::change_password))
        .route("/sendUserName", post(recovery::send_user_name))
        .route("/token", post(token::token))
        .merge(key_routes())
}

/// The public keys, where country configs look for them.
pub fn key_routes() -> Router<Core> {
    Router::new()
        .route("/.well-known", get(keys::pem))
        .route("/.well-known/jwks.json", get(keys::key_set))
}

/// One request to these routes.
struct Visit {
    core: Core,
    correlation: String,
    parent: Option<String>,
}

impl FromRequestParts<Core> for Visit {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, core: &Core) -> Result<Self, Self::Rejection> {
        let State(core) = State::<Core>::from_request_parts(parts, core).await?;
        let incoming = Incoming::from_headers(&parts.headers);
        let correlation = incoming
            .correlation
            .unwrap_or_else(|| correlation::new(&core.world));
        Ok(Self {
            core,
            correlation,
            parent: incoming.parent,
        })
    }
}

impl Visit {
    /// Does the work of one request, logged and measured under this name.
    async fn answer<T>(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        #[cfg(feature = "test-control")]
        let work = self.core.at_work.clone().during(work);
        let trace = (&*self.correlation, self.parent.as_deref());
        observed(&self.core, name, trace, work).await
    }
}

/// Reads a JSON body, whatever its content type says.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, ApiError> {
    let value = serde_json::from_slice(body).map_err(|error| {
        ApiError::new(
            ErrorCode::BadRequest,
            format!("The body is not JSON: {error}"),
        )
    })?;
    parse(&value)
}
