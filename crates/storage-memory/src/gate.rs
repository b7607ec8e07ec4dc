//! What a simulation puts between a caller and the store.

use async_trait::async_trait;
use storage::StoreError;

/// A call on the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// The method's name.
    pub name: &'static str,
    /// Whether it may change something.
    pub writes: bool,
}

/// Stands between a caller and the store. It may hold a call up, let it fail before or after it has
/// taken effect, or never let it come back, as when its caller has died.
#[async_trait]
pub trait Gate: Send + Sync {
    /// Before the call takes effect.
    ///
    /// # Errors
    /// What the caller is told; the store then does nothing.
    async fn enter(&self, call: Call) -> Result<(), StoreError>;

    /// After it took effect, as far as it did.
    ///
    /// # Errors
    /// What the caller is told, though the call took effect.
    async fn leave(&self, call: Call) -> Result<(), StoreError>;
}
