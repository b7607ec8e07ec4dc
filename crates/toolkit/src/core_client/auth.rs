//! Core's token endpoint: signing in as a system client, and exchanging a token for an action's.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use records::{ActionId, EventId};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;

use super::{
    CoreClient, CoreError,
    trpc::{ErrorCode, send},
};
use crate::settings::{ClientCredentials, Secret};

/// A token is renewed this long before it ends.
const MARGIN_SECONDS: i64 = 30;
/// How long a token lasts that does not say (OpenCRVS's for system clients last ten minutes).
const DEFAULT_SECONDS: i64 = 300;

/// What a client shows to Core.
#[derive(Clone)]
pub(super) enum Credential {
    None,
    Token(Secret),
    Client(Arc<SignedIn>),
}

/// A system client and the token it holds at present.
pub(super) struct SignedIn {
    credentials: ClientCredentials,
    /// The token, and when it ends in seconds since 1970. The lock is held while a new one is
    /// fetched, so that many calls at once sign in once.
    held: Mutex<Option<(Secret, i64)>>,
}

impl Credential {
    pub(super) fn client(credentials: ClientCredentials) -> Self {
        Self::Client(Arc::new(SignedIn {
            credentials,
            held: Mutex::new(None),
        }))
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Denied {
    error: String,
    error_description: String,
}

impl CoreClient {
    /// The token to show with the next call.
    pub(super) async fn bearer(&self) -> Result<Option<Secret>, CoreError> {
        let signed_in = match &self.credential {
            Credential::None => return Ok(None),
            Credential::Token(token) => return Ok(Some(token.clone())),
            Credential::Client(signed_in) => signed_in,
        };
        let mut held = signed_in.held.lock().await;
        let now = self.peer.world.now().as_second();
        if let Some((token, _)) = held.as_ref().filter(|(_, end)| now + MARGIN_SECONDS < *end) {
            return Ok(Some(token.clone()));
        }
        let token = sign_in(self, &signed_in.credentials).await?;
        let end = end_of(&token).unwrap_or(now + DEFAULT_SECONDS);
        *held = Some((token.clone(), end));
        Ok(Some(token))
    }
}

/// When a token ends. It is Core's own and only read for this, so its signature does not matter.
fn end_of(token: &Secret) -> Option<i64> {
    claim(token, "exp")
}

/// Whether more than half of a token's life has passed at `now`, in seconds since 1970. One that
/// does not say when it began is taken for old.
pub(crate) fn is_past_half_its_life(token: &Secret, now: i64) -> bool {
    let Some(end) = end_of(token) else {
        return true;
    };
    let began = claim(token, "iat").unwrap_or(0);
    now.saturating_sub(began) > end.saturating_sub(now)
}

fn claim(token: &Secret, name: &str) -> Option<i64> {
    let claims = token.reveal().split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    claims.get(name)?.as_i64()
}

async fn sign_in(
    client: &CoreClient,
    credentials: &ClientCredentials,
) -> Result<Secret, CoreError> {
    grant(
        client,
        &[
            ("grant_type", "client_credentials"),
            ("client_id", &credentials.id),
            ("client_secret", credentials.secret.reveal()),
        ],
    )
    .await
}

pub(super) async fn exchange(
    client: &CoreClient,
    subject: &Secret,
    event: EventId,
    action: ActionId,
) -> Result<Secret, CoreError> {
    grant(
        client,
        &[
            ("grant_type", "urn:opencrvs:oauth:grant-type:token-exchange"),
            ("subject_token", subject.reveal()),
            (
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            ),
            (
                "requested_token_type",
                "urn:opencrvs:oauth:token-type:single_record_token",
            ),
            ("event_id", &event.to_string()),
            ("action_id", &action.to_string()),
        ],
    )
    .await
}

/// Parameters travel as JSON, which both Cores read, so that no secret stands in a URL or its log.
async fn grant(client: &CoreClient, parameters: &[(&str, &str)]) -> Result<Secret, CoreError> {
    const PROCEDURE: &str = "auth/token";
    let body: serde_json::Map<String, Value> = parameters
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).into()))
        .collect();
    let url = format!("{}/{PROCEDURE}", client.peer.base);
    let (http_status, retry_after, answer) =
        send(PROCEDURE, client.peer.http.post(url).json(&body)).await?;
    if (200..300).contains(&http_status) {
        let granted: Granted =
            serde_json::from_slice(&answer).map_err(|source| CoreError::Unreadable {
                procedure: PROCEDURE.to_owned(),
                http_status,
                source,
            })?;
        return Ok(Secret::new(granted.access_token));
    }
    let denied: Denied = serde_json::from_slice(&answer).unwrap_or_default();
    Err(CoreError::Refused {
        procedure: PROCEDURE.to_owned(),
        code: ErrorCode(denied.error),
        http_status,
        message: denied.error_description,
        details: Box::default(),
        retry_after,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_is_old_once_more_of_its_life_lies_behind_than_ahead() {
        let token = |claims: Value| {
            let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
            Secret::new(format!("header.{claims}.signature"))
        };
        let hundred = token(json!({ "iat": 1000, "exp": 1100 }));
        for (now, old) in [(1000, false), (1050, false), (1051, true), (9000, true)] {
            assert_eq!(is_past_half_its_life(&hundred, now), old, "{now}");
        }
        for unclear in [token(json!({ "exp": 1100 })), Secret::new("opaque")] {
            assert!(is_past_half_its_life(&unclear, 1000));
        }
    }
}
