//! Where items of a kind stand.

use storage::moving::Kept;

/// A kind's rows.
pub(super) struct Table {
    /// What they are selected from.
    pub(super) from: &'static str,
    /// What they are sorted by, and of which types these are.
    pub(super) order: &'static [(&'static str, &'static str)],
    /// Fields that are kept as keys (`column::key`), and in which columns.
    pub(super) keys: &'static [(&'static str, &'static str)],
    /// Texts that are kept as they are: documents, in which a NUL is spelt out.
    pub(super) documents: &'static [&'static str],
}

const DELIVERIES: &str = "(
    SELECT id, position, turn, kind, path, event_id, action_id, body, supersede_key, correlation,
      created_at, expires_at, state, head, attempts, fence, due_at, owner,
      NULL::bigint AS finished_at, last_error, last_outcome
    FROM unfinished_deliveries
    UNION ALL
    SELECT id, position, NULL, kind, path, event_id, action_id, NULL, supersede_key, correlation,
      created_at, expires_at, state, false, attempts, fence, due_at, NULL,
      finished_at, last_error, last_outcome
    FROM finished_deliveries
  ) AS every_delivery";

/// A kind's.
#[expect(
    clippy::type_complexity,
    reason = "four columns of a table, read as one"
)]
pub(super) fn of(kind: Kept) -> Table {
    let (from, order, keys, documents): (&str, &[(&str, &str)], &[(&str, &str)], &[&str]) =
        match kind {
            Kept::Places => (
                "places",
                &[("position", "bigint")],
                &[("external_id", "external_key")],
                &["document"],
            ),
            Kept::Configuration => ("configuration", &[("kind", "text")], &[], &[]),
            Kept::SigningKeys => ("signing_keys", &[("position", "bigint")], &[], &[]),
            Kept::Users => (
                "users",
                &[("position", "bigint")],
                &[
                    ("username_key", "username_key"),
                    ("mobile", "mobile"),
                    ("email", "email"),
                ],
                &["document"],
            ),
            Kept::Credentials => ("credentials", &[("user_id", "uuid")], &[], &["document"]),
            Kept::Challenges => ("challenges", &[("nonce", "text")], &[], &[]),
            Kept::SystemClients => (
                "system_clients",
                &[("id", "uuid")],
                &[],
                &["scopes", "secrets"],
            ),
            Kept::RevokedTokens => ("revoked_tokens", &[("id COLLATE \"C\"", "text")], &[], &[]),
            Kept::Records => (
                "events",
                &[("id", "uuid")],
                &[("transaction_id", "transaction_key")],
                &[],
            ),
            // By what an index has. Which of several records was acted on first in the very same
            // moment is lost with a move; nothing rests on it.
            Kept::Actions => (
                "actions",
                &[("event_id", "uuid"), ("seq", "integer")],
                &[],
                &["document"],
            ),
            Kept::Projections => ("projections", &[("event_id", "uuid")], &[], &[]),
            Kept::Drafts => (
                "drafts",
                &[("event_id", "uuid"), ("author_key", "text")],
                &[],
                &["document"],
            ),
            Kept::Attachments => ("attachments", &[("id", "uuid")], &[], &[]),
            Kept::AttachmentParts => (
                "attachment_parts",
                &[("attachment_id", "uuid"), ("at", "bigint")],
                &[],
                &[],
            ),
            Kept::Deliveries => (DELIVERIES, &[("position", "bigint")], &[], &["body"]),
            Kept::Attempts => (
                "attempts",
                &[("delivery_id", "uuid"), ("number", "bigint")],
                &[],
                &[],
            ),
            Kept::Pauses => ("pauses", &[("coalesce(kind, '')", "text")], &[], &[]),
            Kept::Sendings => ("sendings", &[("id", "uuid")], &[], &["document"]),
            Kept::Rebuilds => ("rebuilds", &[("id", "uuid")], &[], &[]),
            Kept::Rules => ("projection_rules", &[("version", "bigint")], &[], &[]),
            Kept::Audit => ("audit", &[("id", "uuid")], &[], &["details"]),
        };
    Table {
        from,
        order,
        keys,
        documents,
    }
}

impl Table {
    /// The column that a field stands in.
    pub(super) fn column<'a>(&self, field: &'a str) -> &'a str {
        let key = self.keys.iter().find(|(name, _)| *name == field);
        key.map_or(field, |(_, column)| column)
    }

    /// Whether a field is kept as a key.
    pub(super) fn is_key(&self, field: &str) -> bool {
        self.keys.iter().any(|(name, _)| *name == field)
    }

    /// Whether a field's text is kept as it is.
    pub(super) fn is_document(&self, field: &str) -> bool {
        self.documents.contains(&field)
    }
}
