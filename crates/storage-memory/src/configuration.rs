//! The country's configuration.

use std::sync::Arc;

use async_trait::async_trait;
use storage::{ConfigurationKind, ConfigurationStore, StoreError, StoredConfiguration};

use crate::{MemoryStore, Verdict};

#[async_trait]
impl ConfigurationStore for MemoryStore {
    async fn save_configuration(
        &self,
        documents: Vec<(ConfigurationKind, StoredConfiguration)>,
    ) -> Result<(), StoreError> {
        self.write(|tables| {
            Arc::make_mut(&mut tables.configuration).extend(documents);
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn configuration(
        &self,
    ) -> Result<Vec<(ConfigurationKind, StoredConfiguration)>, StoreError> {
        self.read(|tables| {
            let documents = tables.configuration.iter();
            documents
                .map(|(kind, document)| (*kind, document.clone()))
                .collect()
        })
        .await
    }

    async fn save_served(
        &self,
        served: Vec<(String, StoredConfiguration)>,
        gone: Vec<String>,
    ) -> Result<(), StoreError> {
        self.write(|tables| {
            let kept = Arc::make_mut(&mut tables.served);
            kept.extend(served);
            kept.retain(|path, _| !gone.contains(path));
            Ok(Verdict::Keep(()))
        })
        .await
    }

    async fn served(&self) -> Result<Vec<(String, StoredConfiguration)>, StoreError> {
        self.read(|tables| {
            let served = tables.served.iter();
            served
                .map(|(path, document)| (path.clone(), document.clone()))
                .collect()
        })
        .await
    }
}
