//! The one writer: a thread that owns the connection and commits many callers' work at once.
//!
//! A flush to disk takes as long for one change as for fifty. So the writer takes all work that
//! waits, runs each piece in a savepoint of its own (what fails is undone alone), commits once, and
//! only then answers: every answer that goes out is durable.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
    thread::JoinHandle,
};

use rusqlite::Connection;
use storage::StoreError;
use tokio::sync::oneshot;

use crate::failure::{Failure, in_words};

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
    /// if the caller stops waiting.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<Verdict<T>, Failure> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Task {
            work: Some(work),
            done: None,
            reply,
        });
        if let Some(jobs) = &self.jobs {
            // Should the thread be gone, the answer's sender goes with the job, and we say so.
            let _ = jobs.send(job);
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
    /// Does the work; whether what it wrote is to stay.
    fn run(&mut self, connection: &Connection) -> bool;

    /// Answers the caller; with `lost` when nothing of the transaction was kept.
    fn answer(self: Box<Self>, lost: Option<&Arc<Lost>>);
}

struct Task<T, F> {
    work: Option<F>,
    done: Option<Result<T, Failure>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<Verdict<T>, Failure> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        let Some(work) = self.work.take() else {
            return false;
        };
        // A fault in one caller's work is no reason to end everybody's writer.
        let outcome = catch_unwind(AssertUnwindSafe(|| work(connection)));
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
    #[error("the disk or the file failed during the transaction")]
    Abandoned,
}

impl From<rusqlite::Error> for Lost {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(in_words(error))
    }
}

fn serve(connection: &Connection, waiting: &mpsc::Receiver<Box<dyn Job>>) {
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
    }
}

fn write_together(connection: &Connection, batch: &mut [Box<dyn Job>]) -> Result<(), Lost> {
    let execute = |sql| connection.prepare_cached(sql)?.execute([]);
    execute("BEGIN IMMEDIATE")?;
    for job in batch {
        execute("SAVEPOINT job")?;
        let keep = job.run(connection);
        if connection.is_autocommit() {
            return Err(Lost::Abandoned);
        }
        if !keep {
            execute("ROLLBACK TO job")?;
        }
        execute("RELEASE job")?;
    }
    execute("COMMIT")?;
    Ok(())
}
