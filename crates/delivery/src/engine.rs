//! The loop that claims what is due, and one run of it from beginning to end.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use records::DeliveryId;
use storage::{Claim, News, Store, StoreError};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::warn;
use uuid::Uuid;
use world::World;

use crate::{
    backoff::Backoff,
    gate::{Entry, Gate, Room, Slot},
    handler::Handler,
    health::Probe,
    lanes::Lane,
    rules::Rules,
    status::Status,
    watch::{Watcher, Watchers},
};

/// The longest sleep between looks at the store: news from other nodes may be lost, and clocks are
/// not trusted.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);
/// How long to wait before asking a store again that failed.
pub(crate) const STORE_PAUSE: Duration = Duration::from_secs(1);
/// Other nodes are not asked for help more often than this.
const BETWEEN_CALLS: Duration = Duration::from_millis(200);

/// Settings of one node's engine.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// Names the node among others; its claims are its own again after a restart.
    pub owner: String,
    /// Most attempts under way at once, while country config keeps up. Those that give way to
    /// others because they are slow come on top ([`Rules::slow_lane`]), and while there are any of
    /// these, half as many again for what waits in the queue.
    pub concurrency: usize,
    /// The longest an attempt may take: leases are longer.
    pub attempt_timeout: Duration,
    /// When to try again.
    pub backoff: Backoff,
    /// All other numbers.
    pub rules: Rules,
}

/// Delivers what the store holds. Cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    world: World,
    settings: EngineSettings,
    gate: Arc<Gate>,
    wake: Notify,
    watchers: Watchers,
    /// Told to those who try, when what they try is given up.
    given_up: watch::Sender<()>,
    running: Mutex<Option<Running>>,
}

/// What it takes to begin an attempt, while there is a run.
#[derive(Clone)]
struct Running {
    handler: Arc<dyn Handler>,
    attempts: TaskTracker,
}

/// Ends what a run has begun.
struct Ends {
    engine: Engine,
    over: CancellationToken,
}

impl Drop for Ends {
    fn drop(&mut self) {
        self.engine.set_running(None);
        self.over.cancel();
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine over this store; it does nothing until [`Engine::run`].
    #[must_use]
    pub fn new(store: Arc<dyn Store>, world: World, settings: EngineSettings) -> Self {
        let gate = Gate::new(
            world.clone(),
            settings.rules.clone(),
            settings.concurrency,
            settings.attempt_timeout,
        );
        Self(Arc::new(Inner {
            store,
            world,
            settings,
            gate,
            wake: Notify::new(),
            watchers: Watchers::default(),
            given_up: watch::channel(()).0,
            running: Mutex::new(None),
        }))
    }

    /// Says that something new is due. Call it after the commit that made it so.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Watches a delivery; take the watcher before the commit that begins the delivery.
    #[must_use]
    pub fn watch(&self, id: DeliveryId) -> Watcher {
        self.0.watchers.watch(id)
    }

    /// Says that a delivery was moved from outside: a callback decided its action. Whoever waits
    /// for it may do so on another node.
    pub fn moved(&self, id: DeliveryId) {
        if !self.0.watchers.moved(id) {
            self.0.store.tell(News::Moved(vec![id]));
        }
    }

    /// How it fares.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.gate.status()
    }

    /// Drops the attempts under way, as if the node had died in the midst of them: nothing is
    /// written down, and what was learnt of country config is forgotten. Whatever is still in the
    /// store is tried again when its lease has run out.
    pub fn give_up(&self) {
        self.0.given_up.send_replace(());
        self.0.gate.forget();
    }

