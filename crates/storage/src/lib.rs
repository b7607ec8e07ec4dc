//! What the service needs from a store: interfaces and types, with no SQL in them.
//!
//! A store keeps records as append-only actions with their projection, deliveries with every
//! attempt, accounts, places, the last good configuration and the audit trail. The service decides;
//! a store keeps what was decided, each decision in one transaction. Implementations live in crates
//! of their own and pass one and the same test story. Start at [`RecordStore::commit`], which is
//! how everything that happens to a record is written.
//!
//! This crate may not know how anything is stored, nor what a country's rules are.

mod account;
mod attachment;
mod audit;
mod configuration;
mod delivery;
mod draft;
mod error;
#[cfg(feature = "test-control")]
mod forget;
mod history;
pub mod moving;
mod node;
mod pending;
mod place;
mod query;
mod rebuild;
mod record;
pub mod spelling;
#[cfg(feature = "story")]
pub mod story;

pub use account::{
    AccountStatus, AccountStore, Challenge, ChallengePurpose, ClientSecret, ClientStatus,
    Credentials, PersonName, SecurityAnswer, SigningKey, SystemClient, User, UserChange,
    UserFilter, UserOrder,
};
pub use attachment::{
    Attachment, AttachmentBegun, AttachmentEnd, AttachmentStore, FilePlace, Forgetting, Forgotten,
};
pub use audit::{AuditEntry, AuditOf, AuditSearch, AuditStore};
pub use configuration::{ConfigurationKind, ConfigurationStore, StoredConfiguration};
pub use delivery::{
    Attempt, AttemptResult, Claim, Delivery, DeliveryFilter, DeliveryPage, DeliveryState,
    DeliveryStore, DeliveryTotals, Lease, NewDelivery, Next, Pause, Resent, Sending, Subject,
};
pub use draft::{DraftStore, Drafted, DraftsWanted};
pub use error::StoreError;
#[cfg(feature = "test-control")]
pub use forget::Forget;
pub use history::{ActionDone, ActionsOf, HistoryStore};
pub use node::{Beat, Happened, News, NodeStore};
pub use pending::{PendingAction, PendingFilter, PendingStore, PendingTotals};
pub use place::{Place, PlaceKind, PlaceStore};
pub use query::{Field, Filter, RecordPage, RecordQuery, Sort, Word, slips, words};
pub use rebuild::{Rebuild, RebuildState, RebuildStore};
pub use record::{
    Candidates, Change, Committed, Created, LookedFor, NewRecord, Projection, RecordStore,
    SearchText, StoredEvent,
};
pub use records::{Draft, fold};

/// Everything the service needs, in one object.
pub trait Store:
    RecordStore
    + DeliveryStore
    + DraftStore
    + AccountStore
    + AttachmentStore
    + PlaceStore
    + ConfigurationStore
    + AuditStore
    + HistoryStore
    + RebuildStore
    + NodeStore
    + PendingStore
{
}

impl<T> Store for T where
    T: RecordStore
        + DeliveryStore
        + DraftStore
        + AccountStore
        + AttachmentStore
        + PlaceStore
        + ConfigurationStore
        + AuditStore
        + RebuildStore
        + HistoryStore
        + NodeStore
        + PendingStore
{
}
