//! The country's configuration: pulled, checked, kept, refreshed.

use std::sync::Arc;

use forms::EventConfig;
use storage::Store;
use tokio_util::sync::CancellationToken;

use crate::{
    Core,
    error::{ApiError, ErrorCode},
};

/// The live configuration.
#[derive(Debug, Default)]
pub struct Configuration;

impl Configuration {
    /// Starts from the last good configuration in the store.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn load(_store: &dyn Store) -> Result<Self, ApiError> {
        Ok(Self)
    }

    /// Asks country config for new configuration until told to stop.
    pub async fn keep_fresh(_core: Core, stop: CancellationToken) {
        stop.cancelled().await;
    }

    /// The configuration of one event type.
    ///
    /// # Errors
    /// 400 when the country has no such event type; 503 before any configuration was ever read.
    pub fn event(&self, event_type: &str) -> Result<Arc<EventConfig>, ApiError> {
        Err(ApiError::new(
            ErrorCode::BadRequest,
            format!("No configuration found for event type: {event_type}"),
        ))
    }

    /// The encoded scopes of a role; `None` when the country has no such role.
    #[must_use]
    pub fn role_scopes(&self, _role: &str) -> Option<Vec<String>> {
        None
    }

    /// The roles as the country wrote them; none before any configuration was ever read.
    #[must_use]
    pub fn roles(&self) -> Vec<serde_json::Value> {
        Vec::new()
    }
}
