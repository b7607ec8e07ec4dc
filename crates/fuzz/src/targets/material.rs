//! What the cases are made from: the configuration of the country in this checkout, and answers
//! and records that fit it.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use forms::{ActionType, EventConfig, FieldType};
use serde_json::{Map, Value, json};

use crate::{mutation::mutate, oddities};

/// The events as written.
pub(super) static WRITTEN: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let text = include_str!("../../../country/config/events.json");
    serde_json::from_str(text).unwrap_or_default()
});

/// The events, compiled.
pub(super) static EVENTS: LazyLock<Vec<EventConfig>> = LazyLock::new(|| {
    let compile = |event: &Value| EventConfig::compile(event.clone()).ok();
    WRITTEN.iter().filter_map(compile).collect()
});

/// Answers to the fields of a form, most of them of the right kind.
pub(super) fn answers(event: &EventConfig, u: &mut Unstructured<'_>) -> Result<Map<String, Value>> {
    let mut answers = Map::new();
    for field in event.fields() {
        if u.is_empty() {
            break;
        }
        if u.ratio(2, 3)? {
            answers.insert(field.id().to_owned(), answer(field.field_type(), u)?);
        }
    }
    let mut answers = Value::Object(answers);
    if u.ratio(1, 2)? {
        mutate(&mut answers, u)?;
    }
    match answers {
        Value::Object(answers) => Ok(answers),
        _ => Ok(Map::new()),
    }
}

/// An answer to a field of this type.
fn answer(kind: FieldType, u: &mut Unstructured<'_>) -> Result<Value> {
    if u.ratio(1, 5)? {
        return oddities::value(u, 2);
    }
    Ok(match kind {
        FieldType::Name => json!({"firstname": "Amina", "surname": oddities::text(u)?}),
        FieldType::Date => u
            .choose(&["2026-01-02", "1990-02-29", "2030-12-31"])?
            .to_owned()
            .into(),
        FieldType::Age => json!({"age": oddities::number(u)?, "asOfDateRef": "child.dob"}),
        FieldType::Address => json!({
            "country": "TAL", "addressType": u.choose(&["DOMESTIC", "INTERNATIONAL"])?,
            "administrativeArea": "a06ce413-68f4-4492-8236-e7da6bf916ba",
            "streetLevelDetails": {"town": oddities::text(u)?},
        }),
        FieldType::Number => oddities::number(u)?,
        FieldType::Checkbox => u.arbitrary::<bool>()?.into(),
        _ => oddities::text(u)?.into(),
    })
}

/// A record's actions as they come from outside: any that the rules know, in any order, referring
/// to each other or not.
pub(super) fn document(event: &EventConfig, u: &mut Unstructured<'_>) -> Result<Value> {
    let mut actions = vec![action(0, "CREATE", "Accepted", &Map::new())];
    for at in 1..u.int_in_range(2..=14)? {
        let kind = u.choose(&ActionType::ALL)?.as_str();
        let status = u.choose(&["Requested", "Accepted", "Accepted", "Rejected"])?;
        let declaration = if u.ratio(1, 3)? {
            answers(event, u)?
        } else {
            Map::new()
        };
        let mut action = action(at, kind, status, &declaration);
        if u.ratio(1, 2)? {
            action["originalActionId"] = id(u.int_in_range(0..=at)?).into();
        }
        if u.ratio(1, 4)? {
            action["requestId"] = id(u.int_in_range(0..=at)?).into();
        }
        if u.ratio(1, 4)? {
            action["annotation"] = oddities::value(u, 3)?;
        }
        if u.ratio(1, 4)? {
            action["content"] = oddities::value(u, 3)?;
        }
        if u.ratio(1, 4)? {
            action["createdAt"] = oddities::text(u)?.into();
        }
        actions.push(action);
    }
    Ok(json!({
        "id": id(0), "type": event.id(), "trackingId": "ABC123",
        "createdAt": "2026-01-02T10:00:00.000Z", "updatedAt": "2026-01-02T10:00:00.000Z",
        "actions": actions,
    }))
}

fn id(number: usize) -> String {
    format!("a06ce413-68f4-4492-8236-{number:012}")
}

fn action(at: usize, kind: &str, status: &str, declaration: &Map<String, Value>) -> Value {
    json!({
        "id": id(at), "transactionId": id(at), "type": kind, "status": status,
        "createdAt": format!("2026-01-02T10:00:{at:02}.000Z"),
        "createdBy": id(1), "createdByRole": "REGISTRAR", "createdByUserType": "user",
        "createdAtLocation": id(2), "declaration": declaration,
    })
}
