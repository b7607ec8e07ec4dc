//! Deliveries to country config, as operators see them.

use serde_json::{Value, json};

use super::parts::{array_of, flag, object, one_of, or_null, reference, text, time, uuid};
use crate::deliveries::{filter::STATES, kinds::OUTCOMES};

/// What may be said about what is asked for.
pub(in crate::api::rest) fn with_reason() -> Value {
    object(&[], &[("reason", text("Why, for the audit trail"))])
}

pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let mut in_full = properties();
    in_full.extend([
        ("asOf", time("When this was so")),
        (
            "awaitsDecision",
            flag("Whether its action is still undecided"),
        ),
        ("paused", flag("Whether an operator has stopped it")),
        (
            "waitsFor",
            or_null(uuid("The delivery of the same record that goes first")),
        ),
        ("timeline", array_of(reference("DeliveryAttempt"))),
    ]);
    let page = object(
        &["asOf", "deliveries", "next"],
        &[
            ("asOf", time("When this was so")),
            ("deliveries", array_of(reference("Delivery"))),
            (
                "next",
                or_null(text(
                    "Where the next page begins; `null` when there is none",
                )),
            ),
            (
                "count",
                whole("How many there are in all, where that was asked"),
            ),
            (
                "countAtLeast",
                flag("There are more: it was not counted further"),
            ),
        ],
    );
    vec![
        ("Delivery", object(&REQUIRED, &properties())),
        ("DeliveryPage", page),
        ("DeliveryInFull", object(&REQUIRED, &in_full)),
        ("DeliveryAttempt", attempt()),
        ("DeliverySummary", summary()),
        ("DeliveryFilter", filter()),
        ("Pause", pause()),
        (
            "Pauses",
            object(
                &["changed", "pauses"],
                &[
                    ("changed", flag("Whether anything is different now")),
                    ("pauses", array_of(reference("Pause"))),
                ],
            ),
        ),
        (
            "Stop",
            object(
                &["reason"],
                &[
                    ("kind", text("Which kind; all, if left out")),
                    ("reason", text("Why")),
                ],
            ),
        ),
        (
            "StopLifted",
            object(
                &[],
                &[
                    (
                        "kind",
                        text("Which kind; if left out, the stop of all is lifted"),
                    ),
                    ("reason", text("Why")),
                ],
            ),
        ),
        ("Sent", sent()),
        (
            "NewSending",
            object(
                &["filter", "reason"],
                &[
                    ("filter", reference("DeliveryFilter")),
                    ("reason", text("Why")),
                ],
            ),
        ),
        ("Sending", sending()),
    ]
}

const REQUIRED: [&str; 6] = [
    "id",
    "kind",
    "state",
    "attempts",
    "createdAt",
    "correlation",
];

fn whole(description: &str) -> Value {
    json!({"type": "integer", "minimum": 0, "description": description})
}

fn properties() -> Vec<(&'static str, Value)> {
    vec![
        ("id", uuid("Kept for life: `webhook-id` on the wire")),
        (
            "kind",
            text("The kind of trigger, such as `REGISTER` or `user/2fa`"),
        ),
        ("state", state()),
        (
            "eventType",
            or_null(text("The type of the record it is about")),
        ),
        ("eventId", or_null(uuid("The record it is about"))),
        ("actionId", or_null(uuid("The action it is about"))),
        ("attempts", whole("Attempts begun")),
        (
            "lastOutcome",
            or_null(one_of(&OUTCOMES, "How the last attempt ended")),
        ),
        ("lastError", or_null(text("Why the last attempt failed"))),
        ("createdAt", time("When it began")),
        (
            "dueAt",
            or_null(time("When the next attempt may begin, while it waits")),
        ),
        (
            "finishedAt",
            or_null(time("When it was delivered or expired")),
        ),
        (
            "expiresAt",
            or_null(time("Past this it is closed, never delivered late")),
        ),
        (
            "correlation",
            text("Ties the user's click to the last callback"),
        ),
    ]
}

fn state() -> Value {
    one_of(
        &STATES.map(|(name, _)| name),
        "Waiting, under way, acknowledged by country config, or closed because its time passed",
    )
}

fn attempt() -> Value {
    object(
        &["number", "startedAt", "durationMs", "outcome"],
        &[
            ("number", whole("Counts from 1")),
            ("startedAt", time("When it began")),
            ("durationMs", whole("How long it took, in milliseconds")),
            (
                "status",
                or_null(whole("The HTTP status, when there was an answer")),
            ),
            ("outcome", one_of(&OUTCOMES, "How it ended")),
            ("error", or_null(text("Why it failed"))),
            ("answer", or_null(text("How the answer began"))),
            (
                "answerWithheld",
                flag("There was an answer, which nobody is shown: it may hold a code"),
            ),
        ],
    )
}

