//! Attachments.

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use records::EventId;
use storage::{
    Attachment, AttachmentBegun, AttachmentEnd, AttachmentStore, AuditEntry, FilePlace, Forgetting,
    Forgotten, StoreError,
};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::{
    PostgresStore, audit,
    column::{self, count, get, harmless, key, optional_time, signed, text, time},
    connection::Connection,
    failure::Failure,
    store::Verdict,
};

#[async_trait]
impl AttachmentStore for PostgresStore {
    async fn begin_attachment(
        &self,
        attachment: Attachment,
        parts: Vec<Bytes>,
        audit: Vec<AuditEntry>,
    ) -> Result<AttachmentBegun, StoreError> {
        let (attachment, parts, entries) = (&attachment, &parts, &audit);
        self.transaction(|connection| async move {
            // Of two that begin at once, one waits here for the other.
            if !insert(&connection, attachment, length(parts)).await? {
                let before = at_path(&connection, &attachment.path).await?;
                let before = before
                    .ok_or_else(|| Failure::unreadable("an attachment", "it was forgotten"))?;
                return Ok(Verdict::Undo(AttachmentBegun::Already(Box::new(before))));
            }
            save_parts(&connection, attachment.id, 0, parts).await?;
            audit::append(&connection, entries).await?;
            Ok(Verdict::Keep(AttachmentBegun::New))
        })
        .await
    }

    async fn add_to_attachment(
        &self,
        id: Uuid,
        at: u64,
        parts: Vec<Bytes>,
    ) -> Result<Option<u64>, StoreError> {
        let (parts, received) = (&parts, at + length(&parts));
        self.transaction(|connection| async move {
            let added = connection
                .execute(
                    "UPDATE attachments SET received = $3
                     WHERE id = $1 AND received = $2 AND completed_at IS NULL",
                    &[&id, &signed(at), &signed(received)],
                )
                .await?;
            if added == 0 {
                return Ok(Verdict::Undo(None));
            }
            save_parts(&connection, id, at, parts).await?;
            Ok(Verdict::Keep(Some(received)))
        })
        .await
    }

