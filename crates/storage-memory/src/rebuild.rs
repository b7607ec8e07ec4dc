//! Walks over all records, as they stand.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use storage::{Rebuild, RebuildState, RebuildStore, StoreError};

use crate::{MemoryStore, Verdict, tables::Tables};

#[async_trait]
impl RebuildStore for MemoryStore {
    async fn save_rebuild(&self, rebuild: Rebuild) -> Result<(), StoreError> {
        self.write(|tables| {
            Arc::make_mut(&mut tables.rebuilds).insert(rebuild.id, rebuild);
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn rebuilds(&self, limit: usize) -> Result<Vec<Rebuild>, StoreError> {
        self.read(|tables| {
            let mut walks = oldest(tables, |walk| walk.for_country);
            walks.reverse();
            walks.truncate(limit);
            walks
        })
        .await
    }

    async fn running_rebuilds(&self) -> Result<Vec<Rebuild>, StoreError> {
        self.read(|tables| oldest(tables, |walk| walk.state == RebuildState::Running))
            .await
    }

    async fn projection_rules(&self) -> Result<u32, StoreError> {
        self.read(|tables| tables.projection_rules).await
    }

    async fn save_projection_rules(&self, version: u32, walk: Rebuild) -> Result<(), StoreError> {
        self.write(|tables| {
            tables.projection_rules = version;
            Arc::make_mut(&mut tables.rebuilds).insert(walk.id, walk);
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn forget_rebuilds(&self, before: Timestamp) -> Result<(), StoreError> {
        self.write(|tables| {
            Arc::make_mut(&mut tables.rebuilds)
                .retain(|_, walk| walk.ended_at.is_none_or(|ended| ended >= before));
            Ok(Verdict::Keep(()))
        })
        .await
    }
}

fn oldest(tables: &Tables, which: impl Fn(&Rebuild) -> bool) -> Vec<Rebuild> {
    let walks = tables.rebuilds.values();
    let mut walks: Vec<_> = walks.filter(|walk| which(walk)).cloned().collect();
    walks.sort_by_key(|walk| (walk.started_at, walk.id));
    walks
}
