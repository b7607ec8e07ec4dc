//! A few connections that only read, beside the writer.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rusqlite::Connection;
use storage::StoreError;
use tokio::sync::{AcquireError, Semaphore};

use crate::failure::Failure;

/// Steps of SQLite's machine between two looks at whether to go on: well below a millisecond.
const STEPS: i32 = 10_000;

/// Connections waiting for work. As many reads run at once as there are connections; more wait.
pub(crate) struct Readers {
    idle: Mutex<Vec<Connection>>,
    free: Arc<Semaphore>,
    /// One less than there are connections, so that searches leave one to everything else.
    searches: Semaphore,
}

impl Readers {
    pub(crate) fn new(connections: Vec<Connection>) -> Self {
        let free = Arc::new(Semaphore::new(connections.len()));
        let searches = Semaphore::new(connections.len().saturating_sub(1).max(1));
        Self {
            searches,
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
        self.lend(|connection| in_snapshot(connection, work)).await
    }

    async fn lend<T, F>(self: &Arc<Self>, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, Failure> + Send + 'static,
    {
        let permit = Arc::clone(&self.free)
            .acquire_owned()
            .await
            .map_err(closed)?;
        let readers = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || {
            // Declared in this order so that the connection is back before the permit is.
            let _permit = permit;
            let mut lent = Lent::take(&readers);
            let Some(connection) = &mut lent.connection else {
                let reason = "the store is closed".to_owned();
                return Err(StoreError::Unavailable {
                    source: reason.clone().into(),
                    reason,
                });
            };
            work(connection).map_err(StoreError::from)
        });
        reading.await.map_err(|stopped| StoreError::Unavailable {
            reason: "a read was cut off".to_owned(),
            source: stopped.into(),
        })?
    }

    /// Runs `work` as [`Self::run`] does, and stops it where it stands when it has taken longer
    /// than `limit`, or when nobody waits for it any more.
    pub(crate) async fn run_within<T, F>(
        self: &Arc<Self>,
        limit: Duration,
        work: F,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        let _turn = self.searches.acquire().await.map_err(closed)?;
        let stop = StopWhenDropped(Arc::default());
        let stopped = Arc::clone(&stop.0);
        let reading = self.lend(move |connection| {
            let watched = Watched::until(connection, stopped)?;
            in_snapshot(watched.0, work)
        });
        let mut reading = std::pin::pin!(reading);
        if let Ok(result) = tokio::time::timeout(limit, &mut reading).await {
            return result;
        }
        stop.0.store(true, Ordering::Relaxed);
        reading.await.map_err(|_| StoreError::TooSlow { limit })
    }

    /// Closes the idle connections.
    pub(crate) fn close(&self) {
        self.searches.close();
        self.free.close();
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// Tells work on a connection to stop when whoever waited for it has gone.
struct StopWhenDropped(Arc<AtomicBool>);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A connection whose work can be stopped. The next to use it are not: dropping this ends the watch,
/// also when the work panicked.
struct Watched<'a>(&'a mut Connection);

impl<'a> Watched<'a> {
    fn until(connection: &'a mut Connection, stopped: Arc<AtomicBool>) -> Result<Self, Failure> {
        connection.progress_handler(STEPS, Some(move || stopped.load(Ordering::Relaxed)))?;
        Ok(Self(connection))
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        // Fails only on connections that are another's.
        let _ = self.0.progress_handler(0, None::<fn() -> bool>);
    }
}

fn closed(error: AcquireError) -> StoreError {
    StoreError::Unavailable {
        reason: "the store is closed".to_owned(),
        source: error.into(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::new_file;

    fn endless(connection: &Connection) -> Result<i64, Failure> {
        let sql = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n)
                   SELECT max(n) FROM n";
        Ok(connection.query_row(sql, [], |row| row.get(0))?)
    }

    fn one(connection: &Connection) -> Result<i64, Failure> {
        Ok(connection.query_row("SELECT 1", [], |row| row.get(0))?)
    }

    #[tokio::test]
    async fn a_search_that_takes_too_long_is_stopped_and_its_connection_goes_on_to_serve() {
        let (_directory, connection) = new_file();
        let readers = Arc::new(Readers::new(vec![connection]));
        let limit = Duration::from_millis(20);
        let stopped = readers.run_within(limit, endless).await;
        assert!(
            matches!(stopped, Err(StoreError::TooSlow { .. })),
            "{stopped:?}"
        );
        let day = Duration::from_secs(24 * 60 * 60);
        assert_eq!(readers.run_within(day, one).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_search_that_nobody_waits_for_any_more_is_stopped() {
        let (_directory, connection) = new_file();
        let readers = Arc::new(Readers::new(vec![connection]));
        let day = Duration::from_secs(24 * 60 * 60);
        let abandoned = tokio::spawn({
            let readers = Arc::clone(&readers);
            async move { readers.run_within(day, endless).await }
        });
        while !readers.idle.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        abandoned.abort();
        // The only connection is free again.
        assert_eq!(readers.run(one).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_search_that_panicked_stops_nothing_that_comes_after_it() {
        let (_directory, connection) = new_file();
        let readers = Arc::new(Readers::new(vec![connection]));
        let day = Duration::from_secs(24 * 60 * 60);
        let panicked =
            readers.run_within(day, |_| -> Result<i64, Failure> { panic!("on purpose") });
        panicked.await.unwrap_err();
        let long = |connection: &Connection| {
            let sql = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT 20000)
                       SELECT max(n) FROM n";
            Ok(connection.query_row(sql, [], |row| row.get::<_, i64>(0))?)
        };
        assert_eq!(readers.run(long).await.unwrap(), 20_000);
    }

    #[tokio::test]
    async fn searches_leave_a_connection_to_everything_else() {
        let (_directory, first) = new_file();
        let (_directory, second) = new_file();
        let readers = Arc::new(Readers::new(vec![first, second]));
        let day = Duration::from_secs(24 * 60 * 60);
        let searches: Vec<_> = (0..3)
            .map(|_| {
                let readers = Arc::clone(&readers);
                tokio::spawn(async move { readers.run_within(day, endless).await })
            })
            .collect();
        while readers.searches.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(readers.run(one).await.unwrap(), 1);
        for search in searches {
            search.abort();
        }
    }
}
