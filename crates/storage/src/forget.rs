//! Forgetting, for suites that test a running service from outside.

use async_trait::async_trait;

use crate::error::StoreError;

/// A store that can be emptied while it is open. No service needs that: it is compiled for test
/// control alone.
#[async_trait]
pub trait Forget: Send + Sync {
    /// Forgets everything but the signing keys, in one transaction: what is left is as a new store
    /// would be. What was asked to be written before is gone as well, and every store's promises
    /// hold again from the next write on. [`crate::PlaceStore::places_version`] still grows.
    async fn forget(&self) -> Result<(), StoreError>;
}
