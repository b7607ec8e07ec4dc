//! Waiting, within a bound, until country config has acknowledged an action.

use std::time::Duration;

use delivery::Watcher;
use records::{ActionId, EventDocument, EventId, Resolution};
use serde_json::{Value, json};
use storage::{Attempt, Delivery, DeliveryState};
use tokio::time::Instant;

use super::{create::to_value, record::not_found};
use crate::{
    Core,
    error::{ApiError, ErrorCode},
};

/// Between looks at the store, in case another node moved the delivery.
const LOOK: Duration = Duration::from_millis(500);
/// When to ask again about an action that is not delivered yet.
const ASK_AGAIN: Duration = Duration::from_secs(5);

impl Core {
    /// Answers with the record once the action is decided, or country config has it; `at_once`
    /// looks before the first wait.
    ///
    /// # Errors
    /// 503 with the delivery's state when the bound passes first.
    pub(super) async fn acknowledged(
        &self,
        event_id: EventId,
        action_id: ActionId,
        mut watcher: Watcher,
        at_once: bool,
    ) -> Result<Value, ApiError> {
        let deadline = Instant::now() + self.settings.user_wait;
        let mut look = at_once;
        loop {
            // A node that stops begins no attempts: nobody waits for them.
            let over = Instant::now() >= deadline || self.stopping.is_cancelled();
            if look
                && !at_once
                && let Some(document) = self.carried.take_decided(action_id)
            {
                return to_value(&document);
            }
            if look || over {
                match self.standing(event_id, action_id).await {
                    // It is there, and whoever wrote it may have died before it was safe.
                    Ok(Standing::Known(_))
                        if at_once && self.store.make_durable().await.is_err() =>
                    {
                        return Err(undelivered_yet(event_id, action_id, None));
                    }
                    Ok(Standing::Known(document)) => return to_value(&document),
                    Ok(Standing::Undelivered(delivery)) if over => {
                        return Err(undelivered_yet(event_id, action_id, Some(&delivery)));
                    }
                    Ok(Standing::Undelivered(_)) => {}
                    // The action was committed: "nothing was written" would be a lie.
                    Err(error) if error.code == ErrorCode::ServiceUnavailable => {
                        return Err(undelivered_yet(event_id, action_id, None));
                    }
                    Err(error) => return Err(error),
                }
            }
            look = true;
            let left = deadline.saturating_duration_since(Instant::now());
            tokio::select! {
                biased;
                () = watcher.moved(left.min(LOOK)) => {}
                () = self.stopping.cancelled() => {}
            }
        }
    }
}

/// How far an action has come.
enum Standing {
    /// Decided, or in the country's hands.
    Known(Box<EventDocument>),
    /// Not acknowledged yet.
    Undelivered(Box<Delivery>),
}

impl Core {
    async fn standing(&self, event_id: EventId, action_id: ActionId) -> Result<Standing, ApiError> {
        // The delivery first: it ends in one transaction with what it brought, so a record that is
        // read after a delivery that has ended holds the decision. The other way round, a delivery
        // that ends between the two would have the record answered as it no longer is.
        let delivery = self.store.delivery_of_action(action_id).await?;
        let stored = self.store.record(event_id).await?;
        let document = stored.ok_or_else(|| not_found(event_id))?.document;
        let decided = records::resolution(&document, action_id) != Resolution::Unresolved;
        Ok(match delivery {
            Some(delivery)
                if !decided
                    && matches!(
                        delivery.state,
                        DeliveryState::Queued | DeliveryState::Leased
                    ) =>
            {
                Standing::Undelivered(Box::new(delivery))
            }
            _ => Standing::Known(Box::new(document)),
        })
    }
}

fn undelivered_yet(
    event_id: EventId,
    action_id: ActionId,
    delivery: Option<&Delivery>,
) -> ApiError {
    ApiError::new(
        ErrorCode::ServiceUnavailable,
        "The action is safe with Core, but the country's systems have not received it yet. Core \
         keeps trying; ask again with the same transaction id.",
    )
    .retry_after(ASK_AGAIN)
    .with_details(json!({
        "eventId": event_id,
        "actionId": action_id,
        "delivery": delivery.map(delivery_on_wire),
    }))
}

/// A delivery as people and clients see it.
pub(crate) fn delivery_on_wire(delivery: &Delivery) -> Value {
    json!({
        "id": delivery.new.id,
        "kind": delivery.new.kind,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "createdAt": world::iso(delivery.new.created_at),
        "nextAttemptAt": match delivery.state {
            DeliveryState::Queued => Some(world::iso(delivery.due_at)),
            _ => None,
        },
        "finishedAt": delivery.finished_at.map(world::iso),
        "lastError": delivery.last_error,
    })
}

/// One attempt as people and clients see it: when and why, not what country config wrote, which is
/// shown with deliveries, to operators.
pub(crate) fn attempt_on_wire(attempt: &Attempt) -> Value {
    json!({
        "number": attempt.number,
        "startedAt": world::iso(attempt.started_at),
        "durationMs": attempt.duration_ms,
        "status": attempt.status,
        "outcome": attempt.outcome,
        "error": attempt.error,
    })
}
