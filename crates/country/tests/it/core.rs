//! A Core that signs tokens, takes decisions and writes them down.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use world::World;

/// One decision that Core was told.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// Such as `event.actions.register.accept`.
    pub(crate) procedure: String,
    pub(crate) input: Value,
}

#[derive(Default)]
struct Notebook {
    told: Mutex<Vec<Told>>,
    down: AtomicBool,
    numbers_taken: AtomicBool,
}

pub(crate) struct Core {
    pub(crate) url: String,
    key: EncodingKey,
    notebook: Arc<Notebook>,
}

impl Core {
    pub(crate) async fn start() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let key = pem::encode(&pem::Pem::new("PRIVATE KEY", private.as_ref()));
        let published = pem::encode(&pem::Pem::new("PUBLIC KEY", public.as_ref()));
        let notebook = Arc::new(Notebook::default());
        let router = Router::new()
            .route("/.well-known", get(async move || published))
            .route("/events/{procedure}", post(procedure))
            .with_state(notebook.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url,
            key: EncodingKey::from_rsa_pem(key.as_bytes()).unwrap(),
            notebook,
        }
    }

    /// A token for country configs, with these claims on top.
    pub(crate) fn token(&self, more: Value) -> String {
        let mut claims = json!({
            "iss": "opencrvs:auth-service",
            "aud": ["opencrvs:countryconfig-user"],
            "sub": "user-1",
            "userType": "user",
            "scope": ["type=record.confirm-registration", "type=record.reject-registration"],
            "exp": World::real().now().as_second() + 3600,
        });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &self.key).unwrap()
    }

    pub(crate) fn told(&self) -> Vec<Told> {
        self.notebook.told.lock().unwrap().clone()
    }

    /// While they are, Core says of every number that another record has it.
    pub(crate) fn set_numbers_taken(&self, taken: bool) {
        self.notebook.numbers_taken.store(taken, Ordering::SeqCst);
    }

    /// While down, Core takes no decisions.
    pub(crate) fn set_down(&self, down: bool) {
        self.notebook.down.store(down, Ordering::SeqCst);
    }
}

async fn procedure(
    State(notebook): State<Arc<Notebook>>,
    Path(procedure): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    if notebook.down.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if notebook.numbers_taken.load(Ordering::SeqCst) {
        let error = json!({ "error": { "json": {
            "message": "The registration number is already on another record", "code": -32009,
            "data": { "code": "CONFLICT", "httpStatus": 409 },
        } } });
        return (StatusCode::CONFLICT, Json(error)).into_response();
    }
    let input = body["json"].clone();
    let document = json!({
        "id": input["eventId"], "type": "birth", "trackingId": "ABC123",
        "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z",
        "actions": [],
    });
    notebook
        .told
        .lock()
        .unwrap()
        .push(Told { procedure, input });
    Json(json!({ "result": { "data": { "json": document } } })).into_response()
}
