//! The duty of one node: telling of what waits too long, and deciding what the country has said is
//! to be decided when its deadline has passed.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use records::{ActionId, DeliveryId, KeepAssignment, UserType};
use serde_json::json;
use storage::{PendingAction, PendingFilter};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Alert, Standing};
use crate::{
    Core,
    actions::{CORE, Decided, DecidedBy, Decider, Decision, How},
    configuration::{Deadline, Deadlines, WhenPassed},
    error::{ApiError, ErrorCode},
};

/// The duty's name in the store.
const DUTY: &str = "deadlines";
/// How many actions are read at a time.
const BATCH: u64 = 200;
/// How many looks a node that died in its duty keeps others from it.
const LOOKS_KEPT: u32 = 3;
/// How many entries of a record's trail are looked through for an alert of before.
const LOOKED_THROUGH: u64 = 200;
/// The operation's name in the audit trail.
pub(super) const ALERT: &str = "pending.alert";

/// What this node has told of, so that it tells it once.
#[derive(Debug, Default)]
struct Told(HashMap<ActionId, Alert>);

impl Core {
    /// Watches over what waits until told to stop. Any number of nodes may run this: one of them
    /// has the duty, and when it dies another takes it.
    pub(crate) async fn watch_pending(&self, stop: CancellationToken) {
        let mut told = Told::default();
        let every = self.settings.deadline_check;
        while !stop.is_cancelled() {
            if let Err(error) = self.look_after_pending(&mut told, &stop).await {
                warn!(%error, "pending actions could not be looked after; trying again");
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                () = tokio::time::sleep(every) => {}
            }
        }
        if let Err(error) = self.store.give_up_duty(DUTY, &self.settings.node).await {
            warn!(%error, "the duty of deadlines was not given up; it runs out by itself");
        }
    }

