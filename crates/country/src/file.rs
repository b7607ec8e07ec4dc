//! The country's own SQLite file, beside the toolkit's: requests to the national ID system,
//! messages to be sent, and how the connection to the national ID system is set.
//!
//! One connection, used by one blocking task at a time; every write is on disk before the call
//! returns, because an answer to Core promises just that. The file holds personal data until a
//! request is decided or a message is sent, and no longer.

use std::{
    fs::{DirBuilder, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use toolkit::World;

/// The country's own file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It could not be opened.
    #[error("the country's file {path} cannot be opened")]
    Open {
        /// Where it was looked for.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// A statement failed.
    #[error("the country's file failed")]
    Sqlite(#[from] rusqlite::Error),
    /// What the file holds is not what this program wrote.
    #[error("the country's file holds something unreadable")]
    Unreadable(#[from] serde_json::Error),
    /// The program is stopping.
    #[error("the program is stopping")]
    Stopping,
}

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS applications (
    action_id TEXT PRIMARY KEY,
    event_id  TEXT NOT NULL,
    -- Part of the address that the answer is sent to: who knows it may answer.
    secret    TEXT NOT NULL UNIQUE,
    -- What is asked and what the acceptance needs; emptied once decided.
    body      TEXT,
    -- The national ID system's own id, once it took the request.
    request_id TEXT,
    attempts  INTEGER NOT NULL DEFAULT 0,
    -- When to ask, or to ask about it, next; NULL once decided.
    due_at    INTEGER,
    made_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS applications_due ON applications (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS messages (
    key      TEXT PRIMARY KEY,
    -- What to send; emptied once sent.
    body     TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at   INTEGER,
    made_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS messages_due ON messages (due_at) WHERE due_at IS NOT NULL;
";

/// How long the keys of what was decided or sent are kept, so that repeats are recognised.
const KEEP: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A handle on the file; cheap to clone.
#[derive(Clone)]
pub(crate) struct File {
    connection: Arc<Mutex<Connection>>,
    pub(crate) world: World,
}

impl File {
    /// Opens the file, creating it when missing, and clears out what was finished long ago.
    pub(crate) async fn open(path: &Path, world: World) -> Result<Self, FileError> {
        let path = path.to_owned();
        let before = world
            .now()
            .checked_sub(KEEP)
            .unwrap_or(Timestamp::MIN)
            .as_millisecond();
        let opened = tokio::task::spawn_blocking(move || {
            connect(&path, before).map_err(|source| FileError::Open { path, source })
        });
        let connection = opened.await.map_err(|_| FileError::Stopping)??;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            world,
        })
    }

    /// Runs `work` in one transaction, which is committed unless `work` fails.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, FileError> + Send + 'static,
    ) -> Result<T, FileError> {
        let connection = self.connection.clone();
        let done = tokio::task::spawn_blocking(move || {
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        });
        done.await.map_err(|_| FileError::Stopping)?
    }

    /// Now, as the file keeps times: milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.world.now().as_millisecond()
    }

    /// `wait` from now.
    pub(crate) fn after(&self, wait: Duration) -> i64 {
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        self.world
            .now()
            .checked_add(wait)
            .unwrap_or(Timestamp::MAX)
            .as_millisecond()
    }

    /// When to try again after the given number of failures: doubling from a second to `longest`,
    /// drawn at random from the upper half, so that what failed together does not come back
    /// together.
    pub(crate) fn again_after(&self, failures: u32, longest: Duration) -> i64 {
        let wait = Duration::from_secs(1 << failures.min(16)).min(longest);
        let half = u64::try_from(wait.as_millis() / 2).unwrap_or(u64::MAX);
        self.after(Duration::from_millis(half + self.world.below(half + 1)))
    }
}

/// Makes the folder of the country's files, unless it is there; only its owner may look inside.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes a new file readable by its owner alone; SQLite gives its companions the same rights.
/// Where that fails, opening says why.
fn owners_alone(path: &Path) {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

fn connect(path: &Path, before: i64) -> rusqlite::Result<Connection> {
    owners_alone(path);
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(TABLES)?;
    for table in ["applications", "messages"] {
        connection.execute(
            &format!("DELETE FROM {table} WHERE body IS NULL AND made_at < ?1"),
            [before],
        )?;
    }
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[tokio::test]
    async fn what_the_country_keeps_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;

        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("country");
        make_folder(&folder).unwrap();
        let file = File::open(&folder.join("country.sqlite"), World::real())
            .await
            .unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
        drop(file);
    }
}
