//! What all worlds begin with, made once: a store that a Core has been set up on, and tokens for
//! the people who act. It is the same in every process.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use axum::http::HeaderMap;
use countersign_core::{
    Core, Settings,
    peer::{Answer, Network, Peer, Request},
};
use delivery::Failure;
use forms::EventConfig;
use pem::Pem;
use serde_json::Value;
use storage::{
    AccountStatus, AccountStore as _, ClientStatus, PersonName, Place, PlaceKind, PlaceStore,
    RebuildStore, SigningKey, SystemClient, User,
};
use storage_memory::MemoryStore;
use tokio_util::sync::CancellationToken;
use uuid::{Uuid, uuid};
use world::{SetClock, World};

use crate::{clock::BEGINNING, verifying};

const DISTRICT: Uuid = uuid!("7d1e3bd8-21a4-4c1a-9b5e-0a4f8b6c1d01");
const OFFICE: Uuid = uuid!("7d1e3bd8-21a4-4c1a-9b5e-0a4f8b6c1d02");
/// Everybody but operators may do everything to records.
const ROLE: &str = "REGISTRAR";
const OPERATORS: &str = "OPERATOR";
/// As many people as ever act at once.
pub(crate) const PEOPLE: usize = 3;
/// Longer than any world lasts.
const TOKEN_LIFE: Duration = Duration::from_secs(300 * 24 * 60 * 60);

/// What all worlds begin with.
pub(crate) struct Template {
    pub store: MemoryStore,
    /// Who acts.
    pub people: Vec<String>,
    /// One for each person.
    pub tokens: Vec<String>,
    /// One for whoever watches over deliveries.
    pub operator: String,
    /// The country's own.
    pub country: String,
    /// The configuration of births, as Core reads it.
    pub births: Arc<EventConfig>,
}

/// What every node is set to.
pub(crate) fn settings(node: &str) -> Settings {
    Settings {
        attempt_timeout: Duration::from_secs(4),
        user_wait: Duration::from_secs(2),
        backoff_first: Duration::from_millis(500),
        backoff_cap: Duration::from_secs(8),
        code_life: Duration::from_secs(5),
        config_refresh: countersign_core::ConfigRefresh::AtStart,
        node: node.to_owned(),
        production: false,
        // Nobody looks at a screen there.
        keeps_country_files: false,
        ..Settings::new("http://country.invalid")
    }
}

/// The documents of the country, by their paths.
pub(crate) fn documents() -> &'static BTreeMap<String, String> {
    static DOCUMENTS: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    DOCUMENTS.get_or_init(|| {
        let all: Value = serde_json::from_str(include_str!("country.json")).unwrap_or_default();
        let all = all.as_object().into_iter().flatten();
        all.map(|(name, document)| (format!("/config/{name}"), document.to_string()))
            .collect()
    })
}

/// Serves the documents and nothing else.
#[derive(Debug)]
struct OnlyDocuments;

#[async_trait]
impl Network for OnlyDocuments {
    async fn exchange(&self, request: Request) -> Result<Answer, Failure> {
        Ok(document(&request.path))
    }
}

/// The answer to a request for a document.
pub(crate) fn document(path: &str) -> Answer {
    let document = documents().get(path);
    let mut headers = HeaderMap::new();
    headers.insert("etag", axum::http::HeaderValue::from_static("\"1\""));
    Answer {
        status: if document.is_some() { 200 } else { 404 },
        headers,
        body: document.cloned().unwrap_or_default().into(),
    }
}

/// The template of this process.
///
/// # Panics
/// When Core cannot be set up at all: there is nothing to simulate then.
pub(crate) fn template() -> &'static Template {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        // Nobody looks at what is measured, and it would be counted over all worlds.
        let _ = metrics::set_global_recorder(metrics::NoopRecorder);
        verifying::remember();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .and_then(|runtime| runtime.block_on(make()).map_err(std::io::Error::other));
        match runtime {
            Ok(template) => template,
            #[expect(clippy::panic, reason = "there is nothing to simulate")]
            Err(error) => panic!("Core could not be set up: {error}"),
        }
    })
}

