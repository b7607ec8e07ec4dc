//! How long the store takes, and how often it fails: every call of it goes through here.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use jiff::Timestamp;
use metrics::{counter, histogram};
use records::{Action, ActionId, DeliveryId, Draft, DuplicateLookup, EventId};
use storage::{
    AccountStore, ActionDone, ActionsOf, Attachment, AttachmentBegun, AttachmentEnd,
    AttachmentStore, Attempt, AttemptResult, AuditEntry, AuditOf, AuditSearch, AuditStore, Beat,
    Candidates, Challenge, Change, Claim, Committed, ConfigurationKind, ConfigurationStore,
    Created, Credentials, Delivery, DeliveryFilter, DeliveryPage, DeliveryStore, DeliveryTotals,
    DraftStore, Drafted, DraftsWanted, Forgetting, Forgotten, HistoryStore, NewDelivery, NewRecord,
    News, NodeStore, Pause, PendingAction, PendingFilter, PendingStore, PendingTotals, Place,
    PlaceStore, Projection, Rebuild, RebuildStore, RecordPage, RecordQuery, RecordStore, Resent,
    Sending, SigningKey, Store, StoreError, StoredConfiguration, StoredEvent, SystemClient, User,
    UserChange, UserFilter,
};
use tokio::time::Instant;
use uuid::Uuid;

/// What a store fails with that somebody has to look into. That a name or a number is taken is an
/// answer like any other.
const FAILURES: [&str; 4] = ["unavailable", "unreadable", "too-slow", "refused"];

/// A store, and what is measured of it.
pub(crate) struct Measured(Arc<dyn Store>);

impl Measured {
    /// The same store, measured.
    pub(crate) fn over(store: Arc<dyn Store>) -> Arc<dyn Store> {
        for error in FAILURES {
            // Shown before it first happens, so that whoever watches for it sees it happen.
            counter!("countersign_store_errors_total", "error" => error).increment(0);
        }
        Arc::new(Self(store))
    }
}

async fn measured<T>(
    call: &'static str,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let started = Instant::now();
    let result = work.await;
    histogram!("countersign_store_seconds", "call" => call).record(started.elapsed());
    if let Some(error) = result.as_ref().err().and_then(failure) {
        counter!("countersign_store_errors_total", "error" => error).increment(1);
    }
    result
}

/// Which of [`FAILURES`] an error is, if any.
const fn failure(error: &StoreError) -> Option<&'static str> {
    let [unavailable, unreadable, too_slow, refused] = FAILURES;
    match error {
        StoreError::Unavailable { .. } => Some(unavailable),
        StoreError::Unreadable { .. } => Some(unreadable),
        StoreError::TooSlow { .. } => Some(too_slow),
        StoreError::Refused { .. } => Some(refused),
        StoreError::RegistrationNumberTaken
        | StoreError::TrackingIdTaken
        | StoreError::UsernameTaken(_)
        | StoreError::MobileTaken
        | StoreError::EmailTaken => None,
    }
}

/// Passes calls on, measured. What is written below is what the traits say; the compiler sees to
/// it that nothing is missing.
macro_rules! passed_on {
    ($( $store:ident { $( fn $call:ident($( $name:ident: $type:ty ),*) -> $answer:ty; )* } )*) => { $(
        #[async_trait]
        impl $store for Measured {
            $(
                async fn $call(&self $(, $name: $type)*) -> Result<$answer, StoreError> {
                    measured(stringify!($call), self.0.$call($($name),*)).await
                }
            )*
        }
    )* };
}

