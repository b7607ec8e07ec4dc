//! The country's configuration: pulled, checked, kept, refreshed.
//!
//! Five documents are read from country config and found good together or not at all. The last
//! good ones are kept in the store, so that Core goes on with them while country config is down or
//! serves something broken, also after a restart. Start at [`Configuration::refresh`].

mod current;
mod deadlines;
mod documents;
mod problem;
mod reading;
mod refresh;
mod role;
mod warnings;
mod workqueue;

use std::sync::{Arc, PoisonError};

use arc_swap::ArcSwapOption;
use forms::EventConfig;
use jiff::Timestamp;
use serde_json::Value;
use storage::Store;
use tokio::sync::Mutex;
use tracing::error;

use crate::error::{ApiError, ErrorCode};

pub use current::Current;
pub use deadlines::{Deadline, Deadlines, Patience, WhenPassed};
use documents::Documents;
pub use problem::{ConfigurationProblem, Refused};
pub use refresh::{RefreshError, Refreshed};
pub use role::Role;
pub use workqueue::Workqueue;

/// When to ask again while there is no configuration at all.
const NOT_LOADED_RETRY: std::time::Duration = std::time::Duration::from_secs(5);

/// The live configuration.
#[derive(Debug, Default)]
pub struct Configuration {
    current: ArcSwapOption<Current>,
    /// Why what country config serves now is not in use; `None` when it is.
    refused: ArcSwapOption<Refused>,
    /// How asking for it went last.
    asked: std::sync::Mutex<Asked>,
    /// What country config served last, good or not. Held while a refresh is under way, so that
    /// two of them never mix.
    served: Mutex<Documents>,
}

/// How asking country config for its configuration went last, on this node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// When it was asked.
    pub(crate) at: Option<Timestamp>,
    /// When it answered last.
    pub(crate) answered_at: Option<Timestamp>,
    /// Why it did not answer when it was asked last.
    pub(crate) failure: Option<String>,
}

impl Configuration {
    /// Starts from the last good configuration in the store. If this version of Core cannot use
    /// it any more, Core starts without, and says why in [`Configuration::problem`].
    ///
    /// # Errors
    /// The store's failure.
    pub async fn load(store: &dyn Store) -> Result<Self, ApiError> {
        let kept = Documents::from_store(store.configuration().await?);
        let configuration = Self::default();
        if !kept.is_complete() {
            return Ok(configuration);
        }
        match Current::read(&kept, None) {
            Ok(current) => configuration.current.store(Some(Arc::new(current))),
            Err(problems) => {
                let refused = Refused {
                    at: kept.newest(),
                    problems,
                };
                error!(reason = %refused, "the configuration in the store can no longer be used");
                configuration.refused.store(Some(Arc::new(refused)));
            }
        }
        *configuration.served.lock().await = kept;
        Ok(configuration)
    }

    /// Forgets what was read; until it is read again there is none.
    #[cfg(feature = "test-control")]
    pub(crate) async fn forget(&self) {
        let mut served = self.served.lock().await;
        *served = Documents::default();
        self.current.store(None);
        self.refused.store(None);
    }

    /// Whether there is any configuration to work with.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.current.load().is_some()
    }

    /// The configuration in use.
    ///
    /// # Errors
    /// 503 before any was ever read.
    pub fn current(&self) -> Result<Arc<Current>, ApiError> {
        self.current.load_full().ok_or_else(|| {
            ApiError::new(
                ErrorCode::ServiceUnavailable,
                "The country's configuration is not loaded yet. Try again shortly.",
            )
            .retry_after(NOT_LOADED_RETRY)
        })
    }

    /// The configuration of one event type.
    ///
    /// # Errors
    /// 400 when the country has no such event type; 503 before any configuration was ever read.
    pub fn event(&self, event_type: &str) -> Result<Arc<EventConfig>, ApiError> {
        self.current()?.event(event_type).cloned().ok_or_else(|| {
            ApiError::new(
                ErrorCode::BadRequest,
                format!("No configuration found for event type: {event_type}"),
            )
        })
    }

    /// The encoded scopes of a role; `None` when the country has no such role, or no configuration
    /// was ever read.
    #[must_use]
    pub fn role_scopes(&self, role: &str) -> Option<Vec<String>> {
        let current = self.current.load();
        let role = current.as_ref()?.role(role)?;
        Some(role.encoded_scopes.clone())
    }

    /// The scopes of a role, understood; `None` as for [`Self::role_scopes`].
    #[must_use]
    pub fn understood_scopes(&self, role: &str) -> Option<Arc<access::Scopes>> {
        let current = self.current.load();
        let role = current.as_ref()?.role(role)?;
        Some(Arc::clone(&role.scopes))
    }

    /// The roles as the country wrote them; none before any configuration was ever read.
    #[must_use]
    pub fn roles(&self) -> Vec<Value> {
        let current = self.current.load();
        let roles = current.iter().flat_map(|current| current.roles());
        roles.map(|role| role.json.clone()).collect()
    }

    /// How long the country may take to decide; as where it says nothing of it, before any
    /// configuration was ever read.
    #[must_use]
    pub fn deadlines(&self) -> Arc<Deadlines> {
        let current = self.current.load();
        current
            .as_ref()
            .map_or_else(Arc::default, |current| Arc::clone(current.deadlines()))
    }

    /// How asking for it went last.
    pub(crate) fn asked(&self) -> Asked {
        let asked = self.asked.lock();
        asked.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note_asked(&self, at: Timestamp, failure: Option<String>) {
        let asked = self.asked.lock();
        let mut asked = asked.unwrap_or_else(PoisonError::into_inner);
        asked.at = Some(at);
        if failure.is_none() {
            asked.answered_at = Some(at);
        }
        asked.failure = failure;
    }

    /// Why what country config serves now is not in use; `None` when it is.
    #[must_use]
    pub fn problem(&self) -> Option<Arc<Refused>> {
        self.refused.load_full()
    }
}
