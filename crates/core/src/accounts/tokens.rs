//! Tokens: RS256, signed with the newest key, verified with any that has not retired.

use std::time::Duration;

use jiff::Timestamp;
use records::{ActionId, EventId};
use serde::{Deserialize, Serialize};
use storage::Store;
use world::World;

use crate::error::{ApiError, ErrorCode};

/// What a token of ours says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the protocol's own names")]
pub struct Claims {
    pub iss: String,
    pub sub: String,
    pub aud: Vec<String>,
    pub iat: i64,
    pub exp: i64,
    pub jti: String,
    pub user_type: access::UserType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    pub scope: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_id: Option<ActionId>,
}

/// Signs and verifies.
#[derive(Debug)]
pub struct Tokens;

impl Tokens {
    /// Loads the keys from the store, making the first one where there is none.
    ///
    /// # Errors
    /// The store's failure, or a key that cannot be read.
    pub async fn load(_store: &dyn Store, _world: &World) -> Result<Self, ApiError> {
        Ok(Self)
    }

    /// A token that can read one record and resolve one action, on behalf of whoever took it.
    ///
    /// # Errors
    /// 500 when signing fails.
    pub fn action_token(
        &self,
        _world: &World,
        _life: Duration,
        _on_behalf_of: (&str, access::UserType),
        _grant: (EventId, ActionId),
        _more_scopes: &[String],
    ) -> Result<String, ApiError> {
        Err(ApiError::plain(ErrorCode::Internal))
    }

    /// Verifies a service token for this `sub`.
    ///
    /// # Errors
    /// 401.
    pub fn verify_service(
        &self,
        _token: &str,
        _subject: &str,
        _now: Timestamp,
    ) -> Result<(), ApiError> {
        Err(ApiError::plain(ErrorCode::Unauthorized))
    }
}
