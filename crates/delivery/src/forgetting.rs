//! Forgetting what answers said, on a clock that starts with the decision: they may hold personal
//! data, and nobody needs them for long.

use std::time::Duration;

use jiff::SignedDuration;
use storage::StoreError;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::engine::Engine;

/// One node does it at a time.
const DUTY: &str = "forget-answers";
/// Between one look and the next.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// After a node starts, which has better things to do at first.
const AT_FIRST: Duration = Duration::from_secs(60);
/// Deliveries in one transaction.
const BATCH: u64 = 200;
/// Between two batches, so that nobody notices.
const BREATH: Duration = Duration::from_millis(200);
/// The duty's time; every batch renews it.
const DUTY_TIME: SignedDuration = SignedDuration::from_mins(5);

impl Engine {
    /// Forgets again and again until `stop`.
    pub(crate) async fn keep_forgetting(self, stop: CancellationToken) {
        let mut wait = AT_FIRST;
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            let forgotten = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                forgotten = self.forget_answers() => forgotten,
            };
            match forgotten {
                Ok(0) => {}
                Ok(count) => info!(count, "answers of decided deliveries are forgotten"),
                Err(error) => warn!(%error, "answers could not be forgotten; trying again later"),
            }
            wait = EVERY;
        }
    }

    /// Forgets all that is old enough, unless another node is at it. Answers of how many
    /// deliveries.
    ///
    /// # Errors
    /// The store's failure; what was forgotten until then is.
    pub async fn forget_answers(&self) -> Result<u64, StoreError> {
        let (store, owner) = (self.store(), self.owner());
        let mut forgotten = 0;
        loop {
            let now = self.now();
            let until = now.checked_add(DUTY_TIME).unwrap_or(now);
            if !store.take_duty(DUTY, owner, now, until).await? {
                return Ok(forgotten);
            }
            let keep = SignedDuration::try_from(self.rules().keep_answers);
            let Some(before) = keep.ok().and_then(|keep| now.checked_sub(keep).ok()) else {
                break;
            };
            let count = store.forget_answers(before, BATCH).await?;
            forgotten += count;
            if count < BATCH {
                break;
            }
            tokio::time::sleep(BREATH).await;
        }
        store.give_up_duty(DUTY, owner).await?;
        Ok(forgotten)
    }
}
