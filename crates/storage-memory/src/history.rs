//! What people did to records.

use async_trait::async_trait;
use records::Action;
use storage::{ActionDone, ActionsOf, HistoryStore, StoreError};

use crate::{MemoryStore, counted, page};

#[async_trait]
impl HistoryStore for MemoryStore {
    async fn actions_of(
        &self,
        of: &ActionsOf,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<ActionDone>, u64), StoreError> {
        // Times of actions are texts that sort as the times do.
        let (from, until) = (of.from.map(world::iso), of.until.map(world::iso));
        let fits = |action: &Action| {
            action.created_by == of.person
                && from.as_ref().is_none_or(|from| action.created_at >= *from)
                && until
                    .as_ref()
                    .is_none_or(|until| action.created_at <= *until)
                && of.types.as_ref().is_none_or(|types| {
                    types.iter().any(|kind| kind == action.action_type.as_str())
                })
        };
        self.read(|tables| {
            let mut found = vec![];
            for record in tables.records.values() {
                let theirs = record.actions.iter().filter(|(_, action)| fits(action));
                found.extend(theirs.map(|(position, action)| (record, *position, action)));
            }
            found.sort_by(|(_, a, ours), (_, b, theirs)| {
                (&theirs.created_at, b).cmp(&(&ours.created_at, a))
            });
            let total = counted(found.len());
            let done = page(found, offset, limit).into_iter();
            let done = done.map(|(record, _, action)| ActionDone {
                event_id: record.head.id,
                event_type: record.head.event_type.clone(),
                tracking_id: record.head.tracking_id.clone(),
                action: Action::clone(action),
            });
            (done.collect(), total)
        })
        .await
    }
}
