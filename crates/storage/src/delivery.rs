//! Deliveries to country config: what must reach it, who is trying, and every attempt.

use async_trait::async_trait;
use jiff::Timestamp;
use records::{ActionId, DeliveryId, EventId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{audit::AuditEntry, error::StoreError};

/// What a delivery is about, and so where its body comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "about",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Subject {
    /// An action that waits for the country. Its body is the record as of that action, made anew
    /// at each attempt, so nothing is copied.
    Action {
        /// The record.
        event_id: EventId,
        /// The Requested action.
        action_id: ActionId,
    },
    /// An account event. Its body is kept with it.
    Account {
        /// What is POSTed; holds personal data and perhaps a code.
        body: Value,
        /// A later delivery with the same key makes this one void (a fresh code).
        superseded_by_key: Option<String>,
    },
}

/// A delivery that begins.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDelivery {
    /// Kept for life: `webhook-id` on the wire.
    pub id: DeliveryId,
    /// The trigger kind for breakers and metrics: `REGISTER`, `user/2fa`.
    pub kind: String,
    /// Path on country config, beginning with `/`.
    pub path: String,
    /// What it is about.
    pub subject: Subject,
    /// Ties the user's click to the last callback: 32 lower-case hexadecimal digits.
    pub correlation: String,
    /// When it began.
    pub created_at: Timestamp,
    /// Past this it is closed as expired, never delivered late.
    pub expires_at: Option<Timestamp>,
}

/// Where a delivery stands. It says nothing of what the country decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// Waits for its time.
    Queued,
    /// Somebody is trying.
    Leased,
    /// Country config has answered 2xx, or resolved the action before answering.
    Delivered,
    /// Its time passed, or a fresh one took its place.
    Expired,
}

/// A delivery as kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// As it began.
    pub new: NewDelivery,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts begun.
    pub attempts: u32,
    /// When the next attempt may begin.
    pub due_at: Timestamp,
    /// When it was delivered or expired.
    pub finished_at: Option<Timestamp>,
    /// Why the last attempt failed, in a few words.
    pub last_error: Option<String>,
}

/// The right to make one attempt, until the lease runs out or somebody else claims it.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The delivery; its `attempts` counts this one.
    pub delivery: Delivery,
    /// Grows with every claim of this delivery; a result under an older one is refused.
    pub fence: u64,
}

/// What one attempt met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// Counts from 1.
    pub number: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The first 4 KiB of the answer.
    pub answer: Option<String>,
    /// What came of it: `accepted`, `pending`, `rejected`, or why it failed: `http-status`,
    /// `timeout`, `connect`, `connection-lost`, `contract-violation`, `too-large`, `internal`.
    pub outcome: String,
    /// A sentence for the operator, when it failed.
    pub error: Option<String>,
}

/// What happens to the delivery after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Finished.
    Delivered,
    /// Tried again, not before this time.
    Retry(Timestamp),
    /// Closed: too late to be of use.
    Expired,
}

/// An attempt and what follows from it, to be written only by the holder of the claim.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptResult {
    /// Which delivery.
    pub delivery_id: DeliveryId,
    /// The claim it was made under.
    pub fence: u64,
    /// What it met.
    pub attempt: Attempt,
    /// What follows.
    pub next: Next,
}

/// How many deliveries of one kind are in one state.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryTotals {
    /// The trigger kind.
    pub kind: String,
    /// The state.
    pub state: DeliveryState,
    /// How many.
    pub count: u64,
    /// The oldest one's beginning; `None` for states that are final.
    pub oldest: Option<Timestamp>,
}

/// Keeps deliveries.
#[async_trait]
pub trait DeliveryStore: Send + Sync {
    /// Begins a delivery that no record causes (those begin with [`crate::Change`]). Unfinished
    /// ones with the same `superseded_by_key` are closed as expired in the same transaction.
    async fn enqueue_delivery(&self, delivery: NewDelivery) -> Result<(), StoreError>;

    /// Begins several such deliveries, all of them or none: `false`, with nothing written, when
    /// there is one with the id of any of them already, finished or not.
    async fn enqueue_together(
        &self,
        deliveries: Vec<NewDelivery>,
        audit: Vec<AuditEntry>,
    ) -> Result<bool, StoreError>;

    /// Claims up to `limit` deliveries that are due, first attempts before retries, and of each
    /// those that have been due longest (a first attempt is due from its beginning): queued ones,
    /// and leased ones whose lease ran out. Of one record only the oldest unfinished
    /// delivery can be claimed (strict order, one in flight). Ones past their `expires_at` are
    /// closed as expired instead. Deliveries of the kinds in `except` are left. Each claim counts
    /// an attempt.
    async fn claim_deliveries(
        &self,
        owner: &str,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
        except: &[String],
    ) -> Result<Vec<Claim>, StoreError>;

    /// Writes an attempt and what follows. `false` when the claim is lost: the attempt is kept in
    /// the log, since it was made, and nothing follows from it.
    async fn finish_attempt(&self, result: AttemptResult) -> Result<bool, StoreError>;

    /// Puts back what this owner had claimed, due at once: a node that starts again takes up its
    /// own work without waiting for leases to run out. Answers how many.
    async fn release_claims(&self, owner: &str, now: Timestamp) -> Result<u64, StoreError>;

    /// When the next queued delivery is due or the next lease runs out; `None` when all is done.
    async fn next_delivery_due(&self) -> Result<Option<Timestamp>, StoreError>;

    /// The delivery with this id.
    async fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError>;

    /// The delivery that this action caused.
    async fn delivery_of_action(&self, id: ActionId) -> Result<Option<Delivery>, StoreError>;

    /// Every attempt of a delivery, first to last.
    async fn attempts(&self, id: DeliveryId) -> Result<Vec<Attempt>, StoreError>;

    /// Deliveries, newest first, at most `limit` after `offset`; with `unfinished`, only those
    /// that are queued or leased.
    async fn deliveries(
        &self,
        unfinished: bool,
        offset: u64,
        limit: u64,
    ) -> Result<Vec<Delivery>, StoreError>;

    /// Totals by kind and state, for metrics.
    async fn delivery_totals(&self) -> Result<Vec<DeliveryTotals>, StoreError>;
}
