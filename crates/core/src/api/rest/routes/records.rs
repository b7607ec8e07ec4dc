//! Records, drafts, search, and who holds a record.

use super::{Output, Route, Verb, get, post, route};
use crate::api::rest::schemas::{self as schema, array_of, reference};

pub(super) fn routes() -> Vec<Route> {
    vec![
        post(
            "/events",
            "event.create",
            "Begin a record",
            reference("NewEvent"),
        ),
        get(
            "/events/{eventId}",
            "event.get",
            "Read a record with all its actions",
        ),
        Route {
            answer: array_of(reference("EventDocument")),
            ..get(
                "/events/{eventId}/duplicates",
                "event.getDuplicates",
                "The records that one may be a duplicate of",
            )
        },
        Route {
            answer: schema::deleted(),
            ..route(
                Verb::Delete,
                "/events/{eventId}",
                "event.delete",
                "Delete a record that was never notified or declared",
            )
        },
        Route {
            answer: reference("Imported"),
            ..post(
                "/events/import",
                "event.bulkImport",
                "Bring in whole records from elsewhere",
                array_of(reference("EventDocument")),
            )
        },
        Route {
            answer: array_of(reference("Draft")),
            query: &[
                ("eventId", "On this record alone"),
                ("limit", "How many at most, up to 100; 100 if not given"),
                (
                    "after",
                    "Those saved after the one with this id: the last of the page before",
                ),
            ],
            ..get(
                "/drafts",
                "event.draft.list",
                "What you have begun to fill in, in the order you saved it in",
            )
        },
        Route {
            answer: reference("Draft"),
            ..post(
                "/events/{eventId}/draft",
                "event.draft.create",
                "Keep what you have filled in so far, in place of your earlier draft",
                reference("NewDraft"),
            )
        },
        Route {
            answer: reference("SearchResult"),
            ..post(
                "/events/search",
                "event.search",
                "Search records",
                reference("SearchQuery"),
            )
        },
        Route {
            answer: schema::nothing(),
            ..post(
                "/events/reindex",
                "event.reindex.trigger",
                "Look at all records again, and send them to country config",
                reference("Reindex"),
            )
        },
        Route {
            answer: array_of(reference("ReindexStatus")),
            query: &[("limit", "how many at most, newest first")],
            ..get(
                "/events/reindex",
                "event.reindex.status",
                "Where looking at all records stands",
            )
        },
        post(
            "/events/{eventId}/assign",
            "event.actions.assignment.assign",
            "Take a record into your hands",
            reference("Assignment"),
        ),
        post(
            "/events/{eventId}/unassign",
            "event.actions.assignment.unassign",
            "Let go of a record",
            reference("Assignment"),
        ),
        Route {
            answer: reference("Transaction"),
            ..get(
                "/transactions/{transactionId}",
                "transaction.get",
                "Where a submission of yours stands",
            )
        },
        Route {
            output: Output::Events,
            answer: schema::events(),
            ..get(
                "/stream",
                "stream.listen",
                "What happens, as it happens: to submissions of yours, to records, to the \
                 configuration",
            )
        },
    ]
}
