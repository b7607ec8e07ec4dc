//! The audit trail.

use async_trait::async_trait;
use records::EventId;
use rusqlite::{Connection, Row, params, params_from_iter, types::Value};
use storage::{AuditEntry, AuditOf, AuditSearch, AuditStore, StoreError};

use crate::{
    SqliteStore,
    column::{id, json, optional_id, signed, time, to_json},
    failure::Failure,
    writer::Verdict,
};

#[async_trait]
impl AuditStore for SqliteStore {
    async fn append_audit(&self, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.write(move |connection| append(connection, &entries).map(Verdict::Keep))
            .await
    }

    async fn audit(
        &self,
        event_id: Option<EventId>,
        client_id: Option<&str>,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<AuditEntry>, u64), StoreError> {
        let mut conditions = vec!["1"];
        let mut values: Vec<Value> = vec![];
        if let Some(id) = event_id {
            conditions.push("event_id = ?");
            values.push(id.0.as_bytes().to_vec().into());
        }
        if let Some(id) = client_id {
            conditions.push("client_id = ?");
            values.push(id.to_owned().into());
        }
        let conditions = conditions.join(" AND ");
        self.read(move |connection| page(connection, &conditions, values, offset, limit))
            .await
    }

    async fn search_audit(
        &self,
        search: &AuditSearch,
        limit: u64,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let (sql, values) = searching(search, limit);
        self.search(move |connection| {
            let mut select = connection.prepare_cached(&sql)?;
            let entries = select.query_and_then(params_from_iter(values), entry)?;
            entries.collect()
        })
        .await
    }

    async fn audit_of(
        &self,
        of: &AuditOf,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<AuditEntry>, u64), StoreError> {
        let mut conditions =
            String::from("client_id = ? AND operation IN (SELECT value FROM json_each(?))");
        let mut values: Vec<Value> =
            vec![of.client_id.clone().into(), to_json(&of.operations)?.into()];
        for (condition, at) in [(" AND at >= ?", of.from), (" AND at <= ?", of.until)] {
            if let Some(at) = at {
                conditions.push_str(condition);
                values.push(at.as_millisecond().into());
            }
        }
        self.read(move |connection| page(connection, &conditions, values, offset, limit))
            .await
    }
}

fn searching(search: &AuditSearch, limit: u64) -> (String, Vec<Value>) {
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let id = |id: Option<uuid::Uuid>| id.map(|id| Value::from(id.as_bytes().to_vec()));
    let at = |at: Option<jiff::Timestamp>| at.map(|at| Value::from(at.as_millisecond()));
    let asked = [
        ("client_id = ?", text(&search.client_id)),
        ("client_type = ?", text(&search.client_type)),
        ("event_id = ?", id(search.event_id.map(|id| id.0))),
        ("operation = ?", text(&search.operation)),
        ("at >= ?", at(search.from)),
        ("at < ?", at(search.until)),
        ("id >= ?", id(search.first)),
        ("id < ?", id(search.before)),
    ];
    let (mut conditions, mut values) = (vec!["1"], vec![]);
    for (condition, value) in asked {
        if let Some(value) = value {
            conditions.push(condition);
            values.push(value);
        }
    }
    values.push(signed(limit).into());
    let conditions = conditions.join(" AND ");
    let sql = format!("SELECT * FROM audit WHERE {conditions} ORDER BY id DESC LIMIT ?");
    (sql, values)
}

/// A page of the entries that fit, newest first, and how many do.
fn page(
    connection: &Connection,
    conditions: &str,
    mut values: Vec<Value>,
    offset: u64,
    limit: u64,
) -> Result<(Vec<AuditEntry>, u64), Failure> {
    let total = connection
        .prepare_cached(&format!("SELECT count(*) FROM audit WHERE {conditions}"))?
        .query_row(params_from_iter(&values), |row| row.get(0))?;
    let mut select = connection.prepare_cached(&format!(
        "SELECT * FROM audit WHERE {conditions} ORDER BY id DESC LIMIT ? OFFSET ?"
    ))?;
    values.extend([signed(limit).into(), signed(offset).into()]);
    let entries = select.query_and_then(params_from_iter(&values), entry)?;
    Ok((entries.collect::<Result<_, Failure>>()?, total))
}

/// Appends entries in the transaction of what they tell of; those that are there stay as they are.
pub(crate) fn append(connection: &Connection, entries: &[AuditEntry]) -> Result<(), Failure> {
    for entry in entries {
        connection
            .prepare_cached(
                "INSERT INTO audit (id, at, client_id, client_type, operation, event_id, details,
                   correlation)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING",
            )?
            .execute(params![
                entry.id.as_bytes(),
                entry.at.as_millisecond(),
                entry.client_id,
                entry.client_type,
                entry.operation,
                entry.event_id.map(|id| id.0.into_bytes()),
                to_json(&entry.details)?,
                entry.correlation,
            ])?;
    }
    Ok(())
}

fn entry(row: &Row<'_>) -> Result<AuditEntry, Failure> {
    Ok(AuditEntry {
        id: id(row, "id")?,
        at: time(row, "at")?,
        client_id: row.get("client_id")?,
        client_type: row.get("client_type")?,
        operation: row.get("operation")?,
        event_id: optional_id(row, "event_id")?,
        details: json(row, "details", "an audit entry")?,
        correlation: row.get("correlation")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{new_file, plan};

    #[test]
    fn whoever_asks_for_anything_is_answered_from_an_index_in_its_order() {
        let (_directory, connection) = new_file();
        let all = AuditSearch {
            first: Some(uuid::Uuid::nil()),
            before: Some(uuid::Uuid::max()),
            ..AuditSearch::default()
        };
        let searches = [
            ("sqlite_autoindex_audit_1", all.clone()),
            (
                "audit_of_client",
                AuditSearch {
                    client_id: Some("a".to_owned()),
                    ..all.clone()
                },
            ),
            (
                "audit_of_event",
                AuditSearch {
                    event_id: Some(EventId(uuid::Uuid::nil())),
                    ..all.clone()
                },
            ),
            (
                "audit_of_operation",
                AuditSearch {
                    operation: Some("a".to_owned()),
                    ..all.clone()
                },
            ),
        ];
        for (index, search) in searches {
            let (sql, values) = searching(&search, 10);
            let plan = plan(&connection, &sql, values);
            assert!(plan.contains(&format!("INDEX {index} (")), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
