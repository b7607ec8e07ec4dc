//! Records: append-only actions and the projection of what they come to.

use std::collections::BTreeSet;

use async_trait::async_trait;
use records::{
    Action, ActionId, ActionType, DuplicateKey, DuplicateLookup, EventDocument, EventId,
};
use serde_json::Value;

use crate::{
    audit::AuditEntry,
    delivery::{AttemptResult, NewDelivery},
    error::StoreError,
    query::{RecordPage, RecordQuery},
};

/// A record as kept, with the version that a change to it must name.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEvent {
    /// The record with all its actions.
    pub document: EventDocument,
    /// How many changes were committed to it; the first is 1.
    pub version: u64,
}

/// What a record has come to, written in the same transaction as the actions it comes from, so
/// that a queue is never behind a record. Derived: it can always be rebuilt from the actions.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// The record's `EventIndex`, as search serves it.
    pub index: Value,
    /// Unique over all records.
    pub registration_number: Option<String>,
    /// What searches find the record by, word for word.
    pub texts: Vec<SearchText>,
    /// By which it is found as a possible duplicate of another; none while it must not be.
    pub duplicate_keys: BTreeSet<DuplicateKey>,
    /// Paths of the files that its actions refer to, whether or not there are such files. Since
    /// actions are only ever added, these only grow: a store need not let go of any.
    pub attachments: BTreeSet<String>,
}

/// A text that a search finds a record by, word for word.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SearchText {
    /// The declaration's field it answers; empty for what the record itself is called by.
    pub name: String,
    /// The words, separated by spaces.
    pub text: String,
    /// Whether a quick search, which asks for no field in particular, finds the record by it.
    pub quick: bool,
}

/// A record that begins.
#[derive(Debug, Clone)]
pub struct NewRecord {
    /// With its first actions.
    pub document: EventDocument,
    /// The creating transaction; unique together with the event type.
    pub transaction_id: String,
    /// What it comes to.
    pub projection: Projection,
    /// The deliveries that its Requested actions cause, in their order.
    pub deliveries: Vec<NewDelivery>,
    /// Who did it.
    pub audit: Vec<AuditEntry>,
}

/// What became of a [`NewRecord`].
#[derive(Debug, Clone, PartialEq)]
pub enum Created {
    /// It was written; its version is 1.
    New,
    /// The same transaction had created a record of this type before: here it is.
    Already(Box<StoredEvent>),
}

/// Everything that one decision does to one record, written in one transaction or not at all.
#[derive(Debug, Clone)]
pub struct Change {
    /// The record.
    pub event_id: EventId,
    /// The version the decision was made on.
    pub expected_version: u64,
    /// Actions to append, in order; may be empty when only a delivery moves.
    pub actions: Vec<Action>,
    /// What the record comes to with them; `None` when no action is appended.
    pub projection: Option<Projection>,
    /// The delivery that the appended Requested action causes.
    pub delivery: Option<NewDelivery>,
    /// The attempt whose answer caused this change. Its claim must still be held.
    pub attempt: Option<AttemptResult>,
    /// Marks the unfinished delivery of this action as delivered: its decision came first.
    pub closes_delivery_of: Option<ActionId>,
    /// What was looked for before the decision: it holds only if nobody has come under it since.
    pub looked_for: Option<LookedFor>,
    /// Who did it.
    pub audit: Vec<AuditEntry>,
}

impl Change {
    /// Whether what people prepare on the record is void from here on: somebody did something to
    /// it, or let go of it. Reading or taking a record leaves drafts alone.
    #[must_use]
    pub fn ends_drafts(&self) -> bool {
        let leaves_alone =
            |action: &Action| matches!(action.action_type, ActionType::Read | ActionType::Assign);
        !self.actions.iter().all(leaves_alone)
    }
}

/// A search for possible duplicates that a decision rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedFor {
    /// What was asked.
    pub lookups: BTreeSet<DuplicateLookup>,
    /// When, as [`Candidates::as_of`] has it.
    pub as_of: u64,
}

