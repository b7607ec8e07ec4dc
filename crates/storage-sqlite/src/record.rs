//! Records: how a decision is written, and how a record is read.

use std::collections::BTreeSet;

use async_trait::async_trait;
use records::{Action, DuplicateLookup, EventDocument, EventId};
use rusqlite::{Connection, OptionalExtension as _, params, params_from_iter};
use storage::{
    AuditEntry, Candidates, Change, Committed, Created, NewRecord, Projection, RecordPage,
    RecordQuery, RecordStore, StoreError, StoredEvent,
};

use crate::{
    SqliteStore, audit,
    column::{self, from_json, json, signed, to_json, to_word},
    delivery, draft, duplicates,
    failure::Failure,
    projection, query,
    writer::Verdict,
};

/// In two parts, which two indexes share.
const OF_TRANSACTION: &str = "SELECT position, event_id, document FROM actions
   WHERE transaction_id = ?1 AND type NOT IN ('READ', 'ASSIGN', 'UNASSIGN')
 UNION ALL SELECT position, event_id, document FROM actions
   WHERE transaction_id = ?1 AND type IN ('READ', 'ASSIGN', 'UNASSIGN')
 ORDER BY position";

#[async_trait]
impl RecordStore for SqliteStore {
    async fn create_record(&self, record: NewRecord) -> Result<Created, StoreError> {
        self.write(move |connection| create(connection, &record))
            .await
    }

    async fn record(&self, id: EventId) -> Result<Option<StoredEvent>, StoreError> {
        self.look(move |connection| load(connection, id)).await
    }

    async fn commit(&self, change: Change) -> Result<Committed, StoreError> {
        let now = self.open.world.now();
        self.write(move |connection| {
            Ok(match version(connection, change.event_id)? {
                Some(version) if version == change.expected_version => {
                    commit(connection, &change, now)?
                }
                _ => Verdict::Undo(Committed::Stale),
            })
        })
        .await
    }

    async fn transaction(&self, id: &str) -> Result<Vec<(EventId, Action)>, StoreError> {
        let transaction = id.to_owned();
        self.read(move |connection| {
            let mut select = connection.prepare_cached(OF_TRANSACTION)?;
            let actions = select.query_and_then([transaction], |row| {
                Ok((
                    column::id(row, "event_id")?,
                    json(row, "document", "an action")?,
                ))
            })?;
            actions.collect()
        })
        .await
    }

