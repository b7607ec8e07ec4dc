//! A store in plain memory: the model that the other stores are compared with, and what a
//! simulation runs on.
//!
//! It says in a few lines of Rust what the stores on disk say in SQL, passes the same story, and
//! looks at everything there is where they have indexes. Nothing of it outlives the process. Every
//! call is a transaction: it happens whole or not at all. The same calls in the same order always
//! give the same answers.
//!
//! [`MemoryStore`] is one handle on shared [`Tables`](tables): start there. This crate may not know
//! what actions, declarations or deliveries mean.

mod account;
mod attachment;
mod audit;
mod configuration;
mod delivery;
mod draft;
mod history;
mod node;
mod pending;
mod place;
mod query;
mod rebuild;
mod record;
mod tables;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use records::EventId;
use storage::{News, StoreError};
use tokio::sync::broadcast;
use world::World;

use crate::tables::Tables;

/// News that nobody has heard yet, at most; whoever is slower looks at the store now and then.
const UNHEARD: usize = 1024;

/// A handle on a store. Clones share what is kept.
#[derive(Clone)]
pub struct MemoryStore {
    tables: Arc<Mutex<Tables>>,
    news: broadcast::Sender<News>,
    world: World,
}

/// Whether what a transaction did stays.
enum Verdict<T> {
    /// It does.
    Keep(T),
    /// It was never done.
    Undo(T),
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new(world: World) -> Self {
        Self {
            tables: Arc::default(),
            news: broadcast::channel(UNHEARD).0,
            world,
        }
    }

    /// A handle on the same store for somebody else, with a clock of their own.
    #[must_use]
    pub fn seen_by(&self, world: World) -> Self {
        Self {
            tables: Arc::clone(&self.tables),
            news: self.news.clone(),
            world,
        }
    }

    /// A store of its own that holds what this one holds now. Cheap: both share what neither
    /// changes.
    #[must_use]
    pub fn snapshot(&self, world: World) -> Self {
        let copy = self.lock().clone();
        Self {
            tables: Arc::new(Mutex::new(copy)),
            ..Self::new(world)
        }
    }

    /// How many calls have changed something, ever.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.lock().changes
    }

    /// All records, each with its version: whoever looks again knows which have changed.
    #[must_use]
    pub fn versions(&self) -> Vec<(EventId, u64)> {
        let tables = self.lock();
        let all = tables.records.iter();
        all.map(|(id, record)| (*id, record.version)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` in a transaction.
    async fn write<T>(
        &self,
        work: impl FnOnce(&mut Tables) -> Result<Verdict<T>, StoreError> + Send,
    ) -> Result<T, StoreError> {
        let mut tables = self.lock();
        let before = tables.clone();
        match work(&mut tables) {
            Ok(Verdict::Keep(done)) => {
                tables.changes += 1;
                Ok(done)
            }
            Ok(Verdict::Undo(done)) => {
                *tables = before;
                Ok(done)
            }
            Err(error) => {
                *tables = before;
                Err(error)
            }
        }
    }

    /// Reads one state of everything.
    async fn read<T>(&self, work: impl FnOnce(&Tables) -> T + Send) -> Result<T, StoreError> {
        Ok(work(&self.lock()))
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

/// A rule that the store guards was about to be broken.
fn refused(reason: &str) -> StoreError {
    StoreError::Refused {
        reason: reason.to_owned(),
        source: reason.into(),
    }
}

/// `limit` entries after `offset`.
fn page<T>(all: impl IntoIterator<Item = T>, offset: u64, limit: u64) -> Vec<T> {
    all.into_iter()
        .skip(whole(offset))
        .take(whole(limit))
        .collect()
}

fn whole(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn counted(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
