//! A country config of the tests, and deliveries to it as Core makes them.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use toolkit::{Backoff, CountryConfig, Pending, Settings, World};
use uuid::Uuid;
use world::SetClock;

use crate::fake_core::{FakeCore, SigningKey};

pub(crate) const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

pub(crate) fn settings(core: &FakeCore, folder: &Path) -> Settings {
    let mut settings = Settings::new(core.url(), folder.join("country.db"));
    settings.backoff = Backoff {
        first: Duration::from_millis(50),
        cap: Duration::from_millis(200),
    };
    settings
}

pub(crate) struct Country {
    pub(crate) address: SocketAddr,
    pub(crate) pending: Pending,
    pub(crate) http: reqwest::Client,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Country {
    pub(crate) async fn start(
        settings: Settings,
        build: impl FnOnce(CountryConfig) -> CountryConfig,
    ) -> Self {
        Self::start_in(World::real(), settings, build).await
    }

    pub(crate) async fn start_in(
        world: World,
        settings: Settings,
        build: impl FnOnce(CountryConfig) -> CountryConfig,
    ) -> Self {
        let config = build(CountryConfig::open(settings, world).await.unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let pending = config.pending().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(config.serve(listener, async { stopped.await.unwrap_or(()) }));
        let http = reqwest::Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(0)
            .build();
        Self {
            address,
            pending,
            http: http.unwrap(),
            stop,
            served,
        }
    }

    pub(crate) async fn stop(self) {
        drop(self.pending);
        self.stop.send(()).unwrap();
        self.served.await.unwrap().unwrap();
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// One attempt at a delivery; gives the status and the body.
    pub(crate) async fn deliver(&self, delivery: &Delivery) -> (u16, Value) {
        self.send(self.request(delivery)).await
    }

    /// An attempt that Core makes at `second`, signed with these secrets.
    pub(crate) async fn deliver_signed(
        &self,
        delivery: &Delivery,
        second: i64,
        secrets: &[&str],
    ) -> (u16, Value) {
        let body = delivery.event.to_string();
        let id = delivery.id.as_deref().unwrap_or_default();
        let signature = sign(secrets, id, second, &body);
        let request = self
            .request(delivery)
            .header("webhook-timestamp", second)
            .header("webhook-signature", signature);
        self.send(request).await
    }

    fn request(&self, delivery: &Delivery) -> reqwest::RequestBuilder {
        let request = self
            .http
            .post(self.url(&delivery.path))
            .header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"))
            .header("content-type", "application/json")
            .bearer_auth(&delivery.token)
            .body(delivery.event.to_string());
        match &delivery.id {
            Some(id) => request
                .header("webhook-id", id)
                .header("x-delivery-attempt", 1),
            None => request,
        }
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.bytes().await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }
}

/// `webhook-signature`, as Standard Webhooks has it.
fn sign(secrets: &[&str], id: &str, second: i64, body: &str) -> String {
    let signed = format!("{id}.{second}.{body}");
    let each = secrets.iter().map(|secret| {
        let key = STANDARD.decode(&secret["whsec_".len()..]).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        format!(
            "v1,{}",
            STANDARD.encode(hmac::sign(&key, signed.as_bytes()))
        )
    });
    each.collect::<Vec<_>>().join(" ")
}

/// A delivery of one requested action.
#[derive(Clone)]
pub(crate) struct Delivery {
    pub(crate) id: Option<String>,
    pub(crate) path: String,
    pub(crate) token: String,
    pub(crate) event: Value,
    pub(crate) event_id: Uuid,
    pub(crate) action_id: Uuid,
}

impl Delivery {
    pub(crate) fn of(core: &FakeCore, action: &str) -> Self {
        let world = World::real();
        let (event_id, action_id) = (world.new_id(), world.new_id());
        let event = json!({
            "id": event_id, "type": "birth", "trackingId": "ABC123",
            "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z",
            "actions": [{
                "id": action_id, "transactionId": "t", "type": action, "status": "Requested",
                "createdAt": "2026-01-01T00:00:00.000Z", "createdBy": "u",
                "createdByUserType": "user", "declaration": { "child.name": "Ada" },
            }],
        });
        Self {
            id: Some(world.new_id().to_string()),
            path: format!("/trigger/events/birth/actions/{action}"),
            token: action_token(&core.key(), event_id, action_id, 3600),
            event,
            event_id,
            action_id,
        }
    }
}

impl Delivery {
    /// The same delivery under a token that lasts for `seconds`.
    pub(crate) fn with_token_until(&self, core: &FakeCore, seconds: i64) -> Self {
        let token = action_token(&core.key(), self.event_id, self.action_id, seconds);
        Self {
            token,
            ..self.clone()
        }
    }
}

pub(crate) fn claims() -> Value {
    json!({
        "iss": "opencrvs:auth-service",
        "aud": ["opencrvs:gateway-user", "opencrvs:countryconfig-user"],
        "sub": "user-1",
        "userType": "user",
        "scope": ["type=record.confirm-registration", "type=record.reject-registration"],
        "exp": World::real().now().as_second() + 3600,
    })
}

/// What Core shows when it calls on nobody's behalf.
pub(crate) fn claims_of_core() -> Value {
    let mut claims = claims();
    claims["aud"] = json!(["opencrvs:countryconfig-user"]);
    claims["sub"] = json!("auth");
    claims["userType"] = json!("system");
    claims["scope"] = json!([]);
    claims
}

/// What a system client with this scope shows.
pub(crate) fn claims_of_client(scope: &str) -> Value {
    let mut claims = claims();
    claims["userType"] = json!("system");
    claims["scope"] = json!([scope]);
    claims
}

pub(crate) fn action_token(key: &SigningKey, event: Uuid, action: Uuid, seconds: i64) -> String {
    let mut claims = claims();
    let now = World::real().now().as_second();
    claims["iat"] = json!(now);
    claims["exp"] = json!(now + seconds);
    claims["eventId"] = json!(event);
    claims["actionId"] = json!(action);
    key.sign(&claims)
}

/// A world whose clock is moved by hand, starting at the present.
pub(crate) fn set_world() -> (World, Arc<SetClock>) {
    let clock = Arc::new(SetClock::at(World::real().now()));
    (World::seeded(clock.clone(), 7), clock)
}

pub(crate) const fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}
