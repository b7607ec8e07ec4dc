//! Drafts.

use std::sync::Arc;

use async_trait::async_trait;
use storage::{AuditEntry, Draft, DraftStore, Drafted, StoreError};

use crate::{MemoryStore, Verdict};

#[async_trait]
impl DraftStore for MemoryStore {
    async fn save_draft(
        &self,
        draft: Draft,
        expected_version: u64,
        audit: Vec<AuditEntry>,
    ) -> Result<Drafted, StoreError> {
        self.write(|tables| {
            let record = tables.records.get(&draft.event_id);
            if record.map(|record| record.version) != Some(expected_version) {
                return Ok(Verdict::Undo(Drafted::Stale));
            }
            let key = (draft.event_id, draft.created_by.clone());
            if let Some(before) = tables.drafts.get(&key)
                && before.transaction_id == draft.transaction_id
                && before.action_type == draft.action_type
            {
                return Ok(Verdict::Undo(Drafted::Already(Box::new(before.clone()))));
            }
            Arc::make_mut(&mut tables.drafts).insert(key, draft);
            tables.append_audit(&audit)?;
            Ok(Verdict::Keep(Drafted::New))
        })
        .await
    }

    async fn drafts_of(&self, person: &str) -> Result<Vec<Draft>, StoreError> {
        self.read(|tables| {
            let theirs = tables.drafts.values();
            let mut theirs: Vec<Draft> = theirs
                .filter(|draft| draft.created_by == person)
                .cloned()
                .collect();
            theirs.sort_by(|a, b| (&a.created_at, a.id).cmp(&(&b.created_at, b.id)));
            theirs
        })
        .await
    }
}
