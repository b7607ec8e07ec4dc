//! What stands between a caller and a store, and how it is put there.

use std::{collections::BTreeSet, fmt, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use jiff::Timestamp;
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
use uuid::Uuid;

/// A call on a store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    /// The method's name.
    pub name: &'static str,
    /// Whether it may change something.
    pub writes: bool,
}

impl Call {
    const fn reads(name: &'static str) -> Self {
        let writes = false;
        Self { name, writes }
    }

    const fn writes(name: &'static str) -> Self {
        let writes = true;
        Self { name, writes }
    }
}

/// Stands over a store. What it says nothing about goes down as it is; between `enter` and `leave`
/// it happens at once, in a store in memory.
#[async_trait]
pub(crate) trait Layer: Send + Sync + 'static {
    fn below(&self) -> &Arc<dyn Store>;

    fn own(&self) -> &Self {
        self
    }

    /// Before the call takes effect; an error is what the caller is told, and there is no effect.
    async fn enter(&self, _call: Call) -> Result<(), StoreError> {
        Ok(())
    }

    /// After it took effect, as far as it did; an error is what the caller is told.
    async fn leave(&self, _call: Call) -> Result<(), StoreError> {
        Ok(())
    }

    async fn create_record(&self, record: NewRecord) -> Result<Created, StoreError> {
        self.below().create_record(record).await
    }

    async fn record(&self, id: EventId) -> Result<Option<StoredEvent>, StoreError> {
        self.below().record(id).await
    }

    async fn commit(&self, change: Change) -> Result<Committed, StoreError> {
        self.below().commit(change).await
    }

    async fn claim_deliveries(
        &self,
        owner: &str,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
        except: &[String],
    ) -> Result<Vec<Claim>, StoreError> {
        self.below()
            .claim_deliveries(owner, now, lease_until, limit, except)
            .await
    }

    async fn finish_attempt(&self, result: AttemptResult) -> Result<bool, StoreError> {
        self.below().finish_attempt(result).await
    }

    async fn hand_back(
        &self,
        claims: &[(DeliveryId, u64)],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.below().hand_back(claims, now).await
    }

    async fn resend(
        &self,
        id: DeliveryId,
        now: Timestamp,
        audit: Vec<AuditEntry>,
    ) -> Result<Resent, StoreError> {
        self.below().resend(id, now, audit).await
    }
}

/// A store, seen through a layer.
pub(crate) struct Over<L>(pub L);

impl<L> fmt::Debug for Over<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Over").finish_non_exhaustive()
    }
}

/// Hands the calls of a trait on: to the layer itself (`own`), or to what is `below` it.
macro_rules! hand_on {
    (
        $store:ident {
            $($kind:ident $to:ident $name:ident($($arg:ident: $type:ty),*) -> $done:ty;)*
        }
        $($rest:tt)*
    ) => {
        #[async_trait]
        impl<L: Layer> $store for Over<L> {
            $(
                async fn $name(&self, $($arg: $type),*) -> Result<$done, StoreError> {
                    let call = Call::$kind(stringify!($name));
                    self.0.enter(call).await?;
                    let done = self.0.$to().$name($($arg),*).await;
                    self.0.leave(call).await?;
                    done
                }
            )*
            $($rest)*
        }
    };
}

hand_on! { RecordStore {
    writes own create_record(record: NewRecord) -> Created;
    reads own record(id: EventId) -> Option<StoredEvent>;
    writes own commit(change: Change) -> Committed;
    reads below transaction(id: &str) -> Vec<(EventId, Action)>;
    writes below delete_record(id: EventId, expected_version: u64, audit: Vec<AuditEntry>) -> bool;
    reads below find_records(query: &RecordQuery) -> RecordPage;
    reads below duplicate_candidates(
        of: EventId, lookups: &BTreeSet<DuplicateLookup>, limit: usize
    ) -> Candidates;
    reads below count_records(queries: &[RecordQuery]) -> Vec<u64>;
    reads below record_ids(after: Option<EventId>, limit: usize) -> Vec<EventId>;
    reads below projection(id: EventId) -> Option<Projection>;
    writes below rebuild_projection(
        id: EventId, expected_version: u64, projection: Projection
    ) -> bool;
} }

