//! Which answers searches find by their words, and what the words are. What is written with a
//! record and what is looked for must agree; both come here.

use forms::FieldType;
use serde_json::Value;

/// The parts of a name.
const NAME: [&str; 3] = ["firstname", "middlename", "surname"];

/// Whether answers to fields of this type are kept word for word.
pub(super) const fn has_words(field_type: FieldType) -> bool {
    matches!(
        field_type,
        FieldType::Name
            | FieldType::Address
            | FieldType::Text
            | FieldType::Id
            | FieldType::Email
            | FieldType::Phone
            | FieldType::Date
    ) || is_place(field_type)
}

/// Whether answers to fields of this type are places' ids.
pub(super) const fn is_place(field_type: FieldType) -> bool {
    matches!(
        field_type,
        FieldType::Location
            | FieldType::AdministrativeArea
            | FieldType::Facility
            | FieldType::Office
    )
}

/// Whether a quick search, which asks for no field in particular, looks at such answers.
pub(super) const fn is_quick(field_type: FieldType) -> bool {
    matches!(
        field_type,
        FieldType::Name | FieldType::Text | FieldType::Id | FieldType::Email | FieldType::Phone
    )
}

/// The words of an answer; `None` when there are none to keep.
pub(super) fn words_of(field_type: FieldType, answer: &Value) -> Option<String> {
    if !has_words(field_type) {
        return None;
    }
    let text = match (field_type, answer) {
        (FieldType::Name, Value::Object(name)) => {
            let parts = NAME.iter().filter_map(|part| name.get(*part)?.as_str());
            parts.collect::<Vec<_>>().join(" ")
        }
        (FieldType::Address, Value::Object(address)) => {
            let area = address.get("administrativeArea");
            let lines = address.get("streetLevelDetails").and_then(Value::as_object);
            let lines = lines.into_iter().flat_map(|lines| lines.values());
            let texts = area.into_iter().chain(lines).filter_map(Value::as_str);
            texts.collect::<Vec<_>>().join(" ")
        }
        (_, Value::String(text)) => text.clone(),
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}
