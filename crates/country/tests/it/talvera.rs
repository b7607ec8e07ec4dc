//! Talvera of one test: a Core, the stand-ins and the country config, and deliveries to it.

use std::{net::SocketAddr, time::Duration};

use country::{CountrySettings, Running};
use serde_json::{Value, json};
use standins::StandinsSettings;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use toolkit::CountryConfig;
use uuid::Uuid;
use world::World;

use crate::core::{Core, Told};

/// An office in the province of Ormeau.
pub(crate) fn office() -> String {
    let places: Value = serde_json::from_str(include_str!("../../config/locations.json")).unwrap();
    let places = places["locations"].as_array().unwrap().clone();
    let office = places
        .iter()
        .find(|place| place["name"] == "Port-Ormeau Registration Office");
    office.unwrap()["id"].as_str().unwrap().to_owned()
}

pub(crate) struct Talvera {
    pub(crate) core: Core,
    pub(crate) client: reqwest::Client,
    pub(crate) standins: standins::Running,
    country: Option<(Running, CancellationToken)>,
    address: SocketAddr,
    data: TempDir,
}

impl Talvera {
    pub(crate) async fn start() -> Self {
        let data = TempDir::new().unwrap();
        let any = "127.0.0.1:0".parse().unwrap();
        let settings = StandinsSettings {
            http: any,
            smtp: any,
            data: data.path().join("standins"),
        };
        let standins = standins::serve(settings, World::real(), CancellationToken::new())
            .await
            .unwrap();
        let mut talvera = Self {
            core: Core::start().await,
            client: reqwest::Client::builder()
                .no_proxy()
                .pool_max_idle_per_host(0)
                .build()
                .unwrap(),
            standins,
            country: None,
            address: any,
            data,
        };
        talvera.start_country().await;
        talvera
    }

    /// The country config starts where it was before, on the same files.
    pub(crate) async fn start_country(&mut self) {
        let standins = format!("http://{}", self.standins.http);
        let mut settings = CountrySettings::new(&self.core.url, self.data.path().join("country"));
        settings.listen = self.address;
        settings.national_id.clone_from(&standins);
        settings.sms = standins;
        settings.smtp_port = self.standins.smtp.port();
        settings.patience = Duration::from_secs(3);
        let shutdown = CancellationToken::new();
        let running = country::serve(settings, World::real(), shutdown.clone())
            .await
            .unwrap();
        self.address = running.address;
        self.country = Some((running, shutdown));
    }

    pub(crate) async fn stop_country(&mut self) {
        let (running, shutdown) = self.country.take().unwrap();
        shutdown.cancel();
        running.stopped().await;
    }

    /// Like [`Self::start_country`], but elsewhere: answers sent to the old address are lost.
    pub(crate) async fn move_country(&mut self) {
        self.address = "127.0.0.1:0".parse().unwrap();
        self.start_country().await;
    }

    /// The toolkit on the country's files: to look at them, and to change them while the country
    /// config is stopped.
    pub(crate) async fn toolkit(&self) -> CountryConfig {
        let file = self.data.path().join("country/toolkit.sqlite");
        let settings = toolkit::Settings::new(&self.core.url, file);
        CountryConfig::open(settings, World::real()).await.unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Turns a stand-in's knobs.
    pub(crate) async fn turn(&self, system: &str, knobs: Value) {
        let url = format!("http://{}/{system}/knobs", self.standins.http);
        let answer = self.client.put(url).json(&knobs).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }

    /// One attempt at a delivery; gives the status and the body.
    pub(crate) async fn deliver(&self, delivery: &Delivery) -> (u16, Value) {
        let token = self
            .core
            .token(json!({ "eventId": delivery.event, "actionId": delivery.action }));
        let path = format!(
            "/trigger/events/{}/actions/{}",
            delivery.event_type, delivery.kind
        );
        let request = self.client.post(self.url(&path)).bearer_auth(token);
        let request = request
            .header("webhook-id", &delivery.id)
            .json(&delivery.document());
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (
            status,
            serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null),
        )
    }

    /// One attempt at an account trigger; gives the status.
    pub(crate) async fn account(&self, event: &str, id: &str, body: Value) -> u16 {
        let request = self
            .client
            .post(self.url(&format!("/triggers/user/{event}")));
        let request = request
            .bearer_auth(
                self.core
                    .token(json!({ "sub": "auth", "userType": "system" })),
            )
            .header("webhook-id", id);
        request.json(&body).send().await.unwrap().status().as_u16()
    }

    /// What lies in the stand-ins' inbox for somebody, newest first.
    pub(crate) async fn inbox(&self, to: &str) -> Vec<Value> {
        let url = format!("http://{}/inbox?to={to}", self.standins.http);
        self.client
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    /// Waits for the newest message to somebody.
    pub(crate) async fn message(&self, to: &str) -> Value {
        eventually(async || self.inbox(to).await.into_iter().next()).await
    }

    /// Waits until Core was told a decision.
    pub(crate) async fn decision(&self) -> Told {
        eventually(async || self.core.told().into_iter().next()).await
    }
}

/// Waits for `check` to answer, at most twenty seconds.
pub(crate) async fn eventually<T>(mut check: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..800 {
        if let Some(found) = check().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it never came");
}

/// A delivery of one requested action.
#[derive(Clone)]
pub(crate) struct Delivery {
    pub(crate) id: String,
    pub(crate) event_type: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) event: Uuid,
    pub(crate) action: Uuid,
    pub(crate) declaration: Value,
}

impl Delivery {
    /// A delivery of an action on the sample record of this type.
    pub(crate) fn of(event_type: &'static str, kind: &'static str) -> Self {
        let sample = match event_type {
            "birth" => include_str!("../../samples/birth.json"),
            "death" => include_str!("../../samples/death.json"),
            _ => include_str!("../../samples/marriage.json"),
        };
        let world = World::real();
        Self {
            id: world.new_id().to_string(),
            event_type,
            kind,
            event: world.new_id(),
            action: world.new_id(),
            declaration: serde_json::from_str(sample).unwrap(),
        }
    }

    /// The registration of a birth in a hospital.
    pub(crate) fn hospital_birth() -> Self {
        Self::of("birth", "REGISTER")
    }

    /// The registration of a birth at home.
    pub(crate) fn home_birth() -> Self {
        Self::hospital_birth().with("child.place", json!("HOME"))
    }

    pub(crate) fn with(mut self, field: &str, value: Value) -> Self {
        self.declaration[field] = value;
        self
    }

    /// The same action in a delivery of another name.
    pub(crate) fn again(&self) -> Self {
        Self {
            id: World::real().new_id().to_string(),
            ..self.clone()
        }
    }

    fn document(&self) -> Value {
        let at = "2026-01-15T08:00:00.000Z";
        let action = |id: Uuid, kind: &str, status: &str, declaration: &Value| {
            json!({
                "id": id, "transactionId": id, "type": kind, "status": status, "createdAt": at,
                "createdBy": "user-1", "createdByUserType": "user",
                "createdAtLocation": office(), "declaration": declaration,
            })
        };
        let declared = if self.kind == "DECLARE" {
            vec![]
        } else {
            vec![action(self.event, "DECLARE", "Accepted", &self.declaration)]
        };
        let asked = if self.kind == "DECLARE" {
            &self.declaration
        } else {
            &json!({})
        };
        let mut actions = declared;
        actions.push(action(self.action, self.kind, "Requested", asked));
        json!({
            "id": self.event, "type": self.event_type, "trackingId": "ABC123",
            "createdAt": at, "updatedAt": at, "actions": actions,
        })
    }
}
