//! A Core that publishes keys, signs tokens, and counts what it is called for.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, LazyLock, Mutex},
};

use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::country::Delivery;

/// One call that Core received.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) procedure: String,
    pub(crate) token: String,
    pub(crate) traceparent: String,
    pub(crate) input: Value,
}

/// A signing key and how it is published.
#[derive(Clone)]
pub(crate) struct SigningKey {
    id: String,
    encoding: EncodingKey,
    pem: String,
    jwk: Value,
}

impl SigningKey {
    pub(crate) fn new(id: &str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let private: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let public: aws_lc_rs::encoding::PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let modulus = pair.public_key().modulus();
        let exponent = pair.public_key().exponent();
        Self {
            id: id.to_owned(),
            encoding: EncodingKey::from_rsa_pem(pem("PRIVATE KEY", private.as_ref()).as_bytes())
                .unwrap(),
            pem: pem("PUBLIC KEY", public.as_ref()),
            jwk: json!({
                "kty": "RSA", "alg": "RS256", "use": "sig", "kid": id,
                "n": number(modulus.big_endian_without_leading_zero()),
                "e": number(exponent.big_endian_without_leading_zero()),
            }),
        }
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.id.clone());
        jsonwebtoken::encode(&header, claims, &self.encoding).unwrap()
    }
}

fn pem(kind: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(64)
        .map(|it| std::str::from_utf8(it).unwrap())
        .collect();
    format!(
        "-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n",
        lines.join("\n")
    )
}

/// Making a key takes a while, so one serves all tests.
static FIRST: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::new("first"));

