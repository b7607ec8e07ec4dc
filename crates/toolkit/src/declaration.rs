//! What a record says at present, added up from its actions.
//!
//! Accepted actions apply in order, each with what was asked for first and what the country
//! amended on top. A correction counts once it is approved, and certificates change nothing
//! (OpenCRVS's rule, which Core follows too). A `null` clears a field.

use records::{Action, ActionStatus, ActionType, Declaration, EventDocument};
use serde_json::Value;

/// The declaration as it will be once the last action, if it is still requested, is accepted.
pub(crate) fn current(event: &EventDocument) -> Declaration {
    let mut total = Declaration::new();
    for action in &event.actions {
        let counts = match action.status {
            ActionStatus::Accepted => true,
            ActionStatus::Requested => is_last(event, action),
            ActionStatus::Rejected => false,
        };
        if counts && applies(action.action_type) {
            if action.action_type == ActionType::ApproveCorrection {
                merge_request(event, action, &mut total);
            }
            merge_whole(event, action, &mut total);
        }
    }
    total.retain(|_, value| !value.is_null());
    total
}

const fn applies(kind: ActionType) -> bool {
    !matches!(
        kind,
        ActionType::RequestCorrection | ActionType::RejectCorrection | ActionType::PrintCertificate
    )
}

fn is_last(event: &EventDocument, action: &Action) -> bool {
    event
        .actions
        .last()
        .is_some_and(|last| last.id == action.id)
}

/// What the correction asked for: the approved request's own fields.
fn merge_request(event: &EventDocument, approval: &Action, total: &mut Declaration) {
    let request = event.actions.iter().find(|it| {
        it.action_type == ActionType::RequestCorrection
            && it.status == ActionStatus::Accepted
            && approval_of(event, approval).is_some_and(|id| {
                let asked = it.original_action_id.map(|id| id.to_string());
                it.id.to_string() == id || asked.as_deref() == Some(id)
            })
    });
    if let Some(request) = request {
        merge_whole(event, request, total);
    }
}

/// The request an approval names; an approval after the fact leaves it to the one it resolves.
fn approval_of<'a>(event: &'a EventDocument, approval: &'a Action) -> Option<&'a str> {
    approval.request_id.as_deref().or_else(|| {
        event
            .action(approval.original_action_id?)
            .and_then(|it| it.request_id.as_deref())
    })
}

/// What an action asked for, then what came with its acceptance.
fn merge_whole(event: &EventDocument, action: &Action, total: &mut Declaration) {
    let asked = action.original_action_id.and_then(|id| event.action(id));
    for part in [asked, Some(action)].into_iter().flatten() {
        if let Some(fields) = &part.declaration {
            merge(total, fields);
        }
    }
}

/// Composite values, such as names and addresses, merge part by part.
fn merge(total: &mut Declaration, fields: &Declaration) {
    for (id, value) in fields {
        match (total.get_mut(id), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            _ => {
                total.insert(id.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const DECLARE: &str = "00000000-0000-7000-8000-000000000001";
    const REQUEST: &str = "00000000-0000-7000-8000-000000000002";

    fn event(actions: &[Value]) -> EventDocument {
        let actions: Vec<Value> = actions
            .iter()
            .enumerate()
            .map(|(index, action)| {
                let mut whole = json!({
                    "id": format!("00000000-0000-7000-8000-00000000010{index}"),
                    "transactionId": "t", "status": "Accepted", "createdBy": "u",
                    "createdByUserType": "user", "createdAt": "2026-01-01T00:00:00.000Z",
                });
                for (key, value) in action.as_object().unwrap() {
                    whole[key] = value.clone();
                }
                whole
            })
            .collect();
        serde_json::from_value(json!({
            "id": "00000000-0000-7000-8000-000000000000", "type": "birth", "trackingId": "ABC123",
            "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z",
            "actions": actions,
        }))
        .unwrap()
    }

    #[test]
    fn an_acceptance_amends_what_was_asked_for() {
        let event = event(&[
            json!({ "id": DECLARE, "type": "DECLARE", "status": "Requested",
                    "declaration": { "child.name": { "firstname": "A", "surname": "B" }, "x": 1 } }),
            json!({ "type": "DECLARE", "originalActionId": DECLARE,
                    "declaration": { "child.name": { "surname": "C" }, "x": null } }),
        ]);
        let expected = json!({ "child.name": { "firstname": "A", "surname": "C" } });
        assert_eq!(Value::Object(current(&event)), expected);
    }

    #[test]
    fn the_action_to_decide_on_counts_and_a_rejected_one_does_not() {
        let event = event(&[
            json!({ "type": "DECLARE", "declaration": { "a": 1 } }),
            json!({ "type": "EDIT", "status": "Rejected", "declaration": { "a": 2 } }),
            json!({ "type": "REGISTER", "status": "Requested", "declaration": { "b": 3 } }),
        ]);
        assert_eq!(Value::Object(current(&event)), json!({ "a": 1, "b": 3 }));
    }

    #[test]
    fn a_correction_counts_once_it_is_approved() {
        let asked = json!({ "id": REQUEST, "type": "REQUEST_CORRECTION",
                            "declaration": { "a": 2 } });
        let declared = json!({ "type": "DECLARE", "declaration": { "a": 1 } });
        let waiting = event(&[declared.clone(), asked.clone()]);
        assert_eq!(Value::Object(current(&waiting)), json!({ "a": 1 }));
        let approved = json!({ "type": "APPROVE_CORRECTION", "requestId": REQUEST });
        let done = event(&[declared, asked, approved]);
        assert_eq!(Value::Object(current(&done)), json!({ "a": 2 }));
    }
}