/// Records that may be duplicates of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidates {
    /// `EventIndex` documents, in no order.
    pub records: Vec<Value>,
    /// Whether these are all; otherwise there were more than asked for.
    pub all: bool,
    /// The moment of the store's life at which this was so.
    pub as_of: u64,
}

/// What became of a [`Change`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// Durable.
    At {
        /// The version that the record now has.
        version: u64,
        /// Whether the delivery that the change begins is leased as it asked for
        /// ([`NewDelivery::lease`]): the caller may try it.
        leased: bool,
    },
    /// The record moved on since it was read, or something has come under what was looked for:
    /// read and decide again. Nothing was written.
    Stale,
    /// The attempt's claim is no longer held: somebody else has the delivery, or finished it.
    /// Nothing was written.
    ClaimLost,
}

/// Keeps records.
#[async_trait]
pub trait RecordStore: Send + Sync {
    /// Begins a record, once per transaction and event type.
    ///
    /// # Errors
    /// [`StoreError::TrackingIdTaken`], or the store's own failure.
    async fn create_record(&self, record: NewRecord) -> Result<Created, StoreError>;

    /// The record with this id.
    async fn record(&self, id: EventId) -> Result<Option<StoredEvent>, StoreError>;

    /// Writes one decision, all of it or nothing, durable when it returns.
    ///
    /// # Errors
    /// [`StoreError::RegistrationNumberTaken`], or the store's own failure.
    async fn commit(&self, change: Change) -> Result<Committed, StoreError>;

    /// Returns once everything that reading shows now is as safe as what was acknowledged.
    ///
    /// Somebody else may have written what one has just read, and may have died before it was safe:
    /// a server that waits for a standby shows, after it was killed and started again, what the
    /// standby never got. Whoever acknowledges something because it is there already waits for this
    /// first. Stores that show nothing before it is safe have nothing to wait for.
    ///
    /// # Errors
    /// The store's own failure: then nothing may be acknowledged.
    async fn make_durable(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Every action that carries this transaction id, with its record, oldest first.
    async fn transaction(&self, id: &str) -> Result<Vec<(EventId, Action)>, StoreError>;

    /// Deletes a record that was never declared nor notified, its actions and projection.
    /// `false` when the version is not the expected one any more.
    async fn delete_record(
        &self,
        id: EventId,
        expected_version: u64,
        audit: Vec<AuditEntry>,
    ) -> Result<bool, StoreError>;

    /// The records a query finds, a page at a time.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`], or the store's own failure.
    async fn find_records(&self, query: &RecordQuery) -> Result<RecordPage, StoreError>;

    /// The records that have a key which one of the lookups finds, but for `of` itself, at most
    /// `limit`. Never looks at every record there is.
    ///
    /// A change that names what was looked for ([`Change::looked_for`]) is stale when, between this
    /// and its own commit, another record that the lookups find was written. So of two that race
    /// to be the first, one sees the other.
    async fn duplicate_candidates(
        &self,
        of: EventId,
        lookups: &BTreeSet<DuplicateLookup>,
        limit: usize,
    ) -> Result<Candidates, StoreError>;

    /// How many records each query finds; paging and order are ignored.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`], or the store's own failure.
    async fn count_records(&self, queries: &[RecordQuery]) -> Result<Vec<u64>, StoreError>;

    /// Ids of all records after `after` in id order, at most `limit`: for rebuilding projections.
    async fn record_ids(
        &self,
        after: Option<EventId>,
        limit: usize,
    ) -> Result<Vec<EventId>, StoreError>;

    /// What is kept of what the record has come to; of the texts, each word once, as
    /// [`crate::fold`] leaves it, in order of names and words.
    async fn projection(&self, id: EventId) -> Result<Option<Projection>, StoreError>;

    /// Replaces a record's projection, if its version is still the expected one.
    async fn rebuild_projection(
        &self,
        id: EventId,
        expected_version: u64,
        projection: Projection,
    ) -> Result<bool, StoreError>;
}