/// What Core does when it is called.
#[derive(Debug, Clone)]
pub(crate) enum Mood {
    Fine,
    /// Refuses every callback so.
    Refusing(u16, &'static str),
    /// Refuses every callback because the action was resolved so by somebody else.
    Resolved(&'static str),
    /// Refuses callbacks with any token but this one, which it gives out in exchange.
    Wanting(&'static str),
    /// Refuses callbacks with any token but this one, and gives out none.
    WantingUnexchanged(&'static str),
    /// The token of the next callback is damaged on its way; the action is decided.
    DamagedOnce,
    /// Takes callbacks again, and exchanges no token: the action is decided.
    Decided,
    /// So many callbacks are damaged on their way.
    Garbled(usize),
    /// Fails at so many exchanges, then gives this token out.
    WantingAfter(usize, &'static str),
}

pub(crate) struct Inner {
    pub(crate) keys: Mutex<Vec<SigningKey>>,
    pub(crate) jwks: Mutex<bool>,
    pub(crate) key_fetches: Mutex<u32>,
    pub(crate) calls: Mutex<Vec<Call>>,
    pub(crate) mood: Mutex<Mood>,
    pub(crate) sign_ins: Mutex<u32>,
    /// The tokens that were shown to be exchanged for others.
    exchanges: Mutex<Vec<String>>,
    /// What Core awaits of the country, as it lists it: one on a page.
    pub(crate) awaited: Mutex<Vec<Value>>,
    /// Whether it lists that at all, as Cores of OpenCRVS do not.
    pub(crate) lists: Mutex<bool>,
    /// Actions that were decided since they were listed.
    pub(crate) decided: Mutex<Vec<Value>>,
}

pub(crate) struct FakeCore {
    pub(crate) inner: Arc<Inner>,
    pub(crate) address: SocketAddr,
    server: Option<JoinHandle<()>>,
}

impl FakeCore {
    pub(crate) async fn start() -> Self {
        let inner = Arc::new(Inner {
            keys: Mutex::new(vec![FIRST.clone()]),
            jwks: Mutex::new(true),
            key_fetches: Mutex::new(0),
            calls: Mutex::default(),
            mood: Mutex::new(Mood::Fine),
            sign_ins: Mutex::new(0),
            exchanges: Mutex::default(),
            awaited: Mutex::default(),
            lists: Mutex::new(true),
            decided: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut core = Self {
            inner,
            address,
            server: None,
        };
        core.serve(listener);
        core
    }

    fn serve(&mut self, listener: TcpListener) {
        let router = Router::new()
            .route("/.well-known/jwks.json", get(jwks))
            .route("/.well-known", get(public_pem))
            .route("/events/{procedure}", post(procedure).get(query))
            .route("/auth/token", post(token))
            .with_state(Arc::clone(&self.inner));
        self.server = Some(tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        }));
    }

    /// Core goes away: connections are refused.
    pub(crate) async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
            let _ = server.await;
        }
    }

    /// Core is back at the same address.
    pub(crate) async fn restart(&mut self) {
        let listener = loop {
            match TcpListener::bind(self.address).await {
                Ok(listener) => break listener,
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            }
        };
        self.serve(listener);
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn key(&self) -> SigningKey {
        self.inner.keys.lock().unwrap()[0].clone()
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        *self.inner.mood.lock().unwrap() = mood;
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.inner.calls.lock().unwrap().clone()
    }

    /// Awaits the decision on the action of this delivery.
    pub(crate) fn awaits(&self, delivery: &Delivery, delivered: bool) {
        self.inner.awaited.lock().unwrap().push(json!({
            "eventId": delivery.event_id, "eventType": "birth", "trackingId": "ABC123",
            "actionId": delivery.action_id, "actionType": "REGISTER", "customActionType": null,
            "transactionId": "t", "requestedAt": "2026-01-01T00:00:00.000Z", "deadline": null,
            "delivered": delivered, "alert": "none",
        }));
    }

    pub(crate) fn exchanges(&self) -> Vec<String> {
        self.inner.exchanges.lock().unwrap().clone()
    }

    /// Waits until Core was called `count` times in all.
    pub(crate) async fn wait_for_calls(&self, count: usize) -> Vec<Call> {
        for _ in 0..500 {
            let calls = self.calls();
            if calls.len() >= count {
                return calls;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!(
            "Core was called {} times, expected {count}",
            self.calls().len()
        );
    }
}

async fn jwks(State(core): State<Arc<Inner>>) -> Response {
    *core.key_fetches.lock().unwrap() += 1;
    if !*core.jwks.lock().unwrap() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let keys: Vec<Value> = core
        .keys
        .lock()
        .unwrap()
        .iter()
        .map(|it| it.jwk.clone())
        .collect();
    Json(json!({ "keys": keys })).into_response()
}

async fn public_pem(State(core): State<Arc<Inner>>) -> String {
    core.keys.lock().unwrap()[0].pem.clone()
}

async fn query(
    core: State<Arc<Inner>>,
    procedure_name: Path<String>,
    headers: HeaderMap,
    Query(parameters): Query<HashMap<String, String>>,
) -> Response {
    procedure(
        core,
        procedure_name,
        headers,
        parameters["input"].clone().into(),
    )
    .await
}

async fn procedure(
    State(core): State<Arc<Inner>>,
    Path(procedure): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap();
    let input = body["json"].clone();
    let text = |name| {
        headers
            .get(name)
            .map_or("", |it| it.to_str().unwrap())
            .to_owned()
    };
    let token = text("authorization")
        .trim_start_matches("Bearer ")
        .to_owned();
    let traceparent = text("traceparent");
    let call = Call {
        procedure: procedure.clone(),
        token: token.clone(),
        traceparent,
        input: input.clone(),
    };
    core.calls.lock().unwrap().push(call);
    let refuse = |status: u16, message: &str, details: Value| {
        let code = if status == 409 {
            "CONFLICT"
        } else {
            "FORBIDDEN"
        };
        let error = json!({ "error": { "json": {
            "message": message, "code": -32009,
            "data": { "code": code, "httpStatus": status, "details": details },
        } } });
        (StatusCode::from_u16(status).unwrap(), Json(error)).into_response()
    };
    match procedure.as_str() {
        "pending.list" if !*core.lists.lock().unwrap() => {
            return refuse(404, "no such procedure", Value::Null);
        }
        "pending.list" => {
            let at: usize = input["after"].as_str().map_or(0, |it| it.parse().unwrap());
            let awaited = core.awaited.lock().unwrap();
            let next = (at + 1 < awaited.len()).then(|| (at + 1).to_string());
            let page =
                json!({ "pendingActions": awaited.get(at..=at).unwrap_or(&[]), "next": next });
            return Json(json!({ "result": { "data": { "json": page } } })).into_response();
        }
        "pending.resend" => {
            let id = &input["actionId"];
            if core.decided.lock().unwrap().contains(id) {
                return refuse(409, "it is decided", json!({ "resolution": "accepted" }));
            }
            let answer = json!({ "actionId": id, "resent": "queued" });
            return Json(json!({ "result": { "data": { "json": answer } } })).into_response();
        }
        _ => {}
    }
    let mood = core.mood.lock().unwrap().clone();
    match mood {
        Mood::Refusing(status, message) => return refuse(status, message, Value::Null),
        Mood::Resolved(how) => {
            let details = json!({ "resolution": how, "resolvedBy": "somebody" });
            return refuse(409, "decided by an administrator", details);
        }
        Mood::Wanting(wanted) | Mood::WantingUnexchanged(wanted) if token != wanted => {
            return refuse(403, "no such token", Value::Null);
        }
        Mood::DamagedOnce => {
            *core.mood.lock().unwrap() = Mood::Decided;
            return refuse(401, "not a token", Value::Null);
        }
        Mood::Garbled(left) if left > 0 => {
            *core.mood.lock().unwrap() = Mood::Garbled(left - 1);
            return refuse(400, "The input is not JSON", Value::Null);
        }
        _ => {}
    }
    let document = json!({
        "id": input["eventId"], "type": "birth", "trackingId": "ABC123",
        "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z",
        "actions": [],
    });
    Json(json!({ "result": { "data": { "json": document } } })).into_response()
}

async fn token(State(core): State<Arc<Inner>>, Json(asked): Json<Value>) -> Response {
    if matches!(*core.mood.lock().unwrap(), Mood::Decided) {
        let error = json!({ "error": "invalid_request", "error_description": "it is decided" });
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    }
    if let Some(subject) = asked["subject_token"].as_str() {
        core.exchanges.lock().unwrap().push(subject.to_owned());
    }
    let now = core.mood.lock().unwrap().clone();
    if let Mood::WantingAfter(left, wanted) = now {
        *core.mood.lock().unwrap() = match left {
            0 | 1 => Mood::Wanting(wanted),
            _ => Mood::WantingAfter(left - 1, wanted),
        };
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let granted = match (
        core.mood.lock().unwrap().clone(),
        asked["grant_type"].as_str().unwrap(),
    ) {
        (_, "client_credentials") if asked["client_secret"] == "right" => {
            let mut sign_ins = core.sign_ins.lock().unwrap();
            *sign_ins += 1;
            Some(format!("client-token-{sign_ins}"))
        }
        (Mood::Wanting(wanted), "urn:opencrvs:oauth:grant-type:token-exchange") => {
            Some(wanted.to_owned())
        }
        _ => None,
    };
    match granted {
        Some(token) => {
            Json(json!({ "access_token": token, "token_type": "Bearer" })).into_response()
        }
        None => {
            let error = json!({ "error": "invalid_client", "error_description": "no" });
            (StatusCode::UNAUTHORIZED, Json(error)).into_response()
        }
    }
}
