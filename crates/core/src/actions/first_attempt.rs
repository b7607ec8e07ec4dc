//! Beginning a delivery and its first attempt in one transaction.

use std::sync::Arc;

use records::ActionStatus;
use storage::{Change, Committed};
use tracing::Instrument;

use crate::{Core, error::ApiError};

impl Core {
    /// Writes a change. The delivery that it begins is tried by this node as soon as it is durable,
    /// without a claim of its own, where the engine has a place for it; otherwise it is queued, and
    /// whoever has room claims it.
    ///
    /// `meanwhile` is done while this node's own attempt is being committed: what that will need,
    /// and what nobody need wait for twice.
    ///
    /// # Errors
    /// The store's failure.
    pub(super) async fn commit_and_try(
        &self,
        mut change: Change,
        meanwhile: impl FnOnce(),
    ) -> Result<Committed, ApiError> {
        let event_id = change.event_id;
        let requested = change.actions.iter();
        let mut requested = requested.filter(|action| action.status == ActionStatus::Requested);
        let requested = requested.next().cloned();
        let told = |committed: Committed| {
            if let (Committed::At { .. }, Some(action)) = (committed, &requested) {
                self.stream.happened(event_id, action);
            }
            committed
        };
        let mut reserved = None;
        if let Some(delivery) = &mut change.delivery {
            reserved = self.engine.reserve(delivery).await;
            delivery.lease = reserved.as_ref().map(|reserved| reserved.lease());
        }
        let Some(reserved) = reserved else {
            let committed = self.store.commit(change).await?;
            if matches!(committed, Committed::At { .. }) {
                self.engine.queued();
            }
            return Ok(told(committed));
        };
        let store = Arc::clone(&self.store);
        // Whoever asked may hang up while this is committed: the attempt is made all the same.
        let commit = async move {
            let committed = store.commit(change).await;
            match committed {
                Ok(Committed::At { leased: true, .. }) => reserved.adopt(),
                Ok(Committed::At { leased: false, .. }) => reserved.queued(),
                Ok(Committed::Stale | Committed::ClaimLost) => reserved.not_needed(),
                // It may be durable and leased: the engine gives the lease back.
                Err(_) => drop(reserved),
            }
            committed
        };
        let committed = tokio::spawn(commit.in_current_span());
        // The change goes to the store first.
        tokio::task::yield_now().await;
        meanwhile();
        let committed = committed.await;
        Ok(told(committed.map_err(ApiError::internal)??))
    }
}
