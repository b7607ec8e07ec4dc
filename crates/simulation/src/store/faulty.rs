//! Stores that do not do as they must: whoever simulates can see that the laws notice.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use records::{Action, ActionId, DeliveryId, EventId};
use storage::{
    AttemptResult, AuditEntry, Change, Claim, Committed, Created, DeliveryFilter, DeliveryState,
    NewRecord, Resent, Store, StoreError, StoredEvent, Subject,
};
use uuid::Uuid;

use super::layer::Layer;
use crate::stage::lock;

/// What a store may do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Fault {
    /// A result counts under whichever claim it was made.
    FenceIgnored,
    /// A delivery is claimed though others of its record go first.
    OrderIgnored,
    /// What is sent once more goes before all that waits.
    SentAgainFirst,
    /// A delivery is claimed though another's lease covers it.
    LeaseIgnored,
    /// What an answer leads to is there twice.
    AppliedTwice,
    /// Whether a transaction has begun a record before is not looked at.
    TransactionIgnored,
    /// It says that a record is written, and writes it a little later.
    AcknowledgedUnwritten,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::FenceIgnored,
        Self::OrderIgnored,
        Self::SentAgainFirst,
        Self::LeaseIgnored,
        Self::AppliedTwice,
        Self::TransactionIgnored,
        Self::AcknowledgedUnwritten,
    ];
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FenceIgnored => "fences are ignored",
            Self::OrderIgnored => "the order of a record's deliveries is ignored",
            Self::SentAgainFirst => "what is sent once more goes first",
            Self::LeaseIgnored => "leases are ignored",
            Self::AppliedTwice => "answers are applied twice",
            Self::TransactionIgnored => "transaction ids are not looked at",
            Self::AcknowledgedUnwritten => "records are acknowledged before they are written",
        })
    }
}

/// A fault, and what a store must know to have it; shared by all who use the store.
#[derive(Debug)]
pub(crate) struct Lies {
    fault: Fault,
    /// The fences that claims are really under.
    fences: Mutex<BTreeMap<DeliveryId, u64>>,
    /// What was sent once more.
    sent_again: Mutex<BTreeSet<DeliveryId>>,
    /// Decisions that are there twice.
    twice: Mutex<Vec<(EventId, ActionId)>>,
}

impl Lies {
    pub fn of(fault: Fault) -> Arc<Self> {
        Arc::new(Self {
            fault,
            fences: Mutex::default(),
            sent_again: Mutex::default(),
            twice: Mutex::default(),
        })
    }
}

/// How much later that which was acknowledged is written.
const LATER: Duration = Duration::from_millis(500);
/// Under this fence is what nobody may claim.
const NO_FENCE: u64 = 1 << 40;
/// A new delivery's lease is under this fence.
const FIRST_FENCE: u64 = 1;

/// A store with a fault.
pub(super) struct Faulty {
    pub lies: Arc<Lies>,
    pub below: Arc<dyn Store>,
}

impl Faulty {
    fn has(&self, fault: Fault) -> bool {
        self.lies.fault == fault
    }

    /// Lets a result pass as that of the claim that is held.
    fn as_if_held(&self, result: &mut AttemptResult) {
        if self.has(Fault::FenceIgnored)
            && let Some(fence) = lock(&self.lies.fences).get(&result.delivery_id)
        {
            result.fence = *fence;
        }
    }

    fn is_under(&self, id: DeliveryId, fence: u64) {
        lock(&self.lies.fences).insert(id, fence);
    }

    /// Whether this one is claimed though others go first.
    fn jumps_the_line(&self, id: DeliveryId) -> bool {
        self.has(Fault::OrderIgnored) || lock(&self.lies.sent_again).contains(&id)
    }

