//! Moving a deployment from one store to another: what every store keeps, in a form that none of
//! them owns.
//!
//! A store gives out all it keeps, kind by kind, in pages of items, and takes such pages in. What
//! it can work out by itself (words, flags, totals, what waits) is not among them. [`copy`] does
//! the whole of it; [`digest`] tells whether two stores keep the same.

mod canonical;
mod copying;
mod draft;
mod projection;

use async_trait::async_trait;
use serde_json::Value;
use uuid::Uuid;

pub use self::{
    canonical::{canonical, digest},
    copying::{Compared, CopyError, Side, Step, copy},
    draft::{draft_from_item, item_of_draft},
    projection::{item_of_projection, projection_from_item},
};
use crate::error::StoreError;

/// A kind of thing that a store keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kept {
    Places,
    Configuration,
    SigningKeys,
    Users,
    Credentials,
    Challenges,
    SystemClients,
    RevokedTokens,
    Records,
    Actions,
    Projections,
    Drafts,
    Attachments,
    AttachmentParts,
    Deliveries,
    Attempts,
    Pauses,
    Sendings,
    Rebuilds,
    Rules,
    Audit,
}

/// What stands in a field of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A UUID, as its text.
    Id,
    /// Any text; documents among them, to the letter.
    Text,
    /// A whole number; times are milliseconds since 1970.
    Number,
    /// `true` or `false`.
    Flag,
    /// Bytes, in base64.
    Bytes,
}

impl Kept {
    /// All kinds, each after those that it refers to: the order in which they are moved.
    pub const ALL: [Self; 21] = [
        Self::Places,
        Self::Configuration,
        Self::SigningKeys,
        Self::Users,
        Self::Credentials,
        Self::Challenges,
        Self::SystemClients,
        Self::RevokedTokens,
        Self::Records,
        Self::Actions,
        Self::Projections,
        Self::Drafts,
        Self::Attachments,
        Self::AttachmentParts,
        Self::Deliveries,
        Self::Attempts,
        Self::Pauses,
        Self::Sendings,
        Self::Rebuilds,
        Self::Rules,
        Self::Audit,
    ];

    /// How many items are read at once.
    #[must_use]
    pub const fn page(self) -> u64 {
        match self {
            // Large ones.
            Self::AttachmentParts => 16,
            _ => 500,
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Places => "places",
            Self::Configuration => "configuration",
            Self::SigningKeys => "signing keys",
            Self::Users => "users",
            Self::Credentials => "credentials",
            Self::Challenges => "challenges",
            Self::SystemClients => "system clients",
            Self::RevokedTokens => "revoked tokens",
            Self::Records => "records",
            Self::Actions => "actions",
            Self::Projections => "projections",
            Self::Drafts => "drafts",
            Self::Attachments => "attachments",
            Self::AttachmentParts => "parts of attachments",
            Self::Deliveries => "deliveries",
            Self::Attempts => "attempts",
            Self::Pauses => "pauses",
            Self::Sendings => "sendings",
            Self::Rebuilds => "rebuilds",
            Self::Rules => "rules",
            Self::Audit => "audit entries",
        }
    }

