//! Forgetting files that nothing refers to: they were begun and never used, or their record was
//! deleted.

use std::time::Duration;

use delivery::{NowAndThen, forget_now_and_then};
use jiff::SignedDuration;
use storage::{Forgetting, StoreError};
use tokio_util::sync::CancellationToken;

use crate::Core;

/// One node does it at a time.
const DUTY: &str = "forget-attachments";
/// The duty's time; every batch renews it.
const DUTY_TIME: SignedDuration = SignedDuration::from_mins(5);
const NOW_AND_THEN: NowAndThen = NowAndThen {
    at_first: Duration::from_secs(90),
    every: Duration::from_secs(6 * 60 * 60),
};
/// Files that are looked at in one transaction, and those that are forgotten in it.
const LOOKS: u64 = 500;
const MOST: u64 = 20;
/// Between two batches, so that nobody notices.
const BREATH: Duration = Duration::from_millis(200);
/// Beyond the time for which a file is good: an action that refers to it may be under way.
const GRACE: SignedDuration = SignedDuration::from_hours(24);

impl Core {
    /// Forgets again and again until `stop`.
    pub(crate) async fn keep_forgetting_files(self, stop: CancellationToken) {
        let what = "files that nothing referred to";
        forget_now_and_then(what, NOW_AND_THEN, stop, || self.forget_files()).await;
    }

    /// Forgets all that nothing has referred to for long enough, unless another node is at it.
    /// Answers how many.
    ///
    /// # Errors
    /// The store's failure; what was forgotten until then is.
    pub async fn forget_files(&self) -> Result<u64, StoreError> {
        let (store, node) = (&self.store, &self.settings.node);
        let mut forgotten = 0;
        let mut after = None;
        loop {
            let now = self.world.now();
            let until = now.checked_add(DUTY_TIME).unwrap_or(now);
            if !store.take_duty(DUTY, node, now, until).await? {
                return Ok(forgotten);
            }
            let keep = SignedDuration::try_from(self.settings.attachments.keep_unused).ok();
            let keep = keep.and_then(|keep| keep.checked_add(GRACE));
            let Some(before) = keep.and_then(|keep| now.checked_sub(keep).ok()) else {
                break;
            };
            let forgetting = Forgetting {
                before,
                after,
                looks: LOOKS,
                most: MOST,
            };
            let gone = store.forget_attachments(forgetting).await?;
            forgotten += gone.count;
            after = gone.next;
            if after.is_none() {
                break;
            }
            tokio::time::sleep(BREATH).await;
        }
        store.give_up_duty(DUTY, node).await?;
        Ok(forgotten)
    }
}
