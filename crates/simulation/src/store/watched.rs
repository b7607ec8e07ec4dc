//! Claims, held against the law at the moment at which they are given and made use of.
//!
//! Core does without much of what claims promise: a decision names the version that it was made on
//! and is written once, a delivery that is not leased takes no results, and what is sent twice has
//! its effects once. A store that ignored fences or leases would thus break none of the laws that
//! can be seen from outside: it would only send more often than it must, and say of an attempt that
//! is under way that there is none. So it is looked at here.

use std::{
    collections::BTreeMap,
    sync::{Arc, MutexGuard},
};

use async_trait::async_trait;
use jiff::Timestamp;
use records::{ActionId, DeliveryId};
use storage::{
    AttemptResult, AuditEntry, Change, Claim, Committed, Created, Delivery, DeliveryState,
    DeliveryStore as _, NewRecord, Resent, Store, StoreError, Subject,
};

use super::layer::Layer;
use crate::{
    Law, laws, lines,
    stage::{Stage, now},
};

/// A delivery that begins leased is under this fence.
const FIRST_FENCE: u64 = 1;

/// Sees what happens to claims.
pub(super) struct Watched {
    pub stage: Arc<Stage>,
    pub below: Arc<dyn Store>,
}

/// The fence of each delivery's latest claim.
pub(crate) type Claims = BTreeMap<DeliveryId, u64>;

#[async_trait]
impl Layer for Watched {
    fn below(&self) -> &Arc<dyn Store> {
        &self.below
    }

    async fn create_record(&self, record: NewRecord) -> Result<Created, StoreError> {
        let begin: Vec<_> = record.deliveries.iter().map(|new| new.id).collect();
        let created = self.below.create_record(record).await;
        if let Ok(Created::New) = &created {
            for id in begin {
                self.stage.lines().joins(action_of(id));
            }
        }
        created
    }

    async fn commit(&self, change: Change) -> Result<Committed, StoreError> {
        let begins = change.delivery.as_ref().map(|delivery| delivery.id);
        let event = change.event_id;
        let attempt = change.attempt.as_ref();
        let under = attempt.map(|attempt| (attempt.delivery_id, attempt.fence));
        let held = under.is_none_or(|(id, fence)| self.holds(id, fence));
        let done = self.below.commit(change).await;
        if let Ok(Committed::At { leased, .. }) = &done {
            self.stage.hold(Law::Claims, held, || {
                format!("an answer is applied under a claim that is lost: {under:?}")
            });
            if let Some(id) = begins {
                self.stage.lines().joins(action_of(id));
                if *leased {
                    self.claims().insert(id, FIRST_FENCE);
                    lines::let_go(&self.stage, event, action_of(id), 1);
                }
            }
        }
        done
    }

    async fn claim_deliveries(
        &self,
        owner: &str,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
        except: &[String],
    ) -> Result<Vec<Claim>, StoreError> {
        let before = laws::unfinished(&self.stage);
        let claims = self
            .below
            .claim_deliveries(owner, now, lease_until, limit, except);
        let claims = claims.await?;
        for claim in &claims {
            self.claimed(&before, claim, now);
        }
        Ok(claims)
    }

    async fn finish_attempt(&self, result: AttemptResult) -> Result<bool, StoreError> {
        let (id, fence) = (result.delivery_id, result.fence);
        let (held, before) = (self.holds(id, fence), self.kept(id));
        let done = self.below.finish_attempt(result).await;
        let unchanged = before == self.kept(id) && !matches!(done, Ok(true));
        self.stage.hold(Law::Claims, held || unchanged, || {
            format!("a result under a claim that is lost changes {id} ({fence})")
        });
        done
    }

    async fn hand_back(
        &self,
        claims: &[(DeliveryId, u64)],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let lost = claims.iter().filter(|(id, fence)| !self.holds(*id, *fence));
        let before: Vec<_> = lost.map(|(id, _)| (*id, self.kept(*id))).collect();
        let done = self.below.hand_back(claims, now).await;
        for (id, before) in before {
            self.stage.hold(Law::Claims, before == self.kept(id), || {
                format!("a claim that is lost is handed back, and changes {id}")
            });
        }
        done
    }

    async fn resend(
        &self,
        id: DeliveryId,
        now: Timestamp,
        audit: Vec<AuditEntry>,
    ) -> Result<Resent, StoreError> {
        let done = self.below.resend(id, now, audit).await;
        if let Ok(Resent::Queued) = &done {
            self.stage.lines().joins(action_of(id));
        }
        done
    }
}

impl Watched {
    fn claims(&self) -> MutexGuard<'_, Claims> {
        self.stage.claims()
    }

    fn kept(&self, id: DeliveryId) -> Option<Delivery> {
        now(self.stage.kept.delivery(id)).flatten()
    }

    /// Whether a claim is the latest, and has not been put back.
    fn holds(&self, id: DeliveryId, fence: u64) -> bool {
        let is_leased = |delivery: Delivery| delivery.state == DeliveryState::Leased;
        self.claims().get(&id) == Some(&fence) && self.kept(id).is_some_and(is_leased)
    }

    /// A claim is given at this time of the claimer's.
    fn claimed(&self, before: &[Delivery], claim: &Claim, at: Timestamp) {
        let (stage, id) = (&self.stage, claim.delivery.new.id);
        let last = self.claims().insert(id, claim.fence);
        stage.hold(Law::Claims, last < Some(claim.fence), || {
            format!("the fence of {id} does not grow: {last:?}, {}", claim.fence)
        });
        let Some(was) = before.iter().find(|one| one.new.id == id) else {
            let what = format!("{id} is claimed, and is not to be delivered");
            return stage.broken(Law::Claims, what);
        };
        stage.hold(Law::Claims, was.due_at <= at, || match was.state {
            DeliveryState::Leased => format!("{id} is claimed while another's lease covers it"),
            _ => format!("{id} is claimed before it is due"),
        });
        if let Subject::Action {
            event_id,
            action_id,
        } = was.new.subject
        {
            lines::let_go(stage, event_id, action_id, claim.delivery.attempts);
        }
    }
}

/// The delivery that an action causes has its id.
fn action_of(id: DeliveryId) -> ActionId {
    ActionId(id.0)
}
