//! A country config that serves what it is given, writes down what it is sent, and answers as a
//! test tells it to.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify};

use crate::small_country;

/// Long enough for anything that is going to happen, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(20);

/// One request that Core sent.
#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Received {
    /// The token that came with it.
    pub fn token(&self) -> String {
        let header = self.headers["authorization"].to_str().unwrap();
        header.strip_prefix("Bearer ").unwrap().to_owned()
    }
}

type Answers = Box<dyn Fn(&Received) -> (u16, Value) + Send>;

struct Inner {
    documents: Mutex<Vec<(String, Value)>>,
    answers: Mutex<Answers>,
    received: Mutex<Vec<Received>>,
    news: Notify,
}

/// The country config.
#[derive(Clone)]
pub struct CountryUnderTest {
    pub url: String,
    inner: Arc<Inner>,
}

impl CountryUnderTest {
    /// Serves the small country and answers every trigger with 200.
    pub async fn start() -> Self {
        let inner = Arc::new(Inner {
            documents: Mutex::new(vec![
                ("/config/events".to_owned(), small_country::events()),
                ("/config/roles".to_owned(), small_country::roles()),
                ("/config/workqueues".to_owned(), json!([])),
                ("/config/application".to_owned(), json!({})),
            ]),
            answers: Mutex::new(Box::new(|_| (200, json!({})))),
            received: Mutex::default(),
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

    /// Answers triggers like this from now on.
    pub fn answer(&self, answers: impl Fn(&Received) -> (u16, Value) + Send + 'static) {
        *lock(&self.inner.answers) = Box::new(answers);
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
        let documents = lock(&inner.documents);
        let found = documents.iter().find(|(served, _)| *served == path);
        return match found {
            Some((_, document)) => Json(document.clone()).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        };
    }
    let headers = request.headers().clone();
    let body = axum::body::to_bytes(request.into_body(), usize::MAX)
        .await
        .unwrap();
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let received = Received {
        path,
        headers,
        body,
    };
    let (status, body) = lock(&inner.answers)(&received);
    lock(&inner.received).push(received);
    inner.news.notify_waiters();
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
