//! What waits for one listener.

use std::{
    collections::BTreeSet,
    mem,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use records::{ActionId, EventId};
use tokio::{sync::Notify, time::Instant};

/// More submissions than this do not wait for anybody.
const MOST: usize = 64;

/// Which submissions of somebody's moved since they were told last.
#[derive(Debug)]
pub(super) struct Mailbox {
    waiting: Mutex<Waiting>,
    ready: Notify,
    since: Instant,
    over: AtomicBool,
}

impl Default for Mailbox {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            ready: Notify::default(),
            since: Instant::now(),
            over: AtomicBool::new(false),
        }
    }
}

/// What a mailbox holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) moved: BTreeSet<(EventId, ActionId)>,
    /// More moved than there was room for.
    pub(super) lost: bool,
}

impl Mailbox {
    /// However often it moves before the listener gets there, it is one thing to look at.
    pub(super) fn put(&self, event_id: EventId, action_id: ActionId) {
        let mut waiting = self.lock();
        if waiting.lost
            || (waiting.moved.len() >= MOST && !waiting.moved.contains(&(event_id, action_id)))
        {
            waiting.moved.clear();
            waiting.lost = true;
        } else {
            waiting.moved.insert((event_id, action_id));
        }
        drop(waiting);
        self.ready.notify_one();
    }

    /// How long somebody has listened.
    pub(super) fn age(&self) -> Duration {
        self.since.elapsed()
    }

    /// Has whoever listens leave: somebody else has their place.
    pub(super) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
        self.ready.notify_one();
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Returns when something waits, or it is over.
    pub(super) async fn ready(&self) {
        self.ready.notified().await;
    }

    pub(super) fn take(&self) -> Waiting {
        mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn put(mailbox: &Mailbox, n: u128) {
        let id = Uuid::from_u128(n);
        mailbox.put(id.into(), id.into());
    }

    #[test]
    fn what_moves_often_waits_once() {
        let mailbox = Mailbox::default();
        for _ in 0..1000 {
            put(&mailbox, 1);
        }
        assert_eq!(mailbox.take().moved.len(), 1);
        assert_eq!(mailbox.take(), Waiting::default());
    }

    #[test]
    fn whoever_does_not_read_is_told_that_they_missed_something_and_costs_no_more() {
        let mailbox = Mailbox::default();
        for n in 0..100_000 {
            put(&mailbox, n);
        }
        let waiting = mailbox.take();
        assert!(waiting.lost && waiting.moved.is_empty());
        put(&mailbox, 1);
        assert!(!mailbox.take().lost, "from here on they are told again");
    }
}
