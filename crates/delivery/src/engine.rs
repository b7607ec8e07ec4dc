//! The loop that claims, sends and writes down.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use records::DeliveryId;
use storage::{Attempt, AttemptResult, Claim, Next, Store, StoreError};
use tokio::sync::{Notify, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument, info, info_span, warn};
use world::World;

use crate::{
    backoff::Backoff,
    handler::{Handler, Reply, Verdict},
    slots::{Room, Slots},
    watch::{Watcher, Watchers},
};

/// How much of an answer the attempt log keeps.
const ANSWER_KEPT: usize = 4 * 1024;
/// A lease outlives its attempt by this much, for the writing down.
const LEASE_MARGIN: Duration = Duration::from_secs(15);
/// The longest sleep between looks at the store: other nodes' work and clocks are not trusted.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);
/// How long to wait before asking a store again that failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Settings of one node's engine.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// Names the node; its claims are its own again after a restart.
    pub owner: String,
    /// Most attempts under way at once.
    pub concurrency: usize,
    /// The longest an attempt may take: leases are longer.
    pub attempt_timeout: Duration,
    /// When to try again.
    pub backoff: Backoff,
}

/// Delivers what the store holds. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    store: Arc<dyn Store>,
    world: World,
    settings: EngineSettings,
    wake: Arc<Notify>,
    watchers: Watchers,
    /// Told to those who try, when what they try is given up.
    given_up: Arc<watch::Sender<()>>,
}

impl Engine {
    /// An engine over this store; it does nothing until [`Engine::run`].
    #[must_use]
    pub fn new(store: Arc<dyn Store>, world: World, settings: EngineSettings) -> Self {
        Self {
            store,
            world,
            settings,
            wake: Arc::default(),
            watchers: Watchers::default(),
            given_up: Arc::new(watch::channel(()).0),
        }
    }

    /// Says that something new is due. Call it after the commit that made it so.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Watches a delivery; take the watcher before the commit that begins the delivery.
    #[must_use]
    pub fn watch(&self, id: DeliveryId) -> Watcher {
        self.watchers.watch(id)
    }

    /// Says that a delivery was moved from outside: a callback decided its action.
    pub fn moved(&self, id: DeliveryId) {
        self.watchers.moved(id);
    }

    /// Drops the attempts under way, as if the node had died in the midst of them: nothing is
    /// written down. Whatever is still in the store is tried again when its lease has run out.
    pub fn give_up(&self) {
        self.given_up.send_replace(());
    }