    /// Delivers until `stop`. Then nothing more is claimed, the attempts under way are finished (for
    /// as long as [`Rules::drain`] says), and the node leaves: what it still has is due for others.
    /// Claims that an earlier run of this node left behind are taken up first.
    pub async fn run(self, handler: Arc<dyn Handler>, stop: CancellationToken) {
        let mut run = self.new_run();
        if !self.arrive(&mut run, &stop).await {
            return;
        }
        let attempts = TaskTracker::new();
        self.set_running(Some(Running {
            handler,
            attempts: attempts.clone(),
        }));
        // Claims are this node's until the last attempt is over: so are its signs of life.
        let over = CancellationToken::new();
        let background = TaskTracker::new();
        // A run that is dropped ends as a whole.
        let _ends = Ends {
            engine: self.clone(),
            over: over.clone(),
        };
        background.spawn(self.clone().keep_beating(run.clone(), over.clone()));
        background.spawn(self.clone().listen(over.clone()));
        background.spawn(self.clone().keep_forgetting(over.clone()));
        self.claim_until(&stop).await;
        self.set_running(None);

        attempts.close();
        if tokio::time::timeout(self.0.settings.rules.drain, attempts.wait())
            .await
            .is_err()
        {
            let left = attempts.len();
            warn!(
                left,
                "attempts still under way are given up; they are made again"
            );
            self.0.given_up.send_replace(());
            attempts.wait().await;
        }
        over.cancel();
        background.close();
        background.wait().await;
        if let Err(error) = self.0.store.leave(self.owner(), run.id, self.now()).await {
            warn!(%error, "this node could not take its leave; what it had claimed waits for others");
        }
        self.0.store.tell(News::Due);
    }

