//! What operators ask of deliveries to country config.

use serde_json::Value;

use super::{Output, Route, get, post};
use crate::api::rest::schemas::{self as schema, array_of, reference};

/// What narrows down deliveries.
macro_rules! narrowed {
    ($($more:expr),* $(,)?) => {
        &[
            (
                "state",
                "`queued`, `leased` (under way), `delivered` or `expired`; several with commas \
                 between them",
            ),
            (
                "kind",
                "Kinds of trigger, such as `REGISTER` or `user/2fa`, with commas between them",
            ),
            ("eventType", "About records of this type"),
            ("eventId", "About this record"),
            (
                "outcome",
                "How the last attempt ended, such as `timeout` or `http-status`; several with \
                 commas between them",
            ),
            ("attempts", "With at least this many attempts"),
            ("from", "Begun not before this time"),
            ("until", "Begun before this time"),
            ("olderThan", "Begun longer ago than this, such as `2h` or `3d`"),
            ("youngerThan", "Begun no longer ago than this"),
            $($more),*
        ]
    };
}

pub(super) fn routes() -> Vec<Route> {
    let tag = "Deliveries";
    let asked = |path: &str, name, summary: &str, answer: Value| Route {
        tag,
        answer,
        ..get(path, name, summary)
    };
    let told = |path: &str, name, summary: &str, body: Value, answer: Value| Route {
        tag,
        answer,
        ..post(path, name, summary, body)
    };
    vec![
        Route {
            query: narrowed![
                (
                    "limit",
                    "How many at most: 50 if not given, never more than 500"
                ),
                ("after", "Where the page before ended: its `next`"),
                ("count", "`true` to have it said how many there are in all"),
            ],
            ..asked(
                "/deliveries",
                "delivery.list",
                "Deliveries, newest first",
                reference("DeliveryPage"),
            )
        },
        asked(
            "/deliveries/summary",
            "delivery.summary",
            "How much waits and since when, by kind; what is stopped; which nodes live",
            reference("DeliverySummary"),
        ),
        Route {
            output: Output::Deliveries,
            query: narrowed![("format", "`csv` (if not given) or `ndjson`")],
            ..asked(
                "/deliveries/export",
                "delivery.export",
                "Deliveries as a file",
                Value::Null,
            )
        },
        asked(
            "/deliveries/{deliveryId}",
            "delivery.get",
            "One delivery with every attempt",
            reference("DeliveryInFull"),
        ),
        told(
            "/deliveries/pause",
            "delivery.pause",
            "Stop a kind of delivery, or all; what is under way is finished",
            reference("Stop"),
            reference("Pauses"),
        ),
        told(
            "/deliveries/resume",
            "delivery.resume",
            "Lift a stop",
            reference("StopLifted"),
            reference("Pauses"),
        ),
        told(
            "/deliveries/{deliveryId}/send",
            "delivery.sendNow",
            "Send what waits for its next attempt now",
            schema::with_reason(),
            reference("Sent"),
        ),
        told(
            "/deliveries/{deliveryId}/resend",
            "delivery.resend",
            "Send the trigger of an action that waits for its decision once more",
            schema::with_reason(),
            reference("Sent"),
        ),
        told(
            "/deliveries/sendings",
            "delivery.sending.start",
            "Order that all that a filter finds is sent",
            reference("NewSending"),
            reference("Sending"),
        ),
        Route {
            query: &[("underWay", "`true` for those that have not ended alone")],
            ..asked(
                "/deliveries/sendings",
                "delivery.sending.list",
                "Orders to send, newest first",
                array_of(reference("Sending")),
            )
        },
        asked(
            "/deliveries/sendings/{sendingId}",
            "delivery.sending.get",
            "An order to send, and how far it has come",
            reference("Sending"),
        ),
        told(
            "/deliveries/sendings/{sendingId}/stop",
            "delivery.sending.stop",
            "End an order to send before its end",
            schema::with_reason(),
            reference("Sending"),
        ),
    ]
}
