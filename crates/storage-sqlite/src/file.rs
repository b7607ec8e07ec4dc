//! The file: found or made, ours, not newer than we are, and open in this process alone.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig, functions::FunctionFlags};
use storage::StoreError;

use crate::{
    failure::{in_words, unreadable},
    query,
    signs::while_telling,
    statistics::{self, Which},
    words,
};

/// What stands in the header of every file of ours: `CSgn`.
const APPLICATION_ID: i32 = 0x4353_676e;

/// What brings a file from each version to the next. Only ever added to.
const MIGRATIONS: [&str; 13] = [
    include_str!("../migrations/0001_first.sql"),
    include_str!("../migrations/0002_contacts_are_unique.sql"),
    include_str!("../migrations/0003_duplicates.sql"),
    include_str!("../migrations/0004_drafts.sql"),
    include_str!("../migrations/0005_histories.sql"),
    include_str!("../migrations/0006_words.sql"),
    include_str!("../migrations/0007_projection_rules.sql"),
    include_str!("../migrations/0008_operators_nodes_and_pending_actions.sql"),
    include_str!("../migrations/0009_moves.sql"),
    include_str!("../migrations/0010_cost.sql"),
    include_str!("../migrations/0011_filing.sql"),
    include_str!("../migrations/0012_attachments.sql"),
    include_str!("../migrations/0013_audit_of_operations.sql"),
];

/// How often somebody who waits for a migration is told that it goes on.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// Reads that run at once. They are short; more would only fight over the processors.
const READERS: usize = 4;
/// Searches that run at once.
const SEARCHERS: usize = 3;

/// A file that is open.
pub(crate) struct Opened {
    /// Held against other processes; a file opened for reading only is left to whoever has it.
    pub(crate) lock: Option<File>,
    pub(crate) writer: Connection,
    pub(crate) readers: Vec<Connection>,
    /// For searches.
    pub(crate) searchers: Vec<Connection>,
}

/// Opens or makes the file; see [`crate::SqliteStore::open`].
pub(crate) fn open(path: &Path) -> Result<Opened, StoreError> {
    open_telling(path).map(|(opened, _)| opened)
}

/// Which version the file's tables had, and which they have now; see
/// [`crate::SqliteStore::migrate`].
pub(crate) fn migrated(path: &Path) -> Result<(usize, usize), StoreError> {
    open_telling(path).map(|(_, before)| (before, MIGRATIONS.len()))
}

/// Opens or makes the file, and tells which version its tables had.
fn open_telling(path: &Path) -> Result<(Opened, usize), StoreError> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !directory.is_dir() {
        return Err(unavailable(
            format!("there is no directory {}", directory.display()),
            io::Error::from(io::ErrorKind::NotFound),
        ));
    }
    let lock = lock(path)?;
    let options = || {
        let mut options = private();
        options.read(true).write(true);
        options
    };
    match options().create_new(true).open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            // Asked of the system, since SQLite would open it for reading and fail much later.
            options()
                .open(path)
                .map_err(|error| cannot("written", path, error))?;
        }
        Err(error) => return Err(cannot("made", path, error)),
    }

    let mut writer = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, Plans::Kept)?;
    let version = recognise(&writer, path)?;
    prepare_writer(&writer).map_err(in_words)?;
    migrate(&mut writer, version, path)?;
    statistics::refresh(&writer, Which::All).map_err(in_words)?;
    let only_reads = |how_many: usize, plans: Plans| {
        (0..how_many)
            .map(|_| connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, plans))
            .collect::<Result<_, _>>()
    };
    let opened = Opened {
        lock: Some(lock),
        writer,
        readers: only_reads(READERS, Plans::Kept)?,
        searchers: only_reads(SEARCHERS, Plans::MadeForEachSearch)?,
    };
    Ok((opened, version))
}

