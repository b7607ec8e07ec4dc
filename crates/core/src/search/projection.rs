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
/// people on it, and how to reach them. Nothing that is secured: beginnings of it would be found.
fn search_text(state: &EventIndex, number: Option<&str>, config: &EventConfig) -> String {
    let mut words = vec![state.tracking_id.as_str()];
    words.extend(number);
    for (id, answer) in &state.declaration {
        let field = config.field(id).filter(|field| !field.is_secured());
        let Some(field) = field else { continue };
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config() -> EventConfig {
        let text = json!({"id": "text", "defaultMessage": "text", "description": "text"});
        let field = |id: &str, kind: &str| json!({"id": id, "type": kind, "label": text});
        let fields = json!([
            field("child.name", "NAME"),
            field("child.dob", "DATE"),
            field("mother.nid", "ID"),
            field("mother.email", "EMAIL"),
            field("mother.story", "TEXTAREA"),
            field("mother.phone", "PHONE"),
        ]);
        let mut fields = fields;
        fields[5]["secured"] = json!(true);
        let config = json!({
            "id": "birth", "label": text, "title": text, "summary": {"fields": []},
            "actions": [],
            "declaration": {"label": text, "pages": [
                {"id": "page", "title": text, "fields": fields},
            ]},
        });
        EventConfig::compile(config).unwrap()
    }

    fn document() -> EventDocument {
        let id = "0b45feab-3e4f-4ddc-9b0d-8e1f0a4b6c01";
        let at = "2026-01-20T10:00:00.000Z";
        let action = |id: &str, kind: &str, more: Value| {
            let mut action = json!({
                "id": id, "transactionId": id, "type": kind, "status": "Accepted",
                "createdAt": at, "createdBy": "me", "createdByUserType": "user",
                "declaration": {},
            });
            for (key, value) in more.as_object().into_iter().flatten() {
                action[key] = value.clone();
            }
            action
        };
        let declaration = json!({
            "child.name": {"firstname": "Amina", "surname": "Banda"},
            "child.dob": "2026-01-18",
            "mother.nid": "4711",
            "mother.email": "mother@example.org",
            "mother.story": "long",
            "mother.phone": "0700",
            "gone.field": "forgotten",
        });
        let actions = json!([
            action("0b45feab-3e4f-4ddc-9b0d-8e1f0a4b6c02", "CREATE", json!({})),
            action(
                "0b45feab-3e4f-4ddc-9b0d-8e1f0a4b6c03",
                "DECLARE",
                json!({ "declaration": declaration })
            ),
            action(
                "0b45feab-3e4f-4ddc-9b0d-8e1f0a4b6c04",
                "REGISTER",
                json!({"registrationNumber": "B1"})
            ),
        ]);
        let document = json!({
            "id": id, "type": "birth", "createdAt": at, "updatedAt": at,
            "trackingId": "ABC123", "actions": actions,
        });
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn a_record_is_found_by_its_numbers_and_by_the_people_on_it() {
        let projection = project(&document(), &config()).unwrap();
        assert_eq!(projection.registration_number.as_deref(), Some("B1"));
        assert_eq!(
            projection.search_text,
            "ABC123 B1 Amina Banda 4711 mother@example.org"
        );
        assert_eq!(projection.index["status"], "REGISTERED");
    }

    #[test]
    fn a_record_without_a_beginning_comes_to_nothing() {
        let mut document = document();
        document.actions.clear();
        assert!(project(&document, &config()).is_err());
    }
}
