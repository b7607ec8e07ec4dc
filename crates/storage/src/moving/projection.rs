//! Projections as items.

use std::collections::BTreeSet;

use records::{DuplicateKey, EventId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::record::{Projection, SearchText};

#[derive(Serialize, Deserialize)]
struct Item {
    event_id: EventId,
    registration_number: Option<String>,
    index: Value,
    /// Name, text, and whether a quick search finds it.
    texts: Vec<(String, String, bool)>,
    /// Block, text, day, and whether it is spelled out.
    duplicate_keys: Vec<(String, String, i64, bool)>,
    attachments: BTreeSet<String>,
}

/// A record's projection as an item of [`super::Kept::Projections`].
///
/// # Errors
/// When it can't be written as JSON.
pub fn item_of_projection(
    event_id: EventId,
    projection: Projection,
) -> Result<Value, serde_json::Error> {
    let text = |text: SearchText| (text.name, text.text, text.quick);
    let key = |key: DuplicateKey| (key.block, key.text, key.day, key.spelled);
    serde_json::to_value(Item {
        event_id,
        registration_number: projection.registration_number,
        index: projection.index,
        texts: projection.texts.into_iter().map(text).collect(),
        duplicate_keys: projection.duplicate_keys.into_iter().map(key).collect(),
        attachments: projection.attachments,
    })
}

/// The projection of an item, and whose it is.
///
/// # Errors
/// When it is no projection.
pub fn projection_from_item(item: Value) -> Result<(EventId, Projection), serde_json::Error> {
    let item: Item = serde_json::from_value(item)?;
    let text = |(name, text, quick)| SearchText { name, text, quick };
    let key = |(block, text, day, spelled)| DuplicateKey {
        block,
        text,
        day,
        spelled,
    };
    let projection = Projection {
        index: item.index,
        registration_number: item.registration_number,
        texts: item.texts.into_iter().map(text).collect(),
        duplicate_keys: item.duplicate_keys.into_iter().map(key).collect(),
        attachments: item.attachments,
    };
    Ok((item.event_id, projection))
}