passed_on! {
    AccountStore {
        fn save_user(user: User, credentials: Option<Credentials>, deliveries: Vec<NewDelivery>, audit: Vec<AuditEntry>) -> ();
        fn update_user(change: UserChange) -> bool;
        fn user(id: Uuid) -> Option<User>;
        fn token_holder(token: &str, id: Uuid) -> Option<(User, Option<Timestamp>)>;
        fn user_to_sign_in(username: &str) -> Option<(User, Option<Credentials>)>;
        fn credentials(id: Uuid) -> Option<Credentials>;
        fn users(filter: &UserFilter, offset: u64, limit: u64) -> (Vec<User>, u64);
        fn save_challenge(challenge: Challenge, now: Timestamp) -> ();
        fn challenge(nonce: &str) -> Option<Challenge>;
        fn take_challenge(nonce: &str) -> bool;
        fn save_system_client(client: SystemClient, audit: Vec<AuditEntry>) -> ();
        fn update_system_client(as_read: SystemClient, changed: SystemClient, audit: Vec<AuditEntry>) -> bool;
        fn touch_system_client(id: Uuid, at: Timestamp) -> ();
        fn delete_system_client(id: Uuid, audit: Vec<AuditEntry>) -> bool;
        fn system_client(id: Uuid) -> Option<SystemClient>;
        fn system_clients() -> Vec<SystemClient>;
        fn add_signing_key(key: SigningKey, unless_newer_than: Option<Timestamp>) -> Vec<SigningKey>;
        fn signing_keys() -> Vec<SigningKey>;
        fn revoke_token(id: &str, until: Timestamp) -> ();
        fn token_revoked(id: &str) -> bool;
    }
    AttachmentStore {
        fn begin_attachment(attachment: Attachment, parts: Vec<Bytes>, audit: Vec<AuditEntry>) -> AttachmentBegun;
        fn add_to_attachment(id: Uuid, at: u64, parts: Vec<Bytes>) -> Option<u64>;
        fn end_attachment(id: Uuid, end: AttachmentEnd, audit: Vec<AuditEntry>) -> bool;
        fn attachment(id: Uuid) -> Option<Attachment>;
        fn attachment_at(path: &str) -> Option<Attachment>;
        fn attachment_part(id: Uuid, at: u64) -> Option<Bytes>;
        fn records_with_attachment(path: &str, after: Option<EventId>, limit: u64) -> Vec<EventId>;
        fn forget_attachments(forgetting: Forgetting) -> Forgotten;
    }
    AuditStore {
        fn append_audit(entries: Vec<AuditEntry>) -> ();
        fn audit(event_id: Option<EventId>, client_id: Option<&str>, offset: u64, limit: u64) -> (Vec<AuditEntry>, u64);
        fn search_audit(search: &AuditSearch, limit: u64) -> Vec<AuditEntry>;
        fn audit_of(of: &AuditOf, offset: u64, limit: u64) -> (Vec<AuditEntry>, u64);
    }
    ConfigurationStore {
        fn save_configuration(documents: Vec<(ConfigurationKind, StoredConfiguration)>) -> ();
        fn configuration() -> Vec<(ConfigurationKind, StoredConfiguration)>;
        fn save_served(served: Vec<(String, StoredConfiguration)>, gone: Vec<String>) -> ();
        fn served() -> Vec<(String, StoredConfiguration)>;
    }
    DeliveryStore {
        fn enqueue_delivery(delivery: NewDelivery) -> ();
        fn enqueue_together(deliveries: Vec<NewDelivery>, audit: Vec<AuditEntry>) -> bool;
        fn claim_deliveries(owner: &str, now: Timestamp, lease_until: Timestamp, limit: usize, except: &[String]) -> Vec<Claim>;
        fn finish_attempt(result: AttemptResult) -> bool;
        fn release_claims(owner: &str, now: Timestamp) -> u64;
        fn next_delivery_due(except: &[String]) -> Option<Timestamp>;
        fn hand_back(claims: &[(DeliveryId, u64)], now: Timestamp) -> u64;
        fn delivery(id: DeliveryId) -> Option<Delivery>;
        fn delivery_of_action(id: ActionId) -> Option<Delivery>;
        fn first_in_line(event_id: EventId) -> Option<DeliveryId>;
        fn attempts(id: DeliveryId) -> Vec<Attempt>;
        fn deliveries(filter: &DeliveryFilter, after: Option<u64>, limit: u64) -> DeliveryPage;
        fn count_deliveries(filter: &DeliveryFilter, at_most: u64) -> u64;
        fn send_now(ids: &[DeliveryId], now: Timestamp, audit: Vec<AuditEntry>) -> u64;
        fn resend(id: DeliveryId, now: Timestamp, audit: Vec<AuditEntry>) -> Resent;
        fn pauses() -> Vec<Pause>;
        fn pause(pause: Pause, audit: Vec<AuditEntry>) -> bool;
        fn resume(kind: Option<&str>, audit: Vec<AuditEntry>) -> bool;
        fn save_sending(sending: Sending, audit: Vec<AuditEntry>) -> ();
        fn sendings(under_way: bool, limit: u64) -> Vec<Sending>;
        fn forget_answers(before: Timestamp, limit: u64) -> u64;
        fn delivery_totals() -> Vec<DeliveryTotals>;
    }
    DraftStore {
        fn save_draft(draft: Draft, expected_version: u64, audit: Vec<AuditEntry>) -> Drafted;
        fn drafts(wanted: &DraftsWanted) -> Vec<Draft>;
    }
    HistoryStore {
        fn actions_of(of: &ActionsOf, offset: u64, limit: u64) -> (Vec<ActionDone>, u64);
    }
    PendingStore {
        fn pending_actions(filter: &PendingFilter, after: Option<(Timestamp, ActionId)>, limit: u64) -> Vec<PendingAction>;
        fn pending_action(id: ActionId) -> Option<PendingAction>;
        fn count_pending(filter: &PendingFilter) -> u64;
        fn pending_totals(times: &[Timestamp]) -> Vec<PendingTotals>;
    }
    PlaceStore {
        fn save_places(places: Vec<Place>) -> ();
        fn places() -> Vec<Place>;
        fn places_version() -> u64;
    }
    RebuildStore {
        fn save_rebuild(rebuild: Rebuild) -> ();
        fn rebuilds(limit: usize) -> Vec<Rebuild>;
        fn running_rebuilds() -> Vec<Rebuild>;
        fn projection_rules() -> u32;
        fn save_projection_rules(version: u32, walk: Rebuild) -> ();
        fn forget_rebuilds(before: Timestamp) -> ();
    }
    RecordStore {
        fn create_record(record: NewRecord) -> Created;
        fn record(id: EventId) -> Option<StoredEvent>;
        fn commit(change: Change) -> Committed;
        fn make_durable() -> ();
        fn transaction(id: &str) -> Vec<(EventId, Action)>;
        fn delete_record(id: EventId, expected_version: u64, audit: Vec<AuditEntry>) -> bool;
        fn find_records(query: &RecordQuery) -> RecordPage;
        fn duplicate_candidates(of: EventId, lookups: &BTreeSet<DuplicateLookup>, limit: usize) -> Candidates;
        fn count_records(queries: &[RecordQuery]) -> Vec<u64>;
        fn record_ids(after: Option<EventId>, limit: usize) -> Vec<EventId>;
        fn projection(id: EventId) -> Option<Projection>;
        fn rebuild_projection(id: EventId, expected_version: u64, projection: Projection) -> bool;
    }
}

#[async_trait]
impl NodeStore for Measured {
    async fn beat(&self, beat: Beat) -> Result<bool, StoreError> {
        measured("beat", self.0.beat(beat)).await
    }

    async fn leave(&self, node: &str, run: Uuid, now: Timestamp) -> Result<(), StoreError> {
        measured("leave", self.0.leave(node, run, now)).await
    }

    async fn nodes(&self) -> Result<Vec<Beat>, StoreError> {
        measured("nodes", self.0.nodes()).await
    }

    async fn release_claims_of_silent(
        &self,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        measured(
            "release_claims_of_silent",
            self.0.release_claims_of_silent(since, now),
        )
        .await
    }

    async fn take_duty(
        &self,
        duty: &str,
        node: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        measured("take_duty", self.0.take_duty(duty, node, now, until)).await
    }

    async fn give_up_duty(&self, duty: &str, node: &str) -> Result<(), StoreError> {
        measured("give_up_duty", self.0.give_up_duty(duty, node)).await
    }

    fn news(&self) -> BoxStream<'static, News> {
        self.0.news()
    }

    fn tell(&self, news: News) {
        self.0.tell(news);
    }
}
