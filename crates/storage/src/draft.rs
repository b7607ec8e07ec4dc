//! Drafts: what somebody has begun to fill in and not sent yet.

use async_trait::async_trait;
use records::Draft;

use crate::{audit::AuditEntry, error::StoreError};

/// What became of a draft to be saved.
#[derive(Debug, Clone, PartialEq)]
pub enum Drafted {
    /// It was written, in place of the person's earlier one on this record.
    New,
    /// The same transaction saved this one before, for the same action; nothing changed.
    Already(Box<Draft>),
    /// The record moved on since it was read: read it and decide again. Nothing was written.
    Stale,
}

/// Keeps drafts. They end by themselves with the next change to their record other than somebody
/// taking it ([`Change::ends_drafts`](crate::Change::ends_drafts)), with the record, and when their
/// person moves to another office.
#[async_trait]
pub trait DraftStore: Send + Sync {
    /// Keeps a draft, if the record is still at the version that the decision was made on.
    async fn save_draft(
        &self,
        draft: Draft,
        expected_version: u64,
        audit: Vec<AuditEntry>,
    ) -> Result<Drafted, StoreError>;

    /// A person's drafts, oldest first.
    async fn drafts_of(&self, person: &str) -> Result<Vec<Draft>, StoreError>;
}