    async fn end_attachment(
        &self,
        id: Uuid,
        end: AttachmentEnd,
        audit: Vec<AuditEntry>,
    ) -> Result<bool, StoreError> {
        let (end, entries) = (&end, &audit);
        self.transaction(|connection| async move {
            if !end_filling(&connection, id, end).await? {
                return Ok(Verdict::Undo(false));
            }
            audit::append(&connection, entries).await?;
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn attachment(&self, id: Uuid) -> Result<Option<Attachment>, StoreError> {
        self.read(|connection| async move {
            let sql = "SELECT * FROM attachments WHERE id = $1";
            let row = connection.optional(sql, &[&id]).await?;
            row.as_ref().map(attachment).transpose()
        })
        .await
    }

    async fn attachment_at(&self, path: &str) -> Result<Option<Attachment>, StoreError> {
        self.read(|connection| async move { at_path(&connection, path).await })
            .await
    }

    async fn attachment_part(&self, id: Uuid, at: u64) -> Result<Option<Bytes>, StoreError> {
        self.read(|connection| async move {
            let sql = "SELECT content FROM attachment_parts WHERE attachment_id = $1 AND at = $2";
            let row = connection.optional(sql, &[&id, &signed(at)]).await?;
            let content = row.map(|row| get::<Vec<u8>>(&row, "content")).transpose()?;
            Ok(content.map(Bytes::from))
        })
        .await
    }

    async fn records_with_attachment(
        &self,
        path: &str,
        after: Option<EventId>,
        limit: u64,
    ) -> Result<Vec<EventId>, StoreError> {
        let path = &key(path);
        // Everything sorts after this one, which nobody draws.
        let after = after.map_or(Uuid::nil(), |id| id.0);
        self.read(|connection| async move {
            let rows = connection
                .rows(
                    "SELECT event_id FROM attachment_references
                     WHERE path_key = $1 AND event_id > $2 ORDER BY event_id LIMIT $3",
                    &[path, &after, &signed(limit)],
                )
                .await?;
            rows.iter().map(|row| column::id(row, "event_id")).collect()
        })
        .await
    }

    async fn forget_attachments(&self, forgetting: Forgetting) -> Result<Forgotten, StoreError> {
        let Forgetting { before, after, .. } = forgetting;
        let (since, id) = after.map_or((i64::MIN, Uuid::nil()), |after| {
            (after.created_at.as_millisecond(), after.id)
        });
        self.write(|connection| async move {
            let (looks, most) = (signed(forgetting.looks), signed(forgetting.most));
            let before = before.as_millisecond();
            let row = connection
                .one(FORGET, &[&before, &since, &id, &looks, &most])
                .await?;
            let next = match get::<Option<Uuid>>(&row, "id")? {
                Some(id) => Some(FilePlace {
                    created_at: time(&row, "created_at")?,
                    id,
                }),
                None => None,
            };
            Ok(Forgotten {
                count: count(&row, "count")?,
                next,
            })
        })
        .await
    }
}

/// What accounts have is read once. It is compared as it is written: some text in the document may
/// be none to the database, and a path is written as it is.
const FORGET: &str = r#"WITH looked AS MATERIALIZED (
    SELECT id, path, created_at FROM attachments
    WHERE created_at < $1 AND (created_at, id) > ($2, $3)
    ORDER BY created_at, id LIMIT $4
  ), unused AS MATERIALIZED (
    SELECT id, created_at FROM looked
    WHERE NOT EXISTS (SELECT FROM attachment_references WHERE path_key = key_of(looked.path))
      AND path NOT IN (
        SELECT coalesce(substring(document FROM '"avatar":"([^"\\]*)"'), '') FROM users
        UNION ALL
        SELECT coalesce(substring(document FROM '"signature":"([^"\\]*)"'), '') FROM users
      )
    ORDER BY created_at, id LIMIT $5
  ), gone AS (
    DELETE FROM attachments WHERE id IN (SELECT id FROM unused) RETURNING id
  ), last AS (
    (
      SELECT created_at, id FROM unused WHERE (SELECT count(*) FROM unused) = $5
      ORDER BY created_at DESC, id DESC LIMIT 1
    )
    UNION ALL
    (
      SELECT created_at, id FROM looked
      WHERE (SELECT count(*) FROM unused) < $5 AND (SELECT count(*) FROM looked) = $4
      ORDER BY created_at DESC, id DESC LIMIT 1
    )
  )
  SELECT (SELECT count(*) FROM gone) AS count, (SELECT created_at FROM last) AS created_at,
    (SELECT id FROM last) AS id"#;

async fn insert(
    connection: &Connection,
    attachment: &Attachment,
    received: u64,
) -> Result<bool, Failure> {
    let inserted = connection
        .execute(
            "INSERT INTO attachments (id, path, uploaded_by, file_name, content_type, size,
               sha256, received, created_at, completed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (path) DO NOTHING",
            &[
                &attachment.id,
                &harmless(&attachment.path),
                &harmless(&attachment.uploaded_by),
                &harmless(&attachment.file_name),
                &harmless(&attachment.content_type),
                &signed(attachment.size),
                &harmless(&attachment.sha256),
                &signed(received),
                &attachment.created_at.as_millisecond(),
                &attachment.completed_at.map(Timestamp::as_millisecond),
            ],
        )
        .await?;
    Ok(inserted > 0)
}

async fn at_path(connection: &Connection, path: &str) -> Result<Option<Attachment>, Failure> {
    let sql = "SELECT * FROM attachments WHERE path = $1";
    let row = connection.optional(sql, &[&harmless(path)]).await?;
    row.as_ref().map(attachment).transpose()
}

/// A statement for each, so that no more than one of them is in memory twice.
async fn save_parts(
    connection: &Connection,
    id: Uuid,
    mut at: u64,
    parts: &[Bytes],
) -> Result<(), Failure> {
    for part in parts {
        connection
            .execute(
                "INSERT INTO attachment_parts (attachment_id, at, content) VALUES ($1, $2, $3)",
                &[&id, &signed(at), &part.as_ref()],
            )
            .await?;
        at += u64::try_from(part.len()).unwrap_or(u64::MAX);
    }
    Ok(())
}

/// Whether the file was full and not ended yet.
async fn end_filling(
    connection: &Connection,
    id: Uuid,
    end: &AttachmentEnd,
) -> Result<bool, Failure> {
    let full = "id = $1 AND completed_at IS NULL AND received = size";
    let ended = match end {
        AttachmentEnd::Complete { content_type, at } => {
            let sql =
                format!("UPDATE attachments SET content_type = $2, completed_at = $3 WHERE {full}");
            connection
                .execute(&sql, &[&id, content_type, &at.as_millisecond()])
                .await?
        }
        AttachmentEnd::Again => {
            let sql = format!("UPDATE attachments SET received = 0 WHERE {full}");
            let ended = connection.execute(&sql, &[&id]).await?;
            if ended > 0 {
                let sql = "DELETE FROM attachment_parts WHERE attachment_id = $1";
                connection.execute(sql, &[&id]).await?;
            }
            ended
        }
        AttachmentEnd::Never => {
            let sql = format!("DELETE FROM attachments WHERE {full}");
            connection.execute(&sql, &[&id]).await?
        }
    };
    Ok(ended > 0)
}

fn length(parts: &[Bytes]) -> u64 {
    let length = parts.iter().map(Bytes::len).sum::<usize>();
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn attachment(row: &Row) -> Result<Attachment, Failure> {
    Ok(Attachment {
        id: get(row, "id")?,
        path: text(row, "path")?,
        uploaded_by: text(row, "uploaded_by")?,
        file_name: text(row, "file_name")?,
        content_type: text(row, "content_type")?,
        size: count(row, "size")?,
        sha256: text(row, "sha256")?,
        received: count(row, "received")?,
        created_at: time(row, "created_at")?,
        completed_at: optional_time(row, "completed_at")?,
    })
}
