use records::{EventDocument, available_actions, state};
use serde_json::{Value, json};

use crate::shared;

#[test]
fn states_and_available_actions_are_those_of_the_vectors() {
    let (Some(configurations), Some(rows)) = (
        shared::configurations(),
        shared::text("vectors/states.jsonl"),
    ) else {
        return;
    };
    let mut wrong = Vec::new();
    let mut passed = 0;
    for row in rows.lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        let event: EventDocument = serde_json::from_value(row["event"].clone()).unwrap();
        let config = configurations
            .iter()
            .find(|config| config.id() == event.event_type)
            .unwrap();
        let state = state(&event, config).unwrap();
        let actions = available_actions(state.status, &state.flags);
        let found = json!({"state": state, "availableActions": actions});
        if found == row["expected"] {
            passed += 1;
        } else {
            wrong.push(format!(
                "{}: {found} rather than {}",
                row["id"], row["expected"]
            ));
        }
    }
    println!("states.jsonl: {passed} passed, {} failed", wrong.len());
    assert!(
        wrong.is_empty(),
        "{} failed, first: {}",
        wrong.len(),
        wrong[0]
    );
}

#[test]
fn documents_are_written_as_they_were_read() {
    let Some(rows) = shared::text("vectors/states.jsonl") else {
        return;
    };
    for row in rows.lines() {
        let mut row: Value = serde_json::from_str(row).unwrap();
        let event: EventDocument = serde_json::from_value(row["event"].clone()).unwrap();
        // What is absent and what is `null` mean the same; it is written as absent.
        for action in row["event"]["actions"].as_array_mut().unwrap() {
            action
                .as_object_mut()
                .unwrap()
                .retain(|_, value| !value.is_null());
        }
        assert_eq!(
            serde_json::to_value(&event).unwrap(),
            row["event"],
            "{}",
            row["id"]
        );
    }
}