hand_on! { DeliveryStore {
    writes below enqueue_delivery(delivery: NewDelivery) -> ();
    writes below enqueue_together(deliveries: Vec<NewDelivery>, audit: Vec<AuditEntry>) -> bool;
    writes own claim_deliveries(
        owner: &str, now: Timestamp, lease_until: Timestamp, limit: usize, except: &[String]
    ) -> Vec<Claim>;
    writes own finish_attempt(result: AttemptResult) -> bool;
    writes below release_claims(owner: &str, now: Timestamp) -> u64;
    reads below next_delivery_due(except: &[String]) -> Option<Timestamp>;
    writes own hand_back(claims: &[(DeliveryId, u64)], now: Timestamp) -> u64;
    reads below delivery(id: DeliveryId) -> Option<Delivery>;
    reads below delivery_of_action(id: ActionId) -> Option<Delivery>;
    reads below first_in_line(event_id: EventId) -> Option<DeliveryId>;
    reads below attempts(id: DeliveryId) -> Vec<Attempt>;
    reads below deliveries(
        filter: &DeliveryFilter, after: Option<u64>, limit: u64
    ) -> DeliveryPage;
    reads below count_deliveries(filter: &DeliveryFilter, at_most: u64) -> u64;
    writes below send_now(ids: &[DeliveryId], now: Timestamp, audit: Vec<AuditEntry>) -> u64;
    writes own resend(id: DeliveryId, now: Timestamp, audit: Vec<AuditEntry>) -> Resent;
    reads below pauses() -> Vec<Pause>;
    writes below pause(pause: Pause, audit: Vec<AuditEntry>) -> bool;
    writes below resume(kind: Option<&str>, audit: Vec<AuditEntry>) -> bool;
    writes below save_sending(sending: Sending, audit: Vec<AuditEntry>) -> ();
    reads below sendings(under_way: bool, limit: u64) -> Vec<Sending>;
    writes below forget_answers(before: Timestamp, limit: u64) -> u64;
    reads below delivery_totals() -> Vec<DeliveryTotals>;
} }

hand_on! { NodeStore {
    writes below beat(beat: Beat) -> bool;
    writes below leave(node: &str, run: Uuid, now: Timestamp) -> ();
    reads below nodes() -> Vec<Beat>;
    writes below release_claims_of_silent(since: Timestamp, now: Timestamp) -> u64;
    writes below take_duty(duty: &str, node: &str, now: Timestamp, until: Timestamp) -> bool;
    writes below give_up_duty(duty: &str, node: &str) -> ();
}
    fn news(&self) -> BoxStream<'static, News> {
        self.0.below().news()
    }

    fn tell(&self, news: News) {
        self.0.below().tell(news);
    }
}

hand_on! { AccountStore {
    writes below save_user(
        user: User,
        credentials: Option<Credentials>,
        deliveries: Vec<NewDelivery>,
        audit: Vec<AuditEntry>
    ) -> ();
    writes below update_user(change: UserChange) -> bool;
    reads below user(id: Uuid) -> Option<User>;
    reads below token_holder(token: &str, id: Uuid) -> Option<(User, Option<Timestamp>)>;
    reads below user_to_sign_in(username: &str) -> Option<(User, Option<Credentials>)>;
    reads below credentials(id: Uuid) -> Option<Credentials>;
    reads below users(filter: &UserFilter, offset: u64, limit: u64) -> (Vec<User>, u64);
    writes below save_challenge(challenge: Challenge, now: Timestamp) -> ();
    reads below challenge(nonce: &str) -> Option<Challenge>;
    writes below take_challenge(nonce: &str) -> bool;
    writes below save_system_client(client: SystemClient, audit: Vec<AuditEntry>) -> ();
    writes below update_system_client(
        as_read: SystemClient, changed: SystemClient, audit: Vec<AuditEntry>
    ) -> bool;
    writes below touch_system_client(id: Uuid, at: Timestamp) -> ();
    writes below delete_system_client(id: Uuid, audit: Vec<AuditEntry>) -> bool;
    reads below system_client(id: Uuid) -> Option<SystemClient>;
    reads below system_clients() -> Vec<SystemClient>;
    writes below add_signing_key(
        key: SigningKey, unless_newer_than: Option<Timestamp>
    ) -> Vec<SigningKey>;
    reads below signing_keys() -> Vec<SigningKey>;
    writes below revoke_token(id: &str, until: Timestamp) -> ();
    reads below token_revoked(id: &str) -> bool;
} }