fn summary() -> Value {
    let kind = object(
        &["kind", "queued", "leased", "delivered", "expired", "paused"],
        &[
            ("kind", text("The kind of trigger")),
            ("queued", whole("How many wait")),
            ("leased", whole("How many are under way")),
            (
                "delivered",
                whole("How many country config has acknowledged"),
            ),
            (
                "expired",
                whole("How many were closed because their time passed"),
            ),
            ("oldest", or_null(time("When the oldest that waits began"))),
            ("paused", flag("Whether an operator has stopped it")),
        ],
    );
    let node = object(
        &["node", "version", "startedAt", "lastSeen", "silent"],
        &[
            ("node", text("Its name")),
            ("version", text("Which program it runs")),
            ("startedAt", time("When it started")),
            ("lastSeen", time("When it last gave a sign of life")),
            ("silent", flag("Whether that is too long ago")),
        ],
    );
    object(
        &["asOf", "waiting", "kinds", "pauses", "nodes", "sendings"],
        &[
            ("asOf", time("When this was so")),
            ("waiting", whole("How many deliveries are unfinished")),
            ("oldest", or_null(time("When the oldest of them began"))),
            ("kinds", array_of(kind)),
            ("pauses", array_of(reference("Pause"))),
            ("nodes", array_of(node)),
            ("sendings", array_of(reference("Sending"))),
            ("engine", engine()),
        ],
    )
}

fn engine() -> Value {
    let peer = object(
        &["state"],
        &[
            (
                "state",
                one_of(
                    &["up", "down", "recovering"],
                    "It answers, it does not, or it does again and is spared at first",
                ),
            ),
            ("since", or_null(time("Since when"))),
            (
                "nextProbe",
                or_null(time("When it is tried next, while it is down")),
            ),
        ],
    );
    let breaker = object(
        &["kind", "state", "since", "why"],
        &[
            ("kind", text("The kind of trigger that is left alone")),
            (
                "state",
                one_of(
                    &["open", "half-open"],
                    "Nothing of the kind is sent, or one of it to see how that goes",
                ),
            ),
            ("since", time("Since when")),
            ("until", or_null(time("When one of the kind is tried"))),
            ("why", text("Why")),
        ],
    );
    let mut engine = object(
        &["node", "peer", "breakers", "limit", "inFlight", "slowLane"],
        &[
            ("node", text("The node that answers")),
            ("peer", peer),
            ("breakers", array_of(breaker)),
            (
                "limit",
                whole("Most attempts under way at once, as it is now"),
            ),
            ("inFlight", whole("Attempts under way")),
            (
                "slowLane",
                whole("Those of them that took long and gave way to others"),
            ),
            (
                "replaced",
                flag("Another node has taken this one's name, so that it does nothing any more"),
            ),
        ],
    );
    engine["description"] = "How the node that answers finds country config".into();
    engine
}

fn pause() -> Value {
    object(
        &["kind", "since", "by"],
        &[
            (
                "kind",
                or_null(text("The kind that is stopped; `null`: all")),
            ),
            ("since", time("Since when")),
            ("by", text("Who stopped it")),
            (
                "byName",
                or_null(text("Their username, or the system client's name")),
            ),
            ("reason", or_null(text("Why"))),
        ],
    )
}

fn sent() -> Value {
    object(
        &["id", "outcome", "paused", "waitsFor"],
        &[
            ("id", uuid("The delivery")),
            (
                "outcome",
                one_of(
                    &["queued", "hurried", "underWay"],
                    "Waits to be sent again, is due at once, or is being tried just now",
                ),
            ),
            (
                "paused",
                flag("Its kind is stopped: it is sent when that is lifted"),
            ),
            (
                "waitsFor",
                or_null(uuid("The delivery of the same record that goes first")),
            ),
        ],
    )
}

fn filter() -> Value {
    object(
        &[],
        &[
            ("state", array_of(state())),
            ("kind", array_of(text("A kind of trigger"))),
            ("eventType", text("About records of this type")),
            ("eventId", uuid("About this record")),
            (
                "outcome",
                array_of(one_of(&OUTCOMES, "How the last attempt ended")),
            ),
            ("attempts", whole("With at least this many attempts")),
            ("from", time("Begun not before this")),
            ("until", time("Begun before this")),
            (
                "olderThan",
                text("Begun longer ago than this, such as `2h`"),
            ),
            ("youngerThan", text("Begun no longer ago than this")),
        ],
    )
}

fn sending() -> Value {
    object(
        &[
            "id",
            "state",
            "filter",
            "by",
            "startedAt",
            "lookedAt",
            "sent",
        ],
        &[
            ("id", uuid("The order")),
            (
                "state",
                one_of(&["underWay", "done", "stopped"], "How it stands"),
            ),
            ("filter", reference("DeliveryFilter")),
            ("by", text("Who gave it")),
            (
                "byName",
                or_null(text("Their username, or the system client's name")),
            ),
            ("reason", or_null(text("Why"))),
            ("startedAt", time("When it was given")),
            ("lookedAt", whole("How many deliveries it has gone through")),
            ("sent", whole("How many of these it has sent")),
            ("endedAt", or_null(time("When it was done, or stopped"))),
            ("error", or_null(text("Why it was stopped before its end"))),
            (
                "found",
                whole("When it is given: how many the filter finds"),
            ),
            (
                "foundAtLeast",
                flag("There are more: it was not counted further"),
            ),
        ],
    )
}
