//! Who is at work, so that a reset can wait for them.

use std::sync::Arc;

use tokio::sync::RwLock;

/// Held for reading by whatever works on a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct AtWork(Arc<RwLock<()>>);

impl AtWork {
    /// Does a piece of work, which must not contain another; one that begins during a reset waits
    /// for its end.
    pub(crate) async fn during<T>(self, work: impl Future<Output = T>) -> T {
        let _at_work = self.0.read().await;
        work.await
    }

    /// Does something while nobody is at work.
    pub(super) async fn alone<T>(&self, work: impl Future<Output = T>) -> T {
        let _alone = self.0.write().await;
        work.await
    }
}
