//! Forgetting what answers said, on a clock that starts with the decision: they may hold personal
//! data, and nobody needs them for long.

use std::{future::Future, time::Duration};

use jiff::SignedDuration;
use storage::StoreError;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::engine::Engine;

/// One node does it at a time.
const DUTY: &str = "forget-answers";
const NOW_AND_THEN: NowAndThen = NowAndThen {
    at_first: Duration::from_secs(60),
    every: Duration::from_secs(60 * 60),
};
/// Deliveries in one transaction.
const BATCH: u64 = 200;
/// Between two batches, so that nobody notices.
const BREATH: Duration = Duration::from_millis(200);
/// The duty's time; every batch renews it.
const DUTY_TIME: SignedDuration = SignedDuration::from_mins(5);

impl Engine {
    /// Forgets again and again until `stop`.
    pub(crate) async fn keep_forgetting(self, stop: CancellationToken) {
        let what = "answers of decided deliveries";
        forget_now_and_then(what, NOW_AND_THEN, stop, || self.forget_answers()).await;
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

/// When a node does what nobody waits for.
#[derive(Debug, Clone, Copy)]
pub struct NowAndThen {
    /// After it has started, when it has better things to do.
    pub at_first: Duration,
    /// Between one time and the next.
    pub every: Duration,
}

/// Forgets again and again until `stop`, and logs how many of `what` were forgotten, or why they
/// could not be.
pub async fn forget_now_and_then<F, Forgetting>(
    what: &str,
    when: NowAndThen,
    stop: CancellationToken,
    forget: F,
) where
    F: Fn() -> Forgetting,
    Forgetting: Future<Output = Result<u64, StoreError>>,
{
    let mut wait = when.at_first;
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        let forgotten = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            forgotten = forget() => forgotten,
        };
        match forgotten {
            Ok(0) => {}
            Ok(count) => info!(count, "forgotten: {what}"),
            Err(error) => warn!(%error, "not forgotten, and tried again later: {what}"),
        }
        wait = when.every;
    }
}
