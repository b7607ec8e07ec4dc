//! Drafts: what somebody has begun to fill in and not sent yet.

use async_trait::async_trait;
use records::{ActionType, Declaration, EventId};
use uuid::Uuid;

use crate::{audit::AuditEntry, error::StoreError};

/// An action somebody prepares on a record they hold. Nobody else sees it, and it changes nothing.
/// A person has at most one draft on a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Its own id; a draft that takes the place of another has a new one.
    pub id: Uuid,
    /// The record.
    pub event_id: EventId,
    /// The transaction that saved it; the same one again changes nothing.
    pub transaction_id: String,
    /// The action it prepares.
    pub action_type: ActionType,
    /// ISO 8601, UTC, milliseconds.
    pub created_at: String,
    /// The person's account.
    pub created_by: String,
    /// Their role when they saved it.
    pub created_by_role: Option<String>,
    /// Answers so far.
    pub declaration: Declaration,
    /// Answers about the action itself so far.
    pub annotation: Option<Declaration>,
}

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
