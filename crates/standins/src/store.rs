//! What the stand-ins remember: one SQLite file, so that a restart forgets nothing.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS knobs (
    system TEXT PRIMARY KEY,
    value  TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS identities (
    reference   TEXT PRIMARY KEY,
    national_id TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE IF NOT EXISTS requests (
    request_id   TEXT PRIMARY KEY,
    reference    TEXT NOT NULL UNIQUE,
    callback_url TEXT NOT NULL,
    surname      TEXT NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('waiting', 'issued', 'refused')),
    national_id  TEXT,
    reason       TEXT,
    -- How often this reference was asked for: a callback under way must not count for a later ask.
    asked        INTEGER NOT NULL DEFAULT 1,
    decide_at    INTEGER NOT NULL,
    -- When to send the callback next; NULL when there is nothing to send.
    tell_at      INTEGER,
    tells        INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS messages (
    id        TEXT PRIMARY KEY,
    kind      TEXT NOT NULL CHECK (kind IN ('sms', 'mail')),
    recipient TEXT NOT NULL,
    subject   TEXT,
    text      TEXT NOT NULL,
    at        TEXT NOT NULL,
    -- The sender's own name for the message: sent twice, it is listed once.
    sender_key TEXT UNIQUE
) STRICT;
CREATE INDEX IF NOT EXISTS messages_by_recipient ON messages (recipient, id);
";

/// Why what the stand-ins remember could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder could not be made.
    #[error("cannot make the data folder")]
    Folder(#[source] std::io::Error),
    /// SQLite said no.
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
    /// A knob on disk is not what this version writes.
    #[error("a saved knob cannot be read")]
    Knob(#[from] serde_json::Error),
    /// The work was cut off by the end of the process.
    #[error("the work was cut off")]
    CutOff,
}

/// The one connection; work on it runs off the async threads.
#[derive(Clone)]
pub(crate) struct Store(Arc<Mutex<Connection>>);

impl Store {
    /// Opens `standins.sqlite` in `folder`, making both when missing.
    pub(crate) fn open(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(StoreError::Folder)?;
        let connection = Connection::open(folder.join("standins.sqlite"))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(TABLES)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Runs `work` in one transaction, which is committed unless `work` fails.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = self.0.clone();
        tokio::task::spawn_blocking(move || {
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction = connection.transaction()?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })
        .await
        .map_err(|_| StoreError::CutOff)?
    }
}
