//! Drafts as items.

use records::{ActionType, Declaration, Draft, EventId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

#[derive(Serialize, Deserialize)]
struct Item {
    event_id: EventId,
    created_by: String,
    id: Uuid,
    transaction_id: String,
    action_type: ActionType,
    created_at: String,
    created_by_role: Option<String>,
    declaration: Declaration,
    annotation: Option<Declaration>,
}

/// A draft as an item of [`super::Kept::Drafts`].
///
/// # Errors
/// When it can't be written as JSON.
pub fn item_of_draft(draft: Draft) -> Result<Value, serde_json::Error> {
    serde_json::to_value(Item {
        event_id: draft.event_id,
        created_by: draft.created_by,
        id: draft.id,
        transaction_id: draft.transaction_id,
        action_type: draft.action_type,
        created_at: draft.created_at,
        created_by_role: draft.created_by_role,
        declaration: draft.declaration,
        annotation: draft.annotation,
    })
}

/// The draft of an item.
///
/// # Errors
/// When it is no draft.
pub fn draft_from_item(item: Value) -> Result<Draft, serde_json::Error> {
    let item: Item = serde_json::from_value(item)?;
    Ok(Draft {
        id: item.id,
        event_id: item.event_id,
        transaction_id: item.transaction_id,
        action_type: item.action_type,
        created_at: item.created_at,
        created_by: item.created_by,
        created_by_role: item.created_by_role,
        declaration: item.declaration,
        annotation: item.annotation,
    })
}
