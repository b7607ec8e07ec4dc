//! Actions that wait for the country, what is decided by hand, and a record's history.

use serde_json::{Value, json};

use super::parts::{answers, array_of, flag, object, one_of, or_null, reference, text, time, uuid};

pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let whole = || json!({"type": "integer", "minimum": 0});
    let action = object(
        &[
            "eventId",
            "eventType",
            "trackingId",
            "actionId",
            "actionType",
            "transactionId",
            "requestedAt",
            "ageSeconds",
            "alert",
            "dueAt",
            "delivered",
        ],
        &[
            ("eventId", uuid("The record")),
            ("eventType", text("Such as `birth`")),
            ("trackingId", text("The record's, for people")),
            ("actionId", uuid("The action")),
            ("actionType", text("What it does")),
            (
                "customActionType",
                or_null(text("Of a custom action, which")),
            ),
            ("transactionId", text("Of whoever asked")),
            ("requestedBy", text("The id of whoever asked")),
            ("requestedAt", time("When they did")),
            ("ageSeconds", whole()),
            (
                "alert",
                one_of(
                    &["none", "due", "overdue"],
                    "Whether somebody must look at it: it waits long, or its deadline has passed",
                ),
            ),
            ("dueAt", time("When it is due")),
            ("deadline", or_null(time("When its deadline passes"))),
            (
                "whenPassed",
                or_null(one_of(
                    &["alert", "reject", "accept"],
                    "What the country has said is to be done then",
                )),
            ),
            ("delivered", flag("Country config has acknowledged it")),
            ("delivery", or_null(reference("DeliveryStanding"))),
            ("attempts", array_of(reference("Attempt"))),
        ],
    );
    let page = object(
        &["asOf", "pendingActions"],
        &[
            ("asOf", time("When it was so")),
            ("pendingActions", array_of(reference("PendingAction"))),
            (
                "next",
                or_null(text(
                    "Where the next page begins; without it this is the last. A page that asks for \
                     one alert state may be short and not the last",
                )),
            ),
        ],
    );
    let resent = object(
        &["actionId", "eventId", "resent"],
        &[
            ("actionId", uuid("The action")),
            ("eventId", uuid("The record")),
            (
                "resent",
                one_of(
                    &["queued", "hurried", "underWay"],
                    "It is sent again; it was not delivered yet and is tried at once; it is being \
                     tried just now",
                ),
            ),
        ],
    );
    let by_hand = |properties: &[(&str, Value)]| {
        let mut all = vec![
            (
                "reason",
                json!({
                    "type": "string", "minLength": 1, "maxLength": 1000,
                    "description": "Why; kept with the decision and shown to whoever asked",
                }),
            ),
            ("transactionId", text("Yours, if you have one")),
        ];
        all.extend_from_slice(properties);
        object(&["reason"], &all)
    };
    let number = text("Of a registration, which needs one; of nothing else");
    let resolved = object(
        &[
            "actionId",
            "eventId",
            "resolution",
            "resolvedBy",
            "resolvedAt",
            "already",
        ],
        &[
            ("actionId", uuid("The action")),
            ("eventId", uuid("The record")),
            (
                "resolution",
                one_of(&["accepted", "rejected"], "What was decided"),
            ),
            ("resolvedBy", text("By whom")),
            (
                "resolvedByUserType",
                one_of(&["user", "system"], "What they are"),
            ),
            ("resolvedAt", time("When")),
            ("reason", text("Why")),
            ("byHand", flag("An operator did")),
            (
                "handedBack",
                flag("So that it may be put right and asked for again"),
            ),
            (
                "deadlinePassed",
                flag("Core did, as the country has said for its deadline"),
            ),
            (
                "already",
                flag("It was decided so before; nothing was changed now"),
            ),
        ],
    );
    let step = object(
        &[
            "id",
            "at",
            "by",
            "byType",
            "operation",
            "details",
            "correlation",
        ],
        &[
            ("id", uuid("Its own")),
            ("at", time("When")),
            ("by", text("Who, by their id")),
            (
                "byType",
                one_of(&["user", "system", "core"], "What they are"),
            ),
            ("operation", text("What was done, such as `pending.resend`")),
            (
                "details",
                answers("Ids, types and reasons; nothing of what was declared"),
            ),
            (
                "correlation",
                text("The same for all that one click led to"),
            ),
        ],
    );
    let history = object(
        &["eventId", "steps"],
        &[
            ("eventId", uuid("The record")),
            ("steps", array_of(reference("HistoryStep"))),
            ("next", or_null(json!({"type": "integer", "minimum": 1}))),
        ],
    );
    vec![
        ("PendingAction", action),
        ("PendingPage", page),
        ("Resent", resent),
        ("ApprovalByHand", by_hand(&[("registrationNumber", number)])),
        ("RefusalByHand", by_hand(&[])),
        ("Resolved", resolved),
        ("HistoryStep", step),
        ("History", history),
    ]
}
