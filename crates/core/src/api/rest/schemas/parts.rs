//! What schemas are made of.

use serde_json::{Map, Value, json};

/// A schema kept under `components`.
pub(in crate::api::rest) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// A list.
pub(in crate::api::rest) fn array_of(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

/// Any object.
pub(in crate::api::rest) fn any(description: &str) -> Value {
    json!({"type": "object", "description": description, "additionalProperties": true})
}

/// An empty body.
pub(in crate::api::rest) fn nothing() -> Value {
    json!({"type": "object", "description": "Nothing is needed"})
}

/// Numbers by slug.
pub(in crate::api::rest) fn counts() -> Value {
    json!({"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}})
}

/// A page of a list, and how long the list is.
pub(in crate::api::rest) fn page_of(name: &str) -> Value {
    object(
        &["results", "total"],
        &[
            ("results", array_of(reference(name))),
            ("total", json!({"type": "integer", "minimum": 0})),
        ],
    )
}

pub(in crate::api::rest) fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

pub(in crate::api::rest) fn uuid(description: &str) -> Value {
    json!({"type": "string", "format": "uuid", "description": description})
}

pub(in crate::api::rest) fn time(description: &str) -> Value {
    json!({"type": "string", "format": "date-time", "description": description})
}

pub(in crate::api::rest) fn one_of(values: &[&str], description: &str) -> Value {
    json!({"type": "string", "enum": values, "description": description})
}

pub(in crate::api::rest) fn or_null(schema: Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

pub(in crate::api::rest) fn flag(description: &str) -> Value {
    json!({"type": "boolean", "description": description})
}

pub(in crate::api::rest) fn object(required: &[&str], properties: &[(&str, Value)]) -> Value {
    let properties: Map<String, Value> = properties
        .iter()
        .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
        .collect();
    json!({"type": "object", "required": required, "properties": properties})
}

pub(in crate::api::rest) fn answers(description: &str) -> Value {
    json!({"type": "object", "description": description, "additionalProperties": true})
}

pub(in crate::api::rest) fn transaction_id() -> Value {
    json!({
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "description": "Yours, unique. Sending the same again never acts twice; it answers with \
                        what the first has become",
    })
}