    /// The fields of its items, `null` where there is nothing. Empty for the two kinds that have
    /// forms of their own: [`item_of_draft`], [`item_of_projection`].
    #[must_use]
    pub const fn fields(self) -> &'static [(&'static str, Form)] {
        use Form::{Bytes, Flag, Id, Number, Text};
        match self {
            Self::Places => &[("id", Id), ("external_id", Text), ("document", Text)],
            Self::Configuration => &[
                ("kind", Text),
                ("body", Text),
                ("etag", Text),
                ("at", Number),
            ],
            Self::SigningKeys => &[("id", Text), ("private_pem", Text), ("created_at", Number)],
            Self::Users => &[
                ("id", Id),
                ("username_key", Text),
                ("role", Text),
                ("status", Text),
                ("office_id", Id),
                ("mobile", Text),
                ("email", Text),
                ("document", Text),
            ],
            Self::Credentials => &[("user_id", Id), ("document", Text)],
            Self::Challenges => &[
                ("nonce", Text),
                ("user_id", Id),
                ("purpose", Text),
                ("code_hash", Text),
                ("failures", Number),
                ("stage", Text),
                ("expires_at", Number),
            ],
            Self::SystemClients => &[
                ("id", Id),
                ("name", Text),
                ("scopes", Text),
                ("secrets", Text),
                ("sha_secret", Text),
                ("status", Text),
                ("created_by", Text),
                ("created_at", Number),
                ("last_used_at", Number),
            ],
            Self::RevokedTokens => &[("id", Text), ("until", Number)],
            Self::Records => &[
                ("id", Id),
                ("type", Text),
                ("tracking_id", Text),
                ("transaction_id", Text),
                ("created_at", Text),
                ("updated_at", Text),
                ("version", Number),
            ],
            Self::Actions => &[("event_id", Id), ("seq", Number), ("document", Text)],
            Self::Projections | Self::Drafts => &[],
            Self::Attachments => &[
                ("id", Id),
                ("path", Text),
                ("uploaded_by", Text),
                ("file_name", Text),
                ("content_type", Text),
                ("size", Number),
                ("sha256", Text),
                ("received", Number),
                ("created_at", Number),
                ("completed_at", Number),
            ],
            Self::AttachmentParts => &[("attachment_id", Id), ("at", Number), ("content", Bytes)],
            Self::Deliveries => &[
                ("position", Number),
                // Of what is unfinished.
                ("turn", Number),
                ("id", Id),
                ("kind", Text),
                ("path", Text),
                ("event_id", Id),
                ("action_id", Id),
                ("body", Text),
                ("supersede_key", Text),
                ("correlation", Text),
                ("created_at", Number),
                ("expires_at", Number),
                ("state", Text),
                ("head", Flag),
                ("attempts", Number),
                ("fence", Number),
                ("due_at", Number),
                ("owner", Text),
                ("finished_at", Number),
                ("last_error", Text),
                ("last_outcome", Text),
            ],
            Self::Attempts => &[
                ("delivery_id", Id),
                ("number", Number),
                ("started_at", Number),
                ("duration_ms", Number),
                ("status", Number),
                ("answer", Text),
                ("outcome", Text),
                ("error", Text),
            ],
            Self::Pauses => &[
                ("kind", Text),
                ("since", Number),
                ("by", Text),
                ("reason", Text),
            ],
            Self::Sendings => &[
                ("id", Id),
                ("started_at", Number),
                ("ended_at", Number),
                ("document", Text),
            ],
            Self::Rebuilds => &[
                ("id", Id),
                ("started_at", Number),
                ("for_country", Flag),
                ("state", Text),
                ("after_id", Id),
                ("processed", Number),
                ("error", Text),
                ("ended_at", Number),
            ],
            Self::Rules => &[("version", Number)],
            Self::Audit => &[
                ("id", Id),
                ("at", Number),
                ("client_id", Text),
                ("client_type", Text),
                ("operation", Text),
                ("event_id", Id),
                ("details", Text),
                ("correlation", Text),
            ],
        }
    }
}

/// Some of what a store keeps of a kind.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptPage {
    /// The items: objects of the kind's fields. Places, users, signing keys, actions and
    /// deliveries come in the order in which they came in, all others in the order of their ids.
    pub items: Vec<Value>,
    /// Where the next page begins, for the store that gave it; `None` when there is none.
    pub next: Option<String>,
}

/// How much of a kind a move has brought in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The kind.
    pub kind: Kept,
    /// Where its next page begins, for the store that it comes from; `None` when all is here.
    pub next: Option<String>,
    /// How many items are here.
    pub items: u64,
}

/// Whether a move into a store may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It may: into an empty store, or where an earlier one of the same deployment was broken off.
    On(Vec<Moved>),
    /// An earlier move of the same deployment has ended.
    Ended,
    /// The store holds something of this kind that no move of this deployment brought.
    Taken(Kept),
}

/// A store out of which and into which a deployment can be moved.
#[async_trait]
pub trait MovingStore: Send + Sync {
    /// Whose data this is: given to a store when it is made, and moved with everything else.
    async fn deployment(&self) -> Result<Uuid, StoreError>;

    /// How many items of a kind there are.
    async fn count_kept(&self, kind: Kept) -> Result<u64, StoreError>;

    /// Items of a kind, at most `limit` from where a page before ended. Of a store that nobody
    /// works on, all pages together are everything, each item once.
    async fn kept(
        &self,
        kind: Kept,
        after: Option<&str>,
        limit: u64,
    ) -> Result<KeptPage, StoreError>;

    /// Begins a move of this deployment into the store, or takes it up again. From here on until
    /// [`MovingStore::end_move`] nobody else may work on the store.
    async fn begin_move(&self, deployment: Uuid) -> Result<Begun, StoreError>;

    /// Writes a page, and where the next one begins, in one transaction. `false`, and nothing
    /// written, when this is not where the kind has come to: somebody else brought it on.
    async fn bring_in(
        &self,
        kind: Kept,
        after: Option<&str>,
        page: KeptPage,
    ) -> Result<bool, StoreError>;

    /// Everything is here: from here on the store is like any other.
    async fn end_move(&self) -> Result<(), StoreError>;
}
