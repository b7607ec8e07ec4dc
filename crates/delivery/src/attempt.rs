//! One attempt, from sending to writing down.

use std::{sync::Arc, time::Duration};

use records::DeliveryId;
use storage::{Attempt, AttemptResult, Claim, Next};
use tokio::time::Instant;
use tracing::{Instrument, info, info_span, warn};

use crate::{
    engine::{Engine, STORE_PAUSE},
    gate::Slot,
    handler::{Handler, Reply, Verdict},
};

/// How much of an answer the attempt log keeps.
const ANSWER_KEPT: usize = 4 * 1024;
/// A store that fails is asked this often, within the lease.
const STORE_TRIES: usize = 10;

impl Engine {
    /// Makes the attempt that a claim allows, unless it is given up in the midst of it.
    pub(crate) fn attempt(
        self,
        handler: Arc<dyn Handler>,
        claim: Claim,
        slot: Slot,
    ) -> impl Future<Output = ()> + Send {
        let id = claim.delivery.new.id;
        let span = info_span!(
            "delivery",
            delivery = %id,
            kind = claim.delivery.new.kind,
            attempt = claim.delivery.attempts,
            correlation = claim.delivery.new.correlation,
        );
        let mut given_up = self.given_up();
        let attempt = async move {
            let finished = tokio::select! {
                biased;
                finished = self.make_attempt(handler.as_ref(), &claim, slot) => finished,
                Ok(()) = given_up.changed() => {
                    info!("the attempt was given up");
                    false
                }
            };
            self.attempted(id, finished);
            handler.ended(&claim.delivery).await;
        };
        attempt.instrument(span)
    }

    /// `true` when it was the last.
    async fn make_attempt(&self, handler: &dyn Handler, claim: &Claim, mut slot: Slot) -> bool {
        self.write_down_lost(claim).await;
        let started_at = self.now();
        slot.sending();
        let began = Instant::now();
        let reply = self.send(handler, claim, &slot).await;
        let took = began.elapsed();

        let attempt = describe(claim, &reply, started_at, took);
        let delivered = AttemptResult {
            delivery_id: claim.delivery.new.id,
            fence: claim.fence,
            attempt: attempt.clone(),
            next: Next::Delivered,
        };
        let verdict = match handler.judge(claim, &reply, delivered.clone()).await {
            Ok(verdict) => verdict,
            Err(error) => Verdict::Again {
                outcome: "internal",
                reason: format!("could not be kept: {error}"),
            },
        };
        slot.replied(&reply, &verdict, took);
        self.count(claim, &verdict);
        let result = match verdict {
            Verdict::Settled { outcome } => {
                info!(status = attempt.status, outcome, "delivered");
                return true;
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
                let attempts = claim.delivery.attempts;
                let due = self
                    .backoff()
                    .next(attempts, started_at, asked, self.world());
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
        let finished = result.next == Next::Delivered;
        self.write_down(result).await && finished
    }

    /// Writes an attempt down; `false` when that was in vain. A store that fails is asked again for
    /// a while: what the country has taken need not be sent once more because a database restarts.
    async fn write_down(&self, result: AttemptResult) -> bool {
        for _ in 0..STORE_TRIES {
            match self.store().finish_attempt(result.clone()).await {
                Ok(true) => return true,
                Ok(false) => {
                    info!("the delivery was ended or claimed by others meanwhile");
                    return false;
                }
                Err(error) => warn!(%error, "the attempt could not be written down; trying again"),
            }
            tokio::time::sleep(STORE_PAUSE).await;
        }
        // The lease runs out by itself, and the delivery is claimed again.
        warn!("the attempt could not be written down");
        false
    }

    /// Sends, and gives way to others when it takes long.
    async fn send(&self, handler: &dyn Handler, claim: &Claim, slot: &Slot) -> Reply {
        let sending = handler.send(&claim.delivery);
        tokio::pin!(sending);
        match tokio::time::timeout(slot.patience(), &mut sending).await {
            Ok(reply) => reply,
            Err(_) => {
                slot.outlasted();
                self.wake();
                sending.await
            }
        }
    }

    /// An attempt that was cut by a kill left no trace; the one after it says so in its place. The
    /// result is under a claim that is no longer held, so nothing follows from it, and where the
    /// attempt before was written down, that stands.
    async fn write_down_lost(&self, claim: &Claim) {
        let before = claim.delivery.attempts.saturating_sub(1);
        if before == 0 {
            return;
        }
        let lost = AttemptResult {
            delivery_id: claim.delivery.new.id,
            fence: claim.fence.saturating_sub(1),
            attempt: Attempt {
                number: before,
                started_at: self.now(),
                duration_ms: 0,
                status: None,
                answer: None,
                outcome: "lost".to_owned(),
                error: Some(
                    "the node that made this attempt was gone before it could be written down; \
                     country config may have seen it"
                        .to_owned(),
                ),
            },
            next: Next::Retry(self.now()),
        };
        if let Err(error) = self.store().finish_attempt(lost).await {
            warn!(%error, "it could not be looked whether the attempt before was lost");
        }
    }

    fn count(&self, claim: &Claim, verdict: &Verdict) {
        let kind = &claim.delivery.new.kind;
        let (outcome, acknowledged) = match verdict {
            Verdict::Settled { outcome } | Verdict::Delivered { outcome } => (*outcome, true),
            Verdict::Again { outcome, .. } => (*outcome, false),
        };
        metrics::counter!(
            "countersign_delivery_attempts_total",
            "kind" => kind.clone(),
            "outcome" => outcome,
        )
        .increment(1);
        if acknowledged {
            let age = self.now().duration_since(claim.delivery.new.created_at);
            metrics::histogram!(
                "countersign_delivery_acknowledged_seconds",
                "kind" => kind.clone(),
            )
            .record(age.as_secs_f64().max(0.0));
        }
    }

    /// Gives back what was claimed and not begun.
    pub(crate) async fn hand_back(&self, id: DeliveryId, fence: u64) {
        for _ in 0..STORE_TRIES {
            match self.store().hand_back(&[(id, fence)], self.now()).await {
                Ok(_) => return self.wake(),
                Err(error) => warn!(%error, "a claim could not be given back; trying again"),
            }
            tokio::time::sleep(STORE_PAUSE).await;
        }
        // It is tried again when the lease has run out.
        warn!("a claim could not be given back");
    }
}

fn describe(claim: &Claim, reply: &Reply, started_at: jiff::Timestamp, took: Duration) -> Attempt {
    let (status, answer, error) = match reply {
        Reply::Answer { status, body, .. } => {
            let kept = body.get(..ANSWER_KEPT).unwrap_or(body);
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
        duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        status,
        answer,
        outcome: String::new(),
        error,
    }
}
