//! A few connections that only read, beside the writer.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use storage::StoreError;
use tokio::sync::Semaphore;

use crate::failure::Failure;

/// Connections waiting for work. As many reads run at once as there are connections; more wait.
pub(crate) struct Readers {
    idle: Mutex<Vec<Connection>>,
    free: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn new(connections: Vec<Connection>) -> Self {
        let free = Arc::new(Semaphore::new(connections.len()));
        Self {
            idle: Mutex::new(connections),
            free,
        }
    }

    /// Runs `work` on an idle connection, off the async threads, in one snapshot: it sees every
    /// write that was answered before, and none that comes after it began.
    pub(crate) async fn run<T, F>(self: &Arc<Self>, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        let permit = Arc::clone(&self.free)
            .acquire_owned()
            .await
            .map_err(|closed| StoreError::Unavailable {
                reason: "the store is closed".to_owned(),
                source: closed.into(),
            })?;
        let readers = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || {
            // Declared in this order so that the connection is back before the permit is.
            let _permit = permit;
            let lent = Lent::take(&readers);
            let Some(connection) = &lent.connection else {
                let reason = "the store is closed".to_owned();
                return Err(StoreError::Unavailable {
                    source: reason.clone().into(),
                    reason,
                });
            };
            in_snapshot(connection, work).map_err(StoreError::from)
        });
        reading.await.map_err(|stopped| StoreError::Unavailable {
            reason: "a read was cut off".to_owned(),
            source: stopped.into(),
        })?
    }

    /// Closes the idle connections.
    pub(crate) fn close(&self) {
        self.free.close();
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

fn in_snapshot<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, Failure>,
) -> Result<T, Failure> {
    // Dropped, and so ended, whichever way this goes; there is nothing to commit.
    let _snapshot = connection.unchecked_transaction()?;
    work(connection)
}

/// A connection on loan; goes back when dropped, also when the work panicked.
struct Lent<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl<'a> Lent<'a> {
    fn take(readers: &'a Readers) -> Self {
        let connection = readers
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        Self {
            readers,
            connection,
        }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take()
            && !self.readers.free.is_closed()
        {
            self.readers
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(connection);
        }
    }
}
