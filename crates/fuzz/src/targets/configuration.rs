//! A configuration that is broken somewhere: it is refused, or it can be worked with.

use arbitrary::{Result, Unstructured};
use forms::{ActionCheck, ActionType, Conditional, EventConfig};
use records::{ActionStatus, EventDocument, available_actions, state};
use serde_json::{Value, json};

use super::{material, surroundings};
use crate::{mutation::mutate, oddities};

pub(super) fn run(u: &mut Unstructured<'_>, show: &mut dyn FnMut(&str, &Value)) -> Result<()> {
    if u.ratio(1, 4)? {
        return conditional(u, show);
    }
    let mut written = u.choose(&material::WRITTEN)?.clone();
    thin_out(&mut written, u)?;
    mutate(&mut written, u)?;
    show("configuration", &written);
    let Ok(config) = EventConfig::compile(written) else {
        return Ok(());
    };

    let answers = material::answers(&config, u)?;
    show("answers", &json!(answers));
    let context = surroundings();
    let report = config.check_declaration(&answers, &context);
    for action_type in ActionType::ALL {
        let _ = config.check_action(
            ActionCheck {
                action_type,
                custom_action_type: None,
                current: &report.cleaned,
                declaration: &answers,
                annotation: &answers,
            },
            &context,
        );
    }
    let document = material::document(&config, u)?;
    show("record", &document);
    if let Ok(mut document) = serde_json::from_value::<EventDocument>(document) {
        // Conditions on flags are asked about accepted actions only.
        for action in &mut document.actions {
            action.status = ActionStatus::Accepted;
        }
        if let Ok(state) = state(&document, &config) {
            let _ = available_actions(state.status, &state.flags);
        }
    }
    Ok(())
}

/// A conditional on its own: anything at all, or one of the country's, broken.
fn conditional(u: &mut Unstructured<'_>, show: &mut dyn FnMut(&str, &Value)) -> Result<()> {
    let schema = if u.ratio(1, 2)? {
        oddities::value(u, 6)?
    } else {
        let mut schema = json!({"type": "object", "properties": {"$form": {
            "type": "object",
            "properties": {"child.dob": {
                "type": "string", "format": "date", "formatMaximum": {"$data": "/$now"},
                "daysFromDate": {"days": 30, "clause": "after", "referenceDate": {"$data": "1/mother.dob"}},
            }},
            "required": ["child.dob"],
        }}});
        mutate(&mut schema, u)?;
        schema
    };
    show("conditional", &schema);
    let Ok(conditional) = Conditional::compile(&schema) else {
        return Ok(());
    };
    let mut form = json!({"child.dob": "2026-01-02", "mother.dob": {"age": 30}});
    mutate(&mut form, u)?;
    show("form", &form);
    if let Value::Object(form) = form {
        let _ = conditional.holds(&surroundings().with_form(&form));
    }
    Ok(())
}

/// Keeps some pages and some fields: a small configuration breaks as well as a big one, and sooner.
fn thin_out(event: &mut Value, u: &mut Unstructured<'_>) -> Result<()> {
    let Some(Value::Array(pages)) = event.pointer_mut("/declaration/pages") else {
        return Ok(());
    };
    let keep = u.choose_index(pages.len())?;
    for (at, page) in pages.iter_mut().enumerate() {
        if at == keep {
            continue;
        }
        if let Some(Value::Array(fields)) = page.get_mut("fields") {
            fields.truncate(2);
        }
    }
    if u.ratio(1, 2)? {
        // They name fields that may be gone.
        for key in ["dateOfEvent", "placeOfEvent"] {
            if let Some(event) = event.as_object_mut() {
                event.shift_remove(key);
            }
        }
    }
    Ok(())
}
