//! Who touched whose data, when, from where.

use async_trait::async_trait;
use jiff::Timestamp;
use records::EventId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::error::StoreError;

/// One access.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Its own id; later ones sort later.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// `sub` of the caller.
    pub client_id: String,
    /// `user`, `system`, or `core` for what Core does by itself.
    pub client_type: String,
    /// The operation, such as `event.actions.declare.request`.
    pub operation: String,
    /// The record it touched.
    pub event_id: Option<EventId>,
    /// Ids and kinds that tell what was done; never a declaration.
    pub details: Value,
    /// Ties together everything that one click led to.
    pub correlation: String,
}

/// Which of somebody's entries to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditOf {
    /// Who called.
    pub client_id: String,
    /// Only these operations.
    pub operations: Vec<String>,
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Not after this.
    pub until: Option<Timestamp>,
}

/// Which entries to look for; what is `None` does not narrow them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditSearch {
    /// Of this caller.
    pub client_id: Option<String>,
    /// Of callers of this type.
    pub client_type: Option<String>,
    /// About this record.
    pub event_id: Option<EventId>,
    /// Of this operation.
    pub operation: Option<String>,
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
    /// With an id from this on: as ids sort by their times, a period is found without a look at
    /// what lies outside of it.
    pub first: Option<Uuid>,
    /// With an id before this.
    pub before: Option<Uuid>,
}

/// Keeps the audit trail.
#[async_trait]
pub trait AuditStore: Send + Sync {
    /// Appends entries. One that is there already stays as it is: whoever does not know whether a
    /// call took effect may repeat it.
    async fn append_audit(&self, entries: Vec<AuditEntry>) -> Result<(), StoreError>;

    /// Entries, newest first, at most `limit` after `offset`, and how many in all; narrowed to a
    /// record or a caller where given.
    async fn audit(
        &self,
        event_id: Option<EventId>,
        client_id: Option<&str>,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<AuditEntry>, u64), StoreError>;

    /// Entries that are as asked for, in the order of their ids, the latest first, at most `limit`.
    /// Whoever asks for a record, a caller, an operation or a period is answered from an index.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`], or the store's own failure.
    async fn search_audit(
        &self,
        search: &AuditSearch,
        limit: u64,
    ) -> Result<Vec<AuditEntry>, StoreError>;

    /// Some of somebody's entries, newest first, at most `limit` after `offset`, and how many in
    /// all.
    async fn audit_of(
        &self,
        of: &AuditOf,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<AuditEntry>, u64), StoreError>;
}
