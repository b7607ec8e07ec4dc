//! The one writer: a thread that owns the connection and commits many callers' work at once.
//!
//! A flush to disk takes as long for one change as for fifty. So the writer takes all work that
//! waits, runs it piece by piece, commits once, and only then answers: every answer that goes out is
//! durable. What fails is undone alone.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
    thread::JoinHandle,
};

use rusqlite::Connection;
use storage::StoreError;
use tokio::sync::oneshot;

use crate::{
    failure::{Failure, in_words},
    filing,
    statistics::{self, Which},
};

/// How many pieces of work share a transaction at most, so that the first need not wait for long.
const MOST_TOGETHER: usize = 64;

/// What becomes of what a piece of work wrote.
pub(crate) enum Verdict<T> {
    /// It is committed, and then answered.
    Keep(T),
    /// It is undone, and this is the answer nevertheless.
    Undo(T),
}

/// Hands work to the writer's thread.
pub(crate) struct Writer {
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(connection: Connection) -> std::io::Result<Self> {
        let (jobs, waiting) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || serve(&connection, &waiting))?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Runs `work` in a transaction; its answer comes back once that is durable. Goes through even
    /// if the caller stops waiting. The work may be undone and done again, for the sake of others
    /// in the same transaction: it must do nothing but ask the connection.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<Verdict<T>, Failure> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Task {
            work,
            done: None,
            reply,
        });
        // Should there be no thread to take it, the job is dropped, and the answer's sender with
        // it: that is how the wait below ends.
        match &self.jobs {
            Some(jobs) => drop(jobs.send(job)),
            None => drop(job),
        }
        answer.await.unwrap_or_else(|gone| {
            Err(StoreError::Unavailable {
                reason: "the store is closed".to_owned(),
                source: gone.into(),
            })
        })
    }

    /// Finishes all work that waits, then stops.
    pub(crate) fn close(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A piece of work whose answer is of some type or other.
trait Job: Send {
    /// Does the work, perhaps again; whether what it wrote is to stay.
    fn run(&mut self, connection: &Connection) -> bool;

    /// Why the work failed, once it has.
    fn failure(&self) -> Option<String>;

    /// Answers the caller; with `lost` when nothing of the transaction was kept.
    fn answer(self: Box<Self>, lost: Option<&Arc<Lost>>);
}

struct Task<T, F> {
    work: F,
    done: Option<Result<T, Failure>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: Fn(&Connection) -> Result<Verdict<T>, Failure> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        // A fault in one caller's work is no reason to end everybody's writer.
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.work)(connection)));
        let (keep, done) = match outcome {
            Ok(Ok(Verdict::Keep(answer))) => (true, Ok(answer)),
            Ok(Ok(Verdict::Undo(answer))) => (false, Ok(answer)),
            Ok(Err(failure)) => (false, Err(failure)),
            Err(_) => {
                let reason = "a fault in the store's own code".to_owned();
                let source = "the work panicked".into();
                (
                    false,
                    Err(StoreError::Unavailable { reason, source }.into()),
                )
            }
        };
        self.done = Some(done);
        keep
    }

    fn failure(&self) -> Option<String> {
        match self.done.as_ref()?.as_ref().err()? {
            Failure::Sqlite(error) => Some(error.to_string()),
            Failure::Store(error) => Some(error.to_string()),
        }
    }

    fn answer(self: Box<Self>, lost: Option<&Arc<Lost>>) {
        let answer = match (lost, self.done) {
            // Whatever it found may have been the doing of another in the same transaction, which
            // was lost with it.
            (Some(lost), _) => Err(StoreError::Unavailable {
                reason: format!("nothing was written: {lost}"),
                source: Box::new(Arc::clone(lost)),
            }),
            (None, Some(done)) => done.map_err(StoreError::from),
            // Dropping the sender tells the caller that the store is gone.
            (None, None) => return,
        };
        // A caller that stopped waiting is not an error.
        let _ = self.reply.send(answer);
    }
}

/// Why a transaction was not kept.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error("{0}")]
    Sqlite(StoreError),
    /// SQLite gives up a whole transaction on some failures, such as a full disk.
    #[error("{0}")]
    Abandoned(String),
}

impl From<rusqlite::Error> for Lost {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(in_words(error))
    }
}

