//! A country config that serves what it is given, writes down what it is sent, and answers as a
//! test tells it to.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify};

use crate::small_country;

/// Long enough for anything that is going to happen, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a trigger is answered.
#[derive(Debug, Clone)]
pub enum Answer {
    /// With a status and JSON.
    With(u16, Value),
    /// With a status and a text that need not be JSON.
    Text(u16, &'static str),
    /// 200 with a number, after this long.
    Slowly(Duration),
    /// Not within any deadline.
    Hang,
    /// With headers and a beginning, and then the connection is cut.
    Cut,
    /// With headers at once, and a byte now and then for ever.
    Drip,
    /// With more bytes than anybody wants.
    Flood,
}

impl Answer {
    /// 200 with this registration number.
    pub fn registered(number: &str) -> Self {
        Self::With(200, json!({ "registrationNumber": number }))
    }
}

impl From<(u16, Value)> for Answer {
    fn from((status, body): (u16, Value)) -> Self {
        Self::With(status, body)
    }
}

/// One request that Core sent.
#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Value,
    /// How many were being answered with it.
    pub among: usize,
}

impl Received {
    /// The token that came with it.
    pub fn token(&self) -> String {
        let header = self.headers["authorization"].to_str().unwrap();
        header.strip_prefix("Bearer ").unwrap().to_owned()
    }

    /// A header's text; empty when it did not come.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Ids of the record and of the action that waits, of a trigger for an action.
    pub fn ids(&self) -> (String, String) {
        let action = self.body["actions"].as_array().unwrap().last().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&self.body["id"]), text(&action["id"]))
    }
}

type Answers = Box<dyn Fn(&Received) -> Answer + Send>;

