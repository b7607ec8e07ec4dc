//! Nodes: real Cores that begin, stand still, stop, and die in the middle of anything.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::Router;
use countersign_core::{Core, Ready, StartError, api, peer::Peer};
use storage::StoreError;
use storage_memory::{Call, Gate};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use world::World;

use crate::{
    clock::NodeClock,
    network::ToCountry,
    stage::{Stage, lock, note},
    template,
};

/// A node that stops waits as long for those whose requests it answers.
const DRAIN: Duration = Duration::from_secs(15);

/// A place for a node: at most one runs in each.
pub(crate) struct Slot {
    pub life: Arc<Life>,
    /// Once it has started.
    pub node: Option<Arc<Node>>,
}

/// A node that serves.
pub(crate) struct Node {
    pub life: Arc<Life>,
    pub router: Router,
    pub stop: CancellationToken,
    /// Held by everybody whose request it answers.
    pub answering: Arc<()>,
}

/// One run of a node, from its beginning to its end. A dead node's calls never come back.
pub(crate) struct Life {
    pub run: u64,
    pub name: String,
    dead: AtomicBool,
    /// How often it still calls somebody before it dies.
    calls_left: AtomicU64,
    stands_still_until: Mutex<Option<Instant>>,
}

impl Life {
    fn new(run: u64, name: String) -> Arc<Self> {
        Arc::new(Self {
            run,
            name,
            dead: AtomicBool::new(false),
            calls_left: AtomicU64::new(u64::MAX),
            stands_still_until: Mutex::default(),
        })
    }

    pub fn is_over(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// It dies after so many calls to somebody else, whichever these are.
    pub fn dies_after(&self, calls: u64) {
        self.calls_left.store(calls, Ordering::Relaxed);
    }

    /// It stands still, and believes that no time has passed when it goes on.
    pub fn stands_still(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut standing = lock(&self.stands_still_until);
        *standing = (*standing).max(Some(until));
    }

    /// Until when it stands still, if it does.
    pub fn standing_still(&self) -> Option<Instant> {
        let until = *lock(&self.stands_still_until);
        until.filter(|until| *until > Instant::now())
    }

    /// It is over here and now.
    pub fn end(&self) {
        self.dead.store(true, Ordering::Relaxed);
    }

    /// Where a node leaves its own memory: it may die here, or stand still.
    pub async fn cross(&self, stage: &Stage, where_to: &str) {
        while let Some(until) = self.standing_still() {
            tokio::time::sleep_until(until).await;
        }
        if !self.is_over() {
            let left = self.calls_left.load(Ordering::Relaxed);
            if left == 0 {
                note!(stage, "{} dies at {where_to}", self.name);
                stage.killed().insert(self.run);
                self.end();
            } else if left != u64::MAX {
                self.calls_left.store(left - 1, Ordering::Relaxed);
            }
        }
        if self.is_over() {
            std::future::pending::<()>().await;
        }
    }
}

/// Between a node and the store.
struct ToStore {
    stage: Arc<Stage>,
    life: Arc<Life>,
}

#[async_trait]
impl Gate for ToStore {
    async fn enter(&self, call: Call) -> Result<(), StoreError> {
        self.life.cross(&self.stage, call.name).await;
        let chances = self.stage.chances();
        self.take_time(chances.store.slow).await;
        if self.stage.chance(chances.store.fails_before) {
            note!(self.stage, "{} {} fails", self.life.name, call.name);
            return Err(unavailable());
        }
        Ok(())
    }

    async fn leave(&self, call: Call) -> Result<(), StoreError> {
        self.life.cross(&self.stage, call.name).await;
        let chances = self.stage.chances();
        if call.writes {
            self.take_time(chances.store.slow).await;
            if self.stage.chance(chances.store.fails_after) {
                note!(
                    self.stage,
                    "{} {} takes effect and fails",
                    self.life.name,
                    call.name
                );
                return Err(unavailable());
            }
        }
        Ok(())
    }
}

impl ToStore {
    async fn take_time(&self, slow: u64) {
        if slow > 0 && self.stage.chance(300) {
            self.stage.pause(slow).await;
            self.life.cross(&self.stage, "the store").await;
        }
    }
}

fn unavailable() -> StoreError {
    StoreError::Unavailable {
        reason: "the connection was lost".to_owned(),
        source: "simulated".into(),
    }
}

/// Starts a node in a slot, in place of the one that was there.
pub(crate) fn start(stage: &Arc<Stage>, at: usize, name: String) {
    let run = stage.below(u64::MAX);
    let life = Life::new(run, name);
    note!(stage, "{} starts", life.name);
    let slot = Slot {
        life: Arc::clone(&life),
        node: None,
    };
    let mut slots = stage.slots();
    match slots.get_mut(at) {
        Some(old) => *old = slot,
        None => slots.push(slot),
    }
    drop(slots);
    tokio::spawn(live(Arc::clone(stage), at, life));
}

async fn live(stage: Arc<Stage>, at: usize, life: Arc<Life>) {
    let skew = stage.chances().skew;
    let skew =
        i64::try_from(stage.below(2 * skew + 1)).unwrap_or(0) - i64::try_from(skew).unwrap_or(0);
    let clock = NodeClock::new(stage.began, stage.offset.clone(), skew);
    let world = World::seeded(Arc::new(clock), life.run);
    let ready = loop {
        match open(&stage, &life, &world).await {
            Ok(ready) => break ready,
            Err(error) => {
                note!(stage, "{} does not start: {error}", life.name);
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    };
    let (stop, answering) = (CancellationToken::new(), Arc::new(()));
    let node = Arc::new(Node {
        life: Arc::clone(&life),
        router: api::operations(ready.core().clone()),
        stop: stop.clone(),
        answering: Arc::clone(&answering),
    });
    note!(stage, "{} serves", life.name);
    if let Some(slot) = stage.slots().get_mut(at)
        && slot.life.run == life.run
    {
        slot.node = Some(node);
    }
    let told = stop.clone();
    let serving = async {
        told.cancelled().await;
        let began = Instant::now();
        // Two are the node's own.
        while Arc::strong_count(&answering) > 2 && began.elapsed() < DRAIN {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    ready.run_beside(serving, stop).await;
    note!(stage, "{} has stopped", life.name);
    life.end();
}

async fn open(stage: &Arc<Stage>, life: &Arc<Life>, world: &World) -> Result<Ready, StartError> {
    let settings = template::settings(&life.name);
    let gate = ToStore {
        stage: Arc::clone(stage),
        life: Arc::clone(life),
    };
    let store = stage.store.through(Arc::new(gate), world.clone());
    let network = ToCountry::new(stage, life);
    let peer = Peer::over(Arc::new(network), &settings)?;
    Core::open_with(Arc::new(store), world.clone(), settings, peer).await
}

impl Stage {
    /// A node that serves, if there is one.
    pub fn some_node(&self) -> Option<Arc<Node>> {
        let serving: Vec<_> = self
            .slots()
            .iter()
            .filter(|slot| !slot.life.is_over())
            .filter_map(|slot| slot.node.clone())
            .filter(|node| !node.stop.is_cancelled())
            .collect();
        self.pick(&serving)
    }
}
