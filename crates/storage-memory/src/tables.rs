//! What is kept. A clone shares everything with its original until one of them changes, so undoing
//! and taking snapshots cost next to nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bytes::Bytes;
use jiff::Timestamp;
use records::{Action, ActionId, DeliveryId, Draft, EventDocument, EventId};
use storage::{
    Attachment, Attempt, AuditEntry, Beat, Challenge, ConfigurationKind, Credentials, Delivery,
    DeliveryState, Pause, Place, Projection, Rebuild, Sending, SigningKey, StoreError,
    StoredConfiguration, StoredEvent, SystemClient, User,
};
use uuid::Uuid;

/// Everything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables {
    pub changes: u64,
    pub records: Arc<BTreeMap<EventId, Arc<Record>>>,
    /// Which record an action is on.
    pub action_homes: Arc<BTreeMap<ActionId, EventId>>,
    /// Actions that were ever appended.
    pub last_position: u64,
    pub drafts: Arc<BTreeMap<(EventId, String), Draft>>,
    pub attachments: Arc<BTreeMap<Uuid, KeptFile>>,
    pub deliveries: Arc<Deliveries>,
    pub nodes: Arc<BTreeMap<String, Beat>>,
    /// Who has a duty, and until when.
    pub duties: Arc<BTreeMap<String, (String, Timestamp)>>,
    pub accounts: Arc<Accounts>,
    /// In the order they came in.
    pub places: Arc<Vec<Place>>,
    pub places_version: u64,
    pub configuration: Arc<BTreeMap<ConfigurationKind, StoredConfiguration>>,
    /// What country config serves besides, by its path.
    pub served: Arc<BTreeMap<String, StoredConfiguration>>,
    pub audit: Arc<BTreeMap<Uuid, Arc<AuditEntry>>>,
    pub rebuilds: Arc<BTreeMap<Uuid, Rebuild>>,
    pub projection_rules: u32,
}

/// A record, but for its actions as they are written: each with its place among all.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub head: EventDocument,
    pub transaction_id: String,
    pub version: u64,
    pub actions: Vec<(u64, Arc<Action>)>,
    pub projection: Option<Arc<Projection>>,
}

impl Record {
    pub fn stored(&self) -> StoredEvent {
        let mut document = self.head.clone();
        let actions = self.actions.iter().map(|(_, action)| Action::clone(action));
        document.actions = actions.collect();
        StoredEvent {
            document,
            version: self.version,
        }
    }
}

/// A file.
#[derive(Debug, Clone)]
pub(crate) struct KeptFile {
    pub attachment: Attachment,
    /// Each with the byte at which it begins.
    pub parts: Vec<(u64, Bytes)>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Deliveries {
    /// By their positions: the order in which they began.
    pub all: BTreeMap<u64, Arc<Kept>>,
    pub by_id: BTreeMap<DeliveryId, u64>,
    pub of_action: BTreeMap<ActionId, u64>,
    pub unfinished: BTreeSet<u64>,
    /// The last position, or turn, that was given.
    pub last: u64,
    pub pauses: BTreeMap<Option<String>, Pause>,
    pub sendings: BTreeMap<Uuid, Sending>,
}

/// A delivery with what only stores need to know.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub delivery: Delivery,
    pub fence: u64,
    /// Who tries it; only while it is leased.
    pub owner: Option<String>,
    /// Its place in its record's line.
    pub turn: u64,
    /// Whether attempts may still keep what answers said.
    pub has_answers: bool,
    pub attempts: BTreeMap<u32, Attempt>,
}

impl Kept {
    pub fn is_finished(&self) -> bool {
        self.delivery.finished_at.is_some()
    }

    /// Ends it; what it carried is forgotten.
    pub fn finish(&mut self, state: DeliveryState, at: Timestamp) {
        self.delivery.state = state;
        self.delivery.finished_at = Some(at);
        self.owner = None;
        if let storage::Subject::Account { body, .. } = &mut self.delivery.new.subject {
            *body = serde_json::Value::Null;
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Accounts {
    pub users: BTreeMap<Uuid, Arc<User>>,
    /// Ids of users in the order in which they were made.
    pub made: Vec<Uuid>,
    pub credentials: BTreeMap<Uuid, Arc<Credentials>>,
    pub challenges: BTreeMap<String, Challenge>,
    pub clients: BTreeMap<Uuid, SystemClient>,
    /// In the order they came in.
    pub keys: Vec<SigningKey>,
    pub revoked: BTreeMap<String, Timestamp>,
}

impl Tables {
    pub fn record_mut(&mut self, id: EventId) -> Option<&mut Record> {
        Arc::make_mut(&mut self.records)
            .get_mut(&id)
            .map(Arc::make_mut)
    }

    pub fn append_audit(&mut self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        let audit = Arc::make_mut(&mut self.audit);
        for entry in entries {
            let kept = audit.entry(entry.id);
            kept.or_insert_with(|| Arc::new(entry.clone()));
        }
        Ok(())
    }
}