struct Inner {
    documents: Mutex<Vec<(String, Value)>>,
    /// What is served as it is.
    files: Mutex<Vec<(String, &'static str)>>,
    /// What documents are called, where they are called anything.
    etag: Mutex<Option<String>>,
    /// Documents that were sent whole.
    downloads: AtomicUsize,
    answers: Mutex<Answers>,
    /// How the next triggers for actions are answered, before `answers` is asked.
    next: Mutex<VecDeque<Answer>>,
    received: Mutex<Vec<Received>>,
    under_way: AtomicUsize,
    news: Notify,
}

/// The country config.
#[derive(Clone)]
pub struct CountryUnderTest {
    pub url: String,
    inner: Arc<Inner>,
}

impl CountryUnderTest {
    /// Serves the small country and agrees to everything.
    pub async fn start() -> Self {
        let inner = Arc::new(Inner {
            files: Mutex::default(),
            documents: Mutex::new(vec![
                ("/config/events".to_owned(), small_country::events()),
                ("/config/roles".to_owned(), small_country::roles()),
                ("/config/workqueues".to_owned(), small_country::workqueues()),
                (
                    "/config/application".to_owned(),
                    small_country::application(),
                ),
            ]),
            etag: Mutex::default(),
            downloads: AtomicUsize::new(0),
            answers: Mutex::new(Box::new(agree)),
            next: Mutex::default(),
            received: Mutex::default(),
            under_way: AtomicUsize::new(0),
            news: Notify::new(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, inner }
    }

    /// Serves this document from now on.
    pub fn serve(&self, path: &str, document: Value) {
        let mut documents = lock(&self.inner.documents);
        documents.retain(|(served, _)| served != path);
        documents.push((path.to_owned(), document));
    }

    /// Serves this text, whatever it is, from now on.
    pub fn serve_file(&self, path: &str, text: &'static str) {
        let mut files = lock(&self.inner.files);
        files.retain(|(served, _)| served != path);
        files.push((path.to_owned(), text));
    }

    /// Calls every document this from now on.
    pub fn call_documents(&self, etag: &str) {
        *lock(&self.inner.etag) = Some(etag.to_owned());
    }

    /// How many documents were sent whole so far.
    pub fn downloads(&self) -> usize {
        self.inner.downloads.load(Ordering::SeqCst)
    }

    /// Serves this document no more.
    pub fn serve_no(&self, path: &str) {
        lock(&self.inner.documents).retain(|(served, _)| served != path);
    }

    /// Serves no document any more.
    pub fn serve_nothing(&self) {
        lock(&self.inner.files).clear();
        lock(&self.inner.documents).clear();
    }

    /// Answers triggers like this from now on.
    pub fn answer<A: Into<Answer>>(&self, answers: impl Fn(&Received) -> A + Send + 'static) {
        lock(&self.inner.next).clear();
        *lock(&self.inner.answers) = Box::new(move |received| answers(received).into());
    }

    /// Agrees to the next trigger for an action, after this long.
    pub fn answer_slowly(&self, after: Duration) {
        lock(&self.inner.next).push_back(Answer::Slowly(after));
    }

    /// Answers every trigger like this from now on.
    pub fn always(&self, answer: Answer) {
        self.answer(move |_| answer.clone());
    }

    /// Answers the next trigger for an action like this; call it again for the one after.
    pub fn then(&self, answer: Answer) {
        lock(&self.inner.next).push_back(answer);
    }

    /// Triggers for actions that came so far, oldest first.
    pub fn arrived(&self) -> Vec<Received> {
        let received = lock(&self.inner.received);
        received
            .iter()
            .filter(|one| one.is_about_action())
            .cloned()
            .collect()
    }

    /// Waits until this many triggers for actions have come.
    pub async fn reached(&self, count: usize) -> Vec<Received> {
        let wait = async {
            loop {
                let news = self.inner.news.notified();
                let arrived = self.arrived();
                if arrived.len() >= count {
                    return arrived;
                }
                news.await;
            }
        };
        tokio::time::timeout(PATIENCE, wait)
            .await
            .unwrap_or_else(|_| panic!("{count} triggers never came"))
    }

    /// What came to this path so far, oldest first.
    pub fn all_received(&self, path: &str) -> Vec<Received> {
        let received = lock(&self.inner.received);
        received
            .iter()
            .filter(|one| one.path == path)
            .cloned()
            .collect()
    }

    /// The request with this number, from 0, to this path; waits for it.
    pub async fn received(&self, path: &str, number: usize) -> Received {
        let wait = async {
            loop {
                let news = self.inner.news.notified();
                if let Some(found) = self.all_received(path).into_iter().nth(number) {
                    return found;
                }
                news.await;
            }
        };
        tokio::time::timeout(PATIENCE, wait)
            .await
            .unwrap_or_else(|_| panic!("number {number} never came to {path}"))
    }
}

async fn answer(State(inner): State<Arc<Inner>>, method: Method, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if method == Method::GET {
        let etag = lock(&inner.etag).clone();
        let known = request.headers().get(header::IF_NONE_MATCH);
        if let (Some(etag), Some(known)) = (&etag, known)
            && known.as_bytes() == etag.as_bytes()
        {
            return StatusCode::NOT_MODIFIED.into_response();
        }
        let documents = lock(&inner.documents);
        let found = documents.iter().find(|(served, _)| *served == path);
        inner
            .downloads
            .fetch_add(usize::from(found.is_some()), Ordering::SeqCst);
        return match found {
            Some((_, document)) => match etag {
                Some(etag) => ([(header::ETAG, etag)], Json(document.clone())).into_response(),
                None => Json(document.clone()).into_response(),
            },
            None => {
                let files = lock(&inner.files);
                match files.iter().find(|(served, _)| *served == path) {
                    Some((_, text)) => text.into_response(),
                    None => StatusCode::NOT_FOUND.into_response(),
                }
            }
        };
    }
    let headers = request.headers().clone();
    let body = axum::body::to_bytes(request.into_body(), usize::MAX)
        .await
        .unwrap();
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let _one_less = OneLess(&inner.under_way);
    let received = Received {
        path,
        headers,
        body,
        among: inner.under_way.fetch_add(1, Ordering::SeqCst) + 1,
    };
    let next = match received.is_about_action() {
        true => lock(&inner.next).pop_front(),
        false => None,
    };
    let answer = next.unwrap_or_else(|| lock(&inner.answers)(&received));
    let agreed = agree(&received);
    lock(&inner.received).push(received);
    inner.news.notify_waiters();
    let answer = match answer {
        Answer::Slowly(after) => {
            tokio::time::sleep(after).await;
            agreed
        }
        other => other,
    };
    match answer {
        Answer::Slowly(_) => unreachable!("agreeing is not slow"),
        Answer::With(status, body) => {
            (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
        }
        Answer::Text(status, text) => (StatusCode::from_u16(status).unwrap(), text).into_response(),
        Answer::Hang => std::future::pending().await,
        Answer::Drip => {
            let drop = |(): ()| async {
                tokio::time::sleep(Duration::from_millis(10)).await;
                Some((Ok::<_, std::io::Error>(Bytes::from_static(b" ")), ()))
            };
            Response::new(Body::from_stream(futures::stream::unfold((), drop)))
        }
        Answer::Flood => {
            let much = Bytes::from_static(&[b' '; 64 * 1024]);
            let wave = futures::stream::repeat_with(move || Ok::<_, std::io::Error>(much.clone()));
            Response::new(Body::from_stream(wave))
        }
        Answer::Cut => {
            let pieces: [Result<Bytes, std::io::Error>; 2] = [
                Ok(Bytes::from_static(b"{\"registration")),
                Err(std::io::Error::other("cut")),
            ];
            Response::new(Body::from_stream(futures::stream::iter(pieces)))
        }
    }
}

/// One less to answer, also when whoever asked is gone.
struct OneLess<'a>(&'a AtomicUsize);

impl Drop for OneLess<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Accepts everything; a registration gets a number made from its action, so that it is the same
/// whenever it is asked for.
fn agree(received: &Received) -> Answer {
    if received.path.ends_with("/REGISTER") {
        Answer::registered(&received.ids().1)
    } else {
        Answer::With(200, json!({}))
    }
}

impl Received {
    fn is_about_action(&self) -> bool {
        self.path.starts_with("/trigger/events/")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
