//! `POST /auth/token`: tokens for system clients, for one action (contract, "System clients" and
//! "Action token"), and for telling the country's services who a person is, with the errors of OAuth.

use std::collections::HashMap;

use axum::{
    Json,
    body::Bytes,
    extract::RawQuery,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::Visit;
use crate::{
    accounts::system_client,
    caller::{ActionGrant, Caller},
    error::{ApiError, ErrorCode},
};

const TOKEN_EXCHANGE: &str = "urn:opencrvs:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const SINGLE_RECORD_TOKEN: &str = "urn:opencrvs:oauth:token-type:single_record_token";
const INTRODUCTION: &str = "urn:countersign:oauth:token-type:introduction";
/// Neither tokens nor refusals may be kept by anything in between.
const NO_STORE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// Why there is no token.
enum Refused {
    /// Something is missing or malformed; says what.
    InvalidRequest(&'static str),
    /// Not one of the two ways.
    UnsupportedGrantType,
    /// Unknown, wrong secret, or shut.
    InvalidClient,
    /// The token to exchange is no good.
    InvalidSubjectToken,
    /// Core failed.
    Failed(ApiError),
}

const INCOMPLETE: Refused = Refused::InvalidRequest(
    "subject_token, subject_token_type and requested_token_type are needed",
);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, error, description) = match self {
            Self::InvalidRequest(what) => (StatusCode::BAD_REQUEST, "invalid_request", what),
            Self::UnsupportedGrantType => (
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "grant_type is client_credentials or urn:opencrvs:oauth:grant-type:token-exchange",
            ),
            Self::InvalidClient => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "Invalid client id or secret",
            ),
            Self::InvalidSubjectToken => (
                StatusCode::UNAUTHORIZED,
                "unauthorized_client",
                "Invalid subject token",
            ),
            Self::Failed(error) => return (NO_STORE, error).into_response(),
        };
        let body = json!({"error": error, "error_description": description});
        (status, NO_STORE, Json(body)).into_response()
    }
}

/// Answers `{access_token, token_type: "Bearer"}`.
pub(super) async fn token(visit: Visit, RawQuery(query): RawQuery, body: Bytes) -> Response {
    let given = parameters(query.as_deref().unwrap_or_default(), &body);
    // A refusal is an answer; only a failure of Core's own is logged as one.
    let work = async {
        match give(&visit, &given).await {
            Err(Refused::Failed(error)) => Err(error),
            answer => Ok(answer),
        }
    };
    let outcome = visit.answer("auth.token", work).await;
    match outcome {
        Ok(Ok(token)) => {
            let body = json!({"access_token": token, "token_type": "Bearer"});
            (NO_STORE, Json(body)).into_response()
        }
        Ok(Err(refused)) => refused.into_response(),
        Err(error) => Refused::Failed(error).into_response(),
    }
}

async fn give(visit: &Visit, given: &HashMap<String, String>) -> Result<String, Refused> {
    match given.get("grant_type").map(String::as_str) {
        Some("client_credentials") => client_token(visit, given).await,
        Some(TOKEN_EXCHANGE) => exchange(visit, given).await,
        _ => Err(Refused::UnsupportedGrantType),
    }
}

async fn client_token(visit: &Visit, given: &HashMap<String, String>) -> Result<String, Refused> {
    let (Some(id), Some(secret)) = (given.get("client_id"), given.get("client_secret")) else {
        return Err(Refused::InvalidRequest(
            "client_id and client_secret are needed",
        ));
    };
    system_client::token(&visit.core, id, secret)
        .await
        .map_err(|error| refused_as(Refused::InvalidClient, error))
}

async fn exchange(visit: &Visit, given: &HashMap<String, String>) -> Result<String, Refused> {
    let text = |name: &str| given.get(name).map(String::as_str);
    if text("requested_token_type") == Some(INTRODUCTION) {
        return introduction(visit, given).await;
    }
    let event_id = text("event_id").and_then(|id| id.parse().ok());
    let action_id = text("action_id").and_then(|id| id.parse().ok());
    let (Some(event_id), Some(action_id)) = (event_id, action_id) else {
        return Err(Refused::InvalidRequest(
            "event_id and action_id are needed, both UUIDs",
        ));
    };
    if text("requested_token_type") != Some(SINGLE_RECORD_TOKEN) {
        return Err(INCOMPLETE);
    }
    let caller = subject(visit, given).await?;
    let grant = ActionGrant {
        event_id,
        action_id,
    };
    visit
        .core
        .exchange_for_action_token(&caller, grant)
        .await
        .map_err(Refused::Failed)?
        .ok_or(Refused::InvalidRequest(
            "There is no such action that waits for a decision, or the subject token may not be \
             exchanged for it: that is for the token that came with the action, and for a system \
             client with record.confirm-registration and record.reject-registration",
        ))
}

/// A person's token for one that only says who they are.
async fn introduction(visit: &Visit, given: &HashMap<String, String>) -> Result<String, Refused> {
    let caller = subject(visit, given).await?;
    let token = visit.core.introduce(&caller).await;
    token
        .map_err(Refused::Failed)?
        .ok_or(Refused::InvalidRequest(
            "Only people who have signed in can be introduced",
        ))
}

/// Whose token is to be exchanged.
async fn subject(visit: &Visit, given: &HashMap<String, String>) -> Result<Caller, Refused> {
    let text = |name: &str| given.get(name).map(String::as_str);
    let (Some(subject), Some(ACCESS_TOKEN)) = (text("subject_token"), text("subject_token_type"))
    else {
        return Err(INCOMPLETE);
    };
    let caller = visit.core.authenticate(subject, &visit.correlation).await;
    caller.map_err(|error| refused_as(Refused::InvalidSubjectToken, error))
}

fn refused_as(refusal: Refused, error: ApiError) -> Refused {
    if error.code == ErrorCode::Unauthorized {
        refusal
    } else {
        Refused::Failed(error)
    }
}

/// What was given in the body, as JSON or as a form, and then in the query. Empty values count as
/// not given.
fn parameters(query: &str, body: &[u8]) -> HashMap<String, String> {
    let mut given: HashMap<String, String> = pairs(query).collect();
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => {
            given.extend(fields.into_iter().filter_map(|(name, value)| {
                let text = value.as_str()?.to_owned();
                Some((name, text))
            }))
        }
        _ => given.extend(pairs(&String::from_utf8_lossy(body))),
    }
    given.retain(|_, value| !value.is_empty());
    given
}

fn pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    let mut url = reqwest::Url::parse("http://form.invalid").ok();
    if let Some(url) = &mut url {
        url.set_query(Some(text));
    }
    let pairs = url.map(|url| url.query_pairs().into_owned().collect::<Vec<_>>());
    pairs.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_come_in_the_query_as_json_or_as_a_form() {
        let wanted = [("client_id".to_owned(), "a b".to_owned())].into();
        assert_eq!(parameters("client_id=a%20b&client_secret=", b""), wanted);
        assert_eq!(
            parameters("", br#"{"client_id": "a b", "other": 1}"#),
            wanted
        );
        assert_eq!(parameters("", b"client_id=a+b"), wanted);
    }

    #[test]
    fn the_body_goes_before_the_query() {
        let given = parameters("client_id=query", b"client_id=body");
        assert_eq!(given["client_id"], "body");
    }
}
