//! A typed client for Core: the protocol's procedures, and its token endpoint.

mod action;
mod auth;
mod awaited;
mod procedures;
mod trpc;

use std::{fmt, sync::Arc, time::Duration};

use records::{ActionId, EventId};
use world::World;

use self::auth::Credential;
pub(crate) use self::auth::is_past_half_its_life;
pub use self::{
    action::{ActionShape, NewEvent, Notification},
    awaited::{AwaitedAction, AwaitedPage, Resent},
    procedures::SearchPage,
    trpc::{CoreError, ErrorCode},
};
use crate::settings::{ClientCredentials, Secret};

/// How long one call to Core may take.
const CALL_LIMIT: Duration = Duration::from_secs(20);

/// The one place that builds the toolkit's HTTP client. Redirects are not followed and no proxy
/// is asked: a token must not travel to wherever an answer or an environment variable points.
pub(crate) fn http() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(CALL_LIMIT)
        .connect_timeout(Duration::from_secs(5))
        .build()
}

struct Peer {
    http: reqwest::Client,
    base: String,
    world: World,
}

/// A client for Core; cheap to clone.
///
/// In a trigger it holds the action token ([`Trigger::core`](crate::Trigger::core)). For work of
/// the country's own, [`CoreClient::with_credentials`] signs in as a system client.
#[derive(Clone)]
pub struct CoreClient {
    peer: Arc<Peer>,
    credential: Credential,
    traceparent: Option<String>,
}

impl CoreClient {
    /// A client without a token for the Core at `base`, such as `http://localhost:7070`.
    #[must_use]
    pub fn new(http: reqwest::Client, base: &str, world: World) -> Self {
        let base = base.trim_end_matches('/').to_owned();
        let peer = Arc::new(Peer { http, base, world });
        Self {
            peer,
            credential: Credential::None,
            traceparent: None,
        }
    }

    /// The same, with a token.
    #[must_use]
    pub fn with_token(&self, token: Secret) -> Self {
        Self {
            credential: Credential::Token(token),
            ..self.clone()
        }
    }

    /// The same, as a system client: it gets its own tokens and renews them before they end.
    #[must_use]
    pub fn with_credentials(&self, credentials: ClientCredentials) -> Self {
        Self {
            credential: Credential::client(credentials),
            ..self.clone()
        }
    }

    /// The same, with the trace context to send along.
    #[must_use]
    pub fn with_traceparent(&self, traceparent: impl Into<String>) -> Self {
        Self {
            traceparent: Some(traceparent.into()),
            ..self.clone()
        }
    }

    /// Core's origin.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.peer.base
    }

    pub(crate) fn token(&self) -> Option<Secret> {
        match &self.credential {
            Credential::Token(token) => Some(token.clone()),
            Credential::None | Credential::Client(_) => None,
        }
    }

    /// Gets an action token with the token this client holds (OAuth token exchange): narrow
    /// enough to hand over to whoever decides about that one action.
    ///
    /// # Errors
    /// As [`CoreError`]; 401 when the token held no longer works.
    pub async fn exchange(&self, event: EventId, action: ActionId) -> Result<Secret, CoreError> {
        let subject = self.bearer().await?.ok_or(CoreError::NoToken)?;
        auth::exchange(self, &subject, event, action).await
    }
}

impl fmt::Debug for CoreClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CoreClient")
            .field("base", &self.peer.base)
            .finish_non_exhaustive()
    }
}
