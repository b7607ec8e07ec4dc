//! The documents as they were fetched.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use storage::{ConfigurationKind, StoredConfiguration};

/// The documents as they were fetched, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Documents(BTreeMap<ConfigurationKind, StoredConfiguration>);

impl Documents {
    pub(super) fn from_store(kept: Vec<(ConfigurationKind, StoredConfiguration)>) -> Self {
        Self(kept.into_iter().collect())
    }

    pub(super) fn into_store(self) -> Vec<(ConfigurationKind, StoredConfiguration)> {
        self.0.into_iter().collect()
    }

    /// Whether there is enough to go by: a store that an earlier version of Core has filled need
    /// not have what countries may leave out.
    pub(super) fn is_complete(&self) -> bool {
        let mut all = ConfigurationKind::ALL.into_iter();
        all.all(|kind| kind.may_be_absent() || self.0.contains_key(&kind))
    }

    pub(super) fn get(&self, kind: ConfigurationKind) -> Option<&StoredConfiguration> {
        self.0.get(&kind)
    }

    pub(super) fn put(&mut self, kind: ConfigurationKind, document: StoredConfiguration) {
        self.0.insert(kind, document);
    }

    /// What the document says; what a country without it says for one that was never fetched.
    pub(super) fn body(&self, kind: ConfigurationKind) -> &str {
        self.get(kind)
            .map_or(kind.empty(), |document| &document.body)
    }

    /// A digest of what all of them say.
    pub(super) fn version(&self) -> String {
        let mut digest = Sha256::new();
        for kind in ConfigurationKind::ALL {
            let body = self.body(kind);
            digest.update(kind.as_str());
            digest.update(body.len().to_be_bytes());
            digest.update(body);
        }
        let mut version = hex::encode(digest.finalize());
        // Enough to tell apart whatever a country writes, and short enough to read out.
        version.truncate(16);
        version
    }

    /// When the newest of them was fetched.
    pub(super) fn newest(&self) -> Timestamp {
        let all = self.0.values().map(|document| document.at);
        all.max().unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
