//! Drafts.

use async_trait::async_trait;
use records::EventId;
use rusqlite::{Connection, Row, params};
use storage::{AuditEntry, Draft, DraftStore, Drafted, DraftsWanted, StoreError};

use crate::{
    SqliteStore, audit,
    column::{from_json, id, json, to_json, word},
    failure::Failure,
    record,
    writer::Verdict,
};

#[async_trait]
impl DraftStore for SqliteStore {
    async fn save_draft(
        &self,
        draft: Draft,
        expected_version: u64,
        audit: Vec<AuditEntry>,
    ) -> Result<Drafted, StoreError> {
        self.write(move |connection| {
            if record::version(connection, draft.event_id)? != Some(expected_version) {
                return Ok(Verdict::Undo(Drafted::Stale));
            }
            if let Some(before) = of_person_on_record(connection, &draft)?
                && before.transaction_id == draft.transaction_id
                && before.action_type == draft.action_type
            {
                return Ok(Verdict::Undo(Drafted::Already(Box::new(before))));
            }
            save(connection, &draft)?;
            audit::append(connection, &audit)?;
            Ok(Verdict::Keep(Drafted::New))
        })
        .await
    }

    async fn drafts(&self, wanted: &DraftsWanted) -> Result<Vec<Draft>, StoreError> {
        let wanted = wanted.clone();
        self.read(move |connection| {
            let mut select = connection.prepare_cached(
                "SELECT * FROM drafts WHERE created_by = ?1 AND (?2 IS NULL OR event_id = ?2)
                 AND (?3 IS NULL OR id > ?3) ORDER BY id LIMIT ?4",
            )?;
            let event = wanted.event.map(|event| event.0);
            let most = i64::try_from(wanted.limit).unwrap_or(i64::MAX);
            let given = params![
                wanted.person,
                event.as_ref().map(|id| id.as_bytes()),
                wanted.after.as_ref().map(|id| id.as_bytes()),
                most
            ];
            select.query_and_then(given, draft)?.collect()
        })
        .await
    }
}

/// Ends all drafts on a record.
pub(crate) fn end_on_record(connection: &Connection, event: EventId) -> Result<(), Failure> {
    // Looked for first: there are none nearly always, and to delete nothing takes several times as
    // long as to find nothing.
    let there_are = connection
        .prepare_cached("SELECT 1 FROM drafts WHERE event_id = ?1")?
        .exists([event.0.as_bytes()])?;
    if !there_are {
        return Ok(());
    }
    connection
        .prepare_cached("DELETE FROM drafts WHERE event_id = ?1")?
        .execute([event.0.as_bytes()])?;
    Ok(())
}

fn of_person_on_record(connection: &Connection, like: &Draft) -> Result<Option<Draft>, Failure> {
    let mut select = connection
        .prepare_cached("SELECT * FROM drafts WHERE event_id = ?1 AND created_by = ?2")?;
    select
        .query_and_then(params![like.event_id.0.as_bytes(), like.created_by], draft)?
        .next()
        .transpose()
}

pub(crate) fn save(connection: &Connection, draft: &Draft) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO drafts (event_id, created_by, id, transaction_id, type,
               created_at, created_by_role, declaration, annotation)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            draft.event_id.0.as_bytes(),
            draft.created_by,
            draft.id.as_bytes(),
            draft.transaction_id,
            draft.action_type.as_str(),
            draft.created_at,
            draft.created_by_role,
            to_json(&draft.declaration)?,
            draft.annotation.as_ref().map(to_json).transpose()?,
        ])?;
    Ok(())
}

pub(crate) fn draft(row: &Row<'_>) -> Result<Draft, Failure> {
    let annotation: Option<String> = row.get("annotation")?;
    Ok(Draft {
        id: id(row, "id")?,
        event_id: id(row, "event_id")?,
        transaction_id: row.get("transaction_id")?,
        action_type: word(row, "type", "a draft's action")?,
        created_at: row.get("created_at")?,
        created_by: row.get("created_by")?,
        created_by_role: row.get("created_by_role")?,
        declaration: json(row, "declaration", "a draft's declaration")?,
        annotation: annotation
            .map(|text| from_json(&text, "a draft's annotation"))
            .transpose()?,
    })
}
