//! Where a submission stands, the decisions on it, and errors.

use serde_json::{Value, json};

use super::parts::{answers, array_of, flag, object, one_of, or_null, reference, text, time, uuid};

/// What is sent to those who listen.
pub(in crate::api::rest) fn events() -> Value {
    json!({
        "type": "string",
        "description": "Server-sent events, each with a name. `transaction`: a submission of yours \
            has moved; its data is a `Submission`. `workqueues` (`{}`): records have changed, so \
            counts and lists may have; once a second at most. `configuration`: which version is in \
            use, at the beginning and when it changes; its data is a `StreamedConfiguration`. \
            `resync` (`{}`): more has happened than could be told; ask where what you wait for \
            stands, as after every new connection. Ends when the token is no longer good.",
        "x-events": {
            "transaction": reference("Submission"),
            "workqueues": {"type": "object"},
            "configuration": reference("StreamedConfiguration"),
            "resync": {"type": "object"},
        },
    })
}

pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let standing = object(
        &["id", "kind", "state", "attempts", "createdAt"],
        &[
            ("id", uuid("`webhook-id` of every attempt")),
            ("kind", text("The trigger, such as `REGISTER`")),
            (
                "state",
                one_of(
                    &["queued", "leased", "delivered", "expired"],
                    "Whether country config has it; says nothing of what it decided",
                ),
            ),
            ("attempts", json!({"type": "integer", "minimum": 0})),
            ("createdAt", time("When it began")),
            ("nextAttemptAt", or_null(time("When it is tried again"))),
            ("finishedAt", or_null(time("When country config had it"))),
            ("lastError", or_null(text("Why the last attempt failed"))),
        ],
    );
    let submission = object(
        &[
            "transactionId",
            "eventId",
            "actionId",
            "type",
            "status",
            "createdAt",
        ],
        &[
            ("transactionId", text("The transaction that made it")),
            ("eventId", uuid("The record")),
            ("actionId", uuid("The action")),
            ("type", text("What it does")),
            (
                "status",
                one_of(&["Requested", "Accepted", "Rejected"], "What it has become"),
            ),
            ("createdAt", time("When it was asked for")),
            ("reason", or_null(text("Why it was refused"))),
            ("resolvedAt", or_null(time("When it was decided"))),
            ("byHand", flag("An operator decided, not the country")),
            (
                "handedBack",
                flag("An operator has handed it back: put it right and ask again"),
            ),
            ("delivery", or_null(reference("DeliveryStanding"))),
            ("attempts", array_of(reference("Attempt"))),
        ],
    );
    let attempt = object(
        &["number", "startedAt", "durationMs", "outcome"],
        &[
            ("number", json!({"type": "integer", "minimum": 1})),
            ("startedAt", time("When it began")),
            ("durationMs", json!({"type": "integer", "minimum": 0})),
            ("status", or_null(json!({"type": "integer"}))),
            (
                "outcome",
                text("`accepted`, `pending`, `rejected`, or the kind of failure"),
            ),
            ("error", or_null(text("Why it failed"))),
        ],
    );
    let acceptance = object(
        &["transactionId"],
        &[
            ("transactionId", text("Yours")),
            (
                "registrationNumber",
                text("Needed for REGISTER; unique for good"),
            ),
            (
                "declaration",
                answers("What the country adds to the declaration"),
            ),
            (
                "annotation",
                answers("What the country adds to the annotation"),
            ),
            ("keepAssignment", flag("Leave the record with the person")),
        ],
    );
    let refusal = object(
        &["transactionId"],
        &[
            ("transactionId", text("Yours")),
            ("reason", text("Shown to the registrar")),
            ("keepAssignment", flag("Leave the record with the person")),
        ],
    );
    let error = object(
        &["message", "code", "data"],
        &[
            ("message", text("A sentence, or a list of problems as JSON")),
            (
                "fields",
                array_of(object(
                    &["field", "messageId", "message"],
                    &[
                        (
                            "field",
                            text("Whose answer will not do; its id or a path into it"),
                        ),
                        ("messageId", text("Under which the message is translated")),
                        ("message", text("Why, untranslated")),
                    ],
                )),
            ),
            ("code", text("Such as `CONFLICT`")),
            (
                "data",
                object(
                    &["code", "httpStatus"],
                    &[
                        ("code", text("The same")),
                        ("httpStatus", json!({"type": "integer"})),
                        ("details", answers("More about it")),
                    ],
                ),
            ),
        ],
    );
    let configured = object(
        &["version"],
        &[(
            "version",
            text("Which configuration is in use; the same on every node"),
        )],
    );
    vec![
        ("StreamedConfiguration", configured),
        ("DeliveryStanding", standing),
        ("Attempt", attempt),
        ("Submission", submission),
        (
            "Transaction",
            object(
                &["transactionId", "submissions"],
                &[
                    ("transactionId", text("As asked")),
                    ("submissions", array_of(reference("Submission"))),
                ],
            ),
        ),
        ("Acceptance", acceptance),
        ("Refusal", refusal),
        ("Error", error),
    ]
}
