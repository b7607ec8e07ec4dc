//! `countersign bench --local`: a Core of this very program, on an empty store and beside a country
//! config that accepts everything at once, so that nothing but Core is measured.

use std::{
    net::TcpListener,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, bail};
use axum::{
    Json, Router,
    extract::{Path as Step, State},
    http::StatusCode,
    routing::{get, post},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use world::World;

use crate::{
    commands::seed::service_token,
    database::Database,
    part::Part,
    remote::{self, Remote},
    seed::{SeedOptions, seed},
    talvera::{Place, REGISTRAR, birth},
};

/// A Core to measure, and what it needs around it.
pub struct Local {
    /// The process.
    pub core: Part,
    /// A registrar's token.
    pub token: String,
    /// A birth to declare, with the places for what differs from flow to flow.
    pub declaration: String,
    /// Goes with this value.
    _data: TempDir,
}

impl Local {
    /// Starts everything, on a store below `folder`, and signs a registrar in.
    ///
    /// # Errors
    /// When something does not come up.
    pub async fn start(folder: &Path, world: &World) -> anyhow::Result<Self> {
        let data = tempfile::Builder::new()
            .prefix("countersign-bench-")
            .tempdir_in(folder)
            .with_context(|| format!("cannot make a folder in {}", folder.display()))?;
        let country = InstantCountry::start().await?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let mut core = Part {
            name: "Core",
            url: format!("http://{address}"),
            ready: "/health/ready",
            arguments: [
                "core",
                "--listen",
                &address,
                "--country-url",
                &country.url,
                "--data",
            ]
            .into_iter()
            .map(str::to_owned)
            .chain([data.path().display().to_string()])
            .collect(),
            secrets: Vec::new(),
            ports: Vec::new(),
            log: data.path().join("core.log"),
            child: None,
        };
        let http = remote::http(Duration::from_secs(60))?;
        core.start(&http).await?;
        seed(SeedOptions {
            core_url: core.url.clone(),
            country_url: country.url.clone(),
            service_token: service_token(&Database::in_folder(data.path()), world).await?,
            activate_users: true,
            progress: false,
            world: world.clone(),
        })
        .await?;
        let token = country.sign_in(&Remote::new(http, &core.url, "")).await?;
        let declaration = birth(world, ("{{letters}}", "{{letters}}"), Place::Hospital)?;
        Ok(Self {
            core,
            token,
            declaration: declaration.to_string(),
            _data: data,
        })
    }
}

/// A country config that serves the reference country's documents and accepts at once, in this
/// process; it ends with it.
struct InstantCountry {
    url: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// The last code it was asked to deliver.
    code: Mutex<Option<String>>,
    registered: AtomicU64,
}

impl InstantCountry {
    async fn start() -> anyhow::Result<Self> {
        let shared = Arc::new(Shared::default());
        let served = country::configuration()?;
        let document = |value: Value| get(async move || Json(value));
        let app = Router::new()
            .route("/config/events", document(served.events))
            .route("/config/workqueues", document(served.workqueues))
            .route("/config/roles", document(served.roles))
            .route("/config/application", document(served.application))
            .route("/config/locations", document(served.locations))
            .route("/config/users", document(served.users))
            .route("/trigger/events/{type}/actions/{action}", post(decide))
            .route("/triggers/{about}/{event}", post(tell))
            .with_state(shared.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { url, shared })
    }

    async fn sign_in(&self, core: &Remote) -> anyhow::Result<String> {
        let (username, password) = REGISTRAR;
        let credentials = json!({ "username": username, "password": password });
        let challenge = core.post("/auth/authenticate", &credentials).await?;
        let code = self.code().await?;
        let proof = json!({ "nonce": challenge.get("nonce"), "code": code });
        let verified = core.post("/auth/verifyCode", &proof).await?;
        let token = verified.get("token").and_then(Value::as_str);
        Ok(token.context("Core gave no token")?.to_owned())
    }

    /// The code, once it has arrived.
    async fn code(&self) -> anyhow::Result<String> {
        for _ in 0..1000 {
            let arrived = self
                .shared
                .code
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            if let Some(code) = arrived {
                return Ok(code);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("no code to sign in with arrived")
    }
}

/// Accepts; a registration gets a number.
async fn decide(
    State(shared): State<Arc<Shared>>,
    Step((_, action)): Step<(String, String)>,
) -> Json<Value> {
    if action != "REGISTER" {
        return Json(json!({}));
    }
    // Another one when the delivery is repeated: only the first answer counts.
    let number = shared.registered.fetch_add(1, Ordering::Relaxed);
    Json(json!({ "registrationNumber": format!("BENCH{number:010}") }))
}

/// Keeps the code, if there is one.
async fn tell(State(shared): State<Arc<Shared>>, Json(body): Json<Value>) -> StatusCode {
    if let Some(code) = body.get("code").and_then(Value::as_str) {
        *shared.code.lock().unwrap_or_else(PoisonError::into_inner) = Some(code.to_owned());
    }
    StatusCode::NO_CONTENT
}
