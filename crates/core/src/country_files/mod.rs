//! What the country serves for people's screens: texts, certificates, their drawings and fonts.
//!
//! Core hands it on under paths of its own, and keeps what it got last in its store, so that it is
//! there while country config is down. It holds nobody's data. What it means is between the country
//! and the desk; Core looks only at what it needs in order to find the files and to name them
//! safely ([`certificates`]). Start at [`CountryFiles::find`].

mod certificates;
mod kept;
mod refresh;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use arc_swap::ArcSwap;
use serde_json::Value;
use storage::Store;
use tokio::sync::Mutex;

use kept::Files;
pub(crate) use kept::{Kept, content_type};

use crate::error::{ApiError, ErrorCode};

/// Texts of the desk, by language.
pub(crate) const CLIENT: &str = "/content/client";
/// Texts of the page where people sign in, by language.
pub(crate) const LOGIN: &str = "/content/login";
/// Which certificates there are.
pub(crate) const CERTIFICATES: &str = "/certificates";

/// When to ask again for what country config was not asked for yet.
const NOT_ASKED_RETRY: std::time::Duration = std::time::Duration::from_secs(2);

/// What of the country's files there is.
#[derive(Debug, Default)]
pub(crate) struct CountryFiles {
    files: ArcSwap<Files>,
    /// Whether country config was asked since this node began.
    asked: AtomicBool,
    /// Held while country config is asked.
    asking: Mutex<()>,
}

impl CountryFiles {
    /// Starts from what is in the store.
    ///
    /// # Errors
    /// The store's failure.
    pub(crate) async fn load(store: &dyn Store) -> Result<Self, ApiError> {
        let kept = store.served().await?;
        let files = Self::default();
        files.files.store(Arc::new(Files::from_store(kept)));
        Ok(files)
    }

    /// What is served at one of Core's paths, such as `/certificates/birth-certificate.svg`.
    ///
    /// # Errors
    /// 404 when the country serves nothing of the kind; 503 before it was asked.
    pub(crate) fn find(&self, path: &str) -> Result<Arc<Kept>, ApiError> {
        if let Some(found) = self.files.load().find(path) {
            return Ok(found);
        }
        if self.asked.load(Ordering::Acquire) {
            let message = format!("The country serves nothing at {path}");
            return Err(ApiError::new(ErrorCode::NotFound, message));
        }
        let message = "The country was not asked for it yet. Try again shortly.";
        Err(ApiError::new(ErrorCode::ServiceUnavailable, message).retry_after(NOT_ASKED_RETRY))
    }

    /// The languages that the country has texts in, in its order.
    pub(crate) fn languages(&self) -> Vec<String> {
        let files = self.files.load();
        let of = |path: &str| {
            let texts: Value = serde_json::from_slice(files.find(path)?.body()).ok()?;
            let languages = texts.get("languages")?.as_array()?.iter();
            let named = languages.filter_map(|language| language.get("lang")?.as_str());
            let named: Vec<_> = named.map(str::to_owned).collect();
            Some(named).filter(|all| !all.is_empty())
        };
        of(LOGIN).or_else(|| of(CLIENT)).unwrap_or_default()
    }
}
