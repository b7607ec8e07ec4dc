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
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::failure::Failure;

/// Steps of SQLite's machine between two looks at whether to go on: well below a millisecond.
const STEPS: i32 = 10_000;
const CLOSED: &str = "the store is closed";

/// Connections that only read: some for searches, the others for everything else, so that neither
/// waits for the other.
pub(crate) struct Readers {
    points: Arc<Pool>,
    searches: Arc<Pool>,
}

impl Readers {
    pub(crate) fn new(points: Vec<Connection>, searches: Vec<Connection>) -> Self {
        Self {
            points: Pool::new(points),
            searches: Pool::new(searches),
        }
    }

    /// Runs `work` on an idle connection, off the async threads, in one snapshot: it sees every
    /// write that was answered before, and none that comes after it began.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        self.points
            .lend(|connection| in_snapshot(connection, work))
            .await
    }

    /// Runs `work`, one statement that finds a few rows by their keys, right here: it takes some
    /// tens of microseconds, and going to another thread and back costs more than that. A statement
    /// sees one snapshot by itself. When all connections are busy, it is done off the async threads.
    pub(crate) async fn look<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        match Arc::clone(&self.points.free).try_acquire_owned() {
            Ok(permit) => self.points.with(permit, |connection| work(connection)),
            Err(_) => self.points.lend(|connection| work(connection)).await,
        }
    }

    /// Runs `work` as [`Self::run`] does, and stops it where it stands when it has taken longer
    /// than `limit`, or when nobody waits for it any more.
    pub(crate) async fn run_within<T, F>(&self, limit: Duration, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        let stop = StopWhenDropped(Arc::default());
        let stopped = Arc::clone(&stop.0);
        let permit = self.searches.permit().await?;
        let reading = self.searches.lend_under(permit, move |connection| {
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
        self.points.close();
        self.searches.close();
    }
}

/// Connections waiting for work. As many reads run at once as there are connections; more wait.
struct Pool {
    idle: Mutex<Vec<Connection>>,
    free: Arc<Semaphore>,
}

impl Pool {
    fn new(connections: Vec<Connection>) -> Arc<Self> {
        let free = Arc::new(Semaphore::new(connections.len()));
        let idle = Mutex::new(connections);
        Arc::new(Self { idle, free })
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let permit = Arc::clone(&self.free).acquire_owned().await;
        permit.map_err(|closed| StoreError::Unavailable {
            reason: CLOSED.to_owned(),
            source: closed.into(),
        })
    }

    /// Runs `work` off the async threads.
    async fn lend<T, F>(self: &Arc<Self>, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, Failure> + Send + 'static,
    {
        let permit = self.permit().await?;
        self.lend_under(permit, work).await
    }

    async fn lend_under<T, F>(
        self: &Arc<Self>,
        permit: OwnedSemaphorePermit,
        work: F,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, Failure> + Send + 'static,
    {
        let pool = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || pool.with(permit, work));
        reading.await.map_err(|stopped| StoreError::Unavailable {
            reason: "a read was cut off".to_owned(),
            source: stopped.into(),
        })?
    }

    /// Runs `work` on the connection that the permit stands for.
    fn with<T>(
        &self,
        permit: OwnedSemaphorePermit,
        work: impl FnOnce(&mut Connection) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        // Declared in this order so that the connection is back before the permit is.
        let _permit = permit;
        let mut lent = Lent::take(self);
        let Some(connection) = &mut lent.connection else {
            return Err(StoreError::Unavailable {
                reason: CLOSED.to_owned(),
                source: CLOSED.into(),
            });
        };
        work(connection).map_err(StoreError::from)
    }

    fn close(&self) {
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

fn in_snapshot<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, Failure>,
) -> Result<T, Failure> {
    connection.prepare_cached("BEGIN")?.execute([])?;
    // Dropped, and so ended, whichever way this goes; there is nothing to commit.
    let _snapshot = Snapshot(connection);
    work(connection)
}

/// Ends what began when it is dropped.
struct Snapshot<'a>(&'a Connection);

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        let end = |connection: &Connection| connection.prepare_cached("ROLLBACK")?.execute([]);
        if !self.0.is_autocommit()
            && let Err(error) = end(self.0)
        {
            tracing::error!(%error, "a read could not be ended");
        }
    }
}

/// A connection on loan; goes back when dropped, also when the work panicked.
struct Lent<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
}

impl<'a> Lent<'a> {
    fn take(pool: &'a Pool) -> Self {
        let connection = pool
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        Self { pool, connection }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take()
            && !self.pool.free.is_closed()
        {
            self.pool
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
        let readers = Arc::new(Readers::new(vec![], vec![connection]));
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
        let readers = Arc::new(Readers::new(vec![], vec![connection]));
        let day = Duration::from_secs(24 * 60 * 60);
        let abandoned = tokio::spawn({
            let readers = Arc::clone(&readers);
            async move { readers.run_within(day, endless).await }
        });
        while !readers.searches.idle.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        abandoned.abort();
        // The only connection is free again.
        assert_eq!(readers.run_within(day, one).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_search_that_panicked_stops_nothing_that_comes_after_it() {
        let (_directory, connection) = new_file();
        let readers = Arc::new(Readers::new(vec![], vec![connection]));
        let day = Duration::from_secs(24 * 60 * 60);
        let panicked =
            readers.run_within(day, |_| -> Result<i64, Failure> { panic!("on purpose") });
        panicked.await.unwrap_err();
        let long = |connection: &Connection| {
            let sql = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT 20000)
                       SELECT max(n) FROM n";
            Ok(connection.query_row(sql, [], |row| row.get::<_, i64>(0))?)
        };
        assert_eq!(readers.run_within(day, long).await.unwrap(), 20_000);
    }

    #[tokio::test]
    async fn who_looks_when_all_connections_are_busy_waits_for_one() {
        let (_directory, connection) = new_file();
        let readers = Arc::new(Readers::new(vec![connection], vec![]));
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let busy = readers.run(move |connection| {
            let _ = wait.recv();
            one(connection)
        });
        let ends = async { go.send(()).unwrap() };
        let (busy, looked, ()) = tokio::join!(busy, readers.look(one), ends);
        assert_eq!((busy.unwrap(), looked.unwrap()), (1, 1));
    }

    #[tokio::test]
    async fn searches_stand_in_the_way_of_nothing_else() {
        let (_directory, first) = new_file();
        let (_directory, second) = new_file();
        let readers = Arc::new(Readers::new(vec![first], vec![second]));
        let day = Duration::from_secs(24 * 60 * 60);
        let searches: Vec<_> = (0..3)
            .map(|_| {
                let readers = Arc::clone(&readers);
                tokio::spawn(async move { readers.run_within(day, endless).await })
            })
            .collect();
        while readers.searches.free.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(readers.run(one).await.unwrap(), 1);
        assert_eq!(readers.look(one).await.unwrap(), 1);
        for search in searches {
            search.abort();
        }
    }
}
