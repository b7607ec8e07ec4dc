//! Searches, workqueues, and looking at all records again.

use serde_json::{Value, json};

use super::parts::{answers, array_of, flag, object, one_of, or_null, reference, text, time, uuid};

pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let query = object(
        &["type", "clauses"],
        &[
            ("type", one_of(&["and", "or"], "How the clauses are joined")),
            (
                "clauses",
                array_of(answers(
                    "Fields of the record's index with what they must be, such as \
                     `{\"status\": {\"type\": \"exact\", \"term\": \"DECLARED\"}}`",
                )),
            ),
        ],
    );
    let search_query = object(
        &["query"],
        &[
            ("query", reference("Query")),
            (
                "limit",
                json!({"type": "integer", "minimum": 1, "maximum": 100, "default": 10}),
            ),
            (
                "offset",
                json!({"type": "integer", "minimum": 0, "default": 0}),
            ),
            (
                "sort",
                array_of(object(
                    &["field"],
                    &[
                        ("field", text("A field of the index")),
                        ("direction", one_of(&["asc", "desc"], "The order")),
                    ],
                )),
            ),
        ],
    );
    vec![
        ("Query", query),
        ("SearchQuery", search_query),
        (
            "SearchResult",
            object(
                &["results", "total"],
                &[
                    ("results", array_of(reference("EventIndex"))),
                    ("total", json!({"type": "integer", "minimum": 0})),
                ],
            ),
        ),
        (
            "Reindex",
            object(
                &[],
                &[(
                    "waitForCompletion",
                    flag("Answer when all records have been gone through: unless false"),
                )],
            ),
        ),
        (
            "ReindexStatus",
            object(
                &["id", "timestamp", "status", "progress"],
                &[
                    ("id", uuid("Its id")),
                    ("timestamp", time("When it was asked for")),
                    (
                        "status",
                        one_of(&["running", "completed", "failed"], "Where it stands"),
                    ),
                    (
                        "progress",
                        object(
                            &["processed"],
                            &[("processed", json!({"type": "integer", "minimum": 0}))],
                        ),
                    ),
                    ("error_message", or_null(text("Why it was given up"))),
                    ("completed_at", or_null(time("When it ended"))),
                ],
            ),
        ),
        (
            "WorkqueueQuery",
            object(
                &["slug", "query"],
                &[
                    ("slug", text("The workqueue")),
                    ("query", reference("Query")),
                ],
            ),
        ),
    ]
}
