//! What a record comes to, as it is kept beside its actions.

use forms::{EventConfig, FieldType};
use records::{EventDocument, EventIndex, NeverCreated};
use serde_json::Value;
use storage::Projection;

use crate::{Core, error::ApiError};

/// What a record comes to under the country's configuration.
///
/// # Errors
/// 400 when the country does not configure the record's event type; 503 before any configuration
/// was ever read; 500 for a record without its first action.
pub fn projection(core: &Core, document: &EventDocument) -> Result<Projection, ApiError> {
    let config = core.configuration.event(&document.event_type)?;
    project(document, &config).map_err(ApiError::internal)
}

/// What a record comes to under this configuration.
///
/// # Errors
/// When the record has no CREATE action.
pub fn project(document: &EventDocument, config: &EventConfig) -> Result<Projection, NeverCreated> {
    let state = records::state(document, config)?;
    let registered = state.legal_statuses.registered.as_ref();
    let registration_number = registered.and_then(|step| step.registration_number.clone());
    Ok(Projection {
        search_text: search_text(&state, registration_number.as_deref(), config),
        registration_number,
        // Our own types, with texts for keys: this cannot fail.
        index: serde_json::to_value(&state).unwrap_or_default(),
    })
}

/// Everything somebody at a counter might say to have a record found: its ids, the names of the
/// people on it, and how to reach them.
fn search_text(state: &EventIndex, number: Option<&str>, config: &EventConfig) -> String {
    let mut words = vec![state.tracking_id.as_str()];
    words.extend(number);
    for (id, answer) in &state.declaration {
        let Some(field) = config.field(id) else {
            continue;
        };
        match (field.field_type(), answer) {
            (FieldType::Name, Value::Object(name)) => {
                let parts = ["firstname", "middlename", "surname"].map(|part| name.get(part));
                words.extend(parts.into_iter().flatten().filter_map(Value::as_str));
            }
            (
                FieldType::Text | FieldType::Id | FieldType::Email | FieldType::Phone,
                Value::String(text),
            ) => words.push(text),
            _ => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}
