//! Drafts: what somebody has begun to fill in and not sent yet.

use async_trait::async_trait;
use records::{Draft, EventId};
use uuid::Uuid;

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

/// Which drafts of a person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftsWanted {
    /// The person.
    pub person: String,
    /// Of this record alone.
    pub event: Option<EventId>,
    /// Those that come after the one with this id, which need not be there any more.
    pub after: Option<Uuid>,
    /// How many at most.
    pub limit: usize,
}

impl DraftsWanted {
    /// The first so many of a person's.
    #[must_use]
    pub fn of(person: &str, limit: usize) -> Self {
        Self {
            person: person.to_owned(),
            event: None,
            after: None,
            limit,
        }
    }
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

    /// A person's drafts, in the order of their ids, which is the order they were saved in.
    async fn drafts(&self, wanted: &DraftsWanted) -> Result<Vec<Draft>, StoreError>;
}
