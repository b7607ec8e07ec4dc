//! The audit trail.

use serde_json::Value;

use super::{
    any, array_of,
    parts::{object, or_null, reference, text, time, uuid},
};

pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let entry = object(
        &["id", "at", "by", "byType", "operation", "correlation"],
        &[
            ("id", uuid("The entry")),
            ("at", time("When")),
            ("by", text("Who")),
            ("byType", text("`user`, `system` or `core`")),
            ("onBehalfOf", or_null(text("For whom"))),
            ("operation", text("What")),
            ("eventId", or_null(uuid("To which record"))),
            ("details", any("Ids and kinds; never what was declared")),
            (
                "correlation",
                text("The same for all that one click led to"),
            ),
        ],
    );
    let page = object(
        &["entries", "next"],
        &[
            ("entries", array_of(reference("AuditTrailEntry"))),
            (
                "next",
                or_null(text("Where the next page begins: its `cursor`")),
            ),
        ],
    );
    vec![("AuditTrailEntry", entry), ("AuditPage", page)]
}
