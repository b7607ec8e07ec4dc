//! Deliveries to country config: what must reach it, who is trying, and every attempt.

use async_trait::async_trait;
use jiff::Timestamp;
use records::{ActionId, DeliveryId, EventId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

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
    /// Whoever begins the delivery tries it at once, if nothing of its record goes first and its
    /// kind is not paused: it then begins leased, its first attempt counted, under fence 1. Heeded
    /// by [`RecordStore::commit`](crate::RecordStore::commit) alone, which says what came of it;
    /// begun otherwise, every delivery is queued. Never read back.
    pub lease: Option<Lease>,
}

/// A right to try, as claims give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The node that tries.
    pub owner: String,
    /// Until when nobody else does.
    pub until: Timestamp,
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
    /// The last attempt's [`Attempt::outcome`]; failures are told apart by it.
    pub last_outcome: Option<String>,
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

/// Which deliveries to list, count or send; what is empty or `None` lets all through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DeliveryFilter {
    /// In one of these states.
    pub states: Vec<DeliveryState>,
    /// Of one of these kinds.
    pub kinds: Vec<String>,
    /// About a record of this type.
    pub event_type: Option<String>,
    /// About this record.
    pub event_id: Option<EventId>,
    /// Whose last attempt had one of these outcomes.
    pub outcomes: Vec<String>,
    /// With at least this many attempts.
    pub attempts: Option<u32>,
    /// Begun not before this.
    pub from: Option<Timestamp>,
    /// Begun before this.
    pub until: Option<Timestamp>,
}

/// Some of the deliveries that a filter lets through, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryPage {
    /// The deliveries.
    pub deliveries: Vec<Delivery>,
    /// Where the next page begins, for the store that gave it; `None` when there is none. It stays
    /// good while others are written.
    pub next: Option<u64>,
}

/// A stop that an operator put to deliveries: nobody claims any of them until it is lifted. What is
/// under way is finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pause {
    /// The kind that is stopped; `None`: all of them.
    pub kind: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// Whoever stopped it.
    pub by: String,
    /// Why, in their words.
    pub reason: Option<String>,
}

/// What became of the wish to send an action's trigger once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resent {
    /// It waits to be sent again, due at once, under the same id.
    Queued,
    /// It was not delivered yet, and is due at once; it may have to wait for others of its record.
    Hurried,
    /// Somebody is trying it just now: its lease has not run out.
    UnderWay,
    /// It is finished and stays so: its action is decided, or it is about none.
    Over,
    /// There is no such delivery.
    Unknown,
}

/// An operator's order to send everything that a filter lets through, kept as it goes, so that
/// whichever node lives goes on with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sending {
    /// Its own id.
    pub id: Uuid,
    /// What is sent.
    pub filter: DeliveryFilter,
    /// Whoever ordered it.
    pub by: String,
    /// Why, in their words.
    pub reason: Option<String>,
    /// Ties what it does to the order.
    pub correlation: String,
    /// When it was ordered.
    pub started_at: Timestamp,
    /// Where the next page begins.
    pub after: Option<u64>,
    /// How many it has looked at.
    pub looked_at: u64,
    /// How many of these it has sent.
    pub sent: u64,
    /// When it was done, or stopped.
    pub ended_at: Option<Timestamp>,
    /// Why it was stopped before its end.
    pub error: Option<String>,
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
    /// closed as expired instead. Deliveries of the kinds in `except`, and paused ones, are left,
    /// however many of them are due before others. Each claim counts an attempt.
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

    /// When the next delivery can be claimed, of the kinds that are neither paused nor in `except`:
    /// a queued one is due, or a lease runs out. `None` when nothing of theirs is unfinished.
    async fn next_delivery_due(&self, except: &[String]) -> Result<Option<Timestamp>, StoreError>;

    /// Takes back claims whose attempts were never begun: the attempt is not counted, and each is
    /// due at once, a first attempt since its beginning, so that it keeps its place. Claims that
    /// are lost meanwhile are left. Answers how many.
    async fn hand_back(
        &self,
        claims: &[(DeliveryId, u64)],
        now: Timestamp,
    ) -> Result<u64, StoreError>;

    /// The delivery with this id.
    async fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError>;

    /// The delivery that this action caused.
    async fn delivery_of_action(&self, id: ActionId) -> Result<Option<Delivery>, StoreError>;

    /// The first in a record's line: while it is unfinished, none of the record's others is claimed.
    /// `None` when nothing of the record is unfinished.
    async fn first_in_line(&self, event_id: EventId) -> Result<Option<DeliveryId>, StoreError>;

    /// Every attempt of a delivery, first to last.
    async fn attempts(&self, id: DeliveryId) -> Result<Vec<Attempt>, StoreError>;

    /// Deliveries that a filter lets through, newest first, at most `limit` from where a page
    /// before ended.
    async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        after: Option<u64>,
        limit: u64,
    ) -> Result<DeliveryPage, StoreError>;

    /// How many deliveries a filter lets through, counted no further than `at_most`.
    async fn count_deliveries(
        &self,
        filter: &DeliveryFilter,
        at_most: u64,
    ) -> Result<u64, StoreError>;

    /// Makes those of these that are queued due at once; what waits for another of its record goes
    /// on waiting for that. Answers how many, and writes the audit.
    async fn send_now(
        &self,
        ids: &[DeliveryId],
        now: Timestamp,
        audit: Vec<AuditEntry>,
    ) -> Result<u64, StoreError>;

    /// Sends a delivery once more, finished or not, as long as its action waits for its decision,
    /// which is looked up in the same transaction: under the same id, its attempts counted on. One
    /// that was finished goes last in its record's line. The audit is written when something was
    /// queued or hurried.
    async fn resend(
        &self,
        id: DeliveryId,
        now: Timestamp,
        audit: Vec<AuditEntry>,
    ) -> Result<Resent, StoreError>;

    /// What is stopped, all of it first.
    async fn pauses(&self) -> Result<Vec<Pause>, StoreError>;

    /// Stops a kind, or all; again, it stays as it was stopped first, and the answer is `false`.
    /// The audit is written either way.
    async fn pause(&self, pause: Pause, audit: Vec<AuditEntry>) -> Result<bool, StoreError>;

    /// Lifts the stop of this kind, or (`None`) the one of all; `false` when there was none. The
    /// stop of all hides those of kinds and does not end them. The audit is written either way.
    async fn resume(&self, kind: Option<&str>, audit: Vec<AuditEntry>) -> Result<bool, StoreError>;

    /// Writes an order, new or as it stands now. One that has ended stays as it ended: whoever goes
    /// on with it may not know yet that it was stopped. The audit is written either way.
    async fn save_sending(
        &self,
        sending: Sending,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError>;

    /// Orders, newest first, at most `limit`; those still under way only, where asked.
    async fn sendings(&self, under_way: bool, limit: u64) -> Result<Vec<Sending>, StoreError>;

    /// Forgets what answers said of deliveries that were finished before this and whose action is
    /// decided (or that are about none), of at most `limit` deliveries, longest finished first;
    /// statuses, times and outcomes stay. Answers how many it went through: none is gone through
    /// twice, and fewer than `limit` when none is left.
    async fn forget_answers(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError>;

    /// Totals by kind and state, for metrics. A finished delivery that is sent once more counts as
    /// finished again only when it is.
    async fn delivery_totals(&self) -> Result<Vec<DeliveryTotals>, StoreError>;
}