/// Opens the file for reading only, and keeps all others out; see
/// [`crate::SqliteStore::open_at_rest`].
pub(crate) fn open_at_rest(path: &Path) -> Result<Opened, StoreError> {
    // Looked for first: a lock beside nothing would only be in the way.
    there_is(path)?;
    let lock = lock(path)?;
    Ok(Opened {
        lock: Some(lock),
        ..open_read_only(path)?
    })
}

fn there_is(path: &Path) -> Result<(), StoreError> {
    if path.is_file() {
        return Ok(());
    }
    Err(unavailable(
        format!("there is no file {}", path.display()),
        io::Error::from(io::ErrorKind::NotFound),
    ))
}

/// Opens the file for reading only, whoever else has it open; see
/// [`crate::SqliteStore::open_read_only`].
pub(crate) fn open_read_only(path: &Path) -> Result<Opened, StoreError> {
    there_is(path)?;
    // The writer's connection can't write either, so that nothing has to know the difference.
    let only_reads = |plans| connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, plans);
    let writer = only_reads(Plans::Kept)?;
    if recognise(&writer, path)? < MIGRATIONS.len() {
        return Err(unreadable(
            format!(
                "{} was written by an older version of Countersign",
                path.display()
            ),
            "it is brought up to date when it is next opened for writing",
        ));
    }
    Ok(Opened {
        lock: None,
        writer,
        readers: vec![only_reads(Plans::Kept)?],
        searchers: vec![only_reads(Plans::MadeForEachSearch)?],
    })
}

/// Takes the lock beside the file. The system holds it for this process and lets it go when the
/// process ends, however it ends, so there is nothing to clean up after a crash.
fn lock(path: &Path) -> Result<File, StoreError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let beside = PathBuf::from(beside);
    let file = private()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&beside)
        .map_err(|error| cannot("made", &beside, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(unavailable(
            format!(
                "{} is in use by another process, which holds {}",
                path.display(),
                beside.display()
            ),
            TryLockError::WouldBlock,
        )),
        Err(TryLockError::Error(error)) => Err(cannot("locked", &beside, error)),
    }
}

/// New files are their owner's alone: they hold personal data and keys.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Whether SQLite plans a statement once, or again for what it is to find this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plans {
    /// Once: of statements that find rows by their keys, planning is the greater part of the work.
    Kept,
    /// Again: how often a status or flag there is decides how a search is best done.
    MadeForEachSearch,
}

fn connect(path: &Path, mode: OpenFlags, plans: Plans) -> Result<Connection, StoreError> {
    let connect = || {
        let connection = Connection::open_with_flags(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.set_prepared_statement_cache_capacity(256);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, plans == Plans::Kept)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        add_functions(&connection)?;
        Ok(connection)
    };
    connect().map_err(in_words)
}

fn add_functions(connection: &Connection) -> rusqlite::Result<()> {
    connection.create_scalar_function(
        "searchable",
        1,
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC,
        |context| {
            let json: Option<&str> = context.get_raw(0).as_str_or_null()?;
            Ok(json.map(query::searchable))
        },
    )?;
    connection.create_scalar_function(
        "have_word",
        2,
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC,
        words::have_word,
    )
}

/// What a new file holds, to look at.
#[cfg(feature = "test-control")]
pub(crate) fn new_in_memory() -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    add_functions(&connection)?;
    for sql in MIGRATIONS {
        connection.execute_batch(sql)?;
    }
    Ok(connection)
}

