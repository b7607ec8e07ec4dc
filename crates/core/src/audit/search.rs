//! Searching the audit trail.

use jiff::{SignedDuration, Timestamp};
use records::EventId;
use serde_json::{Value, json};
use storage::{AuditEntry, AuditSearch, Field, Filter, RecordQuery};
use uuid::Uuid;

use crate::{
    Core,
    api::{fields::Fields, procedure::Call},
    error::{ApiError, ErrorCode},
};

const USUAL_PAGE: usize = 50;
const LONGEST_PAGE: usize = 500;
/// An entry's id is made a moment before or after its time is read, perhaps by another clock.
const SLACK: SignedDuration = SignedDuration::from_hours(1);

/// `audit.search`: who touched whose data, the latest first; as much of it as is asked for. The
/// search is audited itself.
///
/// # Errors
/// 403 without the scope for it; 400 naming each field that is wrong; 503 for what takes too long.
pub async fn search(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    if !caller.scopes.has(access::READ_AUDIT) {
        return Err(ApiError::plain(ErrorCode::Forbidden));
    }
    let mut fields = Fields::of(&call.input);
    let (user, client) = (fields.text("user"), fields.text("client"));
    if user.is_some() && client.is_some() {
        fields.wrong("client", "cannot be asked for together with user");
    }
    let client_type = match (user, client) {
        (Some(_), _) => Some("user"),
        (None, Some(_)) => Some("system"),
        (None, None) => None,
    };
    let (event, tracking_id) = (fields.id("event").map(EventId), fields.text("trackingId"));
    if event.is_some() && tracking_id.is_some() {
        fields.wrong("trackingId", "cannot be asked for together with event");
    }
    let (from, until) = (fields.time("from"), fields.time("to"));
    let mut search = AuditSearch {
        client_id: user.or(client).map(str::to_owned),
        client_type: client_type.map(str::to_owned),
        event_id: event,
        operation: fields.text("operation").map(str::to_owned),
        from,
        until,
        first: from.map(|from| id_at(from.saturating_sub(SLACK).unwrap_or(from))),
        before: fields
            .id("cursor")
            .or_else(|| until.map(|until| id_at(until.saturating_add(SLACK).unwrap_or(until)))),
    };
    let limit = fields.page(USUAL_PAGE, LONGEST_PAGE);
    fields.end()?;
    if let Some(tracking_id) = tracking_id {
        let Some(event) = core.event_with(tracking_id).await? else {
            return Ok(json!({"entries": [], "next": null}));
        };
        search.event_id = Some(event);
    }
    let asked = u64::try_from(limit).unwrap_or(u64::MAX);
    let found = core.store.search_audit(&search, asked).await?;
    let details = json!({
        "clientId": search.client_id,
        "operation": search.operation,
        "from": from.map(world::iso),
        "to": until.map(world::iso),
    });
    let entry = core.audit_entry(caller, "audit.search", search.event_id, details);
    core.reads.note(entry).await;
    let next = found.last().filter(|_| found.len() == limit);
    Ok(json!({
        "entries": found.iter().map(on_wire).collect::<Vec<_>>(),
        "next": next.map(|entry| entry.id),
    }))
}

impl Core {
    /// The record with this tracking id, however it is spelt: people read it out to each other.
    async fn event_with(&self, tracking_id: &str) -> Result<Option<EventId>, ApiError> {
        let tracking_id = tracking_id.to_uppercase();
        let query = RecordQuery {
            filter: Filter::Is(Field::at(["trackingId"]), tracking_id),
            sort: Vec::new(),
            offset: 0,
            limit: 1,
        };
        let found = self.store.find_records(&query).await?;
        let id = found.records.first().and_then(|record| record.get("id"));
        let id = id.and_then(Value::as_str).and_then(|id| id.parse().ok());
        Ok(id.map(EventId))
    }
}

fn on_wire(entry: &AuditEntry) -> Value {
    json!({
        "id": entry.id,
        "at": world::iso(entry.at),
        "by": entry.client_id,
        "byType": entry.client_type,
        "onBehalfOf": entry.details.get("onBehalfOf"),
        "operation": entry.operation,
        "eventId": entry.event_id,
        "details": entry.details,
        "correlation": entry.correlation,
    })
}

/// Ids sort by the times at which they are made ([`world::World::new_id`]): the first of this one.
fn id_at(time: Timestamp) -> Uuid {
    let milliseconds = u64::try_from(time.as_millisecond()).unwrap_or(0);
    Uuid::from_u128(u128::from(milliseconds) << 80)
}
