//! Walks over all records that bring their projections up to date.

use async_trait::async_trait;
use jiff::Timestamp;
use records::EventId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::StoreError;

/// Where a walk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RebuildState {
    /// Under way, or to be taken up again by a node that starts.
    Running,
    /// It has seen every record.
    Completed,
    /// It was given up.
    Failed,
}

/// One walk over all records, in order of their ids. Kept as it goes, so that a node that starts
/// again goes on where the last one was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuild {
    /// Its own id.
    pub id: Uuid,
    /// When it was asked for.
    pub started_at: Timestamp,
    /// Whether the records are also sent to country config: somebody asked for that.
    pub for_country: bool,
    /// Where it stands.
    pub state: RebuildState,
    /// The last record it has seen.
    pub after: Option<EventId>,
    /// How many records it has dealt with.
    pub processed: u64,
    /// Why it was given up.
    pub error: Option<String>,
    /// When it completed or was given up.
    pub ended_at: Option<Timestamp>,
}

/// Keeps walks.
#[async_trait]
pub trait RebuildStore: Send + Sync {
    /// Writes a walk, new or as it stands now.
    async fn save_rebuild(&self, rebuild: Rebuild) -> Result<(), StoreError>;

    /// The walks that were asked for with country config, newest first, at most `limit`.
    async fn rebuilds(&self, limit: usize) -> Result<Vec<Rebuild>, StoreError>;

    /// Every walk that is still running, oldest first.
    async fn running_rebuilds(&self) -> Result<Vec<Rebuild>, StoreError>;

    /// By which version of the service's rules records were last planned to be gone through; 0 in a
    /// new store.
    async fn projection_rules(&self) -> Result<u32, StoreError>;

    /// Notes the version, and plans the walk that it needs, in one transaction.
    async fn save_projection_rules(&self, version: u32, walk: Rebuild) -> Result<(), StoreError>;

    /// Forgets walks that ended before this time.
    async fn forget_rebuilds(&self, before: Timestamp) -> Result<(), StoreError>;
}