    /// One look at everything that may be due.
    async fn look_after_pending(
        &self,
        told: &mut Told,
        stop: &CancellationToken,
    ) -> Result<(), ApiError> {
        if !self.has_duty().await? {
            return Ok(());
        }
        let now = self.world.now();
        let deadlines = self.configuration.deadlines();
        let youngest = deadlines.steps().first().copied().unwrap_or_default();
        let filter = PendingFilter {
            // What was requested at this very moment is due, and the store leaves out the end.
            until: Some(
                now.checked_sub(youngest - SignedDuration::from_millis(1))
                    .unwrap_or(Timestamp::MIN),
            ),
            ..PendingFilter::default()
        };
        let mut seen = HashSet::with_capacity(told.0.len());
        let mut after = None;
        loop {
            let batch = self.store.pending_actions(&filter, after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = Some((last.requested_at, last.action_id));
            for action in &batch {
                if stop.is_cancelled() {
                    return Ok(());
                }
                seen.insert(action.action_id);
                match self.look_after_one(action, told, &deadlines, now).await {
                    Ok(()) => {}
                    // One record that cannot be written must not keep the others waiting.
                    Err(error) if error.code != ErrorCode::ServiceUnavailable => {
                        let action = action.action_id;
                        warn!(%action, %error, "a pending action could not be looked after");
                    }
                    Err(error) => return Err(error),
                }
            }
            // A walk may take longer than the duty is kept.
            if !self.has_duty().await? {
                return Ok(());
            }
        }
        // What waits no more is forgotten.
        told.0.retain(|id, _| seen.contains(id));
        Ok(())
    }

    async fn has_duty(&self) -> Result<bool, ApiError> {
        let now = self.world.now();
        let kept = self.settings.deadline_check.saturating_mul(LOOKS_KEPT);
        let kept = SignedDuration::try_from(kept.max(Duration::from_secs(10)));
        let kept = kept.unwrap_or(SignedDuration::from_mins(1));
        let until = now.checked_add(kept).unwrap_or(Timestamp::MAX);
        let node = &self.settings.node;
        Ok(self.store.take_duty(DUTY, node, now, until).await?)
    }

    async fn look_after_one(
        &self,
        action: &PendingAction,
        told: &mut Told,
        deadlines: &Deadlines,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let patience = deadlines.of(&action.event_type, action.action_type);
        let standing = Standing::of(action.requested_at, patience, now);
        let before = told.0.get(&action.action_id).copied();
        if standing.alert > before.unwrap_or(Alert::None) {
            self.raise(action, &standing).await?;
        }
        // Only now: what the store could not keep is told at the next look.
        told.0.insert(action.action_id, standing.alert);
        if let (Alert::Overdue, Some(deadline)) = (standing.alert, &patience.deadline) {
            self.follow_deadline(action, deadline).await?;
        }
        Ok(())
    }

    /// Tells operators, in the log and in the metrics, once the record's trail keeps it. There it is
    /// once, whichever node tells it how often.
    async fn raise(&self, action: &PendingAction, standing: &Standing) -> Result<(), ApiError> {
        self.keep_alert(action, standing).await?;
        let alert = standing.alert.as_str();
        warn!(
            event = %action.event_id,
            event_type = action.event_type,
            action = %action.action_id,
            action_type = %action.action_type,
            age_seconds = standing.age.as_secs(),
            alert,
            "an action waits long for the country's decision"
        );
        metrics::counter!(
            "countersign_pending_alerts_total",
            "event" => action.event_type.clone(),
            "action" => action.action_type.as_str(),
            "alert" => alert,
        )
        .increment(1);
        Ok(())
    }

    async fn keep_alert(
        &self,
        action: &PendingAction,
        standing: &Standing,
    ) -> Result<(), ApiError> {
        let details = json!({
            "actionId": action.action_id,
            "actionType": action.action_type,
            "alert": standing.alert,
            "requestedAt": world::iso(action.requested_at),
            "deadline": standing.deadline.map(world::iso),
        });
        let (kept, _) = self
            .store
            .audit(Some(action.event_id), Some(CORE), 0, LOOKED_THROUGH)
            .await?;
        let is_kept = kept.iter().any(|entry| {
            entry.operation == ALERT
                && ["actionId", "alert"]
                    .iter()
                    .all(|name| entry.details.get(*name) == details.get(*name))
        });
        if is_kept {
            return Ok(());
        }
        let correlation = match &action.delivery {
            Some(delivery) => delivery.new.correlation.clone(),
            None => crate::correlation::new(&self.world),
        };
        let event = Some(action.event_id);
        let entry = self.audit_entry_of(CORE, "core", ALERT, event, details, &correlation);
        self.store.append_audit(vec![entry]).await?;
        Ok(())
    }

    /// Decides as the country has said, if it has. Somebody else may be quicker.
    async fn follow_deadline(
        &self,
        action: &PendingAction,
        deadline: &Deadline,
    ) -> Result<(), ApiError> {
        let decision = match deadline.when_passed {
            WhenPassed::Alert => return Ok(()),
            WhenPassed::Reject => Decision::Reject {
                reason: Some(deadline.reason.clone()),
            },
            WhenPassed::Accept => Decision::Accept(Box::default()),
        };
        let delivery = action.delivery.as_ref();
        let decider = Decider {
            by: Some(DecidedBy {
                id: CORE.to_owned(),
                user_type: UserType::System,
                role: None,
                location: None,
                signature: None,
            }),
            transaction_id: None,
            keep: KeepAssignment::default(),
            how: How::Deadline {
                reason: deadline.reason.clone(),
            },
            correlation: delivery.map_or_else(
                || crate::correlation::new(&self.world),
                |delivery| delivery.new.correlation.clone(),
            ),
        };
        let (event, id) = (action.event_id, action.action_id);
        match self.decide(event, id, &decision, &decider, None).await? {
            Decided::Now(_) => {
                let followed = deadline.when_passed.as_str();
                info!(%event, action = %id, followed, "a deadline has passed");
                self.engine.moved(DeliveryId(id.0));
                // What waited behind this delivery may go now.
                self.engine.wake();
            }
            Decided::Before(_) | Decided::Against(_) | Decided::ClaimLost => {
                info!(%event, action = %id, "decided just before its deadline was followed");
            }
        }
        Ok(())
    }
}
