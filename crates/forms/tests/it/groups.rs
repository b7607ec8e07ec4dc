//! Fields in fields: each part is judged where its answer stands.

use forms::EventConfig;
use serde_json::{Value, json};

use crate::birth::{answered, declaration, object, within, written};

/// What is wrong with the home in a form when it is this; a boat's harbour, a group within
/// the group, is asked for where the home is a boat.
fn wrong_with(home: Value) -> Vec<String> {
    let label = json!({ "id": "x", "defaultMessage": "x", "description": "x" });
    let mut event = written();
    let fields = event
        .pointer_mut("/declaration/pages/0/fields")
        .and_then(Value::as_array_mut)
        .unwrap();
    let boat = answered("home.is-boat", json!(true));
    fields.push(json!({ "id": "home.is-boat", "type": "CHECKBOX", "label": label }));
    fields.push(json!({
        "id": "home", "type": "FIELD_GROUP", "label": label, "fields": [
            { "id": "name", "type": "TEXT", "label": label, "required": true },
            {
                "id": "boat", "type": "FIELD_GROUP", "label": label,
                "conditionals": [{ "type": "SHOW", "conditional": boat }],
                "fields": [
                    { "id": "harbour", "type": "TEXT", "label": label, "required": true },
                ],
            },
        ],
    }));
    let event = EventConfig::compile(event).unwrap_or_else(|why| panic!("{why}"));
    let mut answers = declaration();
    answers.extend(object(home));
    let report = within(|context| event.check_declaration(&answers, context));
    let problems = report.problems.into_iter();
    problems
        .filter(|problem| problem.field == "home")
        .map(|problem| format!("{}: {}", problem.field, problem.message.id))
        .collect()
}

#[test]
fn what_is_required_in_a_group_of_a_group_can_be_given_there() {
    let on_boat =
        |boat: Value| json!({ "home.is-boat": true, "home": { "name": "Mary", "boat": boat } });
    assert_eq!(
        wrong_with(on_boat(json!({ "harbour": "Old Harbour" }))),
        [""; 0]
    );
    let missing = ["home: error.required"];
    assert_eq!(wrong_with(on_boat(json!({}))), missing);
    let elsewhere = json!({
        "home.is-boat": true, "home": { "name": "Mary", "harbour": "Old Harbour" },
    });
    assert_eq!(wrong_with(elsewhere), missing);
}

#[test]
fn nothing_is_asked_in_a_group_that_is_hidden() {
    assert_eq!(wrong_with(json!({ "home": { "name": "Mary" } })), [""; 0]);
    assert_eq!(wrong_with(json!({})), ["home: error.required"]);
}
