//! A node's clock: the world's time, and whatever the node believes besides.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use world::Clock;

/// When every world begins.
pub(crate) const BEGINNING: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// How far everybody's clock is from the world's time, in milliseconds: one for all nodes, since
/// they take their time from one database.
#[derive(Debug, Default, Clone)]
pub(crate) struct Offset(Arc<AtomicI64>);

impl Offset {
    pub fn jump(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

/// The clock that a node looks at.
#[derive(Debug)]
pub(crate) struct NodeClock {
    began: Instant,
    offset: Offset,
    /// What this node is wrong by.
    skew: i64,
}

impl NodeClock {
    pub fn new(began: Instant, offset: Offset, skew: i64) -> Self {
        Self {
            began,
            offset,
            skew,
        }
    }
}

impl Clock for NodeClock {
    fn now(&self) -> Timestamp {
        let elapsed = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let wrong = self.offset.0.load(Ordering::Relaxed) + self.skew;
        let since = SignedDuration::from_millis(elapsed.saturating_add(wrong));
        BEGINNING.checked_add(since).unwrap_or(BEGINNING)
    }
}
