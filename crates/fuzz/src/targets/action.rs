//! What an action brings: whatever it is, it is judged.

use arbitrary::{Result, Unstructured};
use forms::{ActionCheck, ActionType};
use serde_json::{Map, Value, json};

use super::{material, surroundings};
use crate::{mutation::mutate, oddities};

pub(super) fn run(u: &mut Unstructured<'_>, show: &mut dyn FnMut(&str, &Value)) -> Result<()> {
    let config = u.choose(&material::EVENTS)?;
    let action_type = *u.choose(&ActionType::ALL)?;
    let custom = config.actions().iter();
    let mut custom: Vec<Option<&str>> = custom.map(|action| action.custom_action_type()).collect();
    custom.push(Some("no such action"));
    let custom_action_type = *u.choose(&custom)?;
    let current = material::answers(config, u)?;
    let declaration = material::answers(config, u)?;
    let annotation = annotation(u)?;
    show(
        "action",
        &json!({
            "event": config.id(), "type": action_type.as_str(), "custom": custom_action_type,
            "current": current, "declaration": declaration, "annotation": annotation,
        }),
    );

    let context = surroundings();
    let report = config.check_declaration(&declaration, &context);
    let _ = config.check_action(
        ActionCheck {
            action_type,
            custom_action_type,
            current: &current,
            declaration: &declaration,
            annotation: &annotation,
        },
        &context,
    );
    // What is cleaned has nothing left to clean.
    let again = config.check_declaration(&report.cleaned, &context);
    assert!(
        again.cleaned.len() <= report.cleaned.len(),
        "cleaning added answers"
    );
    Ok(())
}

fn annotation(u: &mut Unstructured<'_>) -> Result<Map<String, Value>> {
    let mut annotation = json!({
        "review.comment": "as told", "review.signature": {"path": "/a.png", "originalFilename": "a"},
        "collector.requesterId": "MOTHER", "identity-check": true,
    });
    if u.ratio(1, 4)? {
        annotation = oddities::value(u, 4)?;
    } else {
        mutate(&mut annotation, u)?;
    }
    match annotation {
        Value::Object(annotation) => Ok(annotation),
        _ => Ok(Map::new()),
    }
}
