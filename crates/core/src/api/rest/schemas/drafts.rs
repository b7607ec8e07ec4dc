//! Drafts, and records brought in from elsewhere.

use records::ActionType;
use serde_json::Value;

use super::parts::{
    answers, any, array_of, flag, object, one_of, text, time, transaction_id, uuid,
};

pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let types: Vec<&str> = ActionType::ALL
        .iter()
        .filter(|kind| **kind != ActionType::Delete)
        .map(|kind| kind.as_str())
        .collect();
    let draft = object(
        &["id", "eventId", "transactionId", "createdAt", "action"],
        &[
            ("id", uuid("The draft's id")),
            ("eventId", uuid("The record")),
            ("transactionId", text("The transaction that saved it")),
            ("createdAt", time("When it was saved")),
            (
                "action",
                any("The action it prepares, as if it were accepted; it has no id yet"),
            ),
        ],
    );
    let new_draft = object(
        &["transactionId", "type"],
        &[
            ("transactionId", transaction_id()),
            ("type", one_of(&types, "The action it prepares")),
            (
                "declaration",
                answers(
                    "Answers so far; with those of the annotation, at most 262144 bytes of JSON",
                ),
            ),
            (
                "annotation",
                answers("Answers about the action itself so far"),
            ),
        ],
    );
    let item = object(
        &["id", "result"],
        &[
            ("id", uuid("The record")),
            (
                "result",
                one_of(
                    &["created", "unchanged"],
                    "Unchanged: it was here already, and the same",
                ),
            ),
        ],
    );
    let imported = object(
        &["errors", "items"],
        &[
            (
                "errors",
                flag("Never true; a record that fails ends the call"),
            ),
            ("items", array_of(item)),
        ],
    );
    vec![
        ("Draft", draft),
        ("NewDraft", new_draft),
        ("Imported", imported),
    ]
}
