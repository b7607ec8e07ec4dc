//! The documents as they were fetched.

use std::collections::BTreeMap;

use jiff::Timestamp;
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

    pub(super) fn is_complete(&self) -> bool {
        self.0.len() == ConfigurationKind::ALL.len()
    }

    pub(super) fn get(&self, kind: ConfigurationKind) -> Option<&StoredConfiguration> {
        self.0.get(&kind)
    }

    pub(super) fn put(&mut self, kind: ConfigurationKind, document: StoredConfiguration) {
        self.0.insert(kind, document);
    }

    /// What the document says; nothing for one that was never fetched.
    pub(super) fn body(&self, kind: ConfigurationKind) -> &str {
        self.get(kind).map_or("", |document| &document.body)
    }

    /// When the newest of them was fetched.
    pub(super) fn newest(&self) -> Timestamp {
        let all = self.0.values().map(|document| document.at);
        all.max().unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
