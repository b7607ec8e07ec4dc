//! Attachments: files that actions refer to, kept in parts.
//!
//! A file is begun under a path that its client chooses, filled part by part, and ended once its
//! digest has been found to be right. Records refer to files by their paths
//! ([`Projection::attachments`](crate::Projection::attachments)), whether or not there is such a
//! file: what was brought in from elsewhere refers to files that never were here.

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use records::EventId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{audit::AuditEntry, error::StoreError};

/// What is known of a file besides its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// Its own id.
    pub id: Uuid,
    /// What records refer to it by. Unique.
    pub path: String,
    /// Who sends it: `sub` of their tokens.
    pub uploaded_by: String,
    /// What it is called where it comes from.
    pub file_name: String,
    /// Its media type: as its sender has it until it has ended, as its content says from then on.
    pub content_type: String,
    /// How long it will be, in bytes.
    pub size: u64,
    /// What its SHA-256 will be, hexadecimal.
    pub sha256: String,
    /// How many bytes of it are here, from its beginning.
    pub received: u64,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was found to be whole.
    pub completed_at: Option<Timestamp>,
}

/// What became of a file that was to be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttachmentBegun {
    /// It is.
    New,
    /// There is one with this path; nothing changed.
    Already(Box<Attachment>),
}

/// How the filling of a file ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttachmentEnd {
    /// It is whole.
    Complete {
        /// What its content says it is.
        content_type: String,
        /// When.
        at: Timestamp,
    },
    /// Its content is not what it was to be: it is sent again from the beginning.
    Again,
    /// It is not wanted: nothing of it stays.
    Never,
}

/// Keeps files.
#[async_trait]
pub trait AttachmentStore: Send + Sync {
    /// Begins a file, with the first parts of its content: [`Attachment::received`] is their
    /// length. One that is whole already says so.
    async fn begin_attachment(
        &self,
        attachment: Attachment,
        parts: Vec<Bytes>,
        audit: Vec<AuditEntry>,
    ) -> Result<AttachmentBegun, StoreError>;

    /// Adds parts to a file that is not whole, and of which exactly `at` bytes are here. Answers
    /// with how many are here then; `None`, with nothing written, when it is not as expected.
    async fn add_to_attachment(
        &self,
        id: Uuid,
        at: u64,
        parts: Vec<Bytes>,
    ) -> Result<Option<u64>, StoreError>;

    /// Ends the filling of a file of which everything is here; `false`, with nothing written, when
    /// that is not so (any more).
    async fn end_attachment(
        &self,
        id: Uuid,
        end: AttachmentEnd,
        audit: Vec<AuditEntry>,
    ) -> Result<bool, StoreError>;

    /// The file with this id.
    async fn attachment(&self, id: Uuid) -> Result<Option<Attachment>, StoreError>;

    /// The file with this path.
    async fn attachment_at(&self, path: &str) -> Result<Option<Attachment>, StoreError>;

    /// The part of a file that begins at this byte.
    async fn attachment_part(&self, id: Uuid, at: u64) -> Result<Option<Bytes>, StoreError>;

    /// Records that refer to this path, in order of their ids, at most `limit` after `after`.
    async fn records_with_attachment(
        &self,
        path: &str,
        after: Option<EventId>,
        limit: u64,
    ) -> Result<Vec<EventId>, StoreError>;

    /// Goes through files by their age and forgets those that no record refers to and no account has
    /// for its picture or signature. What is in use is passed over, so that a few are looked at
    /// however many there are.
    async fn forget_attachments(&self, forgetting: Forgetting) -> Result<Forgotten, StoreError>;
}

/// Which files are gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgetting {
    /// Those begun before this.
    pub before: Timestamp,
    /// Those after this one; from the oldest on without it.
    pub after: Option<FilePlace>,
    /// At most so many are looked at.
    pub looks: u64,
    /// At most so many are forgotten.
    pub most: u64,
}

/// Where a file stands among all of them, by their age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilePlace {
    /// When it was begun.
    pub created_at: Timestamp,
    /// Its id.
    pub id: Uuid,
}

/// What became of files that were gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forgotten {
    /// How many are gone.
    pub count: u64,
    /// Where to go on; `None` when all have been looked at.
    pub next: Option<FilePlace>,
}
