//! Reading a record.

use records::{ActionStatus, ActionType};
use serde_json::Value;

use super::create::to_value;
use crate::{
    Core,
    api::procedure::Call,
    error::{ApiError, ErrorCode},
};

/// `event.get`: the record, whose last action is the caller's READ. The read goes into the audit
/// trail, written behind; it never touches the record, so records do not grow with reads.
///
/// # Errors
/// 403, 400, 404 (also for what the caller cannot reach), 401 for an action token whose action
/// has been decided.
pub async fn get(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let record = core
        .record_in_reach(caller, &["record.read"], &call.input)
        .await?;
    if caller.grant.is_some() && !core.grant_is_alive(caller).await? {
        return Err(ApiError::new(
            ErrorCode::Unauthorized,
            "The token has ended: its action has been decided",
        ));
    }
    let mut document = record.stored.document;
    let now = core.moment_after(&document.actions);
    let transaction_id = core.world.new_id().to_string();
    let read = core.action_by(
        caller,
        ActionType::Read,
        ActionStatus::Accepted,
        &transaction_id,
        now,
    );
    document.actions.push(read);
    core.note_shown(caller, "event.get", &document).await;
    to_value(&document)
}