    async fn claim_until(&self, stop: &CancellationToken) {
        let mut called_at = None;
        while !stop.is_cancelled() {
            let pause = match self.begin_due(&mut called_at).await {
                Ok(pause) => pause,
                Err(error) => {
                    warn!(%error, "the store failed while claiming deliveries; trying again");
                    STORE_PAUSE
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                () = self.0.wake.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Claims as much as there is room for, begins the attempts, and says how long to sleep when
    /// nobody wakes us.
    async fn begin_due(&self, called_at: &mut Option<Instant>) -> Result<Duration, StoreError> {
        loop {
            if let Some(probe_at) = self.probe_if_due() {
                return Ok(until(Some(probe_at)).min(LONGEST_SLEEP));
            }
            let room = self.0.gate.room();
            if room.limit == 0 {
                let now = Instant::now();
                let lately = called_at.is_some_and(|at| now - at < BETWEEN_CALLS);
                if self.0.gate.is_open() && !lately {
                    *called_at = Some(now);
                    self.0.store.tell(News::Due);
                }
                // An attempt that ends wakes us.
                return Ok(until(room.look_again).min(LONGEST_SLEEP));
            }
            let claims = self.claim(&room).await?;
            let more = claims.len() == room.limit;
            self.0.gate.claimed(&room, claims.len());
            self.begin_all(claims, room.lane).await?;
            if !more {
                let due = self.0.store.next_delivery_due(&room.except).await?;
                let due = due.map_or(LONGEST_SLEEP, |due| {
                    let wait = due.duration_since(self.now());
                    match Duration::try_from(wait) {
                        Ok(wait) if !wait.is_zero() => wait,
                        // Due just now, or by a clock that is not ours.
                        _ => STORE_PAUSE,
                    }
                });
                return Ok(due.min(until(room.look_again)).min(LONGEST_SLEEP));
            }
        }
    }

    async fn claim(&self, room: &Room) -> Result<Vec<Claim>, StoreError> {
        let now = self.now();
        let lease_until = self.lease_until(now);
        let (store, owner, limit) = (&self.0.store, self.owner(), room.limit);
        if !room.rather_not.is_empty() {
            let except: Vec<String> = room
                .except
                .iter()
                .chain(&room.rather_not)
                .cloned()
                .collect();
            let claims = store.claim_deliveries(owner, now, lease_until, limit, &except);
            let claims = claims.await?;
            if !claims.is_empty() {
                return Ok(claims);
            }
        }
        store
            .claim_deliveries(owner, now, lease_until, limit, &room.except)
            .await
    }

    /// Begins attempts; what may not be tried after all is handed back, its attempt not counted.
    async fn begin_all(&self, claims: Vec<Claim>, lane: Lane) -> Result<(), StoreError> {
        let mut back = Vec::new();
        for claim in claims {
            match self.0.gate.begin(&claim, lane) {
                Entry::Begun(slot) => self.try_now(claim, slot),
                Entry::Shut => back.push((claim.delivery.new.id, claim.fence)),
                Entry::UnderWay => self.hand_back_later(claim, lane),
            }
        }
        if !back.is_empty() {
            self.0.store.hand_back(&back, self.now()).await?;
        }
        Ok(())
    }

    /// Lets an attempt that this node began under an older claim come to its end: there is one in
    /// flight at a time. Its result is refused, and the delivery is due again then.
    fn hand_back_later(&self, claim: Claim, lane: Lane) {
        let Some(running) = self.running() else {
            return;
        };
        let (engine, id) = (self.clone(), claim.delivery.new.id);
        let mut watcher = self.watch(id);
        // It may have ended before anybody watched.
        if let Entry::Begun(slot) = self.0.gate.begin(&claim, lane) {
            return self.try_now(claim, slot);
        }
        running.attempts.spawn(async move {
            let mut given_up = engine.given_up();
            tokio::select! {
                biased;
                () = watcher.moved(engine.attempt_timeout()) => {}
                Ok(()) = given_up.changed() => {}
            }
            engine.hand_back(id, claim.fence).await;
        });
    }

    /// Begins the attempt that a claim allows. When there is no run any more, the claim is left: it
    /// is put back when the node leaves.
    pub(crate) fn try_now(&self, claim: Claim, slot: Slot) {
        if let Some(running) = self.running() {
            let attempt = self.clone().attempt(running.handler, claim, slot);
            running.attempts.spawn(attempt);
        }
    }

    /// Begins a probe when one is due; says when to look again while country config is down.
    fn probe_if_due(&self) -> Option<Instant> {
        match self.0.gate.probe() {
            Probe::Later(at) => at,
            Probe::Now => {
                let running = self.running()?;
                let engine = self.clone();
                running.attempts.clone().spawn(async move {
                    let mut given_up = engine.given_up();
                    let answered = tokio::select! {
                        biased;
                        answered = running.handler.probe() => answered,
                        Ok(()) = given_up.changed() => false,
                    };
                    engine.gate().probed(answered);
                    engine.wake();
                });
                Some(Instant::now() + LONGEST_SLEEP)
            }
        }
    }

    fn running(&self) -> Option<Running> {
        let running = self.0.running.lock();
        running.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_running(&self, running: Option<Running>) {
        let mut held = self
            .0
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *held = running;
    }

    /// Whether there is a run that begins attempts.
    pub(crate) fn is_running(&self) -> bool {
        self.running().is_some()
    }

    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.0.store
    }

    pub(crate) fn world(&self) -> &World {
        &self.0.world
    }

    pub(crate) fn gate(&self) -> &Arc<Gate> {
        &self.0.gate
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.0.settings.rules
    }

    pub(crate) fn owner(&self) -> &str {
        &self.0.settings.owner
    }

    pub(crate) fn backoff(&self) -> Backoff {
        self.0.settings.backoff
    }

    pub(crate) fn attempt_timeout(&self) -> Duration {
        self.0.settings.attempt_timeout
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.world.now()
    }

    pub(crate) fn new_id(&self) -> Uuid {
        self.0.world.new_id()
    }

    pub(crate) fn given_up(&self) -> watch::Receiver<()> {
        self.0.given_up.subscribe()
    }

    /// An attempt on a delivery ended here; `finished` when there will be no other.
    pub(crate) fn attempted(&self, id: DeliveryId, finished: bool) {
        // Whoever waits elsewhere is told of the end alone: attempts that fail move nobody on.
        if !self.0.watchers.moved(id) && finished {
            self.0.store.tell(News::Moved(vec![id]));
        }
        // Looking for nothing costs a transaction: not after everything that goes as it should.
        if !finished || self.0.gate.more_may_be_due() {
            self.wake();
        }
    }

    /// Deliveries moved on another node.
    pub(crate) fn heard_of(&self, ids: &[DeliveryId]) {
        for id in ids {
            self.0.watchers.moved(*id);
        }
        if self.0.gate.more_may_be_due() {
            self.wake();
        }
    }
}

fn until(at: Option<Instant>) -> Duration {
    at.map_or(LONGEST_SLEEP, |at| {
        at.saturating_duration_since(Instant::now())
    })
}
