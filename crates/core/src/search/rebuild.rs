//! Bringing projections up to date with the country's configuration.
//!
//! A projection is what a record comes to under the configuration of the day it was written. When
//! the country changes its events, records that nobody touches would stay in the wrong queues.

use records::EventId;
use storage::{Projection, fold};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::projection;
use crate::{Core, error::ApiError};

/// Records looked at before the next are asked for.
const BATCH: usize = 200;
/// How many records lie between two lines in the log.
const TOLD_EVERY: u64 = 10_000;
/// Before another try when the store fails.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(10);

/// What a walk over all records came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Records that were looked at.
    pub seen: u64,
    /// Of these, those whose projection was not what it should be, and now is.
    pub written: u64,
    /// Of these, those that come to nothing under this configuration and stay as they were.
    pub left: u64,
}

enum Looked {
    AsItShouldBe,
    Written,
    Left,
}

impl Core {
    /// Looks at every record, and writes the projections that are not what the record comes to
    /// under today's configuration. A record that moves on meanwhile is passed over: whatever
    /// moved it has written its projection.
    ///
    /// # Errors
    /// The store's failure; what was written until then stays.
    pub async fn rebuild_projections(&self) -> Result<Rebuilt, ApiError> {
        let mut rebuilt = Rebuilt::default();
        let mut last = None;
        loop {
            let ids = self.store.record_ids(last, BATCH).await?;
            let Some(newest) = ids.last() else {
                info!(?rebuilt, "projections are up to date");
                return Ok(rebuilt);
            };
            last = Some(*newest);
            for id in ids {
                rebuilt.seen += 1;
                match self.rebuild(id).await? {
                    Looked::AsItShouldBe => {}
                    Looked::Written => rebuilt.written += 1,
                    Looked::Left => rebuilt.left += 1,
                }
                if rebuilt.seen.is_multiple_of(TOLD_EVERY) {
                    info!(?rebuilt, "projections are being rebuilt");
                }
            }
        }
    }

    async fn rebuild(&self, id: EventId) -> Result<Looked, ApiError> {
        let Some(stored) = self.store.record(id).await? else {
            return Ok(Looked::AsItShouldBe);
        };
        let wanted = match projection(self, &stored.document) {
            Ok(wanted) => wanted,
            Err(reason) => {
                warn!(event = %id, %reason, "a record's projection stays as it was");
                return Ok(Looked::Left);
            }
        };
        let kept = self.store.projection(id).await?;
        if kept.is_some_and(|kept| same(&kept, &wanted)) {
            return Ok(Looked::AsItShouldBe);
        }
        let written = self
            .store
            .rebuild_projection(id, stored.version, wanted)
            .await?;
        Ok(if written {
            Looked::Written
        } else {
            Looked::AsItShouldBe
        })
    }

    /// Rebuilds projections each time the country's events have changed, until told to stop.
    pub(crate) async fn keep_projections(&self, stop: &CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.configuration.events_changed() => {}
            }
            let walk = async {
                while let Err(reason) = self.rebuild_projections().await {
                    warn!(%reason, "projections wait to be rebuilt");
                    tokio::time::sleep(PAUSE).await;
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = walk => {}
            }
        }
    }
}

fn same(kept: &Projection, wanted: &Projection) -> bool {
    kept.index == wanted.index
        && kept.registration_number == wanted.registration_number
        && kept.search_text == fold(&wanted.search_text)
}
