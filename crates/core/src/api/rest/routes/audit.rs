//! The audit trail.

use super::{Route, get};
use crate::api::rest::schemas::reference;

pub(super) fn routes() -> Vec<Route> {
    vec![Route {
        tag: "Audit",
        answer: reference("AuditPage"),
        query: &[
            ("user", "What this person did"),
            ("client", "What this system client did"),
            ("event", "What was done to, or seen of, this record"),
            ("trackingId", "The same of the record with this tracking id"),
            ("operation", "This operation, such as `event.get`"),
            ("from", "Not before this time"),
            ("to", "Before this time"),
            (
                "limit",
                "How many at most: 50 if not given, never more than 500",
            ),
            ("cursor", "Where the page before ended: its `next`"),
        ],
        ..get(
            "/audit",
            "audit.search",
            "Who touched whose data, the latest first",
        )
    }]
}
