//! Records and their actions.

use records::ActionType;
use serde_json::{Value, json};

use super::parts::{
    answers, array_of, object, one_of, or_null, reference, text, time, transaction_id, uuid,
};

pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let types: Vec<&str> = ActionType::ALL.iter().map(|kind| kind.as_str()).collect();
    let statuses = ["CREATED", "NOTIFIED", "DECLARED", "REGISTERED", "ARCHIVED"];
    let action = object(
        &[
            "id",
            "transactionId",
            "type",
            "status",
            "createdAt",
            "createdBy",
            "createdByUserType",
        ],
        &[
            ("id", uuid("The action's id")),
            ("transactionId", text("The transaction that made it")),
            ("type", one_of(&types, "What it does")),
            (
                "status",
                one_of(
                    &["Requested", "Accepted", "Rejected"],
                    "Requested: waits for the country. A decision is an action of its own",
                ),
            ),
            ("createdAt", time("When")),
            ("createdBy", text("Who")),
            (
                "createdByUserType",
                one_of(&["user", "system"], "A person or a system client"),
            ),
            ("createdByRole", text("The person's role")),
            (
                "createdBySignature",
                or_null(text("Path of the person's signature")),
            ),
            ("createdAtLocation", or_null(uuid("The office"))),
            (
                "declaration",
                answers("Answers it changes; absent on a refusal"),
            ),
            (
                "annotation",
                or_null(answers("Answers about the action itself")),
            ),
            (
                "originalActionId",
                or_null(uuid("The Requested action that this one decides")),
            ),
            ("assignedTo", text("ASSIGN: who holds the record now")),
            ("registrationNumber", text("REGISTER, accepted")),
            (
                "requestId",
                text("Corrections: the request that is answered"),
            ),
            ("customActionType", text("CUSTOM: which")),
            ("content", answers("By type; on a refusal `{reason}`")),
        ],
    );
    let document = object(
        &[
            "id",
            "type",
            "createdAt",
            "updatedAt",
            "trackingId",
            "actions",
        ],
        &[
            ("id", uuid("The record's id")),
            ("type", text("The event type, such as `birth`")),
            ("createdAt", time("When it began")),
            ("updatedAt", time("When its last action was written")),
            (
                "trackingId",
                json!({"type": "string", "pattern": "^[0-9A-Z]{6}$"}),
            ),
            ("actions", array_of(reference("Action"))),
        ],
    );
    let index = object(
        &[
            "id",
            "type",
            "status",
            "trackingId",
            "createdAt",
            "updatedAt",
            "flags",
            "declaration",
        ],
        &[
            ("id", uuid("The record's id")),
            ("type", text("The event type")),
            ("status", one_of(&statuses, "How far it has come")),
            ("trackingId", text("For people")),
            ("createdAt", time("When it began")),
            ("createdBy", text("Who began it")),
            (
                "createdByUserType",
                one_of(&["user", "system"], "A person or a system client"),
            ),
            ("createdAtLocation", or_null(text("The office"))),
            ("updatedAt", time("When an action was last accepted")),
            ("updatedBy", text("Who last asked for an action")),
            ("updatedByUserRole", text("Their role")),
            ("updatedAtLocation", or_null(text("Their office"))),
            ("assignedTo", or_null(text("Who holds it"))),
            (
                "dateOfEvent",
                or_null(json!({"type": "string", "format": "date"})),
            ),
            ("placeOfEvent", or_null(text("Where it happened"))),
            (
                "legalStatuses",
                answers("Who declared and registered it, when and where"),
            ),
            (
                "potentialDuplicates",
                array_of(answers("`{id, trackingId}`")),
            ),
            ("flags", array_of(json!({"type": "string"}))),
            (
                "pendingActions",
                array_of(object(
                    &["type", "requestedAt"],
                    &[
                        ("type", text("The action's type")),
                        (
                            "customActionType",
                            or_null(text("Which, of a custom action")),
                        ),
                        ("requestedAt", time("When it was asked for")),
                    ],
                )),
            ),
            ("declaration", answers("All answers")),
        ],
    );
    let new_event = object(
        &["type", "transactionId"],
        &[
            ("type", text("The event type, such as `birth`")),
            ("transactionId", transaction_id()),
            (
                "createdAtLocation",
                uuid("System clients only: the office it happens at"),
            ),
        ],
    );
    let assignment = object(
        &["transactionId"],
        &[
            ("transactionId", transaction_id()),
            ("type", text("ASSIGN or UNASSIGN; optional")),
        ],
    );
    vec![
        ("Action", action),
        ("EventDocument", document),
        ("EventIndex", index),
        ("NewEvent", new_event),
        ("Assignment", assignment),
    ]
}
