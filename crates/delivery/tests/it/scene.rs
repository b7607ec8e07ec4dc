//! Nodes that share a store, and the country they deliver to.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use delivery::{Backoff, Engine, EngineSettings, Failure, Handler, Reply, Rules, Verdict};
use jiff::{SignedDuration, Timestamp};
use records::{
    Action, ActionId, ActionStatus, ActionType, DeliveryId, EventDocument, EventId, UserType,
};
use serde_json::json;
use storage::{
    AttemptResult, Change, Claim, Committed, Delivery, DeliveryState, DeliveryStore as _,
    NewDelivery, NewRecord, Projection, RecordStore as _, StoreError, Subject,
};
use storage_memory::MemoryStore;
use tokio::{task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;
use world::{Clock, World};

/// Everybody's clock goes with the test's time.
#[derive(Debug)]
struct TestTime(Instant);

impl Clock for TestTime {
    fn now(&self) -> Timestamp {
        let past = SignedDuration::try_from(self.0.elapsed()).unwrap();
        Timestamp::from_second(1_700_000_000).unwrap() + past
    }
}

/// How the country answers one attempt.
pub struct Answer {
    pub after: Duration,
    pub reply: Reply,
}

/// 200 after this many milliseconds.
pub fn well(millis: u64) -> Answer {
    status(200, None, millis)
}

/// This status, and when to come back in seconds, after this many milliseconds.
pub fn status(status: u16, retry_after: Option<u64>, millis: u64) -> Answer {
    Answer {
        after: Duration::from_millis(millis),
        reply: Reply::Answer {
            status,
            body: Bytes::new(),
            retry_after: retry_after.map(Duration::from_secs),
        },
    }
}

/// No connection.
pub fn refused() -> Answer {
    failed("connect", 1)
}

/// No answer within the deadline.
pub fn hangs() -> Answer {
    failed("timeout", 30_000)
}

fn failed(class: &'static str, millis: u64) -> Answer {
    Answer {
        after: Duration::from_millis(millis),
        reply: Reply::Failed(Failure {
            class,
            reason: class.to_owned(),
        }),
    }
}

/// An attempt as the country saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub id: DeliveryId,
    pub attempt: u32,
    /// How many were under way with it.
    pub among: usize,
}

type Answers = Box<dyn Fn(&Delivery) -> Answer + Send>;

/// The country.
pub struct Country {
    answers: Mutex<Answers>,
    slow: Mutex<HashMap<DeliveryId, u64>>,
    seen: Mutex<Vec<Seen>>,
    under_way: AtomicUsize,
    there: AtomicBool,
    probes: AtomicUsize,
}

impl Country {
    pub fn answers(&self, answers: impl Fn(&Delivery) -> Answer + Send + 'static) {
        *self.answers.lock().unwrap() = Box::new(answers);
    }

    /// From now on it takes this many milliseconds for this one.
    pub fn turns_slow(&self, id: DeliveryId, millis: u64) {
        self.slow.lock().unwrap().insert(id, millis);
    }

    /// Takes it down: nobody gets a connection.
    pub fn goes(&self) {
        self.there.store(false, Ordering::SeqCst);
    }

    pub fn comes_back(&self) {
        self.there.store(true, Ordering::SeqCst);
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn probes(&self) -> usize {
        self.probes.load(Ordering::SeqCst)
    }
}

/// One less under way, also when an attempt is given up.
struct OneLess<'a>(&'a AtomicUsize);

impl Drop for OneLess<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Handler for Country {
    async fn send(&self, delivery: &Delivery) -> Reply {
        let there = self.there.load(Ordering::SeqCst);
        let answer = match there {
            true => match self.slow.lock().unwrap().get(&delivery.new.id) {
                Some(millis) => well(*millis),
                None => (self.answers.lock().unwrap())(delivery),
            },
            false => refused(),
        };
        let among = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        let _one_less = OneLess(&self.under_way);
        if there {
            self.seen.lock().unwrap().push(Seen {
                id: delivery.new.id,
                attempt: delivery.attempts,
                among,
            });
        }
        tokio::time::sleep(answer.after).await;
        answer.reply
    }

