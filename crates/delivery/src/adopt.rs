//! Trying at once what is committed just now, without a claim of its own.
//!
//! Whoever commits a delivery reserves a place for it first, and has it begin leased. Once it is
//! durable, its first attempt begins without another transaction. If the node dies in between, the
//! lease is one like any other: it is put back when the node starts again, or by another when this
//! one has been silent for too long.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use storage::{Claim, Delivery, DeliveryState, Lease, NewDelivery};

use crate::{engine::Engine, gate::Slot};

/// A lease outlives its attempt by this much, for the writing down.
const LEASE_MARGIN: Duration = Duration::from_secs(15);
/// A new delivery's lease is under this fence.
const FIRST_FENCE: u64 = 1;

/// A place for a delivery that is about to begin.
///
/// Say how its commit went: [`Reservation::adopt`], [`Reservation::queued`] or
/// [`Reservation::not_needed`]. Whoever just drops it does not know, and the lease is given back, if
/// there is one.
#[derive(Debug)]
pub struct Reservation {
    /// Gone once it is said how the commit went.
    held: Option<(Slot, NewDelivery)>,
    lease: Lease,
    engine: Engine,
}

impl Engine {
    /// A place to try this delivery as soon as it is committed, if it may be tried at once. Where
    /// there is no room, waits for some: no longer than [`Rules::patience`](crate::Rules), or a few
    /// times that while slow records are about. The caller puts [`Reservation::lease`] into what
    /// it commits.
    pub async fn reserve(&self, delivery: &NewDelivery) -> Option<Reservation> {
        if !self.is_running() {
            return None;
        }
        let slot = self.gate().reserve(delivery.id, &delivery.kind).await?;
        let lease = Lease {
            owner: self.owner().to_owned(),
            until: self.lease_until(self.now()),
        };
        Some(Reservation {
            held: Some((slot, delivery.clone())),
            lease,
            engine: self.clone(),
        })
    }

    /// Says that a delivery was queued that could not be tried at once.
    pub fn queued(&self) {
        self.gate().queued();
        self.wake();
    }

    /// Until when a claim of now is this node's.
    pub(crate) fn lease_until(&self, now: Timestamp) -> Timestamp {
        let lease = self.attempt_timeout() + LEASE_MARGIN;
        let lease = SignedDuration::try_from(lease).unwrap_or(SignedDuration::from_mins(1));
        now.checked_add(lease).unwrap_or(now)
    }
}

impl Reservation {
    /// The lease to commit the delivery with.
    #[must_use]
    pub fn lease(&self) -> Lease {
        self.lease.clone()
    }

    /// The delivery is durable and begins leased as asked: it is tried now.
    pub fn adopt(mut self) {
        let Some((slot, new)) = self.held.take() else {
            return;
        };
        let claim = Claim {
            delivery: Delivery {
                due_at: self.lease.until,
                state: DeliveryState::Leased,
                attempts: 1,
                finished_at: None,
                last_error: None,
                last_outcome: None,
                new,
            },
            fence: FIRST_FENCE,
        };
        self.engine.try_now(claim, slot);
    }

    /// The delivery is durable and waits in the queue.
    pub fn queued(mut self) {
        drop(self.held.take());
        self.engine.queued();
    }

    /// There is no such delivery.
    pub fn not_needed(mut self) {
        drop(self.held.take());
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let Some((slot, new)) = self.held.take() else {
            return;
        };
        drop(slot);
        let engine = self.engine.clone();
        // Nowhere to run means that the node is going down, and its claims with it.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move { engine.hand_back(new.id, FIRST_FENCE).await });
    }
}