    /// Delivers until `stop`, then finishes the attempts under way. Claims that this node left
    /// behind when it died are taken up first.
    pub async fn run(self, handler: Arc<dyn Handler>, stop: CancellationToken) {
        self.take_up(&stop).await;
        let slots = Arc::new(Slots::new(self.settings.concurrency));
        let attempts = TaskTracker::new();
        loop {
            let pause = match self.begin_due(&handler, &slots, &attempts).await {
                Ok(pause) => pause,
                Err(error) => {
                    warn!(%error, "the store failed while claiming deliveries; trying again");
                    STORE_PAUSE
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        attempts.close();
        attempts.wait().await;
    }

    async fn take_up(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            match self
                .store
                .release_claims(&self.settings.owner, self.world.now())
                .await
            {
                Ok(0) => return,
                Ok(count) => {
                    return info!(count, "deliveries of an earlier run are taken up again");
                }
                Err(error) => {
                    warn!(%error, "the store failed while taking up deliveries; trying again");
                    tokio::time::sleep(STORE_PAUSE).await;
                }
            }
        }
    }

    /// Claims as much as there is room for, begins the attempts, and says how long to sleep when
    /// nobody wakes us.
    async fn begin_due(
        &self,
        handler: &Arc<dyn Handler>,
        slots: &Arc<Slots>,
        attempts: &TaskTracker,
    ) -> Result<Duration, StoreError> {
        loop {
            let room = slots.room();
            if room.limit == 0 {
                return Ok(LONGEST_SLEEP); // an attempt that ends wakes us
            }
            let claims = self.claim(&room).await?;
            let more = claims.len() == room.limit;
            for claim in claims {
                self.begin(claim, handler, slots, attempts);
            }
            if !more {
                break;
            }
        }
        let due = self.store.next_delivery_due(&[]).await?;
        Ok(due.map_or(LONGEST_SLEEP, |due| {
            match Duration::try_from(due.duration_since(self.world.now())) {
                Ok(wait) if !wait.is_zero() => wait.min(LONGEST_SLEEP),
                // Due just now, or of a kind that has its share of slots: its end wakes us.
                _ => STORE_PAUSE,
            }
        }))
    }

    async fn claim(&self, room: &Room) -> Result<Vec<Claim>, StoreError> {
        let lease = self.settings.attempt_timeout + LEASE_MARGIN;
        let now = self.world.now();
        let lease_until = now
            .checked_add(SignedDuration::try_from(lease).unwrap_or(SignedDuration::from_mins(1)))
            .unwrap_or(now);
        self.store
            .claim_deliveries(
                &self.settings.owner,
                now,
                lease_until,
                room.limit,
                &room.except,
            )
            .await
    }

    fn begin(
        &self,
        claim: Claim,
        handler: &Arc<dyn Handler>,
        slots: &Arc<Slots>,
        attempts: &TaskTracker,
    ) {
        let slot = slots.take(&claim.delivery.new.kind);
        let (engine, handler) = (self.clone(), Arc::clone(handler));
        let span = info_span!(
            "delivery",
            delivery = %claim.delivery.new.id,
            kind = claim.delivery.new.kind,
            attempt = claim.delivery.attempts,
            correlation = claim.delivery.new.correlation,
        );
        let mut given_up = self.given_up.subscribe();
        let work = async move {
            let id = claim.delivery.new.id;
            tokio::select! {
                () = engine.attempt(handler.as_ref(), claim) => {}
                Ok(()) = given_up.changed() => info!("the attempt was given up"),
            }
            drop(slot);
            engine.watchers.moved(id);
            engine.wake();
        };
        attempts.spawn(work.instrument(span));
    }

    /// One attempt, from sending to writing down.
    async fn attempt(&self, handler: &dyn Handler, claim: Claim) {
        let started_at = self.world.now();
        let reply = handler.send(&claim.delivery).await;
        let took = self.world.now().duration_since(started_at);
        let attempt = describe(&claim, &reply, started_at, took);
        let delivered = AttemptResult {
            delivery_id: claim.delivery.new.id,
            fence: claim.fence,
            attempt: attempt.clone(),
            next: Next::Delivered,
        };
        let verdict = match handler.judge(&claim, &reply, delivered.clone()).await {
            Ok(verdict) => verdict,
            Err(error) => Verdict::Again {
                outcome: "internal",
                reason: format!("could not be kept: {error}"),
            },
        };
        let outcome = match &verdict {
            Verdict::Settled { outcome }
            | Verdict::Delivered { outcome }
            | Verdict::Again { outcome, .. } => outcome,
        };
        metrics::counter!(
            "countersign_delivery_attempts_total",
            "kind" => claim.delivery.new.kind.clone(),
            "outcome" => *outcome,
        )
        .increment(1);
        let result = match verdict {
            Verdict::Settled { outcome } => {
                return info!(status = attempt.status, outcome, "delivered");
            }
            Verdict::Delivered { outcome } => {
                info!(status = attempt.status, outcome, "delivered");
                AttemptResult {
                    attempt: Attempt {
                        outcome: outcome.to_owned(),
                        ..attempt
                    },
                    ..delivered
                }
            }
            Verdict::Again { outcome, reason } => {
                let asked = match &reply {
                    Reply::Answer { retry_after, .. } => *retry_after,
                    Reply::Failed(_) => None,
                };
                let due = self
                    .settings
                    .backoff
                    .next(claim.delivery.attempts, asked, &self.world);
                warn!(status = attempt.status, outcome, reason, next = %due, "not delivered");
                AttemptResult {
                    attempt: Attempt {
                        outcome: outcome.to_owned(),
                        error: Some(reason),
                        ..attempt
                    },
                    next: Next::Retry(due),
                    ..delivered
                }
            }
        };
        match self.store.finish_attempt(result).await {
            Ok(true) => {}
            Ok(false) => info!("the delivery was ended or claimed by others meanwhile"),
            // The lease runs out by itself, and the delivery is claimed again.
            Err(error) => warn!(%error, "the attempt could not be written down"),
        }
    }
}

fn describe(
    claim: &Claim,
    reply: &Reply,
    started_at: jiff::Timestamp,
    took: SignedDuration,
) -> Attempt {
    let (status, answer, error) = match reply {
        Reply::Answer { status, body, .. } => {
            let kept = &body[..body.len().min(ANSWER_KEPT)];
            (
                Some(*status),
                Some(String::from_utf8_lossy(kept).into_owned()),
                None,
            )
        }
        Reply::Failed(failure) => (None, None, Some(failure.reason.clone())),
    };
    Attempt {
        number: claim.delivery.attempts,
        started_at,
        duration_ms: u64::try_from(took.as_millis()).unwrap_or(0),
        status,
        answer,
        outcome: String::new(),
        error,
    }
}