    async fn judge(
        &self,
        _claim: &Claim,
        reply: &Reply,
        _delivered: AttemptResult,
    ) -> Result<Verdict, StoreError> {
        Ok(match reply {
            Reply::Answer { status: 200, .. } => Verdict::Delivered {
                outcome: "acknowledged",
            },
            Reply::Answer { status, .. } => Verdict::Again {
                outcome: "http-status",
                reason: format!("{status}"),
            },
            Reply::Failed(failure) => Verdict::Again {
                outcome: failure.class,
                reason: failure.reason.clone(),
            },
        })
    }

    async fn probe(&self) -> bool {
        self.probes.fetch_add(1, Ordering::SeqCst);
        self.there.load(Ordering::SeqCst)
    }
}

/// A node that runs.
pub struct Node {
    pub engine: Engine,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Node {
    /// It is gone, as with `kill -9`.
    pub async fn dies(self) {
        self.task.abort();
        assert!(self.task.await.is_err());
        self.engine.give_up();
    }

    /// It stops in an orderly way.
    pub async fn stops(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

/// The store and the country.
pub struct Scene {
    pub store: MemoryStore,
    pub country: Arc<Country>,
    pub world: World,
    start: Instant,
}

impl Scene {
    pub fn new() -> Self {
        let start = Instant::now();
        let world = World::seeded(Arc::new(TestTime(start)), 1);
        let country = Country {
            answers: Mutex::new(Box::new(|_| well(10))),
            slow: Mutex::default(),
            seen: Mutex::default(),
            under_way: AtomicUsize::new(0),
            there: AtomicBool::new(true),
            probes: AtomicUsize::new(0),
        };
        Self {
            store: MemoryStore::new(world.clone()),
            country: Arc::new(country),
            world,
            start,
        }
    }

    /// What everybody's clock said when the test had gone on for so long.
    pub fn at(&self, past: Duration) -> Timestamp {
        Timestamp::from_second(1_700_000_000).unwrap() + past
    }

    /// How long the test goes on.
    pub fn now(&self) -> Duration {
        self.start.elapsed()
    }

    pub fn node(&self, name: &str, concurrency: usize) -> Node {
        self.node_with(name, concurrency, Rules::default())
    }

    pub fn node_that_keeps_answers(&self, name: &str, keep_answers: Duration) -> Node {
        let rules = Rules {
            keep_answers,
            ..Rules::default()
        };
        self.node_with(name, 4, rules)
    }

    fn node_with(&self, name: &str, concurrency: usize, rules: Rules) -> Node {
        let settings = EngineSettings {
            owner: name.to_owned(),
            concurrency,
            attempt_timeout: Duration::from_secs(30),
            backoff: Backoff {
                first: Duration::from_secs(1),
                cap: Duration::from_secs(300),
            },
            rules,
        };
        let store = Arc::new(self.store.clone());
        let engine = Engine::new(store, self.world.clone(), settings);
        let stop = CancellationToken::new();
        let running = engine
            .clone()
            .run(Arc::clone(&self.country) as Arc<dyn Handler>, stop.clone());
        Node {
            engine,
            stop,
            task: tokio::spawn(running),
        }
    }

    /// Something new of this kind is to be delivered.
    pub async fn begins(&self, kind: &str) -> DeliveryId {
        let delivery = self.new_delivery(kind);
        let id = delivery.id;
        self.store.enqueue_delivery(delivery).await.unwrap();
        id
    }

    fn new_delivery(&self, kind: &str) -> NewDelivery {
        NewDelivery {
            id: DeliveryId(self.world.new_id()),
            kind: kind.to_owned(),
            path: format!("/{kind}"),
            subject: Subject::Account {
                body: json!({}),
                superseded_by_key: None,
            },
            correlation: "0".repeat(32),
            created_at: self.world.now(),
            expires_at: None,
            lease: None,
        }
    }

    /// As [`Self::begins`], but somebody asks for it at this node on a record of their own, and it
    /// is tried at once where there is room for it. With `slow`, it takes that many milliseconds.
    pub async fn is_asked_for(&self, node: &Node, kind: &str, slow: Option<u64>) -> DeliveryId {
        let delivery = self.new_delivery(kind);
        let id = delivery.id;
        if let Some(millis) = slow {
            self.country.turns_slow(id, millis);
        }
        let event_id = self.has_record(id).await;
        self.asks(node, delivery, event_id, 1).await
    }

    /// As [`Self::is_asked_for`], of a record that this many things were asked for on before.
    pub async fn is_asked_for_next(
        &self,
        node: &Node,
        first: DeliveryId,
        before: u64,
    ) -> DeliveryId {
        let delivery = self.new_delivery("REGISTER");
        self.asks(node, delivery, EventId(first.0), 1 + before)
            .await
    }

    async fn asks(
        &self,
        node: &Node,
        mut delivery: NewDelivery,
        event_id: EventId,
        version: u64,
    ) -> DeliveryId {
        let id = delivery.id;
        let action = action(id);
        delivery.subject = Subject::Action {
            event_id,
            action_id: action.id,
        };
        let reserved = node.engine.reserve(&delivery).await;
        delivery.lease = reserved.as_ref().map(|reserved| reserved.lease());
        let change = Change {
            event_id,
            expected_version: version,
            actions: vec![action],
            projection: None,
            delivery: Some(delivery),
            attempt: None,
            closes_delivery_of: None,
            looked_for: None,
            audit: vec![],
        };
        let committed = self.store.commit(change).await.unwrap();
        match (reserved, committed) {
            (Some(reserved), Committed::At { leased: true, .. }) => reserved.adopt(),
            (Some(reserved), Committed::At { leased: false, .. }) => reserved.queued(),
            (None, Committed::At { .. }) => node.engine.queued(),
            other => panic!("{other:?}"),
        }
        id
    }

    async fn has_record(&self, id: DeliveryId) -> EventId {
        let document = EventDocument {
            id: EventId(id.0),
            event_type: "birth".to_owned(),
            created_at: String::new(),
            updated_at: String::new(),
            tracking_id: id.to_string(),
            actions: vec![],
        };
        let record = NewRecord {
            transaction_id: id.to_string(),
            projection: Projection {
                index: json!({ "id": document.id }),
                registration_number: None,
                texts: vec![],
                duplicate_keys: BTreeSet::new(),
                attachments: BTreeSet::new(),
            },
            deliveries: vec![],
            audit: vec![],
            document,
        };
        self.store.create_record(record).await.unwrap();
        EventId(id.0)
    }

    pub async fn delivery(&self, id: DeliveryId) -> Delivery {
        self.store.delivery(id).await.unwrap().unwrap()
    }

    /// How many attempts it took, and when it was delivered; waits for that.
    pub async fn delivered(&self, id: DeliveryId) -> Delivery {
        loop {
            let delivery = self.delivery(id).await;
            if delivery.state == DeliveryState::Delivered {
                return delivery;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
            assert!(self.now() < Duration::from_secs(90 * 86_400), "never");
        }
    }

    /// How long it took from its beginning.
    pub async fn took(&self, id: DeliveryId) -> Duration {
        let delivery = self.delivered(id).await;
        let took = delivery.finished_at.unwrap() - delivery.new.created_at;
        Duration::try_from(SignedDuration::try_from(took).unwrap()).unwrap()
    }
}

fn action(id: DeliveryId) -> Action {
    Action::empty(
        ActionId(id.0),
        id.to_string(),
        ActionType::Declare,
        ActionStatus::Requested,
        String::new(),
        String::new(),
        UserType::User,
    )
}

pub async fn seconds_pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
