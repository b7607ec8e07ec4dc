//! A collector of traces that keeps what it is sent. It reads the wire (Protocol Buffers) by itself,
//! so that it does not share a mistake with what writes it.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use tokio::{net::TcpListener, time::sleep};

/// Longest time until spans arrive, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// One span, as far as the tests look at it. Ids are hexadecimal.
#[derive(Debug, Clone)]
pub struct Span {
    pub service: String,
    pub trace: String,
    pub id: String,
    pub parent: String,
    pub name: String,
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Span>>>);

pub struct Collector {
    pub url: String,
    kept: Kept,
}

impl Collector {
    pub async fn start() -> Self {
        let kept = Kept::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new()
            .route("/v1/traces", post(take))
            .with_state(kept.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, kept }
    }

    /// Waits until what has arrived has what is looked for, and gives that.
    pub async fn find<T>(&self, what: &str, look: impl Fn(&[Span]) -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            let spans = self.kept.0.lock().unwrap().clone();
            if let Some(found) = look(&spans) {
                return found;
            }
            assert!(started.elapsed() < PATIENCE, "no {what} in {spans:#?}");
            sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn take(State(kept): State<Kept>, headers: HeaderMap, body: Bytes) {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    let mut spans = Vec::new();
    // ExportTraceServiceRequest.resource_spans
    for of_resource in parts(&body, 1) {
        let service = service(of_resource);
        // ResourceSpans.scope_spans, ScopeSpans.spans
        for span in parts(of_resource, 2).flat_map(|of_scope| parts(of_scope, 2)) {
            let bytes = |field| parts(span, field).next().unwrap_or_default();
            spans.push(Span {
                service: service.clone(),
                trace: hex(bytes(1)),
                id: hex(bytes(2)),
                parent: hex(bytes(4)),
                name: String::from_utf8(bytes(5).to_vec()).unwrap(),
            });
        }
    }
    kept.0.lock().unwrap().extend(spans);
}

/// ResourceSpans.resource.attributes: the one called `service.name`.
fn service(of_resource: &[u8]) -> String {
    let mut attributes = parts(of_resource, 1).flat_map(|resource| parts(resource, 1));
    let named = attributes
        .find(|attribute| parts(attribute, 1).next() == Some(b"service.name"))
        .unwrap();
    // KeyValue.value, AnyValue.string_value
    let text = parts(named, 2).flat_map(|value| parts(value, 1)).next();
    String::from_utf8(text.unwrap().to_vec()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What stands in a message under this number: the fields with a length, which is all that is
/// looked at.
fn parts(mut message: &[u8], wanted: u64) -> impl Iterator<Item = &[u8]> {
    let mut found = Vec::new();
    while !message.is_empty() {
        let key = number(&mut message);
        let length = match key & 7 {
            0 => {
                number(&mut message);
                continue;
            }
            1 => 8,
            2 => usize::try_from(number(&mut message)).unwrap(),
            5 => 4,
            other => panic!("no such kind of field: {other}"),
        };
        let (part, rest) = message.split_at(length);
        if key >> 3 == wanted {
            found.push(part);
        }
        message = rest;
    }
    found.into_iter()
}

/// The number that a message begins with: seven bits a byte, the lowest first.
fn number(message: &mut &[u8]) -> u64 {
    let mut number = 0;
    for (at, byte) in message.iter().enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            *message = &message[at + 1..];
            return number;
        }
    }
    panic!("a number has no end")
}
