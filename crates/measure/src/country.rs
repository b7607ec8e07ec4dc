//! A country config of this process that accepts at once, or as slowly as it is told, and notes
//! what reached it.

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::caller::Caller;

/// A surname that makes the country take its time over a record.
pub const SLOW: &str = "Slowpoke";

/// The country, for as long as this lives.
#[derive(Clone)]
pub struct Country {
    /// Its origin.
    pub url: String,
    address: SocketAddr,
    app: Router,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    code: Mutex<Option<String>>,
    registered: AtomicU64,
    /// What serves it, while it is there.
    serving: Mutex<Option<Serving>>,
    /// Answers 202 to triggers: undecided.
    undecided: AtomicBool,
    /// How long slow records take.
    slowness: Mutex<Duration>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    seen: Mutex<Seen>,
}

/// What reached it.
#[derive(Default)]
struct Seen {
    /// When each delivery began to arrive first, and last.
    arrivals: HashMap<String, (Instant, Instant)>,
    /// Deliveries that it is at just now.
    at: HashSet<String>,
    /// Deliveries that were answered.
    answered: HashSet<String>,
    /// Calls about deliveries that it was at, or had answered.
    needless: usize,
}

struct Serving {
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Country {
    /// Begins to serve the reference country's documents on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> anyhow::Result<Self> {
        let shared = Arc::new(Shared::default());
        let served = country::configuration()?;
        let document = |value: Value| get(async move || Json(value));
        let app = Router::new()
            .route("/ping", get(ping))
            .route("/config/events", document(served.events))
            .route("/config/workqueues", document(served.workqueues))
            .route("/config/roles", document(served.roles))
            .route("/config/application", document(served.application))
            .route("/config/locations", document(served.locations))
            .route("/config/users", document(served.users))
            .route("/trigger/events/{type}/actions/{action}", post(decide))
            .route("/triggers/{about}/{event}", post(tell))
            .with_state(shared.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let country = Self {
            url: format!("http://{address}"),
            address,
            app,
            shared,
        };
        country.serve(listener);
        Ok(country)
    }

    fn serve(&self, listener: TcpListener) {
        let (stop, stopped) = oneshot::channel();
        let serving = axum::serve(listener, self.app.clone()).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        let task = tokio::spawn(serving.into_future());
        *lock(&self.shared.serving) = Some(Serving { stop, task });
    }

    /// Goes away: whoever calls is refused a connection.
    ///
    /// # Errors
    /// When it does not come to an end.
    pub async fn goes(&self) -> anyhow::Result<()> {
        let serving = lock(&self.shared.serving).take();
        if let Some(Serving { stop, task }) = serving {
            let _ = stop.send(());
            task.await??;
        }
        Ok(())
    }

    /// Comes back to where it was.
    ///
    /// # Errors
    /// When others are there now.
    pub async fn comes_back(&self) -> anyhow::Result<()> {
        self.serve(TcpListener::bind(self.address).await?);
        Ok(())
    }

    /// The last code that it was asked to deliver, once there is one.
    ///
    /// # Errors
    /// When none comes.
    pub async fn code(&self) -> anyhow::Result<String> {
        for _ in 0..1000 {
            let code = lock(&self.shared.code).take();
            if let Some(code) = code {
                return Ok(code);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        anyhow::bail!("no code to sign in with arrived")
    }

    /// Whether it leaves its decisions for later.
    pub fn set_undecided(&self, undecided: bool) {
        self.shared.undecided.store(undecided, Ordering::Relaxed);
    }

    /// How long it takes over slow records.
    pub fn set_slowness(&self, slowness: Duration) {
        *lock(&self.shared.slowness) = slowness;
    }

    /// Forgets what reached it.
    pub fn forget(&self) {
        *lock(&self.shared.seen) = Seen::default();
        self.shared.most_at_once.store(0, Ordering::Relaxed);
    }

    /// How many deliveries it has answered with a 2xx.
    #[must_use]
    pub fn answered(&self) -> usize {
        lock(&self.shared.seen).answered.len()
    }

    /// When each delivery arrived first and last.
    #[must_use]
    pub fn arrivals(&self) -> HashMap<String, (Instant, Instant)> {
        lock(&self.shared.seen).arrivals.clone()
    }

    /// How many calls it had about deliveries that it was at just then, or had answered.
    #[must_use]
    pub fn needless_calls(&self) -> usize {
        lock(&self.shared.seen).needless
    }

    /// How many calls it had at once at most.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.shared.most_at_once.load(Ordering::Relaxed)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Seen {
    fn begin(&mut self, id: &str, now: Instant) {
        self.arrivals
            .entry(id.to_owned())
            .and_modify(|(_, last)| *last = now)
            .or_insert((now, now));
        if !self.at.insert(id.to_owned()) || self.answered.contains(id) {
            self.needless += 1;
        }
    }

    fn end(&mut self, id: String) {
        self.at.remove(&id);
        self.answered.insert(id);
    }
}

/// Counts a call for as long as it lives.
struct Call<'a>(&'a Shared);

impl<'a> Call<'a> {
    fn begin(shared: &'a Shared) -> Self {
        let now = shared.at_once.fetch_add(1, Ordering::Relaxed) + 1;
        shared.most_at_once.fetch_max(now, Ordering::Relaxed);
        Self(shared)
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.at_once.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn ping() -> Json<Value> {
    Json(json!({ "success": true }))
}

async fn decide(
    State(shared): State<Arc<Shared>>,
    Path((_, action)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let _call = Call::begin(&shared);
    let id = headers
        .get("webhook-id")
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let now = Instant::now();
    lock(&shared.seen).begin(&id, now);
    let slowness = *lock(&shared.slowness);
    if !slowness.is_zero() && contains(&body, SLOW.as_bytes()) {
        tokio::time::sleep(slowness).await;
    }
    lock(&shared.seen).end(id);
    if shared.undecided.load(Ordering::Relaxed) {
        return StatusCode::ACCEPTED.into_response();
    }
    if action != "REGISTER" {
        return Json(json!({})).into_response();
    }
    let number = shared.registered.fetch_add(1, Ordering::Relaxed);
    Json(json!({ "registrationNumber": format!("M{number:011}") })).into_response()
}

fn contains(body: &[u8], what: &[u8]) -> bool {
    body.windows(what.len()).any(|window| window == what)
}

async fn tell(State(shared): State<Arc<Shared>>, Json(body): Json<Value>) -> StatusCode {
    if let Some(code) = body.get("code").and_then(Value::as_str) {
        *lock(&shared.code) = Some(code.to_owned());
    }
    StatusCode::NO_CONTENT
}

/// What a bare call to it takes: the same body, no delivery, over one connection kept open.
///
/// # Errors
/// When it does not answer.
pub async fn bare_call(
    caller: &Caller,
    country: &Country,
    body: &Value,
) -> anyhow::Result<Duration> {
    let body = serde_json::to_vec(body)?;
    let started = Instant::now();
    let path = "/trigger/events/birth/actions/DECLARE";
    let answer = caller.post(&country.url, path, "", &body).await?;
    anyhow::ensure!(answer.status == 200, "{}", answer.status);
    Ok(started.elapsed())
}
