//! The embedded store: everything in one SQLite file, for one machine.
//!
//! [`SqliteStore`] implements every trait of `storage`. What it adds to SQL: one writer thread that
//! commits many callers' changes with one flush to disk (`writer`), a few connections that only
//! read (`readers`), and the guarding of the file (`file`): one process at a time, ours, not newer
//! than we are. The tables and what they forbid by themselves are in `migrations/`; start there,
//! then read `record` for how a decision is written.
//!
//! Times are kept to the millisecond. This crate may not know what actions, declarations or
//! deliveries mean: the service decides, this keeps.

mod account;
mod attachment;
mod audit;
mod column;
mod configuration;
mod delivery;
mod draft;
mod duplicates;
mod failure;
mod file;
mod filing;
#[cfg(feature = "test-control")]
mod forget;
mod history;
mod moving;
mod near;
mod node;
mod pending;
mod place;
#[cfg(test)]
mod plan;
mod projection;
mod query;
mod readers;
mod rebuild;
mod record;
mod sign_in;
mod signs;
mod statistics;
mod system_client;
mod words;
mod writer;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rusqlite::Connection;
use storage::StoreError;
use world::World;

use crate::{
    failure::Failure,
    readers::Readers,
    writer::{Verdict, Writer},
};

/// The longest a search may take: longer than anybody waits for one, and short enough that a few
/// hopeless ones do not keep others waiting for long.
const SEARCH_LIMIT: Duration = Duration::from_secs(10);

/// A store in one SQLite file. Clones share it; the last one to go closes the file.
#[derive(Clone)]
pub struct SqliteStore {
    open: Arc<Open>,
}

struct Open {
    path: PathBuf,
    world: World,
    readers: Readers,
    writer: Writer,
    /// Locked as long as the store is open; the system unlocks it when the process dies.
    _lock: Option<std::fs::File>,
}

impl Drop for Open {
    fn drop(&mut self) {
        // Readers first, so that the writer's connection is the last and tidies up the log.
        self.readers.close();
        self.writer.close();
    }
}

impl SqliteStore {
    /// The file's name in a directory of Countersign's own.
    pub const FILE_NAME: &str = "countersign.sqlite";

    /// Opens the store in this file, made (readable by its owner alone) when there is none, and
    /// brings an older one up to date.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the directory is missing, the file can't be written,
    /// another process has it open, or a deployment is being moved into it; or
    /// [`StoreError::Unreadable`] when the file is not ours, is damaged, or was written by a newer
    /// version. A refused file is left as it was.
    pub fn open(path: &Path, world: World) -> Result<Self, StoreError> {
        let opened = file::open(path)?;
        if !moving::is_whole(&opened.writer).map_err(failure::in_words)? {
            return Err(StoreError::Unavailable {
                reason: format!(
                    "{} holds a part of a deployment: copying into it was broken off; copy again, \
                     which goes on from there, or remove the file",
                    path.display()
                ),
                source: "a move into it has not ended".into(),
            });
        }
        Self::start(path, opened, world)
    }

    /// Opens the store in this file as [`Self::open`] does, to move a deployment into it.
    ///
    /// # Errors
    /// As [`Self::open`], but for a move that was broken off.
    pub fn open_to_fill(path: &Path, world: World) -> Result<Self, StoreError> {
        Self::start(path, file::open(path)?, world)
    }

    /// Opens the store in this file to read it while nobody else may open it: nothing in it
    /// changes until this is dropped.
    ///
    /// # Errors
    /// As [`Self::open_read_only`], and [`StoreError::Unavailable`] when another process has it
    /// open.
    pub fn open_at_rest(path: &Path, world: World) -> Result<Self, StoreError> {
        Self::start(path, file::open_at_rest(path)?, world)
    }

    /// Brings the file's tables up to date, or makes it: which version they had, 0 for a new file,
    /// and which they have.
    ///
    /// # Errors
    /// As [`Self::open_to_fill`].
    pub fn migrate(path: &Path) -> Result<(usize, usize), StoreError> {
        file::migrated(path)
    }

    /// Opens the store in this file to read it, whether or not another process has it open for
    /// writing: for tools beside a running service. Whatever would write fails.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is no such file; [`StoreError::Unreadable`] when it
    /// is not ours, or not of this version.
    pub fn open_read_only(path: &Path, world: World) -> Result<Self, StoreError> {
        Self::start(path, file::open_read_only(path)?, world)
    }

    fn start(path: &Path, opened: file::Opened, world: World) -> Result<Self, StoreError> {
        let file::Opened {
            lock,
            writer,
            readers,
            searchers,
        } = opened;
        let writer = Writer::start(writer).map_err(|source| StoreError::Unavailable {
            reason: "the writer's thread can't be started".to_owned(),
            source: source.into(),
        })?;
        let readers = Readers::new(readers, searchers);
        let path = path.to_owned();
        Ok(Self {
            open: Arc::new(Open {
                path,
                world,
                readers,
                writer,
                _lock: lock,
            }),
        })
    }

    /// Opens [`Self::FILE_NAME`] in this directory, which must exist.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn in_directory(directory: &Path, world: World) -> Result<Self, StoreError> {
        Self::open(&directory.join(Self::FILE_NAME), world)
    }

    /// Where the store is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.open.path
    }

    /// Runs `work` in a transaction of its own; durable when this returns.
    async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<Verdict<T>, Failure> + Send + 'static,
    {
        self.open.writer.run(work).await
    }

    /// Runs `work` on a connection that can only read, in one snapshot.
    async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        self.open.readers.run(work).await
    }

    /// Runs a statement that finds a few rows by their keys on a connection that can only read.
    async fn look<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        self.open.readers.look(work).await
    }

    /// Runs a search as [`Self::read`] does, but not for ever, and on connections that nothing else
    /// waits for.
    async fn search<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        self.open.readers.run_within(SEARCH_LIMIT, work).await
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.open.path)
            .finish_non_exhaustive()
    }
}
