//! What everybody in a world shares.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::FutureExt as _;
use jiff::Timestamp;
use records::{ActionId, EventDocument, EventId};
use storage::{Store, StoreError};
use storage_memory::MemoryStore;
use tokio::time::Instant;
use world::{Clock as _, World};

use crate::{
    Law,
    chances::Chances,
    clock::{NodeClock, Offset},
    country::Ledger,
    laws::Seen,
    lines::Lines,
    node::Slot,
    store::{self, Claims, Fault, Lies},
    trace::Trace,
};

/// A law was broken.
#[derive(Debug, Clone)]
pub(crate) struct Broken {
    pub law: Law,
    pub what: String,
}

/// An answer that Core gave, as far as laws look at it later.
#[derive(Debug)]
pub(crate) struct Answered {
    pub procedure: String,
    pub correlation: String,
    /// The node that answered, where that may take the entry along when it dies.
    pub run: Option<u64>,
}

/// One world.
pub(crate) struct Stage {
    pub began: Instant,
    /// Everything that is drawn, is drawn from here.
    pub random: World,
    pub offset: Offset,
    /// What is kept, and nothing between.
    pub kept: MemoryStore,
    /// The same, as whoever asks is told.
    pub store: Arc<dyn Store>,
    /// What the store does wrong, if it does.
    pub lies: Option<Arc<Lies>>,
    chances: Mutex<Arc<Chances>>,
    /// Whether no node stands still and no clock jumps.
    keeps_time: bool,
    trace: Mutex<Trace>,
    broken: Mutex<Option<Broken>>,
    slots: Mutex<Vec<Slot>>,
    ledger: Mutex<Ledger>,
    seen: Mutex<Seen>,
    claims: Mutex<Claims>,
    lines: Mutex<Lines>,
    answered: Mutex<Vec<Answered>>,
    /// Runs of nodes that died, rather than stopped.
    killed: Mutex<BTreeSet<u64>>,
    /// People and callbacks that are not done yet.
    busy: AtomicUsize,
}

/// Somebody who is not done yet, until this is dropped.
pub(crate) struct Busy(Arc<Stage>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Writes a line of the trace.
macro_rules! note {
    ($stage:expr, $($what:tt)+) => {
        $stage.note(format_args!($($what)+))
    };
}
pub(crate) use note;

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stage {
    pub fn new(seed: u64, lines: usize, fault: Option<Fault>, store: &MemoryStore) -> Arc<Self> {
        let (began, offset) = (Instant::now(), Offset::default());
        let clock = Arc::new(NodeClock::new(began, offset.clone(), 0));
        let random = World::seeded(Arc::clone(&clock) as _, seed);
        let chances = Chances::draw(&random, &World::seeded(clock, !seed));
        let kept = store.snapshot(random.clone());
        let lies = fault.map(Lies::of);
        Arc::new(Self {
            began,
            offset,
            store: store::as_it_is(kept.clone(), lies.as_ref()),
            kept,
            lies,
            random,
            keeps_time: chances.freezes == 0 && chances.jumps == 0,
            chances: Mutex::new(Arc::new(chances)),
            trace: Mutex::new(Trace::keeping(lines)),
            broken: Mutex::default(),
            slots: Mutex::default(),
            ledger: Mutex::default(),
            seen: Mutex::default(),
            claims: Mutex::default(),
            lines: Mutex::default(),
            answered: Mutex::default(),
            killed: Mutex::default(),
            busy: AtomicUsize::new(0),
        })
    }

    pub fn chances(&self) -> Arc<Chances> {
        Arc::clone(&lock(&self.chances))
    }

    /// Whether no node stands still and no clock jumps in this world.
    pub fn keeps_time(&self) -> bool {
        self.keeps_time
    }

    /// What the slowest clock that a node may have says.
    pub fn earliest_now(&self) -> Timestamp {
        let skew = i64::try_from(self.chances().skew).unwrap_or(0);
        NodeClock::new(self.began, self.offset.clone(), -skew).now()
    }

    /// Nothing goes wrong from here on.
    pub fn calm_down(&self) {
        let mut chances = lock(&self.chances);
        *chances = Arc::new(chances.calm());
    }

    /// True in so many of a thousand cases.
    pub fn chance(&self, thousandths: u64) -> bool {
        thousandths > 0 && self.random.below(1000) < thousandths
    }

    pub fn below(&self, bound: u64) -> u64 {
        self.random.below(bound)
    }

    /// One of these.
    pub fn pick<T: Clone>(&self, all: &[T]) -> Option<T> {
        let at = self.below(u64::try_from(all.len()).unwrap_or(u64::MAX));
        all.get(usize::try_from(at).unwrap_or(usize::MAX)).cloned()
    }

    /// Lets up to so many milliseconds pass.
    pub async fn pause(&self, at_most: u64) {
        let millis = self.below(at_most + 1);
        if millis > 0 {
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
    }

    pub fn note(&self, what: fmt::Arguments<'_>) {
        let at = self.began.elapsed().as_millis();
        lock(&self.trace).note(at, what);
    }

    pub fn trace(&self) -> MutexGuard<'_, Trace> {
        lock(&self.trace)
    }

    /// A law is broken; the first one is what is told.
    pub fn broken(&self, law: Law, what: impl Into<String>) {
        let what = what.into();
        note!(self, "BROKEN {law}: {what}");
        lock(&self.broken).get_or_insert(Broken { law, what });
    }

    /// Holds a law against what is so.
    pub fn hold(&self, law: Law, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.broken(law, what());
        }
    }

    pub fn first_broken(&self) -> Option<Broken> {
        lock(&self.broken).clone()
    }

    pub fn slots(&self) -> MutexGuard<'_, Vec<Slot>> {
        lock(&self.slots)
    }

    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }

    pub fn claims(&self) -> MutexGuard<'_, Claims> {
        lock(&self.claims)
    }

    pub fn lines(&self) -> MutexGuard<'_, Lines> {
        lock(&self.lines)
    }

    pub fn answered(&self) -> MutexGuard<'_, Vec<Answered>> {
        lock(&self.answered)
    }

    pub fn killed(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        lock(&self.killed)
    }

    pub fn begin(self: &Arc<Self>) -> Busy {
        self.busy.fetch_add(1, Ordering::Relaxed);
        Busy(Arc::clone(self))
    }

    pub fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed) > 0
    }

    /// A record as it is kept now.
    pub fn record(&self, id: EventId) -> Option<EventDocument> {
        let stored = now(self.store.record(id)).flatten();
        stored.map(|stored| stored.document)
    }

    /// How an action on a record was decided, if it was.
    pub fn decision(&self, event: EventId, action: ActionId) -> Option<records::ActionStatus> {
        let document = self.record(event)?;
        let decision = document.resolution_of(action)?;
        Some(decision.status)
    }

    /// Ids of all records.
    pub fn records(&self) -> Vec<EventId> {
        now(self.store.record_ids(None, usize::MAX)).unwrap_or_default()
    }
}

/// What a store without a gate answers: at once, and without failing.
pub(crate) fn now<T>(answer: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
    answer.now_or_never()?.ok()
}

/// Something for each action.
pub(crate) type ByAction<T> = BTreeMap<ActionId, T>;
