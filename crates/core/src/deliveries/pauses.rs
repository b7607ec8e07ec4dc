//! Stopping deliveries, of one kind or all, and lifting that again.

use serde_json::{Value, json};
use storage::Pause;

use super::{LONGEST_REASON, allowed, done, kinds};
use crate::{
    Core,
    api::{fields::Fields, procedure::Call},
    error::ApiError,
};

/// `delivery.pause`: nobody begins an attempt of this kind, or of any, until that is lifted; what
/// is under way is finished. What is stopped already stays as it was stopped first.
///
/// # Errors
/// 403; 400 without a reason, or for a kind that there is not, with those that there are.
pub(crate) async fn pause(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = allowed(&call, &access::MANAGE_DELIVERIES)?;
    let mut fields = Fields::of(&call.input);
    let reason = fields.reason(true, LONGEST_REASON);
    let kind = read_kind(&core, &mut fields).await?;
    fields.end()?;
    let pause = Pause {
        kind: kind.clone(),
        since: core.world.now(),
        by: caller.person.id.clone(),
        reason: reason.clone(),
    };
    let details = done(json!({ "kind": kind }), reason.as_deref());
    let entry = core.audit_entry(caller, "delivery.pause", None, details);
    let changed = core.store.pause(pause, vec![entry]).await?;
    answer(&core, changed).await
}

/// `delivery.resume`: lifts the stop of this kind, or the one of all. A kind that was stopped by
/// itself stays stopped when the stop of all is lifted.
///
/// # Errors
/// 403; 400 for a kind that there is not, with those that there are.
pub(crate) async fn resume(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = allowed(&call, &access::MANAGE_DELIVERIES)?;
    let mut fields = Fields::of(&call.input);
    let reason = fields.reason(false, LONGEST_REASON);
    let kind = read_kind(&core, &mut fields).await?;
    fields.end()?;
    let details = done(json!({ "kind": kind }), reason.as_deref());
    let entry = core.audit_entry(caller, "delivery.resume", None, details);
    let changed = core.store.resume(kind.as_deref(), vec![entry]).await?;
    core.deliveries_are_due();
    answer(&core, changed).await
}

/// Whether deliveries of this kind are stopped.
pub(crate) fn holds(stopped: &[Pause], kind: &str) -> bool {
    let names = |pause: &Pause| pause.kind.as_deref().is_none_or(|stopped| stopped == kind);
    stopped.iter().any(names)
}

/// What is stopped, with the names of those who did.
///
/// # Errors
/// The store's failure.
pub(crate) async fn on_wire(core: &Core, stopped: &[Pause]) -> Result<Vec<Value>, ApiError> {
    let mut shown = Vec::new();
    for pause in stopped {
        shown.push(json!({
            "kind": pause.kind,
            "since": world::iso(pause.since),
            "by": pause.by,
            "byName": core.name_of(&pause.by).await?,
            "reason": pause.reason,
        }));
    }
    Ok(shown)
}

async fn read_kind(core: &Core, fields: &mut Fields<'_>) -> Result<Option<String>, ApiError> {
    let Some(kind) = fields.text("kind") else {
        return Ok(None);
    };
    let known = kinds::known(core).await?;
    if !known.contains(kind) {
        fields.wrong("kind", &kinds::unknown(kind, &known));
    }
    Ok(Some(kind.to_owned()))
}

async fn answer(core: &Core, changed: bool) -> Result<Value, ApiError> {
    core.engine.look_at_pauses().await?;
    let stopped = core.store.pauses().await?;
    let pauses = on_wire(core, &stopped).await?;
    Ok(json!({ "changed": changed, "pauses": pauses }))
}
