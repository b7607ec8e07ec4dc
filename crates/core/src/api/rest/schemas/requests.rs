//! What is sent to act on a record.

use records::ActionType;
use serde_json::{Value, json};

use super::parts::{answers, flag, object, text, transaction_id, uuid};

/// What is sent to ask for an action of this type.
pub(in crate::api::rest) fn action_request(action_type: ActionType) -> Value {
    let mut required = vec!["transactionId"];
    let mut properties = vec![
        ("transactionId", transaction_id()),
        (
            "declaration",
            answers("Answers that change; `null` clears one"),
        ),
        ("annotation", answers("Answers about the action itself")),
        (
            "keepAssignment",
            flag("Stay assigned whatever the country decides"),
        ),
        (
            "keepAssignmentIfAccepted",
            flag("Stay assigned when it is accepted"),
        ),
        (
            "keepAssignmentIfRejected",
            flag("Stay assigned when it is rejected"),
        ),
        (
            "createdAtLocation",
            uuid("System clients only: the office it happens at"),
        ),
    ];
    let content = |key: &str, schema: Value, needed: bool| {
        let keys: &[&str] = if needed { &[key] } else { &[] };
        object(keys, &[(key, schema)])
    };
    match action_type {
        ActionType::Reject | ActionType::Archive => {
            required.push("content");
            properties.push(("content", content("reason", text("Why"), true)));
        }
        ActionType::RejectCorrection => {
            required.extend(["content", "requestId"]);
            properties.push(("content", content("reason", text("Why"), true)));
            properties.push(("requestId", uuid("The correction request")));
        }
        ActionType::ApproveCorrection => {
            required.push("requestId");
            properties.push(("requestId", uuid("The correction request")));
            let immediate = flag("Requested and approved in one step");
            properties.push(("content", content("immediateCorrection", immediate, false)));
        }
        ActionType::Edit => {
            properties.push(("content", content("comment", text("What changed"), false)));
        }
        ActionType::PrintCertificate => {
            let template = text("The certificate template");
            properties.push(("content", content("templateId", template, false)));
        }
        ActionType::Custom => {
            required.push("customActionType");
            properties.push((
                "customActionType",
                text("Which of the country's custom actions"),
            ));
        }
        _ => {}
    }
    object(&required, &properties)
}

/// What is sent to begin a record and notify of it.
pub(in crate::api::rest) fn create_and_notify() -> Value {
    let mut body = action_request(ActionType::Notify);
    body["required"] = json!(["transactionId", "eventType", "createdAtLocation"]);
    body["properties"]["eventType"] = text("Such as `birth`");
    body["properties"]["createdAtLocation"] = uuid("The office it happens at");
    body
}

/// What is left of a deleted record.
pub(in crate::api::rest) fn deleted() -> Value {
    object(&["id"], &[("id", uuid("The record that was"))])
}

/// What is sent to say whether a record is a duplicate.
pub(in crate::api::rest) fn duplicate_mark(action_type: ActionType) -> Value {
    let mut properties = vec![
        ("transactionId", transaction_id()),
        ("annotation", answers("Answers about the action itself")),
        ("keepAssignment", flag("Stay assigned")),
    ];
    if action_type == ActionType::MarkAsDuplicate {
        let of = object(
            &["duplicateOf"],
            &[("duplicateOf", uuid("The record it is a duplicate of"))],
        );
        properties.push(("content", of));
    }
    object(&["transactionId"], &properties)
}
