//! Deleting a record that came to nothing.

use records::{ActionType, EventId};
use serde_json::{Value, json};

use super::{
    assignment::check_holds,
    input::Reader,
    record::about,
    request::{CHANGE_TRIES, busy, check_nothing_waits, check_state},
};
use crate::{
    Core,
    api::procedure::Call,
    caller::Caller,
    error::{ApiError, ErrorCode},
};

const OPERATION: &str = "event.delete";
/// A person's audit entries about one record that is gone, of which the last is its deletion.
const LAST_ENTRY: u64 = 1;

/// `event.delete`: deletes a record that was never notified or declared, whole, with its drafts;
/// the audit trail stays. Deleting again what one has deleted answers the same.
///
/// # Errors
/// 403, 400, 404; 409 when the caller does not hold the record, or it has come too far.
pub async fn delete(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let kinds = access::scope_kinds_for(ActionType::Delete.as_str()).unwrap_or_default();
    for _ in 0..CHANGE_TRIES {
        let record = match core.record_in_reach(caller, kinds, &call.input).await {
            Err(error) if error.code == ErrorCode::NotFound => {
                return deleted_before(&core, caller, &call.input, error).await;
            }
            other => other?,
        };
        let mut reader = Reader::new(&call.input)?;
        reader.required_id::<EventId>("eventId");
        reader.finish(false)?;
        let document = &record.stored.document;
        check_holds(&core, caller, document).await?;
        check_nothing_waits(&record, ActionType::Delete)?;
        let event = serde_json::to_value(document).map_err(ApiError::internal)?;
        check_state(&core, caller, &record, &event, None, ActionType::Delete)?;
        let audit = core.audit_entry(caller, OPERATION, Some(document.id), about(document));
        let version = record.stored.version;
        if core
            .store
            .delete_record(document.id, version, vec![audit])
            .await?
        {
            core.stream.changed();
            return Ok(json!({ "id": document.id }));
        }
    }
    Err(busy())
}

/// Whoever did not hear the answer asks again: the trail says whether they deleted the record.
async fn deleted_before(
    core: &Core,
    caller: &Caller,
    input: &Value,
    not_found: ApiError,
) -> Result<Value, ApiError> {
    let id = input.get("eventId").and_then(Value::as_str);
    let Some(id) = id.and_then(|text| text.parse::<EventId>().ok()) else {
        return Err(not_found);
    };
    let (entries, _) = core
        .store
        .audit(Some(id), Some(&caller.person.id), 0, LAST_ENTRY)
        .await?;
    match entries.first() {
        Some(last) if last.operation == OPERATION => Ok(json!({ "id": id })),
        _ => Err(not_found),
    }
}
