//! What a record would say if the action that waits were accepted.

use records::{ActionStatus, Declaration, EventDocument, current_declaration};

/// The declaration once the record's last action, if it is still requested, is accepted. Cleared
/// fields are gone.
pub(crate) fn once_accepted(event: &EventDocument) -> Declaration {
    let mut event = event.clone();
    if let Some(last) = event
        .actions
        .last_mut()
        .filter(|it| it.status == ActionStatus::Requested)
    {
        last.status = ActionStatus::Accepted;
    }
    let mut declaration = current_declaration(&event);
    declaration.retain(|_, value| !value.is_null());
    declaration
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn event(actions: &[Value]) -> EventDocument {
        let actions: Vec<Value> = (100..)
            .zip(actions)
            .map(|(number, action)| {
                let mut whole = json!({
                    "id": format!("00000000-0000-7000-8000-000000000{number}"),
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
    fn the_action_to_decide_on_counts_and_a_rejected_one_does_not() {
        let event = event(&[
            json!({ "type": "DECLARE", "declaration": { "a": 1, "x": 1 } }),
            json!({ "type": "EDIT", "status": "Rejected", "declaration": { "a": 2 } }),
            json!({ "type": "REGISTER", "status": "Requested",
                    "declaration": { "b": 3, "x": null } }),
        ]);
        assert_eq!(
            Value::Object(once_accepted(&event)),
            json!({ "a": 1, "b": 3 })
        );
    }
}
