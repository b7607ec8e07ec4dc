//! Drafts.

use std::sync::Arc;

use async_trait::async_trait;
use storage::{AuditEntry, Draft, DraftStore, Drafted, DraftsWanted, StoreError};

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

    async fn drafts(&self, wanted: &DraftsWanted) -> Result<Vec<Draft>, StoreError> {
        self.read(|tables| {
            let theirs = tables.drafts.values();
            let mut theirs: Vec<Draft> = theirs
                .filter(|draft| draft.created_by == wanted.person)
                .filter(|draft| wanted.event.is_none_or(|event| draft.event_id == event))
                .filter(|draft| wanted.after.is_none_or(|after| draft.id > after))
                .cloned()
                .collect();
            theirs.sort_by_key(|draft| draft.id);
            theirs.truncate(wanted.limit);
            theirs
        })
        .await
    }
}
