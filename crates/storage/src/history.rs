//! What people did to records, whichever records those are.

use async_trait::async_trait;
use jiff::Timestamp;
use records::{Action, EventId};

use crate::error::StoreError;

/// Which of somebody's actions to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionsOf {
    /// Who took them.
    pub person: String,
    /// Only these types, as the wire spells them.
    pub types: Option<Vec<String>>,
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Not after this.
    pub until: Option<Timestamp>,
}

/// An action, and the record that it was done to.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ActionDone {
    pub event_id: EventId,
    pub event_type: String,
    pub tracking_id: String,
    pub action: Action,
}

/// Finds actions by who took them.
#[async_trait]
pub trait HistoryStore: Send + Sync {
    /// Somebody's actions, newest first, at most `limit` after `offset`, and how many in all.
    async fn actions_of(
        &self,
        of: &ActionsOf,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<ActionDone>, u64), StoreError>;
}
