//! Actions that wait for the country's decision.

use async_trait::async_trait;
use jiff::Timestamp;
use records::{ActionId, ActionType, EventId};
use serde::{Deserialize, Serialize};

use crate::{delivery::Delivery, error::StoreError};

/// An action that waits. A store knows them by its actions alone: one that was Requested is
/// pending until an Accepted or Rejected one names it as its original.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct PendingAction {
    pub event_id: EventId,
    pub event_type: String,
    pub tracking_id: String,
    pub action_id: ActionId,
    pub action_type: ActionType,
    pub custom_action_type: Option<String>,
    pub transaction_id: String,
    /// Who asked for it.
    pub created_by: String,
    pub requested_at: Timestamp,
    /// Its delivery, as it stands; records brought in from elsewhere may have none.
    pub delivery: Option<Delivery>,
}

/// Which of them; what is empty or `None` lets all through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PendingFilter {
    /// Of records of one of these types.
    pub event_types: Vec<String>,
    /// Of one of these types, as the wire spells them.
    pub action_types: Vec<String>,
    /// On this record.
    pub event_id: Option<EventId>,
    /// Whether country config has acknowledged them.
    pub delivered: Option<bool>,
    /// Requested not before this.
    pub from: Option<Timestamp>,
    /// Requested before this.
    pub until: Option<Timestamp>,
}

/// How many actions of one type wait on records of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingTotals {
    /// The records' type.
    pub event_type: String,
    /// The actions' type.
    pub action_type: ActionType,
    /// How many.
    pub count: u64,
    /// When the oldest was requested.
    pub oldest: Timestamp,
    /// How many were requested before each of the times that were asked about, in their order.
    pub before: Vec<u64>,
}

/// Finds actions that wait.
#[async_trait]
pub trait PendingStore: Send + Sync {
    /// Those that the filter lets through, oldest first, at most `limit` after the one named (which
    /// need not wait any more).
    async fn pending_actions(
        &self,
        filter: &PendingFilter,
        after: Option<(Timestamp, ActionId)>,
        limit: u64,
    ) -> Result<Vec<PendingAction>, StoreError>;

    /// The one with this id, while it waits.
    async fn pending_action(&self, id: ActionId) -> Result<Option<PendingAction>, StoreError>;

    /// How many the filter lets through.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`], or the store's own failure.
    async fn count_pending(&self, filter: &PendingFilter) -> Result<u64, StoreError>;

    /// Totals by type of record and action.
    async fn pending_totals(&self, times: &[Timestamp]) -> Result<Vec<PendingTotals>, StoreError>;
}
