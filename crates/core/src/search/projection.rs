//! What a record comes to, as it is kept beside its actions.

use std::collections::BTreeSet;

use forms::EventConfig;
use records::{EventDocument, EventIndex, EventStatus, NeverCreated};
use serde_json::{Value, json};
use storage::{Projection, SearchText};

use super::answers::{is_quick, words_of};
use crate::{Core, error::ApiError};

/// The version of what is computed here and in `records`. Count it up whenever the same record
/// comes to something else than before: then every node that is brought up to date goes through
/// all records.
pub(super) const RULES: u32 = 3;

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
    let begun = state.status == EventStatus::Created;
    Ok(Projection {
        attachments: records::attachments(document),
        texts: texts(&state, registration_number.as_deref(), config),
        registration_number,
        // What nobody has told the office of is nobody's duplicate.
        duplicate_keys: if begun {
            BTreeSet::new()
        } else {
            records::duplicate_keys(config, &state.declaration)
        },
        index: index(document, &state),
    })
}

/// The state as search serves it, with the actions that the country has not decided on and since when:
/// what a queue says of the records in it.
fn index(document: &EventDocument, state: &EventIndex) -> Value {
    // Our own types, with texts for keys: this cannot fail.
    let mut index = serde_json::to_value(state).unwrap_or_default();
    let waiting: Vec<Value> = records::pending(document)
        .map(|action| {
            json!({
                "type": action.action_type,
                "customActionType": action.custom_action_type,
                "requestedAt": action.created_at,
            })
        })
        .collect();
    if let (Value::Object(members), false) = (&mut index, waiting.is_empty()) {
        members.insert("pendingActions".to_owned(), waiting.into());
    }
    index
}

/// What searches find the record by. Quick searches look at what somebody at a counter might say:
/// the record's ids, the names of the people on it, and how to reach them; not at what is secured,
/// since beginnings of it would be found.
fn texts(state: &EventIndex, number: Option<&str>, config: &EventConfig) -> Vec<SearchText> {
    let own = [Some(state.tracking_id.as_str()), number];
    let own = own.into_iter().flatten().map(|text| SearchText {
        name: String::new(),
        text: text.to_owned(),
        quick: true,
    });
    let answers = state.declaration.iter().filter_map(|(id, answer)| {
        let field = config.field(id)?;
        let text = words_of(field.field_type(), answer)?;
        Some(SearchText {
            name: id.clone(),
            text,
            quick: is_quick(field.field_type()) && !field.is_secured(),
        })
    });
    own.chain(answers).collect()
}

#[cfg(test)]
mod tests {
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
        let texts = projection.texts.iter();
        let texts: Vec<_> = texts
            .map(|one| (&*one.name, &*one.text, one.quick))
            .collect();
        assert_eq!(
            texts,
            [
                ("", "ABC123", true),
                ("", "B1", true),
                ("child.name", "Amina Banda", true),
                ("child.dob", "2026-01-18", false),
                ("mother.nid", "4711", true),
                ("mother.email", "mother@example.org", true),
                ("mother.phone", "0700", false),
            ]
        );
        assert_eq!(projection.index["status"], "REGISTERED");
    }

    #[test]
    fn what_waits_for_the_country_is_told_with_the_time_it_was_asked_for() {
        let mut document = document();
        assert_eq!(
            project(&document, &config()).unwrap().index["pendingActions"],
            Value::Null
        );
        let register = document.actions.last_mut().unwrap();
        register.status = records::ActionStatus::Requested;
        register.registration_number = None;
        assert_eq!(
            project(&document, &config()).unwrap().index["pendingActions"],
            json!([{
                "type": "REGISTER",
                "customActionType": null,
                "requestedAt": "2026-01-20T10:00:00.000Z",
            }])
        );
    }

    #[test]
    fn a_record_without_a_beginning_comes_to_nothing() {
        let mut document = document();
        document.actions.clear();
        assert!(project(&document, &config()).is_err());
    }
}
