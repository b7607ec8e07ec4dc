//! The country's own SQLite file: what was answered, what is pending, which numbers are taken.
//!
//! One connection, used by one blocking task at a time; every write that an answer to Core rests on
//! is on disk before the call returns (`synchronous = FULL`), because a 2xx promises just that.

mod answers;
mod numbers;
mod pending;
mod received;
mod seal;

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, TransactionBehavior};
use world::World;

use self::seal::Seal;
pub(crate) use self::{
    answers::{Answer, Answers},
    pending::{Callback, Outcome, StoredToken, WaitingAction},
    received::Received,
};
pub use self::{
    numbers::Numbers,
    pending::{
        Completion, Pending, PendingAction, PendingKey, PendingState, ReconcileError, Reconciled,
        Resolution,
    },
};
use crate::settings::Settings;

/// The country's file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file could not be opened, or is no database of this toolkit.
    #[error("the country's database {path} cannot be opened")]
    Open {
        /// Where it was looked for.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The database was written by a newer version of the toolkit.
    #[error("the country's database has version {found}, this program knows up to {known}")]
    Newer {
        /// The version in the file.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// A statement failed.
    #[error("the country's database failed")]
    Sqlite(#[from] rusqlite::Error),
    /// The key that encrypts tokens could not be read or created.
    #[error("the key file {path} cannot be used")]
    KeyFile {
        /// Where it was looked for.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A token in the file cannot be decrypted: it was written under another key.
    #[error("a stored token cannot be decrypted: the database was written under another key")]
    Sealed,
    /// What the file holds is not what the toolkit wrote.
    #[error("the country's database holds something unreadable")]
    Unreadable(#[source] serde_json::Error),
    /// Every attempt to make a new number gave one that was taken already.
    #[error("no free number after {0} attempts")]
    NumbersTaken(u32),
    /// The program is shutting down.
    #[error("the program is stopping")]
    Stopping,
}

/// One step per version of the file, applied in order and never changed afterwards.
const MIGRATIONS: [&str; 3] = [
    "
    CREATE TABLE answers (
        delivery TEXT PRIMARY KEY,
        digest BLOB NOT NULL,
        status INTEGER NOT NULL,
        body TEXT,
        answered_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX answers_by_age ON answers (answered_at);

    CREATE TABLE pending (
        event_id TEXT NOT NULL,
        action_id TEXT NOT NULL,
        event_type TEXT NOT NULL,
        shape TEXT NOT NULL,
        token BLOB,
        traceparent TEXT NOT NULL,
        transaction_id TEXT NOT NULL,
        note TEXT NOT NULL,
        received_at INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'resolving', 'stuck', 'done')),
        resolution TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        next_attempt INTEGER,
        last_error TEXT,
        done_at INTEGER,
        PRIMARY KEY (event_id, action_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX pending_due ON pending (next_attempt) WHERE next_attempt IS NOT NULL;
    CREATE INDEX pending_by_state ON pending (state, received_at);

    CREATE TABLE numbers (
        action_id TEXT PRIMARY KEY,
        number TEXT NOT NULL UNIQUE,
        issued_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE series (
        name TEXT PRIMARY KEY,
        last INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    "
    CREATE TABLE received (
        at INTEGER NOT NULL,
        id TEXT NOT NULL,
        PRIMARY KEY (at, id)
    ) STRICT, WITHOUT ROWID;
",
    // How often in a row Core refused to be told.
    "ALTER TABLE pending ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;",
];

/// A handle on the file; cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    connection: Arc<Mutex<Connection>>,
    seal: Arc<Seal>,
    world: World,
}

impl Store {
    /// Opens the file, creates it if absent, and brings it to the present version.
    pub(crate) async fn open(settings: &Settings, world: World) -> Result<Self, StoreError> {
        let (path, key) = (settings.database.clone(), settings.key);
        let for_key = world.clone();
        let opened = tokio::task::spawn_blocking(move || {
            let mut connection = connect(&path).map_err(|source| StoreError::Open {
                path: path.clone(),
                source,
            })?;
            migrate(&mut connection)?;
            let key = match key {
                Some(key) => key,
                None => seal::key_beside(&path, &for_key)?,
            };
            Ok::<_, StoreError>((connection, Seal::new(&key)))
        });
        let (connection, seal) = opened.await.map_err(|_| StoreError::Stopping)??;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            seal: Arc::new(seal),
            world,
        })
    }

    /// Runs `work` in one write transaction, off the async threads; on disk when it returns.
    async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&rusqlite::Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.transact("FULL", work).await
    }

    /// As [`Store::write`], without waiting for the disk: safe from the end of the process at once,
    /// and from that of the machine together with the next [`Store::write`], which syncs the file
    /// that both are in.
    async fn write_along<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&rusqlite::Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.transact("NORMAL", work).await
    }

    async fn transact<T, F>(&self, synchronous: &'static str, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&rusqlite::Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        let done = tokio::task::spawn_blocking(move || {
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            // Said each time, so that no failure in between leaves the one for the other.
            connection.pragma_update(None, "synchronous", synchronous)?;
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        });
        done.await.map_err(|_| StoreError::Stopping)?
    }

    /// Runs `work` off the async threads, without a transaction of its own.
    async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        let done = tokio::task::spawn_blocking(move || {
            work(&connection.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await.map_err(|_| StoreError::Stopping)?
    }

    fn now(&self) -> i64 {
        self.world.now().as_millisecond()
    }
}

fn connect(path: &std::path::Path) -> rusqlite::Result<Connection> {
    owners_alone(path);
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Makes a new file readable by its owner alone, since answers hold personal data. SQLite gives its
/// companions the same rights. Where that fails, opening says why.
fn owners_alone(path: &std::path::Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = MIGRATIONS.len() as i64;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for step in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) async fn store_in(folder: &std::path::Path) -> Store {
        let settings = Settings::new("http://core.invalid", folder.join("country.db"));
        Store::open(&settings, World::real()).await.unwrap()
    }

    #[tokio::test]
    async fn a_file_from_a_newer_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        drop(store_in(folder.path()).await);
        let connection = Connection::open(folder.path().join("country.db")).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        drop(connection);
        let settings = Settings::new("http://core.invalid", folder.path().join("country.db"));
        let refused = Store::open(&settings, World::real()).await;
        assert!(matches!(refused, Err(StoreError::Newer { found: 99, .. })));
    }
}
