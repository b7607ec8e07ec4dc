//! The country's configuration as last found good.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;

/// A document that Core reads from country config.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ConfigurationKind {
    Events,
    Workqueues,
    Roles,
    Application,
    /// How long the country may take to decide; Countersign's own, so most countries have none.
    Deadlines,
}

impl ConfigurationKind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Events,
        Self::Workqueues,
        Self::Roles,
        Self::Application,
        Self::Deadlines,
    ];

    /// Whether a country may do without it.
    #[must_use]
    pub const fn may_be_absent(self) -> bool {
        !matches!(self, Self::Events)
    }

    /// What a country without it says.
    #[must_use]
    pub const fn empty(self) -> &'static str {
        match self {
            Self::Events | Self::Workqueues | Self::Roles | Self::Deadlines => "[]",
            Self::Application => "{}",
        }
    }

    /// The last step of its path, such as `events`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Workqueues => "workqueues",
            Self::Roles => "roles",
            Self::Application => "application",
            Self::Deadlines => "deadlines",
        }
    }

    /// The kind whose path ends in this. `None` for a kind that this program does not know: a newer
    /// one, on another node of the same store, may.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// One document as it was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredConfiguration {
    /// What it says: JSON, or what its keeper has made of bytes that are no text.
    pub body: String,
    /// What country config called this version.
    pub etag: Option<String>,
    /// When it was found good.
    pub at: Timestamp,
}

/// Keeps configuration.
#[async_trait]
pub trait ConfigurationStore: Send + Sync {
    /// Replaces the documents named, all in one transaction: they were found good together.
    async fn save_configuration(
        &self,
        documents: Vec<(ConfigurationKind, StoredConfiguration)>,
    ) -> Result<(), StoreError>;

    /// The last good documents of the kinds that this program knows; others, which a newer one has
    /// saved, stay untouched.
    async fn configuration(
        &self,
    ) -> Result<Vec<(ConfigurationKind, StoredConfiguration)>, StoreError>;

    /// Keeps what country config serves besides, by its path, such as `/fonts/plain.ttf`; lets go
    /// of what is `gone`. All in one transaction.
    async fn save_served(
        &self,
        served: Vec<(String, StoredConfiguration)>,
        gone: Vec<String>,
    ) -> Result<(), StoreError>;

    /// All that was kept so, in order of the paths.
    async fn served(&self) -> Result<Vec<(String, StoredConfiguration)>, StoreError>;
}
