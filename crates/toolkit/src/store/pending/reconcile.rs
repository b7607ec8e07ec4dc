//! Setting right what Core and the country know of each other's undecided actions.
//!
//! Both sides may lose something: the country's file may be restored from yesterday's copy, an
//! action may be decided by hand in Core, where the country is not asked. So now and then the
//! country compares its list with Core's.

use std::collections::HashSet;

use super::{Pending, PendingKey, PendingState, StoreError, rows};
use crate::core_client::{AwaitedAction, CoreClient, CoreError};

/// Why an action is closed that Core does not await.
const NOT_AWAITED: &str = "Core no longer awaits a decision on this action";

/// What was set right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// How many actions Core awaits a decision on.
    pub awaited: usize,
    /// What Core awaits and the country did not know of: Core delivers it again.
    pub asked_again: Vec<PendingKey>,
    /// What the country held and Core awaits no more: closed.
    pub closed: Vec<PendingKey>,
}

/// The two lists could not be compared; what was set right before stays so.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// Core did not tell what it awaits, or would not deliver it again.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// The country's file could not be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Pending {
    /// Compares what the country holds with what Core awaits, and sets it right: Core is asked to
    /// deliver again what it awaits and the country knows nothing of, and what Core no longer
    /// awaits is closed. A decision that is on its way to Core is left to that. `core` is the
    /// country's own system client, which may confirm and reject.
    ///
    /// # Errors
    /// [`ReconcileError`]; 404 of a Core that tells no such list.
    pub async fn reconcile(&self, core: &CoreClient) -> Result<Reconciled, ReconcileError> {
        // What comes or goes from here on may be on one list and not yet on the other.
        let began = self.store.now();
        let awaited = core.all_awaited().await?;
        let mut done = Reconciled {
            awaited: awaited.len(),
            ..Reconciled::default()
        };
        for action in &awaited {
            let key = key_of(action);
            // Core is still at it; it needs no asking.
            if !action.delivered || self.knows(key, began).await? {
                continue;
            }
            match core.resend(action.action_id).await {
                Ok(_) => done.asked_again.push(key),
                // It was decided meanwhile.
                Err(error) if matches!(error.http_status(), Some(404 | 409)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let awaited: HashSet<PendingKey> = awaited.iter().map(key_of).collect();
        for held in self.list().await? {
            let waits = matches!(held.state, PendingState::Waiting | PendingState::Stuck);
            if waits && !awaited.contains(&held.key) && self.close(held.key, began).await? {
                done.closed.push(held.key);
            }
        }
        Ok(done)
    }

    /// Whether the country has an action that Core awaits. One that was done with before Core told
    /// its list is not what Core awaits now: it is forgotten, so that it is handled anew.
    async fn knows(&self, key: PendingKey, began: i64) -> Result<bool, StoreError> {
        self.store
            .write(move |write| rows::knows(write, key, began))
            .await
    }

    /// Closes an action that was held before Core told its list; gives whether it was still open.
    async fn close(&self, key: PendingKey, began: i64) -> Result<bool, StoreError> {
        let now = self.store.now();
        self.store
            .write(move |write| rows::close(write, key, began, now, NOT_AWAITED))
            .await
    }
}

fn key_of(action: &AwaitedAction) -> PendingKey {
    PendingKey {
        event: action.event_id,
        action: action.action_id,
    }
}
