//! The store as an object: connecting, and running work on connections.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use storage::StoreError;
use tokio::time::timeout;
use world::World;

use crate::{
    connection::{Connection, Pool},
    failure::Failure,
    haste,
    migrations::{self, Migrate},
    moving,
    news::Newsroom,
    server::{Purpose, SEARCH_LIMIT, Server},
};

/// How often work is done again that the database gave up for the sake of somebody else's.
const TRIES: u32 = 8;

/// Whether what work in a transaction has written is to stay.
pub(crate) enum Verdict<T> {
    /// It is committed.
    Keep(T),
    /// It is undone.
    Undo(T),
}

/// A store in a PostgreSQL database. Clones share its connections.
#[derive(Clone)]
pub struct PostgresStore {
    pub(crate) open: Arc<Open>,
}

pub(crate) struct Open {
    pub(crate) server: Server,
    pub(crate) world: World,
    pub(crate) news: Newsroom,
    /// For everything but searches.
    work: Pool,
    /// Searches have connections of their own, so that they never take all of them.
    searches: Pool,
}

impl PostgresStore {
    /// Opens the store in the database that a URL names: `postgres://user:password@host/database`.
    /// Several hosts may be named, separated by commas: the one that takes writes is used, and
    /// found again after a failover. `sslmode` is `disable`, `prefer` (the default), `require` or
    /// `verify-full`, the last with the system's authorities or those in the file `sslrootcert`.
    ///
    /// Brings the database up to date, or only checks that it is, as `migrate` says.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no server answers or it refuses us, when the URL is no such
    /// URL, or when a deployment is being moved into the database; [`StoreError::Unreadable`] when the database is too old (and is not to be brought
    /// up to date), or says that it needs a newer program.
    pub async fn connect(url: &str, migrate: Migrate, world: World) -> Result<Self, StoreError> {
        Self::open(url, migrate, world, Purpose::Work)
            .await?
            .whole()
            .await
    }

    /// Opens a store as [`Self::connect`] does, to read it while no node works on it.
    ///
    /// # Errors
    /// As [`Self::connect`], and [`StoreError::Unavailable`] when a node works on it.
    pub async fn connect_at_rest(url: &str, world: World) -> Result<Self, StoreError> {
        let store = Self::open(url, Migrate::Check, world, Purpose::Moving);
        let store = store.await?.whole().await?;
        store
            .read(|connection| async move { moving::must_be_at_rest(&connection).await })
            .await?;
        Ok(store)
    }

    /// Brings the database up to date: how many migrations it had, 0 for a new one, and how many it
    /// has.
    ///
    /// # Errors
    /// As [`Self::connect_to_fill`].
    pub async fn migrate(url: &str) -> Result<(usize, usize), StoreError> {
        migrations::versions(&Server::parse(url)?).await
    }

    /// Opens a store as [`Self::connect`] does, to move a deployment into it.
    ///
    /// # Errors
    /// As [`Self::connect`], but for a move that was broken off.
    pub async fn connect_to_fill(
        url: &str,
        migrate: Migrate,
        world: World,
    ) -> Result<Self, StoreError> {
        Self::open(url, migrate, world, Purpose::Moving).await
    }

    async fn open(
        url: &str,
        migrate: Migrate,
        world: World,
        purpose: Purpose,
    ) -> Result<Self, StoreError> {
        let server = Server::parse(url)?;
        migrations::run(&server, migrate).await?;
        let work = Pool::new(&server, purpose, server.connections())?;
        let searches = Pool::new(&server, Purpose::Searches, server.connections().div_ceil(2))?;
        let news = Newsroom::open(server.clone(), world.new_id());
        Ok(Self {
            open: Arc::new(Open {
                server,
                world,
                news,
                work,
                searches,
            }),
        })
    }

    /// Refuses a database into which a deployment is being moved.
    async fn whole(self) -> Result<Self, StoreError> {
        self.read(|connection| async move {
            moving::must_be_whole(&connection).await?;
            haste::warn(&connection).await
        })
        .await?;
        Ok(self)
    }

