//! What was done about a record, from its audit trail.

use access::{READ_DELIVERIES, RESOLVE_PENDING};
use records::EventId;
use serde_json::{Value, json};
use storage::AuditEntry;

use crate::{
    Core,
    actions::not_found,
    api::{fields::Fields, procedure::Call},
    error::ApiError,
};

/// What a page holds when nobody says.
const USUAL_PAGE: usize = 50;
/// No page holds more.
const LONGEST_PAGE: usize = 500;
/// How many entries of the trail are read at a time: most of them may be reads.
const READ_AT_ONCE: u64 = 500;
/// How many are looked at for one page.
const LOOKED_AT: u64 = 10_000;

/// `event.history`: what was done about a record, newest first: what was asked for, how it was
/// decided and by whom, alerts, what was sent again. Who only looked at it is not told, nor
/// anything of what was declared.
///
/// # Errors
/// 403 but for those who see deliveries or decide by hand, and for those who may read the record
/// (404 for one out of their reach); 400.
pub async fn history(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let is_operator = caller.scopes.has(RESOLVE_PENDING) || caller.scopes.has_any(&READ_DELIVERIES);
    if !is_operator {
        core.record_in_reach(caller, &["record.read"], &call.input)
            .await?;
    }
    let mut fields = Fields::of(&call.input);
    let event_id = EventId(fields.needed_id("eventId"));
    let after = fields.number("after", 0);
    let limit = fields.page(USUAL_PAGE, LONGEST_PAGE);
    fields.end()?;
    let (found, next) = core.steps_of(event_id, after, limit).await?;
    if found.is_empty() && after.is_none() && core.store.record(event_id).await?.is_none() {
        return Err(not_found(event_id));
    }
    let entry = core.audit_entry(caller, "event.history", Some(event_id), json!({}));
    core.reads.note(entry).await;
    let found: Vec<_> = found.iter().map(on_wire).collect();
    Ok(json!({ "eventId": event_id, "steps": found, "next": next }))
}

impl Core {
    /// A page of steps, and where the next one begins if there may be one: so many entries from the
    /// first ever, which stays good while others are written.
    async fn steps_of(
        &self,
        event_id: EventId,
        after: Option<u64>,
        limit: usize,
    ) -> Result<(Vec<AuditEntry>, Option<u64>), ApiError> {
        let trail = |at, most| self.store.audit(Some(event_id), None, at, most);
        let mut left = match after {
            Some(left) => left,
            None => trail(0, 1).await?.1,
        };
        let mut found = Vec::new();
        let mut looked_at = 0;
        while left > 0 && looked_at < LOOKED_AT {
            let (_, total) = trail(0, 1).await?;
            let (batch, now) = trail(total.saturating_sub(left), READ_AT_ONCE).await?;
            if batch.is_empty() {
                return Ok((found, None));
            }
            // Those that came in between stand before the ones that were meant.
            let newer = usize::try_from(now.saturating_sub(total)).unwrap_or(usize::MAX);
            for entry in batch.into_iter().skip(newer) {
                if found.len() == limit {
                    return Ok((found, Some(left)));
                }
                left = left.saturating_sub(1);
                looked_at += 1;
                if is_a_step(&entry) {
                    found.push(entry);
                }
            }
        }
        Ok((found, (left > 0).then_some(left)))
    }
}

/// Whether an operation did something about a record, rather than look at it.
fn is_a_step(entry: &AuditEntry) -> bool {
    const LOOKS: [&str; 10] = [
        "event.get",
        "event.history",
        "event.search",
        "event.getDuplicates",
        "event.draft.list",
        "event.draft.create",
        "pending.get",
        "delivery.get",
        "delivery.list",
        "delivery.export",
    ];
    let operation = entry.operation.as_str();
    let about = ["event.", "pending.", "delivery."];
    // Whoever asks again is shown the record, and nothing is done.
    let asked_again = operation.ends_with(".decided-before")
        || operation.ends_with(".request") && entry.details.get("transactionId").is_none();
    about.iter().any(|about| operation.starts_with(about))
        && !LOOKS.contains(&operation)
        && !asked_again
}

fn on_wire(entry: &AuditEntry) -> Value {
    json!({
        "id": entry.id,
        "at": world::iso(entry.at),
        "by": entry.client_id,
        "byType": entry.client_type,
        "operation": entry.operation,
        "details": entry.details,
        "correlation": entry.correlation,
    })
}