    /// Due, and not claimed: others of their records go first.
    async fn out_of_turn(
        &self,
        now: Timestamp,
        except: &[String],
    ) -> Result<Vec<Claim>, StoreError> {
        let queued = DeliveryFilter {
            states: vec![DeliveryState::Queued],
            ..DeliveryFilter::default()
        };
        let page = self.below.deliveries(&queued, None, u64::MAX).await?;
        let stopped = self.below.pauses().await?;
        let waiting = page.deliveries.into_iter().filter(|one| {
            let is_stopped = stopped
                .iter()
                .any(|pause| pause.kind.as_ref().is_none_or(|kind| *kind == one.new.kind));
            let of_record = matches!(one.new.subject, Subject::Action { .. });
            let jumps = of_record && self.jumps_the_line(one.new.id);
            jumps && one.due_at <= now && !is_stopped && !except.contains(&one.new.kind)
        });
        Ok(waiting
            .map(|mut delivery| {
                delivery.attempts += 1;
                let fence = NO_FENCE + u64::from(delivery.attempts);
                Claim { delivery, fence }
            })
            .collect())
    }
}

#[async_trait]
impl Layer for Faulty {
    fn below(&self) -> &Arc<dyn Store> {
        &self.below
    }

    async fn create_record(&self, mut record: NewRecord) -> Result<Created, StoreError> {
        if self.has(Fault::TransactionIgnored) {
            record.transaction_id = record.document.id.to_string();
        }
        if self.has(Fault::AcknowledgedUnwritten) {
            let below = Arc::clone(&self.below);
            tokio::spawn(async move {
                tokio::time::sleep(LATER).await;
                let _ = below.create_record(record).await;
            });
            return Ok(Created::New);
        }
        self.below.create_record(record).await
    }

    async fn record(&self, id: EventId) -> Result<Option<StoredEvent>, StoreError> {
        let mut stored = self.below.record(id).await?;
        let twice = lock(&self.lies.twice);
        for (_, action) in twice.iter().filter(|(event, _)| *event == id) {
            let actions = stored.as_mut().map(|stored| &mut stored.document.actions);
            let Some(actions) = actions else { continue };
            let at = actions.iter().position(|one| one.id == *action);
            if let Some((at, once)) = at.and_then(|at| Some((at, actions.get(at)?.clone()))) {
                let id = Uuid::from_u128(once.id.0.as_u128() ^ 1);
                let again = Action {
                    id: id.into(),
                    ..once
                };
                actions.insert(at + 1, again);
            }
        }
        Ok(stored)
    }

    async fn commit(&self, mut change: Change) -> Result<Committed, StoreError> {
        if let Some(attempt) = &mut change.attempt {
            self.as_if_held(attempt);
        }
        let begins = change.delivery.as_ref().map(|delivery| delivery.id);
        let decision = change.attempt.as_ref().and(change.actions.first());
        let decision = decision.map(|decision| (change.event_id, decision.id));
        let done = self.below.commit(change).await?;
        if let Committed::At { leased, .. } = done {
            if let (Some(id), true) = (begins, leased) {
                self.is_under(id, FIRST_FENCE);
            }
            if self.has(Fault::AppliedTwice) {
                lock(&self.lies.twice).extend(decision);
            }
        }
        Ok(done)
    }

    async fn claim_deliveries(
        &self,
        owner: &str,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
        except: &[String],
    ) -> Result<Vec<Claim>, StoreError> {
        if self.has(Fault::LeaseIgnored) {
            for other in self.below.nodes().await? {
                if other.node != owner {
                    self.below.release_claims(&other.node, now).await?;
                }
            }
        }
        let claims = self
            .below
            .claim_deliveries(owner, now, lease_until, limit, except);
        let mut claims = claims.await?;
        for claim in &claims {
            self.is_under(claim.delivery.new.id, claim.fence);
        }
        if self.has(Fault::OrderIgnored) || self.has(Fault::SentAgainFirst) {
            claims.extend(self.out_of_turn(now, except).await?);
            claims.truncate(limit);
        }
        Ok(claims)
    }

    async fn finish_attempt(&self, mut result: AttemptResult) -> Result<bool, StoreError> {
        self.as_if_held(&mut result);
        self.below.finish_attempt(result).await
    }

    async fn resend(
        &self,
        id: DeliveryId,
        now: Timestamp,
        audit: Vec<AuditEntry>,
    ) -> Result<Resent, StoreError> {
        let done = self.below.resend(id, now, audit).await?;
        if self.has(Fault::SentAgainFirst) && done == Resent::Queued {
            lock(&self.lies.sent_again).insert(id);
        }
        Ok(done)
    }
}