async fn make() -> Result<Template, Box<dyn std::error::Error + Send + Sync>> {
    let clock = Arc::new(SetClock::at(BEGINNING));
    let world = World::seeded(clock, 0);
    let store = MemoryStore::new(world.clone());
    store.save_places(places()).await?;
    store.add_signing_key(signing_key(&world), None).await?;
    let mut people = vec![];
    for number in 0..=PEOPLE {
        let id = world.new_id();
        let role = if number < PEOPLE { ROLE } else { OPERATORS };
        people.push((id.to_string(), role));
        let person = person(id, number, role);
        store.save_user(person, None, vec![], vec![]).await?;
    }
    let settings = settings("template");
    let peer = Peer::over(Arc::new(OnlyDocuments), &settings)?;
    let shared = Arc::new(store.clone());
    let ready = Core::open_with(shared, world.clone(), settings, peer).await?;
    let core = ready.core().clone();
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let running = tokio::spawn(async move {
        ready
            .run_beside(stopped.clone().cancelled_owned(), stopped)
            .await;
    });
    while !core.configuration.is_loaded()
        || store.projection_rules().await? == 0
        || !store.running_rebuilds().await?.is_empty()
    {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let sign = |(id, role): &(String, &str)| {
        let scopes = core.configuration.role_scopes(role).unwrap_or_default();
        core.tokens.sign_user(&world, TOKEN_LIFE, id, role, scopes)
    };
    let mut tokens = people.iter().map(sign).collect::<Result<Vec<_>, _>>()?;
    let operator = tokens.pop().unwrap_or_default();
    let births = core.configuration.event("birth")?;
    let client = country_client(&world);
    let (own, scopes) = (client.id.to_string(), client.scopes.clone());
    let country = core.tokens.sign_system(&world, TOKEN_LIFE, &own, scopes)?;
    store.save_system_client(client, vec![]).await?;
    stop.cancel();
    running.await?;
    Ok(Template {
        store: store.snapshot(world),
        people: people.into_iter().map(|(id, _)| id).collect(),
        tokens,
        operator,
        country,
        births,
    })
}

/// Ed25519: signing with RSA would take longer than everything else that happens in a world.
fn signing_key(world: &World) -> SigningKey {
    /// Of PKCS #8, all that comes before the key's own 32 bytes.
    const BEFORE: [u8; 16] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    let mut own = [0; 32];
    world.fill(&mut own);
    let key = Pem::new("PRIVATE KEY", [BEFORE.as_slice(), &own].concat());
    SigningKey {
        id: "simulated".to_owned(),
        private_pem: pem::encode(&key),
        created_at: BEGINNING,
    }
}

/// The client under which the country asks what it owes.
fn country_client(world: &World) -> SystemClient {
    let scopes = ["record.confirm-registration", "record.reject-registration"];
    SystemClient {
        id: world.new_id(),
        name: "Country config".to_owned(),
        scopes: scopes.map(|kind| format!("type={kind}")).to_vec(),
        secrets: vec![],
        sha_secret: String::new(),
        status: ClientStatus::Active,
        created_by: String::new(),
        created_at: BEGINNING,
        last_used_at: None,
    }
}

fn places() -> Vec<Place> {
    let place = |id, name: &str, parent_id, kind| Place {
        id,
        external_id: None,
        name: name.to_owned(),
        parent_id,
        kind,
        valid_until: None,
    };
    let office = PlaceKind::Location {
        location_type: Some("CRVS_OFFICE".to_owned()),
    };
    vec![
        place(DISTRICT, "District", None, PlaceKind::AdministrativeArea),
        place(OFFICE, "Office", Some(DISTRICT), office),
    ]
}

fn person(id: Uuid, number: usize, role: &str) -> User {
    User {
        id,
        username: format!("person{number}"),
        name: PersonName::default(),
        full_honorific_name: None,
        role: role.to_owned(),
        status: AccountStatus::Active,
        primary_office_id: OFFICE,
        mobile: Some(format!("070000000{number}")),
        email: None,
        signature: None,
        avatar: None,
        device: None,
        data: serde_json::Map::new(),
    }
}
