//! Waiting for a delivery to move, without asking the store all the time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use records::DeliveryId;
use tokio::sync::broadcast;

/// Everyone who waits for some delivery on this node. They are told in the order in which they
/// began to wait (a `watch` channel draws lots), so that a simulation goes the same way twice.
#[derive(Debug, Default, Clone)]
pub(crate) struct Watchers(Arc<Mutex<HashMap<DeliveryId, broadcast::Sender<()>>>>);

impl Watchers {
    pub(crate) fn watch(&self, id: DeliveryId) -> Watcher {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = all
            .entry(id)
            .or_insert_with(|| broadcast::channel(1).0)
            .subscribe();
        Watcher {
            id,
            receiver: Some(receiver),
            all: self.clone(),
        }
    }

    /// `false` when nobody watches it here.
    pub(crate) fn moved(&self, id: DeliveryId) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get(&id) {
            Some(sender) => {
                // Nobody is left to be told when the last one goes just now.
                let _ = sender.send(());
                true
            }
            None => false,
        }
    }
}

/// Sees one delivery move. Take it before the delivery can move, or a move is missed.
#[derive(Debug)]
pub struct Watcher {
    id: DeliveryId,
    /// Gone only while the watcher is dropped.
    receiver: Option<broadcast::Receiver<()>>,
    all: Watchers,
}

impl Watcher {
    /// Returns when an attempt on the delivery ended since the last call (at once if one did
    /// already), or after `at_most`: another node may have moved it, so look at the store then.
    pub async fn moved(&mut self, at_most: Duration) {
        if let Some(receiver) = &mut self.receiver {
            let _ = tokio::time::timeout(at_most, receiver.recv()).await;
            // However often it moved meanwhile: whoever looks now sees all of it.
            *receiver = receiver.resubscribe();
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock, or two that go together would each count the other and both stay.
        drop(self.receiver.take());
        if all
            .get(&self.id)
            .is_some_and(|sender| sender.receiver_count() == 0)
        {
            all.remove(&self.id);
        }
    }
}
