//! Actions on records, and the decisions on them.

use records::ActionType;

use super::{Route, post};
use crate::api::rest::schemas::{self as schema, reference};

pub(super) fn routes() -> Vec<Route> {
    const ACTIONS: [(&str, &str, ActionType, &str); 11] = [
        (
            "notify",
            "event.actions.notify.request",
            ActionType::Notify,
            "Notify of an event",
        ),
        (
            "declare",
            "event.actions.declare.request",
            ActionType::Declare,
            "Declare an event",
        ),
        (
            "edit",
            "event.actions.edit.request",
            ActionType::Edit,
            "Edit a declaration",
        ),
        (
            "register",
            "event.actions.register.request",
            ActionType::Register,
            "Register an event",
        ),
        (
            "reject",
            "event.actions.reject.request",
            ActionType::Reject,
            "Reject a declaration",
        ),
        (
            "archive",
            "event.actions.archive.request",
            ActionType::Archive,
            "Archive a record",
        ),
        (
            "print-certificate",
            "event.actions.printCertificate.request",
            ActionType::PrintCertificate,
            "Print a certificate",
        ),
        (
            "custom",
            "event.actions.custom.request",
            ActionType::Custom,
            "Take a custom action",
        ),
        (
            "request-correction",
            "event.actions.correction.request.request",
            ActionType::RequestCorrection,
            "Request a correction",
        ),
        (
            "approve-correction",
            "event.actions.correction.approve.request",
            ActionType::ApproveCorrection,
            "Approve a correction",
        ),
        (
            "reject-correction",
            "event.actions.correction.reject.request",
            ActionType::RejectCorrection,
            "Reject a correction",
        ),
    ];
    let mut routes = vec![Route {
        tag: "Actions",
        ..post(
            "/events/notify",
            "event.actions.createAndNotify.request",
            "Begin a record and notify of it in one request (system clients)",
            schema::create_and_notify(),
        )
    }];
    for (step, name, action_type, summary) in ACTIONS {
        let path = format!("/events/{{eventId}}/actions/{step}");
        let body = schema::action_request(action_type);
        routes.push(Route {
            tag: "Actions",
            ..post(&path, name, summary, body.clone())
        });
        // As OpenCRVS has these four.
        let own = match action_type {
            ActionType::Notify => "/events/{eventId}/notify",
            ActionType::RequestCorrection => "/events/{eventId}/correction/request",
            ActionType::ApproveCorrection => "/events/{eventId}/correction/approve",
            ActionType::RejectCorrection => "/events/{eventId}/correction/reject",
            _ => continue,
        };
        routes.push(Route {
            tag: "Actions",
            ..post(own, name, summary, body)
        });
    }
    for (step, name, action_type, summary) in [
        (
            "mark-as-duplicate",
            "event.actions.duplicate.markAsDuplicate",
            ActionType::MarkAsDuplicate,
            "Say that a record is a duplicate of another",
        ),
        (
            "mark-as-not-duplicate",
            "event.actions.duplicate.markNotDuplicate",
            ActionType::MarkAsNotDuplicate,
            "Say that a record is no duplicate",
        ),
    ] {
        let path = format!("/events/{{eventId}}/actions/{step}");
        routes.push(Route {
            tag: "Actions",
            ..post(&path, name, summary, schema::duplicate_mark(action_type))
        });
    }
    for (step, name, summary, body) in [
        (
            "accept",
            "event.actions.pending.accept",
            "Approve a pending action (country config)",
            "Acceptance",
        ),
        (
            "reject",
            "event.actions.pending.reject",
            "Refuse a pending action (country config)",
            "Refusal",
        ),
    ] {
        let path = format!("/events/{{eventId}}/actions/{{actionId}}/{step}");
        routes.push(Route {
            tag: "Decisions",
            ..post(&path, name, summary, reference(body))
        });
    }
    routes
}
