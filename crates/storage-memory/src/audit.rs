//! The audit trail.

use async_trait::async_trait;
use records::EventId;
use storage::{AuditEntry, AuditOf, AuditSearch, AuditStore, StoreError};

use crate::{MemoryStore, Verdict, counted, page, tables::Tables};

#[async_trait]
impl AuditStore for MemoryStore {
    async fn append_audit(&self, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.write(|tables| tables.append_audit(&entries).map(Verdict::Keep))
            .await
    }

    async fn audit(
        &self,
        event_id: Option<EventId>,
        client_id: Option<&str>,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<AuditEntry>, u64), StoreError> {
        let fits = |entry: &AuditEntry| {
            event_id.is_none_or(|id| entry.event_id == Some(id))
                && client_id.is_none_or(|id| entry.client_id == id)
        };
        self.read(|tables| newest(tables, fits, offset, limit))
            .await
    }

    async fn search_audit(
        &self,
        search: &AuditSearch,
        limit: u64,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let is = |wanted: &Option<String>, text: &String| {
            wanted.as_ref().is_none_or(|wanted| wanted == text)
        };
        let fits = |entry: &AuditEntry| {
            is(&search.client_id, &entry.client_id)
                && is(&search.client_type, &entry.client_type)
                && is(&search.operation, &entry.operation)
                && (search.event_id.is_none() || search.event_id == entry.event_id)
                && search.from.is_none_or(|from| entry.at >= from)
                && search.until.is_none_or(|until| entry.at < until)
                && search.first.is_none_or(|first| entry.id >= first)
                && search.before.is_none_or(|before| entry.id < before)
        };
        self.read(|tables| newest(tables, fits, 0, limit).0).await
    }

    async fn audit_of(
        &self,
        of: &AuditOf,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<AuditEntry>, u64), StoreError> {
        let fits = |entry: &AuditEntry| {
            entry.client_id == of.client_id
                && of.operations.contains(&entry.operation)
                && of.from.is_none_or(|from| entry.at >= from)
                && of.until.is_none_or(|until| entry.at <= until)
        };
        self.read(|tables| newest(tables, fits, offset, limit))
            .await
    }
}

fn newest(
    tables: &Tables,
    fits: impl Fn(&AuditEntry) -> bool,
    offset: u64,
    limit: u64,
) -> (Vec<AuditEntry>, u64) {
    let fitting: Vec<_> = tables
        .audit
        .values()
        .rev()
        .filter(|entry| fits(entry))
        .collect();
    let total = counted(fitting.len());
    let entries = page(fitting, offset, limit);
    (
        entries
            .into_iter()
            .map(|entry| AuditEntry::clone(entry))
            .collect(),
        total,
    )
}
