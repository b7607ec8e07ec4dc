//! Asking the country once more.

use access::MANAGE_DELIVERIES;
use records::DeliveryId;
use serde_json::{Value, json};
use storage::Resent;

use super::{may_resend, named};
use crate::{
    Core,
    api::procedure::Call,
    error::{ApiError, ErrorCode},
};

/// `pending.resend`: the trigger of an action that waits is sent once more, under the same id and
/// with a fresh token, whether country config has acknowledged it before or not. What is being
/// tried just now is left to that.
///
/// # Errors
/// 403 but for the country's own system client and for those who manage deliveries or decide by
/// hand; 404 for an action that never waited; 409 for one that is decided, with how.
pub async fn resend(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    may_resend(caller)?;
    let id = named(&call)?;
    let Some(action) = core.store.pending_action(id).await? else {
        return Err(core.waits_not(id, ErrorCode::Conflict).await);
    };
    let details = json!({
        "actionId": id,
        "actionType": action.action_type,
        "eventType": action.event_type,
        "trackingId": action.tracking_id,
        "asOperator": caller.scopes.has_any(&MANAGE_DELIVERIES),
    });
    let entry = core.audit_entry(caller, "pending.resend", Some(action.event_id), details);
    let delivery = DeliveryId(id.0);
    let due = core.next_second();
    let resent = core.store.resend(delivery, due, vec![entry]).await?;
    let word = match resent {
        Resent::Queued => "queued",
        Resent::Hurried => "hurried",
        Resent::UnderWay => "underWay",
        Resent::Over => return Err(core.waits_not(id, ErrorCode::Conflict).await),
        Resent::Unknown => {
            return Err(ApiError::new(
                ErrorCode::Conflict,
                "The action has no delivery that could be sent again; it can be decided by hand",
            ));
        }
    };
    tracing::info!(action = %id, resent = word, "an action's trigger is sent once more");
    core.deliveries_are_due();
    Ok(json!({ "actionId": id, "eventId": action.event_id, "resent": word }))
}
