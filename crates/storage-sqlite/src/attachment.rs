//! Attachments.

use std::collections::BTreeSet;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use records::EventId;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use storage::{
    Attachment, AttachmentBegun, AttachmentEnd, AttachmentStore, AuditEntry, FilePlace, Forgetting,
    Forgotten, StoreError,
};
use uuid::Uuid;

use crate::{
    SqliteStore, audit,
    column::{self, id, optional_time, signed, time},
    failure::Failure,
    writer::Verdict,
};

#[async_trait]
impl AttachmentStore for SqliteStore {
    async fn begin_attachment(
        &self,
        attachment: Attachment,
        parts: Vec<Bytes>,
        audit: Vec<AuditEntry>,
    ) -> Result<AttachmentBegun, StoreError> {
        self.write(move |connection| {
            if let Some(before) = at_path(connection, &attachment.path)? {
                let before = AttachmentBegun::Already(Box::new(before));
                return Ok(Verdict::Undo(before));
            }
            connection
                .prepare_cached(
                    "INSERT INTO attachments (id, path, uploaded_by, file_name, content_type, size,
                       sha256, received, created_at, completed_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                )?
                .execute(params![
                    attachment.id.as_bytes(),
                    attachment.path,
                    attachment.uploaded_by,
                    attachment.file_name,
                    attachment.content_type,
                    signed(attachment.size),
                    attachment.sha256,
                    signed(length(&parts)),
                    attachment.created_at.as_millisecond(),
                    attachment.completed_at.map(Timestamp::as_millisecond),
                ])?;
            save_parts(connection, attachment.id, 0, &parts)?;
            audit::append(connection, &audit)?;
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
        self.write(move |connection| {
            let received = at + length(&parts);
            let added = connection
                .prepare_cached(
                    "UPDATE attachments SET received = ?3
                     WHERE id = ?1 AND received = ?2 AND completed_at IS NULL",
                )?
                .execute(params![id.as_bytes(), signed(at), signed(received)])?;
            if added == 0 {
                return Ok(Verdict::Undo(None));
            }
            save_parts(connection, id, at, &parts)?;
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
        self.write(move |connection| {
            if !end_filling(connection, id, &end)? {
                return Ok(Verdict::Undo(false));
            }
            audit::append(connection, &audit)?;
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn attachment(&self, id: Uuid) -> Result<Option<Attachment>, StoreError> {
        self.look(move |connection| {
            let mut select =
                connection.prepare_cached("SELECT * FROM attachments WHERE id = ?1")?;
            let mut found = select.query_and_then([id.as_bytes()], attachment)?;
            found.next().transpose()
        })
        .await
    }

    async fn attachment_at(&self, path: &str) -> Result<Option<Attachment>, StoreError> {
        let path = path.to_owned();
        self.look(move |connection| at_path(connection, &path))
            .await
    }

    async fn attachment_part(&self, id: Uuid, at: u64) -> Result<Option<Bytes>, StoreError> {
        self.read(move |connection| {
            let mut select = connection.prepare_cached(
                "SELECT content FROM attachment_parts WHERE attachment_id = ?1 AND at = ?2",
            )?;
            let part = select.query_row(params![id.as_bytes(), signed(at)], |row| {
                row.get::<_, Vec<u8>>(0)
            });
            Ok(part.optional()?.map(Bytes::from))
        })
        .await
    }

    async fn records_with_attachment(
        &self,
        path: &str,
        after: Option<EventId>,
        limit: u64,
    ) -> Result<Vec<EventId>, StoreError> {
        let path = path.to_owned();
        self.look(move |connection| {
            // Everything sorts after the empty BLOB.
            let after = after.map(|id| id.0.as_bytes().to_vec()).unwrap_or_default();
            let mut select = connection.prepare_cached(
                "SELECT event_id FROM attachment_references WHERE path = ?1 AND event_id > ?2
                 ORDER BY event_id LIMIT ?3",
            )?;
            let ids = select.query_and_then(params![path, after, signed(limit)], |row| {
                column::id(row, "event_id")
            })?;
            ids.collect()
        })
        .await
    }

    async fn forget_attachments(&self, forgetting: Forgetting) -> Result<Forgotten, StoreError> {
        self.write(move |connection| {
            let Forgetting { before, after, .. } = forgetting;
            let (since, id) = after.map_or((i64::MIN, Uuid::nil()), |after| {
                (after.created_at.as_millisecond(), after.id)
            });
            let mut look = connection.prepare_cached(LOOK)?;
            let mut rows = look.query(params![
                before.as_millisecond(),
                since,
                id.as_bytes(),
                signed(forgetting.looks)
            ])?;
            let mut forgotten = Forgotten::default();
            let mut gone: Vec<Uuid> = vec![];
            let mut looked = 0;
            while let Some(row) = rows.next()? {
                looked += 1;
                let place = FilePlace {
                    created_at: column::time(row, "created_at")?,
                    id: column::id(row, "id")?,
                };
                if row.get("unused")? {
                    gone.push(place.id);
                    forgotten.count += 1;
                }
                if forgotten.count == forgetting.most || looked == forgetting.looks {
                    forgotten.next = Some(place);
                    break;
                }
            }
            let mut forget = connection.prepare_cached("DELETE FROM attachments WHERE id = ?1")?;
            for id in &gone {
                forget.execute([id.as_bytes()])?;
            }
            Ok(match forgotten.count {
                0 => Verdict::Undo(forgotten),
                _ => Verdict::Keep(forgotten),
            })
        })
        .await
    }
}

/// What accounts have is read once.
const LOOK: &str = "SELECT id, created_at,
    NOT EXISTS (SELECT 1 FROM attachment_references WHERE path = attachments.path)
      AND path NOT IN (
        SELECT coalesce(document ->> '$.avatar', '') FROM users
        UNION ALL SELECT coalesce(document ->> '$.signature', '') FROM users
      ) AS unused
  FROM attachments
  WHERE created_at < ?1 AND (created_at, id) > (?2, ?3)
  ORDER BY created_at, id LIMIT ?4";

/// Writes what a record refers to beside what it referred to before.
pub(crate) fn save_references(
    connection: &Connection,
    event: EventId,
    paths: &BTreeSet<String>,
) -> Result<(), Failure> {
    for path in paths {
        connection
            .prepare_cached(
                "INSERT OR IGNORE INTO attachment_references (path, event_id) VALUES (?1, ?2)",
            )?
            .execute(params![path, event.0.as_bytes()])?;
    }
    Ok(())
}

/// What a record refers to.
pub(crate) fn references_of(
    connection: &Connection,
    event: EventId,
) -> Result<BTreeSet<String>, Failure> {
    let mut select =
        connection.prepare_cached("SELECT path FROM attachment_references WHERE event_id = ?1")?;
    let paths = select.query_map([event.0.as_bytes()], |row| row.get(0))?;
    Ok(paths.collect::<Result<_, _>>()?)
}

fn at_path(connection: &Connection, path: &str) -> Result<Option<Attachment>, Failure> {
    let mut select = connection.prepare_cached("SELECT * FROM attachments WHERE path = ?1")?;
    let mut found = select.query_and_then([path], attachment)?;
    found.next().transpose()
}

fn save_parts(
    connection: &Connection,
    id: Uuid,
    mut at: u64,
    parts: &[Bytes],
) -> Result<(), Failure> {
    for part in parts {
        connection
            .prepare_cached(
                "INSERT INTO attachment_parts (attachment_id, at, content) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![id.as_bytes(), signed(at), part.as_ref()])?;
        at += u64::try_from(part.len()).unwrap_or(u64::MAX);
    }
    Ok(())
}

/// Whether the file was full and not ended yet.
fn end_filling(connection: &Connection, id: Uuid, end: &AttachmentEnd) -> Result<bool, Failure> {
    let full = "id = ?1 AND completed_at IS NULL AND received = size";
    let ended = match end {
        AttachmentEnd::Complete { content_type, at } => connection
            .prepare_cached(&format!(
                "UPDATE attachments SET content_type = ?2, completed_at = ?3 WHERE {full}"
            ))?
            .execute(params![id.as_bytes(), content_type, at.as_millisecond()])?,
        AttachmentEnd::Again => {
            let ended = connection
                .prepare_cached(&format!("UPDATE attachments SET received = 0 WHERE {full}"))?
                .execute([id.as_bytes()])?;
            if ended > 0 {
                connection
                    .prepare_cached("DELETE FROM attachment_parts WHERE attachment_id = ?1")?
                    .execute([id.as_bytes()])?;
            }
            ended
        }
        AttachmentEnd::Never => connection
            .prepare_cached(&format!("DELETE FROM attachments WHERE {full}"))?
            .execute([id.as_bytes()])?,
    };
    Ok(ended > 0)
}

fn length(parts: &[Bytes]) -> u64 {
    let length = parts.iter().map(Bytes::len).sum::<usize>();
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn attachment(row: &Row<'_>) -> Result<Attachment, Failure> {
    Ok(Attachment {
        id: id(row, "id")?,
        path: row.get("path")?,
        uploaded_by: row.get("uploaded_by")?,
        file_name: row.get("file_name")?,
        content_type: row.get("content_type")?,
        size: row.get("size")?,
        sha256: row.get("sha256")?,
        received: row.get("received")?,
        created_at: time(row, "created_at")?,
        completed_at: optional_time(row, "completed_at")?,
    })
}
