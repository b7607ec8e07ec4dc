//! The audit trail.

use std::borrow::Cow;

use async_trait::async_trait;
use records::EventId;
use storage::{AuditEntry, AuditOf, AuditSearch, AuditStore, StoreError};
use tokio_postgres::{Row, types::ToSql};

use crate::{
    PostgresStore,
    column::{count, harmless, id, json, optional_id, signed, text, time, to_json},
    connection::{Connection, Values},
    failure::Failure,
};

#[async_trait]
impl AuditStore for PostgresStore {
    async fn append_audit(&self, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        let entries = &entries;
        self.write(|connection| async move { append(&connection, entries).await })
            .await
    }

    async fn audit(
        &self,
        event_id: Option<EventId>,
        client_id: Option<&str>,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<AuditEntry>, u64), StoreError> {
        let mut conditions = vec!["true".to_owned()];
        let mut values: Vec<&(dyn ToSql + Sync)> = vec![];
        let event_id = event_id.map(|id| id.0);
        let client_id = client_id.map(harmless);
        if let Some(id) = &event_id {
            values.push(id);
            conditions.push(format!("event_id = ${}", values.len()));
        }
        if let Some(id) = &client_id {
            values.push(id);
            conditions.push(of_client(values.len()));
        }
        self.audit_page(&conditions.join(" AND "), &values, offset, limit)
            .await
    }

    async fn search_audit(
        &self,
        search: &AuditSearch,
        limit: u64,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let texts = [&search.client_id, &search.client_type, &search.operation];
        let [client_id, client_type, operation] = texts.map(|text| text.as_deref().map(harmless));
        let event_id = search.event_id.map(|id| id.0);
        let (from, until) = (search.from, search.until);
        let [from, until] = [from, until].map(|at| at.map(|at| at.as_millisecond()));
        let limit = signed(limit);
        let mut conditions = vec!["true".to_owned()];
        let mut values: Vec<&(dyn ToSql + Sync)> = vec![];
        if let Some(id) = &client_id {
            values.push(id);
            conditions.push(of_client(values.len()));
        }
        if let Some(operation) = &operation {
            values.push(operation);
            let at = values.len();
            conditions.push(format!(
                "left(operation, 100) = left(${at}, 100) AND operation = ${at}"
            ));
        }
        let more: [(&str, Option<&(dyn ToSql + Sync)>); 6] = [
            ("client_type =", client_type.as_ref().map(|it| it as _)),
            ("event_id =", event_id.as_ref().map(|it| it as _)),
            ("at >=", from.as_ref().map(|it| it as _)),
            ("at <", until.as_ref().map(|it| it as _)),
            ("id >=", search.first.as_ref().map(|it| it as _)),
            ("id <", search.before.as_ref().map(|it| it as _)),
        ];
        for (condition, value) in more {
            if let Some(value) = value {
                values.push(value);
                conditions.push(format!("{condition} ${}", values.len()));
            }
        }
        values.push(&limit);
        let sql = &format!(
            "SELECT * FROM audit WHERE {} ORDER BY id DESC LIMIT ${}",
            conditions.join(" AND "),
            values.len()
        );
        let values = values.as_slice();
        self.search(|connection| async move {
            let rows = connection.rows(sql, values).await?;
            rows.iter().map(entry).collect()
        })
        .await
    }

    async fn audit_of(
        &self,
        of: &AuditOf,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<AuditEntry>, u64), StoreError> {
        let client_id = harmless(&of.client_id);
        let from = of.from.map_or(i64::MIN, |at| at.as_millisecond());
        let until = of.until.map_or(i64::MAX, |at| at.as_millisecond());
        self.audit_page(
            &format!(
                "{} AND operation = ANY ($2) AND at >= $3 AND at <= $4",
                of_client(1)
            ),
            &[&client_id, &of.operations, &from, &until],
            offset,
            limit,
        )
        .await
    }
}

/// The index has the beginning of a caller's name: the names of others' tokens may be long.
fn of_client(parameter: usize) -> String {
    format!("left(client_id, 400) = left(${parameter}, 400) AND client_id = ${parameter}")
}

impl PostgresStore {
    /// A page of the entries that fit, newest first, and how many do.
    async fn audit_page(
        &self,
        conditions: &str,
        values: Values<'_>,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<AuditEntry>, u64), StoreError> {
        let counting = &format!("SELECT count(*) AS count FROM audit WHERE {conditions}");
        let listing = &format!(
            "SELECT * FROM audit WHERE {conditions} ORDER BY id DESC LIMIT ${} OFFSET ${}",
            values.len() + 1,
            values.len() + 2,
        );
        self.search(|connection| async move {
            let total = count(&connection.one(counting, values).await?, "count")?;
            let (limit, offset) = (signed(limit), signed(offset));
            let mut values = values.to_vec();
            values.extend([&limit as &(dyn ToSql + Sync), &offset]);
            let rows = connection.rows(listing, &values).await?;
            let entries = rows.iter().map(entry).collect::<Result<_, _>>()?;
            Ok((entries, total))
        })
        .await
    }
}

/// Entries as columns, so that any number of them is one statement.
#[derive(Default)]
pub(crate) struct Columns<'a> {
    ids: Vec<uuid::Uuid>,
    at: Vec<i64>,
    client_ids: Vec<Cow<'a, str>>,
    client_types: Vec<Cow<'a, str>>,
    operations: Vec<Cow<'a, str>>,
    event_ids: Vec<Option<uuid::Uuid>>,
    details: Vec<String>,
    correlations: Vec<Cow<'a, str>>,
}

impl<'a> Columns<'a> {
    pub(crate) fn of(entries: &'a [AuditEntry]) -> Result<Self, Failure> {
        let mut columns = Self::default();
        for entry in entries {
            columns.ids.push(entry.id);
            columns.at.push(entry.at.as_millisecond());
            columns.client_ids.push(harmless(&entry.client_id));
            columns.client_types.push(harmless(&entry.client_type));
            columns.operations.push(harmless(&entry.operation));
            columns.event_ids.push(entry.event_id.map(|id| id.0));
            columns.details.push(to_json(&entry.details)?);
            columns.correlations.push(harmless(&entry.correlation));
        }
        Ok(columns)
    }

    /// The values of eight parameters, in the order of the table's columns.
    pub(crate) fn values(&self) -> [&(dyn ToSql + Sync); 8] {
        [
            &self.ids,
            &self.at,
            &self.client_ids,
            &self.client_types,
            &self.operations,
            &self.event_ids,
            &self.details,
            &self.correlations,
        ]
    }
}

/// Appends entries in the transaction of what they tell of.
pub(crate) async fn append(connection: &Connection, entries: &[AuditEntry]) -> Result<(), Failure> {
    if entries.is_empty() {
        return Ok(());
    }
    let columns = Columns::of(entries)?;
    connection
        .execute(
            "INSERT INTO audit (id, at, client_id, client_type, operation, event_id, details,
               correlation)
             SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[],
               $6::uuid[], $7::text[], $8::text[])
             ON CONFLICT (id) DO NOTHING",
            &columns.values(),
        )
        .await?;
    Ok(())
}

fn entry(row: &Row) -> Result<AuditEntry, Failure> {
    Ok(AuditEntry {
        id: id(row, "id")?,
        at: time(row, "at")?,
        client_id: text(row, "client_id")?,
        client_type: text(row, "client_type")?,
        operation: text(row, "operation")?,
        event_id: optional_id(row, "event_id")?,
        details: json(row, "details", "an audit entry")?,
        correlation: text(row, "correlation")?,
    })
}
