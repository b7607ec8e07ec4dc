//! A small birth of our own: enough form to say the rules on.

use std::collections::HashSet;

use forms::{ActionCheck, ActionType, Context, EventConfig, Problem};
use serde_json::{Map, Value, json};

/// A leaf of the administrative structure that tests may use.
pub const LEAF: &str = "44002282-b85c-4d6c-8d08-18f10f85e968";

fn text(id: &str) -> Value {
    json!({ "id": id, "defaultMessage": id, "description": id })
}

/// `$form` has this field with this value.
pub fn answered(field: &str, value: Value) -> Value {
    json!({
        "type": "object",
        "properties": { "$form": {
            "type": "object",
            "properties": { field: { "const": value } },
            "required": [field],
        }},
        "required": ["$form"],
    })
}

fn not_after_today(field: &str) -> Value {
    json!({
        "type": "object",
        "properties": { "$form": { "properties": { field: {
            "type": "string", "format": "date", "formatMaximum": { "$data": "/$now" },
        }}}},
    })
}

fn field(id: &str, kind: &str, more: Value) -> Value {
    let mut field = json!({ "id": id, "type": kind, "label": text(id) });
    let more = more.as_object().unwrap().clone();
    field.as_object_mut().unwrap().extend(more);
    field
}

/// The configuration as a country would serve it.
pub fn written() -> Value {
    let show = |condition: Value| json!([{ "type": "SHOW", "conditional": condition }]);
    json!({
        "id": "birth",
        "label": text("birth"),
        "title": text("birth.title"),
        "summary": { "fields": [] },
        "dateOfEvent": { "$$field": "child.dob", "$$subfield": [] },
        "flags": [{ "id": "validated", "requiresAction": true, "label": text("validated") }],
        "x-of-the-country": { "kept": true },
        "declaration": { "label": text("form"), "pages": [
            { "id": "child", "title": text("child"), "fields": [
                field("child.name", "NAME", json!({ "required": true })),
                field("child.dob", "DATE", json!({
                    "required": { "message": text("dob.missing") },
                    "validation": [{
                        "validator": not_after_today("child.dob"), "message": text("dob.future"),
                    }],
                })),
                field("child.nid", "ID", json!({ "uncorrectable": true })),
                field("child.place", "ADDRESS", json!({
                    "configuration": { "streetAddressForm": [{ "id": "street" }] },
                })),
            ]},
            { "id": "mother", "title": text("mother"), "fields": [
                field("mother.known", "CHECKBOX", json!({})),
                field("mother.email", "EMAIL", json!({
                    "required": true,
                    "conditionals": show(answered("mother.known", json!(true))),
                })),
            ]},
            {
                "id": "father", "title": text("father"),
                "conditional": answered("mother.known", json!(true)),
                "fields": [field("father.age", "AGE", json!({
                    "required": true, "configuration": { "asOfDate": { "$$field": "child.dob" } },
                }))],
            },
        ]},
        "actions": [
            { "type": "DECLARE", "label": text("declare"), "flags": [], "review": {
                "title": text("review"),
                "fields": [
                    field("review.comment", "TEXT", json!({})),
                    field("review.signature", "SIGNATURE", json!({
                        "signaturePromptLabel": text("sign"),
                        "required": true,
                        "conditionals": show(answered("mother.known", json!(true))),
                    })),
                ],
            }},
            { "type": "REGISTER", "label": text("register"), "flags": [
                { "id": "validated", "operation": "remove" },
            ]},
            { "type": "REQUEST_CORRECTION", "label": text("correct"), "correctionForm": {
                "label": text("form"), "pages": [],
            }},
            { "type": "PRINT_CERTIFICATE", "label": text("print"), "printForm": {
                "label": text("form"),
                "pages": [
                    { "id": "who", "title": text("who"), "fields": [
                        field("who.collects", "SELECT", json!({ "required": true, "options": [] })),
                    ]},
                    {
                        "id": "identity", "type": "VERIFICATION", "title": text("identity"),
                        "fields": [],
                        "conditional": answered("who.collects", json!("MOTHER")),
                    },
                ],
            }},
            {
                "type": "CUSTOM", "customActionType": "VALIDATE", "label": text("validate"),
                "auditHistoryLabel": text("validated"),
                "form": [field("validate.note", "TEXT", json!({ "required": true }))],
                "flags": [{ "id": "validated", "operation": "add" }],
                "conditionals": [{ "type": "ENABLE", "conditional": {
                    "not": { "properties": { "$flags": { "contains": { "const": "validated" } } },
                             "required": ["$flags"] },
                }}],
            },
        ],
    })
}

pub fn config() -> EventConfig {
    EventConfig::compile(written()).unwrap_or_else(|why| panic!("{why}"))
}

/// A declaration with nothing wrong with it.
pub fn declaration() -> Map<String, Value> {
    object(json!({
        "child.name": { "firstname": "Ann", "surname": "Lee" },
        "child.dob": "2026-01-02",
    }))
}

pub fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// Asks within surroundings where today is 2026-01-15.
pub fn within<T>(ask: impl FnOnce(&Context<'_>) -> T) -> T {
    let (form, leaves) = (Map::new(), HashSet::from([LEAF.to_owned()]));
    ask(&Context {
        form: &form,
        now: "2026-01-15",
        online: true,
        user: None,
        leaf_locations: &leaves,
        flags: None,
        status: None,
        event: None,
    })
}

/// Fields and message ids of what is wrong with an action on a record.
pub fn wrong_with(
    action_type: ActionType,
    current: &Map<String, Value>,
    declaration: Value,
    annotation: Value,
) -> Vec<(String, String)> {
    let (declaration, annotation) = (object(declaration), object(annotation));
    let check = ActionCheck {
        action_type,
        custom_action_type: (action_type == ActionType::Custom).then_some("VALIDATE"),
        current,
        declaration: &declaration,
        annotation: &annotation,
    };
    named(within(|context| config().check_action(check, context)))
}

pub fn named(problems: Vec<Problem>) -> Vec<(String, String)> {
    problems
        .into_iter()
        .map(|problem| (problem.field, problem.message.id))
        .collect()
}