/// After how many transactions SQLite looks again whether its statistics still fit the tables.
const BETWEEN_LOOKS: u32 = 10_000;

/// After how many transactions the writer looks again whether there is much to be filed.
const BETWEEN_FILINGS: u32 = 16;

fn serve(connection: &Connection, waiting: &mpsc::Receiver<Box<dyn Job>>) {
    let (mut until_look, mut until_filing) = (BETWEEN_LOOKS, 0);
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        batch.extend(waiting.try_iter().take(MOST_TOGETHER - 1));
        let lost = write_together(connection, &mut batch).err().map(Arc::new);
        if let Some(lost) = &lost {
            tracing::error!(error = %lost, writes = batch.len(), "a transaction was not kept");
            if !connection.is_autocommit()
                && let Err(error) = connection.execute_batch("ROLLBACK")
            {
                tracing::error!(%error, "a transaction could not be undone");
            }
        }
        for job in batch {
            job.answer(lost.as_ref());
        }
        if until_filing > 0 {
            until_filing -= 1;
        } else {
            until_filing = BETWEEN_FILINGS;
            if let Err(failure) = filing::file_if_due(connection) {
                let error = StoreError::from(failure);
                tracing::warn!(%error, "what searches find records by could not be filed");
            }
        }
        until_look -= 1;
        if until_look == 0 {
            until_look = BETWEEN_LOOKS;
            if let Err(error) = statistics::refresh(connection, Which::Used) {
                tracing::warn!(%error, "the tables' statistics could not be refreshed");
            }
        }
    }
}

fn write_together(connection: &Connection, batch: &mut [Box<dyn Job>]) -> Result<(), Lost> {
    let execute = |sql| connection.prepare_cached(sql)?.execute([]);
    execute("BEGIN IMMEDIATE")?;
    // Savepoints keep what stood on every page before, for each piece of work anew, and there is
    // nearly never one to go back to: they are worth it only when there is.
    if !run_all(connection, batch, Apart::Not)? {
        execute("ROLLBACK")?;
        execute("BEGIN IMMEDIATE")?;
        run_all(connection, batch, Apart::InSavepoints)?;
    }
    execute("COMMIT")?;
    Ok(())
}

/// How pieces of work in one transaction are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Apart {
    Not,
    InSavepoints,
}

