//! Having one delivery sent at once, or once more.

use records::{ActionId, DeliveryId, EventId};
use serde_json::{Value, json};
use storage::{Delivery, DeliveryState, Resent, Subject};

use super::{LONGEST_REASON, allowed, done, pauses};
use crate::{
    Core,
    api::{fields::Fields, procedure::Call},
    caller::Caller,
    error::{ApiError, ErrorCode},
};

/// `delivery.sendNow`: a delivery that waits for its next attempt need not wait any longer.
///
/// # Errors
/// 403; 404; 409 when it is finished, which says how to send it once more.
pub(crate) async fn send_now(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = allowed(&call, &access::MANAGE_DELIVERIES)?;
    let (id, reason) = read(&call)?;
    let delivery = found(&core, id).await?;
    let details = done(json!({ "deliveryId": id }), reason.as_deref());
    let entry = core.audit_entry(caller, "delivery.sendNow", record_of(&delivery), details);
    let sent = core
        .store
        .send_now(&[id], core.next_second(), vec![entry])
        .await?;
    core.deliveries_are_due();
    if sent > 0 {
        return answer(&core, id, "hurried").await;
    }
    match found(&core, id).await?.state {
        // Claimed between the two looks: what was asked for is happening.
        DeliveryState::Queued | DeliveryState::Leased => answer(&core, id, "underWay").await,
        DeliveryState::Delivered => Err(conflict(
            "It is delivered. To have the same trigger sent once more, re-send it; that works \
             while its action waits for a decision.",
        )),
        DeliveryState::Expired => Err(conflict(
            "It has expired: what it says is no longer good, and a fresh one may have taken its \
             place.",
        )),
    }
}

/// `delivery.resend`: an action's trigger is sent once more under the same id, also when country
/// config has it already, as long as the action waits for its decision.
///
/// # Errors
/// 403; 404; 409 when the action is decided, or it is about none.
pub(crate) async fn resend(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = allowed(&call, &access::MANAGE_DELIVERIES)?;
    let (id, reason) = read(&call)?;
    core.resend(caller, "delivery.resend", id, reason.as_deref())
        .await
}

impl Core {
    /// Has an action's trigger sent once more; `operation` is what the audit trail calls it.
    /// Whether the caller may is for whoever calls this.
    ///
    /// # Errors
    /// 404; 409 when the action is decided, or the delivery is about none.
    pub(crate) async fn resend(
        &self,
        caller: &Caller,
        operation: &str,
        id: DeliveryId,
        reason: Option<&str>,
    ) -> Result<Value, ApiError> {
        let delivery = found(self, id).await?;
        let details = done(json!({ "deliveryId": id }), reason);
        let entry = self.audit_entry(caller, operation, record_of(&delivery), details);
        let resent = self
            .store
            .resend(id, self.next_second(), vec![entry])
            .await?;
        let outcome = match resent {
            Resent::Queued => "queued",
            Resent::Hurried => "hurried",
            Resent::UnderWay => "underWay",
            Resent::Over if record_of(&delivery).is_some() => {
                return Err(conflict(
                    "Its action is decided: there is nothing left to ask the country.",
                ));
            }
            Resent::Over => {
                return Err(conflict(
                    "It is a message that was sent, or is no longer good: only triggers of \
                     actions are sent once more.",
                ));
            }
            Resent::Unknown => return Err(not_found(id)),
        };
        self.deliveries_are_due();
        answer(self, id, outcome).await
    }
}

/// The delivery with this id.
///
/// # Errors
/// 404.
pub(crate) async fn found(core: &Core, id: DeliveryId) -> Result<Delivery, ApiError> {
    let delivery = core.store.delivery(id).await?;
    delivery.ok_or_else(|| not_found(id))
}

/// The delivery of the same record that has to be finished before this one is tried.
///
/// # Errors
/// The store's failure.
pub(crate) async fn goes_first(
    core: &Core,
    delivery: &Delivery,
) -> Result<Option<DeliveryId>, ApiError> {
    let Some(event_id) = record_of(delivery) else {
        return Ok(None);
    };
    if !super::view::is_unfinished(delivery.state) {
        return Ok(None);
    }
    let first = core.store.first_in_line(event_id).await?;
    Ok(first.filter(|first| *first != delivery.new.id))
}

/// The record that it is about.
pub(crate) const fn record_of(delivery: &Delivery) -> Option<EventId> {
    match &delivery.new.subject {
        Subject::Action { event_id, .. } => Some(*event_id),
        Subject::Account { .. } => None,
    }
}

/// The action that it is about.
pub(crate) const fn action_of(delivery: &Delivery) -> Option<ActionId> {
    match &delivery.new.subject {
        Subject::Action { action_id, .. } => Some(*action_id),
        Subject::Account { .. } => None,
    }
}

fn read(call: &Call) -> Result<(DeliveryId, Option<String>), ApiError> {
    let mut fields = Fields::of(&call.input);
    let id = DeliveryId(fields.needed_id("deliveryId"));
    let reason = fields.reason(false, LONGEST_REASON);
    fields.end()?;
    Ok((id, reason))
}

/// What came of it, and what may still keep the delivery from being tried.
async fn answer(core: &Core, id: DeliveryId, outcome: &str) -> Result<Value, ApiError> {
    let delivery = found(core, id).await?;
    let stopped = core.store.pauses().await?;
    Ok(json!({
        "id": id,
        "outcome": outcome,
        "paused": pauses::holds(&stopped, &delivery.new.kind),
        "waitsFor": goes_first(core, &delivery).await?,
    }))
}

fn conflict(message: &str) -> ApiError {
    ApiError::new(ErrorCode::Conflict, message)
}

fn not_found(id: DeliveryId) -> ApiError {
    ApiError::new(
        ErrorCode::NotFound,
        format!("Delivery not found with ID: {id}"),
    )
}