/// The version of the file's tables, `0` for a new file. Changes nothing, so that a file which is
/// not ours stays as it is.
fn recognise(connection: &Connection, path: &Path) -> Result<usize, StoreError> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let look = || {
        Ok((
            number("SELECT application_id FROM pragma_application_id")?,
            number("SELECT user_version FROM pragma_user_version")?,
            number("SELECT count(*) FROM sqlite_schema")?,
        ))
    };
    let not_ours = format!("{} is not a store of Countersign", path.display());
    let (application, version, things) =
        look().map_err(|error: rusqlite::Error| match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => unreadable(not_ours.clone(), error),
            _ => in_words(error),
        })?;
    match (application, version, things) {
        (0, 0, 0) => Ok(0),
        (id, version, _) if id == i64::from(APPLICATION_ID) => match usize::try_from(version) {
            Ok(version) if version <= MIGRATIONS.len() => Ok(version),
            _ => Err(unreadable(
                format!(
                    "{} was written by a newer version of Countersign",
                    path.display()
                ),
                format!(
                    "its tables are version {version}, the newest known here is {}",
                    MIGRATIONS.len()
                ),
            )),
        },
        (id, ..) => Err(unreadable(
            not_ours,
            format!("it is marked as another program's ({id})"),
        )),
    }
}

fn prepare_writer(connection: &Connection) -> rusqlite::Result<()> {
    // Answers with the mode it is in, so it can't be set like the others.
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    // What is answered must survive a power cut: FULL flushes the log at every commit.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    // In pages. Bringing the log into the file holds up whoever writes, and pages that were changed
    // many times are written once: seldom is better, as long as the log stays small.
    connection.pragma_update(None, "wal_autocheckpoint", 8000)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    // Negative: KiB. The pages that every commit touches stay in memory, and hardly more: in a file
    // below 1 GiB SQLite goes through all that it keeps at nearly every commit (moving a page it
    // gives it for a moment the number of one far behind the end, and then looks for what is there),
    // which soon takes longer than to ask the system for a page.
    connection.pragma_update(None, "cache_size", -4 * 1024)
}

/// Brings the tables up to date, a version in a transaction. Of a large file some rewrite nearly all
/// there is, which takes minutes: whoever waits is told that it goes on.
fn migrate(connection: &mut Connection, from: usize, path: &Path) -> Result<(), StoreError> {
    let size = |path: &Path| fs::metadata(path).map_or(0, |file| file.len() / (1 << 20));
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let log = PathBuf::from(log);
    for (version, sql) in (1_i64..).zip(MIGRATIONS).skip(from) {
        let mut step = || {
            let transaction = connection.transaction()?;
            transaction.execute_batch(sql)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", version)?;
            transaction.commit()
        };
        let tell = |times| {
            tracing::info!(
                version,
                of = MIGRATIONS.len(),
                seconds = u64::from(times) * TELL_EVERY.as_secs(),
                written_mib = size(&log),
                file_mib = size(path),
                path = %path.display(),
                "the store's tables are being brought up to date; if this is stopped, it begins \
                 again with the next start, and nothing is lost"
            );
        };
        while_telling(TELL_EVERY, tell, &mut step).map_err(in_words)?;
        tracing::info!(version, path = %path.display(), "the store's tables were brought up to date");
    }
    Ok(())
}

fn cannot(be: &str, path: &Path, error: io::Error) -> StoreError {
    unavailable(format!("{} can't be {be} ({error})", path.display()), error)
}

fn unavailable(
    reason: String,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::Unavailable {
        reason,
        source: source.into(),
    }
}

#[cfg(test)]
mod tests {
    use storage::AccountStore as _;
    use world::World;

    use crate::SqliteStore;

    #[tokio::test]
    async fn a_store_that_is_open_can_be_read_beside_but_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(SqliteStore::FILE_NAME);
        assert!(SqliteStore::open_read_only(&path, World::real()).is_err());
        let open = SqliteStore::open(&path, World::real()).unwrap();
        let key = storage::SigningKey {
            id: "first".to_owned(),
            private_pem: "PEM".to_owned(),
            created_at: jiff::Timestamp::UNIX_EPOCH,
        };
        open.add_signing_key(key.clone(), None).await.unwrap();

        let beside = SqliteStore::open_read_only(&path, World::real()).unwrap();
        let kept = beside.signing_keys().await.unwrap();
        assert_eq!(kept, std::slice::from_ref(&key));
        assert!(beside.add_signing_key(key, None).await.is_err());
    }
}