hand_on! { AttachmentStore {
    writes below begin_attachment(
        attachment: Attachment, parts: Vec<Bytes>, audit: Vec<AuditEntry>
    ) -> AttachmentBegun;
    writes below add_to_attachment(id: Uuid, at: u64, parts: Vec<Bytes>) -> Option<u64>;
    writes below end_attachment(id: Uuid, end: AttachmentEnd, audit: Vec<AuditEntry>) -> bool;
    reads below attachment(id: Uuid) -> Option<Attachment>;
    reads below attachment_at(path: &str) -> Option<Attachment>;
    reads below attachment_part(id: Uuid, at: u64) -> Option<Bytes>;
    reads below records_with_attachment(
        path: &str, after: Option<EventId>, limit: u64
    ) -> Vec<EventId>;
    writes below forget_attachments(forgetting: Forgetting) -> Forgotten;
} }

hand_on! { AuditStore {
    writes below append_audit(entries: Vec<AuditEntry>) -> ();
    reads below audit(
        event_id: Option<EventId>, client_id: Option<&str>, offset: u64, limit: u64
    ) -> (Vec<AuditEntry>, u64);
    reads below search_audit(search: &AuditSearch, limit: u64) -> Vec<AuditEntry>;
    reads below audit_of(of: &AuditOf, offset: u64, limit: u64) -> (Vec<AuditEntry>, u64);
} }

hand_on! { ConfigurationStore {
    writes below save_configuration(
        documents: Vec<(ConfigurationKind, StoredConfiguration)>
    ) -> ();
    reads below configuration() -> Vec<(ConfigurationKind, StoredConfiguration)>;
    writes below save_served(
        served: Vec<(String, StoredConfiguration)>, gone: Vec<String>
    ) -> ();
    reads below served() -> Vec<(String, StoredConfiguration)>;
} }

hand_on! { DraftStore {
    writes below save_draft(
        draft: Draft, expected_version: u64, audit: Vec<AuditEntry>
    ) -> Drafted;
    reads below drafts(wanted: &DraftsWanted) -> Vec<Draft>;
} }

hand_on! { HistoryStore {
    reads below actions_of(of: &ActionsOf, offset: u64, limit: u64) -> (Vec<ActionDone>, u64);
} }

hand_on! { PendingStore {
    reads below pending_actions(
        filter: &PendingFilter, after: Option<(Timestamp, ActionId)>, limit: u64
    ) -> Vec<PendingAction>;
    reads below pending_action(id: ActionId) -> Option<PendingAction>;
    reads below count_pending(filter: &PendingFilter) -> u64;
    reads below pending_totals(times: &[Timestamp]) -> Vec<PendingTotals>;
} }

hand_on! { PlaceStore {
    writes below save_places(places: Vec<Place>) -> ();
    reads below places() -> Vec<Place>;
    reads below places_version() -> u64;
} }

hand_on! { RebuildStore {
    writes below save_rebuild(rebuild: Rebuild) -> ();
    reads below rebuilds(limit: usize) -> Vec<Rebuild>;
    reads below running_rebuilds() -> Vec<Rebuild>;
    reads below projection_rules() -> u32;
    writes below save_projection_rules(version: u32, walk: Rebuild) -> ();
    writes below forget_rebuilds(before: Timestamp) -> ();
} }
