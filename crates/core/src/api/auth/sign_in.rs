//! Signing in and out.

use axum::{Json, body::Bytes};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Visit, read};
use crate::{
    accounts::{
        recovery,
        sign_in::{self, SignInStarted},
    },
    error::{ApiError, ErrorCode},
};

#[derive(Deserialize)]
struct Token {
    token: String,
}

/// `POST /auth/authenticate {username, password}` → `{nonce, mobile?, email?, status, token?}`.
pub(super) async fn authenticate(
    visit: Visit,
    body: Bytes,
) -> Result<Json<SignInStarted>, ApiError> {
    #[derive(Deserialize)]
    struct Input {
        username: String,
        password: String,
    }
    let work = async {
        let Input { username, password } = read(&body)?;
        sign_in::start(&visit.core, &username, &password, &visit.correlation).await
    };
    visit.answer("auth.authenticate", work).await.map(Json)
}

/// `POST /auth/verifyCode {nonce, code}` → `{token}`.
pub(super) async fn verify_code(visit: Visit, body: Bytes) -> Result<Json<Value>, ApiError> {
    #[derive(Deserialize)]
    struct Input {
        nonce: String,
        code: String,
    }
    let work = async {
        let Input { nonce, code } = read(&body)?;
        let token = sign_in::finish(&visit.core, &nonce, &code, &visit.correlation).await?;
        Ok(Json(json!({"token": token})))
    };
    visit.answer("auth.verifyCode", work).await
}

/// `POST /auth/resendAuthenticationCode {nonce, retrievalFlow?}` → `{nonce}`.
pub(super) async fn resend_code(visit: Visit, body: Bytes) -> Result<Json<Value>, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        nonce: String,
        #[serde(default)]
        retrieval_flow: bool,
    }
    let work = async {
        let Input {
            nonce,
            retrieval_flow,
        } = read(&body)?;
        if retrieval_flow {
            recovery::send_code_again(&visit.core, &nonce, &visit.correlation).await?;
        } else {
            sign_in::send_code_again(&visit.core, &nonce, &visit.correlation).await?;
        }
        Ok(Json(json!({"nonce": nonce})))
    };
    visit.answer("auth.resendAuthenticationCode", work).await
}

/// `POST /auth/refreshToken {token}` → `{token}`.
pub(super) async fn refresh_token(visit: Visit, body: Bytes) -> Result<Json<Value>, ApiError> {
    let work = async {
        let Token { token } = read(&body)?;
        let token = sign_in::refresh(&visit.core, &token, &visit.correlation).await?;
        Ok(Json(json!({"token": token})))
    };
    visit.answer("auth.refreshToken", work).await
}

/// `POST /auth/verifyToken {token}` → `{valid}`.
pub(super) async fn verify_token(visit: Visit, body: Bytes) -> Result<Json<Value>, ApiError> {
    let work = async {
        let Token { token } = read(&body)?;
        let valid = match visit.core.authenticate(&token, &visit.correlation).await {
            Ok(_) => true,
            Err(error) if error.code == ErrorCode::Unauthorized => false,
            Err(error) => return Err(error),
        };
        Ok(Json(json!({"valid": valid})))
    };
    visit.answer("auth.verifyToken", work).await
}

/// `POST /auth/invalidateToken {token}` → `{}`.
pub(super) async fn invalidate_token(visit: Visit, body: Bytes) -> Result<Json<Value>, ApiError> {
    let work = async {
        let Token { token } = read(&body)?;
        sign_in::sign_out(&visit.core, &token, &visit.correlation).await?;
        Ok(Json(json!({})))
    };
    visit.answer("auth.invalidateToken", work).await
}
