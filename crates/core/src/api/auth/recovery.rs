//! Getting back into an account, step by step.

use axum::{Json, body::Bytes};
use serde::Deserialize;

use super::{Visit, read};
use crate::{
    accounts::recovery::{self, Answered, Contact, Lost, Recovery},
    error::{ApiError, ErrorCode},
};

/// `POST /auth/verifyUser {mobile | email, retrieveFlow: username | password}` →
/// `{nonce, securityQuestionKey?}`.
pub(super) async fn verify_user(visit: Visit, body: Bytes) -> Result<Json<Recovery>, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        mobile: Option<String>,
        email: Option<String>,
        retrieve_flow: Lost,
    }
    let work = async {
        let input: Input = read(&body)?;
        let contact = match (&input.mobile, &input.email) {
            (Some(mobile), _) => Contact::Mobile(mobile),
            (None, Some(email)) => Contact::Email(email),
            (None, None) => {
                let message = "Give a mobile or an email";
                return Err(ApiError::new(ErrorCode::BadRequest, message));
            }
        };
        recovery::start(
            &visit.core,
            contact,
            input.retrieve_flow,
            &visit.correlation,
        )
        .await
    };
    visit.answer("auth.verifyUser", work).await.map(Json)
}

/// `POST /auth/verifyNumber {nonce, code}` → `{nonce, securityQuestionKey}`.
pub(super) async fn verify_number(visit: Visit, body: Bytes) -> Result<Json<Recovery>, ApiError> {
    #[derive(Deserialize)]
    struct Input {
        nonce: String,
        code: String,
    }
    let work = async {
        let Input { nonce, code } = read(&body)?;
        recovery::check_code(&visit.core, &nonce, &code).await
    };
    visit.answer("auth.verifyNumber", work).await.map(Json)
}

/// `POST /auth/verifySecurityAnswer {nonce, answer}` →
/// `{matched, nonce, securityQuestionKey?}`.
pub(super) async fn verify_security_answer(
    visit: Visit,
    body: Bytes,
) -> Result<Json<Answered>, ApiError> {
    #[derive(Deserialize)]
    struct Input {
        nonce: String,
        answer: String,
    }
    let work = async {
        let Input { nonce, answer } = read(&body)?;
        recovery::check_answer(&visit.core, &nonce, &answer).await
    };
    visit
        .answer("auth.verifySecurityAnswer", work)
        .await
        .map(Json)
}

/// `POST /auth/changePassword {nonce, newPassword}` → nothing.
pub(super) async fn change_password(visit: Visit, body: Bytes) -> Result<(), ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        nonce: String,
        new_password: String,
    }
    let work = async {
        let Input {
            nonce,
            new_password,
        } = read(&body)?;
        recovery::set_password(&visit.core, &nonce, &new_password, &visit.correlation).await
    };
    visit.answer("auth.changePassword", work).await
}

/// `POST /auth/sendUserName {nonce}` → nothing.
pub(super) async fn send_user_name(visit: Visit, body: Bytes) -> Result<(), ApiError> {
    #[derive(Deserialize)]
    struct Input {
        nonce: String,
    }
    let work = async {
        let Input { nonce } = read(&body)?;
        recovery::send_username(&visit.core, &nonce, &visit.correlation).await
    };
    visit.answer("auth.sendUserName", work).await
}