/// Runs all work; `false` when some is to be undone that can't be without the rest.
fn run_all(
    connection: &Connection,
    batch: &mut [Box<dyn Job>],
    apart: Apart,
) -> Result<bool, Lost> {
    let execute = |sql| connection.prepare_cached(sql)?.execute([]);
    let mut kept = false;
    for job in batch {
        let in_savepoint = kept && apart == Apart::InSavepoints;
        if in_savepoint {
            execute("SAVEPOINT job")?;
        }
        let keep = job.run(connection);
        if connection.is_autocommit() {
            return Err(Lost::Abandoned(job.failure().unwrap_or_default()));
        }
        if in_savepoint {
            if !keep {
                execute("ROLLBACK TO job")?;
            }
            execute("RELEASE job")?;
        } else if keep {
            kept = true;
        } else if kept {
            return Ok(false);
        } else {
            // As long as nothing is there to be kept, the whole transaction can be undone.
            execute("ROLLBACK")?;
            execute("BEGIN IMMEDIATE")?;
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::Sender;

    use super::*;
    use crate::plan::new_file;

    /// Keeps the writer busy until this is dropped, so that what is asked meanwhile shares a
    /// transaction.
    fn hold(writer: &Writer) -> Sender<()> {
        let (go, wait) = mpsc::channel::<()>();
        let (reply, _) = oneshot::channel();
        let work = move |_: &Connection| {
            let _ = wait.recv();
            Ok(Verdict::Keep(()))
        };
        writer
            .jobs
            .as_ref()
            .unwrap()
            .send(Box::new(Task {
                work,
                done: None,
                reply,
            }))
            .unwrap();
        go
    }

    async fn save(writer: &Writer, id: &'static str, body: usize) -> Result<(), StoreError> {
        let work = move |connection: &Connection| {
            let insert = "INSERT INTO signing_keys VALUES (?1, ?2, 0)";
            connection.execute(insert, (id, "x".repeat(body)))?;
            Ok(Verdict::Keep(()))
        };
        writer.run(work).await
    }

    async fn saved(writer: &Writer) -> Vec<String> {
        let work = |connection: &Connection| {
            let mut select = connection.prepare("SELECT id FROM signing_keys ORDER BY id")?;
            let ids = select
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            Ok(Verdict::Undo(ids))
        };
        writer.run(work).await.unwrap()
    }

    #[tokio::test]
    async fn what_fails_or_panics_is_undone_alone() {
        let (_directory, connection) = new_file();
        let writer = Writer::start(connection).unwrap();
        let go = hold(&writer);
        let panics = writer.run(|connection| {
            connection.execute("INSERT INTO signing_keys VALUES ('half', '', 0)", [])?;
            if connection.changes() > 0 {
                panic!("a fault");
            }
            Ok(Verdict::Keep(()))
        });
        let (first, panicked, twice, last, ()) = tokio::join!(
            save(&writer, "first", 1),
            panics,
            save(&writer, "first", 1),
            save(&writer, "last", 1),
            async move { drop(go) },
        );
        assert!(first.is_ok() && last.is_ok(), "{first:?} {last:?}");
        assert!(
            matches!(panicked, Err(StoreError::Unavailable { .. })),
            "{panicked:?}"
        );
        assert!(
            matches!(twice, Err(StoreError::Refused { .. })),
            "{twice:?}"
        );
        assert_eq!(saved(&writer).await, ["first", "last"]);
    }

    #[tokio::test]
    async fn on_a_full_disk_nothing_is_said_to_be_kept_that_was_not() {
        let (_directory, connection) = new_file();
        let pages: u32 = connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        let limit = |pages: u32| format!("PRAGMA max_page_count = {pages}");
        connection
            .query_row(&limit(pages + 2), [], |_| Ok(()))
            .unwrap();
        let writer = Writer::start(connection).unwrap();
        let go = hold(&writer);
        let (before, big, after, ()) = tokio::join!(
            save(&writer, "before", 1),
            save(&writer, "big", 1 << 20),
            save(&writer, "after", 1),
            async move { drop(go) },
        );
        let told = big.expect_err("there is no room").to_string();
        assert!(told.contains("full"), "{told}");
        let mut kept = vec![];
        kept.extend(after.is_ok().then_some("after"));
        kept.extend(before.is_ok().then_some("before"));
        assert_eq!(saved(&writer).await, kept);

        let more = limit(pages + 1000);
        let grow = move |connection: &Connection| {
            connection.query_row(&more, [], |_| Ok(()))?;
            Ok(Verdict::Undo(()))
        };
        writer.run(grow).await.unwrap();
        save(&writer, "big", 1 << 20).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_left_to_be_filed_is_filed_between_transactions() {
        let (_directory, connection) = new_file();
        for text in 0..1_000 {
            let insert = "INSERT INTO unspelled_texts VALUES (?1)";
            connection.execute(insert, [text.to_string()]).unwrap();
        }
        let writer = Writer::start(connection).unwrap();
        let left = || {
            writer.run(|connection| {
                let count = "SELECT count(*) FROM unspelled_texts";
                let left: i64 = connection.query_row(count, [], |row| row.get(0))?;
                Ok(Verdict::Undo(left))
            })
        };
        assert_eq!(left().await.unwrap(), 1_000);
        assert_eq!(left().await.unwrap(), 0);
    }

    #[tokio::test]
    async fn what_was_asked_before_closing_is_done() {
        let (directory, connection) = new_file();
        let mut writer = Writer::start(connection).unwrap();
        let go = hold(&writer);
        let (reply, answer) = oneshot::channel();
        let work = |connection: &Connection| {
            connection.execute("INSERT INTO signing_keys VALUES ('last', '', 0)", [])?;
            Ok(Verdict::Keep(()))
        };
        writer
            .jobs
            .as_ref()
            .unwrap()
            .send(Box::new(Task {
                work,
                done: None,
                reply,
            }))
            .unwrap();
        drop(go);
        writer.close();
        answer.await.unwrap().unwrap();
        let closed = save(&writer, "late", 1).await;
        assert!(
            matches!(closed, Err(StoreError::Unavailable { .. })),
            "{closed:?}"
        );
        drop(directory);
    }
}
