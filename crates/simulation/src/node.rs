//! Nodes: real Cores that begin, stand still, stop, and die in the middle of anything.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::Router;
use countersign_core::{Core, Ready, StartError, api, peer::Peer};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use world::World;

use crate::{
    clock::NodeClock,
    network::ToCountry,
    stage::{Stage, lock, note},
    store, template,
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
    /// What it is sending.
    under_way: Mutex<BTreeSet<String>>,
}

/// Something is sent, until this is dropped.
pub(crate) struct UnderWay {
    life: Arc<Life>,
    id: String,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        lock(&self.life.under_way).remove(&self.id);
    }
}

impl Life {
    fn new(run: u64, name: String) -> Arc<Self> {
        Arc::new(Self {
            run,
            name,
            dead: AtomicBool::new(false),
            calls_left: AtomicU64::new(u64::MAX),
            stands_still_until: Mutex::default(),
            under_way: Mutex::default(),
        })
    }

    /// Begins to send what has this id; `None` when it is sending that already.
    pub fn sends(self: &Arc<Self>, id: &str) -> Option<UnderWay> {
        let is_new = lock(&self.under_way).insert(id.to_owned());
        is_new.then(|| UnderWay {
            life: Arc::clone(self),
            id: id.to_owned(),
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
    let store = store::of_node(stage, life, world);
    let network = ToCountry::new(stage, life);
    let peer = Peer::over(Arc::new(network), &settings)?;
    Core::open_with(store, world.clone(), settings, peer).await
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
