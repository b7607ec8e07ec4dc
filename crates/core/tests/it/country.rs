//! A country config of the test's own: it serves a small configuration, answers triggers as told,
//! and remembers what reached it.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// How a trigger is answered.
#[derive(Debug, Clone)]
pub enum Answer {
    /// With a status and a body.
    With(u16, Value),
    /// With a status and a text that need not be JSON.
    Text(u16, &'static str),
    /// Not within the attempt's deadline.
    Hang,
    /// With headers, and then the connection is cut.
    Cut,
}

impl Answer {
    /// 200 with a registration number made from nothing but the action.
    pub fn registered(number: &str) -> Self {
        Self::With(200, json!({ "registrationNumber": number }))
    }
}

/// A trigger as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Arrived {
    /// A header's text.
    pub fn header(&self, name: &str) -> String {
        self.headers
            .get(name)
            .map_or_else(String::new, |v| v.to_str().unwrap().to_owned())
    }

    /// The bearer token that came with it.
    pub fn token(&self) -> String {
        self.header("authorization")
            .trim_start_matches("Bearer ")
            .to_owned()
    }

    /// Ids of the record and of the action that waits.
    pub fn ids(&self) -> (String, String) {
        let action = self.body["actions"].as_array().unwrap().last().unwrap();
        (
            self.body["id"].as_str().unwrap().into(),
            action["id"].as_str().unwrap().into(),
        )
    }
}

#[derive(Debug, Default)]
struct Inner {
    /// Served at `/config/{name}`; a document that is not there is answered with 500.
    documents: serde_json::Map<String, Value>,
    /// How the next triggers are answered; then as `otherwise` says.
    next: VecDeque<Answer>,
    otherwise: Option<Answer>,
    arrived: Vec<Arrived>,
    numbers: u64,
}

/// The country config, shared with the server that answers for it.
#[derive(Debug, Clone)]
pub struct Country {
    pub url: String,
    inner: Arc<Mutex<Inner>>,
}

impl Country {
    /// Serves the small configuration of [`documents`].
    pub async fn start() -> Self {
        Self::serving(documents()).await
    }

