//! Actions that wait for the country's decision.

use super::{Route, get, post};
use crate::api::rest::schemas::{self as schema, reference};

pub(super) fn routes() -> Vec<Route> {
    let tag = "Waiting for the country";
    let resolved = |path: &str, name, summary: &str, body: &str| Route {
        tag,
        answer: reference("Resolved"),
        ..post(path, name, summary, reference(body))
    };
    vec![
        Route {
            tag,
            answer: reference("PendingPage"),
            query: &[
                ("event", "Of records of these types, with commas between"),
                (
                    "action",
                    "Of these types, such as `REGISTER`, with commas between",
                ),
                ("eventId", "On this record"),
                (
                    "delivered",
                    "Whether country config has acknowledged it: `true` or `false`",
                ),
                ("alert", "`none`, `due` or `overdue`"),
                (
                    "olderThan",
                    "Requested at least this long ago, such as `P2D` or `PT6H`",
                ),
                ("from", "Requested not before this time"),
                ("until", "Requested before this time"),
                ("after", "What the page before has said under `next`"),
                ("limit", "How many at most, up to 500; 50 if not given"),
            ],
            ..get(
                "/pending-actions",
                "pending.list",
                "The actions that wait for the country's decision, oldest first",
            )
        },
        Route {
            tag,
            answer: reference("PendingAction"),
            ..get(
                "/pending-actions/{actionId}",
                "pending.get",
                "One action that waits, with every attempt to deliver it",
            )
        },
        Route {
            tag,
            answer: reference("Resent"),
            ..post(
                "/pending-actions/{actionId}/resend",
                "pending.resend",
                "Send the trigger of an action that waits once more, under the same id",
                schema::nothing(),
            )
        },
        resolved(
            "/pending-actions/{actionId}/approve",
            "pending.approve",
            "Approve an action that waits, by hand",
            "ApprovalByHand",
        ),
        resolved(
            "/pending-actions/{actionId}/reject",
            "pending.reject",
            "Refuse an action that waits, by hand",
            "RefusalByHand",
        ),
        resolved(
            "/pending-actions/{actionId}/hand-back",
            "pending.handBack",
            "Hand an action that waits back to whoever asked for it, to put it right",
            "RefusalByHand",
        ),
        Route {
            tag: "Records",
            answer: reference("History"),
            query: &[
                ("after", "What the page before has said under `next`"),
                ("limit", "How many at most, up to 500; 50 if not given"),
            ],
            ..get(
                "/events/{eventId}/history",
                "event.history",
                "What was done about a record, newest first: requests, decisions, alerts, re-sends",
            )
        },
    ]
}