    async fn delete_record(
        &self,
        id: EventId,
        expected_version: u64,
        audit: Vec<AuditEntry>,
    ) -> Result<bool, StoreError> {
        self.write(move |connection| {
            // Its actions, projection and deliveries go with it, by their foreign keys.
            let deleted = connection.execute(
                "DELETE FROM events WHERE id = ?1 AND version = ?2",
                params![id.0.as_bytes(), signed(expected_version)],
            )?;
            if deleted == 0 {
                return Ok(Verdict::Undo(false));
            }
            audit::append(connection, &audit)?;
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn find_records(&self, query: &RecordQuery) -> Result<RecordPage, StoreError> {
        let mut query = query.clone();
        self.search(move |connection| {
            query.filter = query::spelt_out(connection, &query.filter)?;
            let (page, count) = (query::page(&query), query::count(&query));
            let total = total(connection, &count)?;
            let mut select = connection.prepare_cached(&page.text)?;
            let records = select
                .query_and_then(params_from_iter(page.values), |row| {
                    json(row, "document", "a projection")
                })?
                .collect::<Result<_, Failure>>()?;
            Ok(RecordPage { records, total })
        })
        .await
    }

    async fn duplicate_candidates(
        &self,
        of: EventId,
        lookups: &BTreeSet<DuplicateLookup>,
        limit: usize,
    ) -> Result<Candidates, StoreError> {
        let lookups = lookups.clone();
        self.read(move |connection| duplicates::candidates(connection, of, &lookups, limit))
            .await
    }

    async fn count_records(&self, queries: &[RecordQuery]) -> Result<Vec<u64>, StoreError> {
        let queries = queries.to_vec();
        self.search(move |connection| {
            let count = |mut query: RecordQuery| {
                query.filter = query::spelt_out(connection, &query.filter)?;
                total(connection, &query::count(&query))
            };
            queries.into_iter().map(count).collect()
        })
        .await
    }

    async fn record_ids(
        &self,
        after: Option<EventId>,
        limit: usize,
    ) -> Result<Vec<EventId>, StoreError> {
        self.read(move |connection| {
            // Everything sorts after the empty BLOB.
            let after = after.map(|id| id.0.as_bytes().to_vec()).unwrap_or_default();
            let mut select = connection
                .prepare_cached("SELECT id FROM events WHERE id > ?1 ORDER BY id LIMIT ?2")?;
            let ids = select.query_and_then(
                params![after, signed(limit.try_into().unwrap_or(u64::MAX))],
                |row| column::id(row, "id"),
            )?;
            ids.collect()
        })
        .await
    }

    async fn projection(&self, id: EventId) -> Result<Option<Projection>, StoreError> {
        self.read(move |connection| projection::load(connection, id))
            .await
    }

    async fn rebuild_projection(
        &self,
        id: EventId,
        expected_version: u64,
        projection: Projection,
    ) -> Result<bool, StoreError> {
        self.write(move |connection| {
            if version(connection, id)? != Some(expected_version) {
                return Ok(Verdict::Undo(false));
            }
            projection::save(connection, id, &projection)?;
            Ok(Verdict::Keep(true))
        })
        .await
    }
}

fn create(connection: &Connection, new: &NewRecord) -> Result<Verdict<Created>, Failure> {
    let document = &new.document;
    let before = connection
        .prepare_cached("SELECT id FROM events WHERE transaction_id = ?1 AND type = ?2")?
        .query_and_then(params![new.transaction_id, document.event_type], |row| {
            column::id(row, "id")
        })?
        .next()
        .transpose()?;
    if let Some(before) = before
        && let Some(record) = load(connection, before)?
    {
        return Ok(Verdict::Undo(Created::Already(Box::new(record))));
    }
    connection
        .prepare_cached(
            "INSERT INTO events
               (id, type, tracking_id, transaction_id, created_at, updated_at, version)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)",
        )?
        .execute(params![
            document.id.0.as_bytes(),
            document.event_type,
            document.tracking_id,
            new.transaction_id,
            document.created_at,
            document.updated_at,
        ])?;
    append(connection, document.id, &document.actions)?;
    projection::save(connection, document.id, &new.projection)?;
    for delivery in &new.deliveries {
        delivery::begin(connection, delivery)?;
    }
    audit::append(connection, &new.audit)?;
    Ok(Verdict::Keep(Created::New))
}

/// Writes a change to a record that is at the expected version.
fn commit(
    connection: &Connection,
    change: &Change,
    now: jiff::Timestamp,
) -> Result<Verdict<Committed>, Failure> {
    if let Some(result) = &change.attempt
        && !delivery::finish(connection, result)?
    {
        return Ok(Verdict::Undo(Committed::ClaimLost));
    }
    if let Some(looked_for) = &change.looked_for
        && duplicates::has_company(connection, change.event_id, looked_for)?
    {
        return Ok(Verdict::Undo(Committed::Stale));
    }
    append(connection, change.event_id, &change.actions)?;
    if change.ends_drafts() {
        draft::end_on_record(connection, change.event_id)?;
    }
    if let Some(projection) = &change.projection {
        projection::save(connection, change.event_id, projection)?;
    }
    // Closed before one begins, so that the new one knows whether it has to wait.
    if let Some(action) = change.closes_delivery_of {
        delivery::close_of_action(connection, action, now)?;
    }
    let leased = match &change.delivery {
        Some(new) => delivery::begin_at_once(connection, new)?,
        None => false,
    };
    audit::append(connection, &change.audit)?;
    let version = change.expected_version + 1;
    connection
        .prepare_cached(
            "UPDATE events SET version = ?2, updated_at = coalesce(?3, updated_at) WHERE id = ?1",
        )?
        .execute(params![
            change.event_id.0.as_bytes(),
            signed(version),
            change.actions.last().map(|action| &action.created_at),
        ])?;
    Ok(Verdict::Keep(Committed::At { version, leased }))
}

fn append(connection: &Connection, event: EventId, actions: &[Action]) -> Result<(), Failure> {
    for action in actions {
        connection
            .prepare_cached(
                "INSERT INTO actions (event_id, seq, id, transaction_id, type, status,
                   original_action_id, document)
                 VALUES (?1, (SELECT coalesce(max(seq), 0) + 1 FROM actions WHERE event_id = ?1),
                   ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                event.0.as_bytes(),
                action.id.0.as_bytes(),
                action.transaction_id,
                action.action_type.as_str(),
                to_word(action.status)?,
                action.original_action_id.map(|id| id.0.into_bytes()),
                to_json(action)?,
            ])?;
    }
    Ok(())
}

pub(crate) fn version(connection: &Connection, id: EventId) -> Result<Option<u64>, Failure> {
    Ok(connection
        .prepare_cached("SELECT version FROM events WHERE id = ?1")?
        .query_row([id.0.as_bytes()], |row| row.get(0))
        .optional()?)
}

/// The hottest read there is: one query, and each action parsed where SQLite holds it.
fn load(connection: &Connection, id: EventId) -> Result<Option<StoredEvent>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT events.type, events.tracking_id, events.created_at, events.updated_at,
           events.version, actions.document
         FROM events LEFT JOIN actions ON actions.event_id = events.id
         WHERE events.id = ?1 ORDER BY actions.seq",
    )?;
    let mut rows = select.query([id.0.as_bytes()])?;
    let mut record: Option<StoredEvent> = None;
    while let Some(row) = rows.next()? {
        let action = row
            .get_ref("document")?
            .as_str_or_null()
            .map_err(rusqlite::Error::from)?
            .map(|text| from_json(text, "an action"))
            .transpose()?;
        let record = match &mut record {
            Some(record) => record,
            None => record.insert(StoredEvent {
                document: EventDocument {
                    id,
                    event_type: row.get("type")?,
                    created_at: row.get("created_at")?,
                    updated_at: row.get("updated_at")?,
                    tracking_id: row.get("tracking_id")?,
                    actions: vec![],
                },
                version: row.get("version")?,
            }),
        };
        record.document.actions.extend(action);
    }
    Ok(record)
}

fn total(connection: &Connection, count: &query::Sql) -> Result<u64, Failure> {
    let mut select = connection.prepare_cached(&count.text)?;
    Ok(select.query_row(params_from_iter(&count.values), |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{new_file, plan};

    #[test]
    fn a_transaction_is_looked_for_in_both_of_its_indexes() {
        let (_directory, connection) = new_file();
        let plan = plan(&connection, OF_TRANSACTION, vec!["t".to_owned().into()]);
        for index in ["action_done_once", "repeatable_actions_of_transaction"] {
            let step = format!("SEARCH actions USING INDEX {index} (transaction_id=?)");
            assert!(plan.contains(&step), "{plan}");
        }
    }
}