    /// Serves this configuration.
    pub async fn serving(documents: Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let inner = Inner {
            documents: documents.as_object().unwrap().clone(),
            ..Inner::default()
        };
        let country = Self {
            url,
            inner: Arc::new(Mutex::new(inner)),
        };
        let app = Router::new()
            .route("/config/{name}", get(document))
            .route("/{*path}", post(trigger))
            .with_state(country.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        country
    }

    /// Answers the next trigger like this; call it again for the one after.
    pub fn then(&self, answer: Answer) -> &Self {
        self.inner.lock().unwrap().next.push_back(answer);
        self
    }

    /// Answers every trigger like this from now on.
    pub fn always(&self, answer: Answer) {
        let mut inner = self.inner.lock().unwrap();
        inner.next.clear();
        inner.otherwise = Some(answer);
    }

    /// Replaces one document of the configuration.
    pub fn serve(&self, name: &str, document: Value) {
        self.inner
            .lock()
            .unwrap()
            .documents
            .insert(name.to_owned(), document);
    }

    /// Triggers for actions that have reached it, oldest first.
    pub fn arrived(&self) -> Vec<Arrived> {
        let inner = self.inner.lock().unwrap();
        inner
            .arrived
            .iter()
            .filter(|a| a.path.starts_with("/trigger/events"))
            .cloned()
            .collect()
    }

    /// Triggers for accounts that have reached it, oldest first.
    #[expect(dead_code, reason = "for the tests of accounts")]
    pub fn account_events(&self) -> Vec<Arrived> {
        let inner = self.inner.lock().unwrap();
        inner
            .arrived
            .iter()
            .filter(|a| a.path.starts_with("/triggers/"))
            .cloned()
            .collect()
    }

    /// Waits until this many triggers for actions have reached it.
    pub async fn reached(&self, count: usize) -> Vec<Arrived> {
        for _ in 0..500 {
            let arrived = self.arrived();
            if arrived.len() >= count {
                return arrived;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{} of {count} triggers arrived", self.arrived().len());
    }
}

async fn document(State(country): State<Country>, Path(name): Path<String>) -> Response {
    match country.inner.lock().unwrap().documents.get(&name) {
        Some(document) => Json(document.clone()).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn trigger(
    State(country): State<Country>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = {
        let mut inner = country.inner.lock().unwrap();
        let body = serde_json::from_slice(&body).unwrap();
        inner.arrived.push(Arrived {
            path: uri.path().to_owned(),
            headers,
            body,
        });
        inner.numbers += 1;
        let number = format!("N{:05}", inner.numbers);
        let otherwise = inner.otherwise.clone();
        inner
            .next
            .pop_front()
            .or(otherwise)
            .unwrap_or_else(|| Answer::registered(&number))
    };
    match answer {
        Answer::With(status, body) => {
            (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
        }
        Answer::Text(status, text) => (StatusCode::from_u16(status).unwrap(), text).into_response(),
        Answer::Hang => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            StatusCode::OK.into_response()
        }
        Answer::Cut => {
            let pieces: Vec<Result<Bytes, std::io::Error>> = vec![
                Ok(Bytes::from_static(b"{\"registration")),
                Err(std::io::Error::other("cut")),
            ];
            let body = Body::from_stream(futures::stream::iter(pieces));
            Ok::<_, Infallible>(Response::new(body)).into_response()
        }
    }
}

fn text(id: &str) -> Value {
    json!({"id": id, "defaultMessage": id, "description": id})
}

/// A small configuration: a birth with a name, a day and a place; registrars and an administrator.
pub fn documents() -> Value {
    let action = |kind: &str| json!({"type": kind, "label": text(kind), "flags": []});
    let reviewed = |kind: &str| {
        let mut action = action(kind);
        action["review"] = json!({"title": text("review"), "fields": []});
        action
    };
    let mut custom = action("CUSTOM");
    custom["customActionType"] = json!("ESCALATE");
    custom["form"] = json!([]);
    let field = |id: &str, kind: &str, required: bool| json!({"id": id, "type": kind, "label": text(id), "required": required});
    let birth = json!({
        "id": "birth",
        "label": text("birth"),
        "title": text("title"),
        "summary": {"fields": []},
        "flags": [],
        "dateOfEvent": {"$$field": "child.dob", "$$subfield": []},
        "declaration": {"label": text("form"), "pages": [{
            "id": "child", "type": "FORM", "title": text("child"),
            "fields": [
                field("child.name", "NAME", true),
                field("child.dob", "DATE", true),
                field("child.nid", "TEXT", false),
            ],
        }]},
        "actions": [
            reviewed("READ"), reviewed("DECLARE"), action("REGISTER"), action("REJECT"), action("ARCHIVE"),
            action("NOTIFY"), action("EDIT"), custom,
        ],
    });
    let queue = |slug: &str, clause: Value| {
        json!({
            "slug": slug, "name": text(slug), "icon": "File", "columns": [],
            "query": {"type": "and", "clauses": [clause]}, "action": {"type": "READ"},
        })
    };
    let role = |id: &str, scopes: &[&str]| json!({"id": id, "label": text(id), "scopes": scopes});
    let everything = [
        "type=record.search",
        "type=record.create",
        "type=record.read",
        "type=record.declare",
        "type=record.notify",
        "type=record.edit",
        "type=record.reject",
        "type=record.archive",
        "type=record.register",
        "type=record.print-certified-copies",
        "type=record.request-correction",
        "type=record.correct",
        "type=record.custom-action&customActionTypes=ESCALATE",
        "type=workqueue&ids=in-external-validation,to-register",
    ];
    json!({
        "events": [birth],
        "workqueues": [
            queue("in-external-validation", json!({"flags": {"anyOf": ["register:requested"]}})),
            queue("to-register", json!({
                "status": {"type": "exact", "term": "DECLARED"},
                "flags": {"noneOf": ["register:requested"]},
            })),
        ],
        "roles": [
            role("REGISTRAR", &everything),
            role("CLERK", &["type=record.create&event=birth", "type=record.declare"]),
            role("ADMINISTRATOR", &["type=integration.create", "type=user.read", "type=user.create"]),
        ],
        "application": {"APPLICATION_NAME": "Test"},
    })
}