    /// Where the store is, for people: hosts and database, never a password.
    #[must_use]
    pub fn place(&self) -> String {
        self.open.server.to_string()
    }

    /// Runs work that only reads, on a connection; again when the connection turns out to be lost.
    pub(crate) async fn read<T, F, Fut>(&self, work: F) -> Result<T, StoreError>
    where
        F: Fn(Connection) -> Fut + Send + Sync,
        Fut: Future<Output = Result<T, Failure>> + Send,
    {
        let mut lost = false;
        self.retry(&self.open.work, work, move |failure| {
            let again = failure.is_connection_lost() && !lost;
            lost |= again;
            again
        })
        .await
    }

    /// Runs one statement that writes: it is its own transaction, durable when this returns.
    pub(crate) async fn write<T, F, Fut>(&self, work: F) -> Result<T, StoreError>
    where
        F: Fn(Connection) -> Fut + Send + Sync,
        Fut: Future<Output = Result<T, Failure>> + Send,
    {
        self.retry(&self.open.work, work, |_| false).await
    }

    /// Runs several statements as one transaction; durable when this returns. For what is rare:
    /// each statement is a round trip during which rows stay locked.
    pub(crate) async fn transaction<T, F, Fut>(&self, work: F) -> Result<T, StoreError>
    where
        F: Fn(Connection) -> Fut + Send + Sync,
        Fut: Future<Output = Result<Verdict<T>, Failure>> + Send,
        T: Send,
    {
        let work = &work;
        self.write(|connection| async move {
            connection.batch("BEGIN").await?;
            match work(connection.clone()).await {
                Ok(Verdict::Keep(done)) => {
                    connection.batch("COMMIT").await?;
                    Ok(done)
                }
                Ok(Verdict::Undo(done)) => {
                    connection.batch("ROLLBACK").await?;
                    Ok(done)
                }
                Err(failure) => {
                    // Should this fail, too, the connection is not used again.
                    let _ = connection.batch("ROLLBACK").await;
                    Err(failure)
                }
            }
        })
        .await
    }

    /// Runs a search: on connections that only searches use, and not for ever.
    pub(crate) async fn search<T, F, Fut>(&self, work: F) -> Result<T, StoreError>
    where
        F: Fn(Connection) -> Fut + Send + Sync,
        Fut: Future<Output = Result<T, Failure>> + Send,
        T: Send,
    {
        let work = &work;
        let found = self.retry(
            &self.open.searches,
            |connection| async move {
                let too_slow = || {
                    Err(StoreError::TooSlow {
                        limit: SEARCH_LIMIT,
                    })
                };
                // The server ends a statement that takes too long; a search may be many that do not.
                match timeout(SEARCH_LIMIT, work(connection)).await {
                    Err(_) => Ok(too_slow()),
                    Ok(Err(failure)) if failure.is_too_slow() => Ok(too_slow()),
                    Ok(Err(failure)) => Err(failure),
                    Ok(Ok(found)) => Ok(Ok(found)),
                }
            },
            |_| false,
        );
        found.await?
    }

    /// Runs work until it succeeds, fails for good, or was given up too often for the sake of
    /// others' (`40001`, `40P01`: nothing of it was written).
    async fn retry<T, F, Fut>(
        &self,
        pool: &Pool,
        work: F,
        mut again: impl FnMut(&Failure) -> bool + Send,
    ) -> Result<T, StoreError>
    where
        F: Fn(Connection) -> Fut + Send + Sync,
        Fut: Future<Output = Result<T, Failure>> + Send,
    {
        let mut tries = 1;
        loop {
            let failure = match pool.lend().await {
                Ok(connection) => match work(connection).await {
                    Ok(done) => return Ok(done),
                    Err(failure) => failure,
                },
                Err(failure) => failure,
            };
            if failure.is_conflict() && tries < TRIES {
                tries += 1;
                let pause = Duration::from_micros(500 + self.open.world.below(1000 << tries));
                tokio::time::sleep(pause).await;
            } else if !again(&failure) {
                return Err(failure.into());
            }
        }
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("place", &self.place())
            .finish_non_exhaustive()
    }
}
