//! Two Cores on one PostgreSQL database.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use countersign_core::{Core, Settings};
use futures::future::join_all;
use jiff::SignedDuration;
use postgres_cluster::Database;
use serde_json::{Value, json};
use storage::{AccountStatus, DeliveryFilter, DeliveryState, PersonName};
use storage_postgres::{DatabaseClock, Migrate, PostgresStore};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use world::World;

use crate::{
    country_under_test::{Answer, CountryUnderTest},
    listener::Listener,
    person::{birth, story},
    small_country::{self, REGISTRAR},
};

/// One of several Cores.
struct Node {
    core: Core,
    url: String,
    http: reqwest::Client,
    stop: CancellationToken,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Node {
    /// What time its machine has does not matter: nobody asks for it.
    async fn start(name: &str, database: &Database, country: &CountryUnderTest) -> Self {
        Self::start_with(name, database, country, |_| {}).await
    }

    async fn start_with(
        name: &str,
        database: &Database,
        country: &CountryUnderTest,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let clock = DatabaseClock::connect(&database.url()).await.unwrap();
        let world = World::by(Arc::new(clock));
        let store = PostgresStore::connect(&database.url(), Migrate::Yes, world.clone())
            .await
            .unwrap();
        let mut settings = Settings::new(&country.url);
        settings.node = name.to_owned();
        settings.backoff_first = Duration::from_millis(20);
        settings.backoff_cap = Duration::from_millis(100);
        settings.user_wait = Duration::from_secs(60);
        change(&mut settings);
        let ready = Core::open(Arc::new(store), world, settings).await.unwrap();
        let core = ready.core().clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        tokio::spawn(ready.run(listener, stop.clone()));
        while !core.configuration.is_loaded() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Self {
            core,
            url,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            stop,
        }
    }

    async fn call(&self, token: &str, procedure: &str, input: Value) -> Value {
        let answer = self
            .http
            .post(format!("{}/events/{procedure}", self.url))
            .bearer_auth(token)
            .json(&json!({ "json": input }))
            .send()
            .await
            .unwrap();
        let mut body: Value = answer.json().await.unwrap();
        assert!(body.get("error").is_none(), "{body}");
        body["result"]["data"]["json"].take()
    }

    /// Begins and declares a birth; answers its id.
    async fn declared(&self, token: &str) -> String {
        let transaction = self.core.world.new_id();
        let begin = json!({ "type": "birth", "transactionId": transaction });
        let begun = self.call(token, "event.create", begin).await;
        let event = begun["id"].as_str().unwrap().to_owned();
        let declare = json!({
            "eventId": event, "transactionId": format!("declare-{event}"), "declaration": birth(),
            "keepAssignment": true,
        });
        self.call(token, "event.actions.declare.request", declare)
            .await;
        event
    }

    /// A token for a new registrar.
    async fn registrar(&self) -> String {
        let new = countersign_core::accounts::NewUser {
            username: "registrar".to_owned(),
            name: PersonName::default(),
            role: REGISTRAR.to_owned(),
            primary_office_id: small_country::OFFICE,
            mobile: None,
            email: Some("registrar@example.org".to_owned()),
            full_honorific_name: None,
            device: None,
            status: Some(AccountStatus::Active),
            password: None,
        };
        let made = countersign_core::accounts::create_user(&self.core, new, "test", "0").await;
        let id = made.unwrap().user().id.to_string();
        let scopes = self.core.configuration.role_scopes(REGISTRAR).unwrap();
        let life = self.core.settings.user_token_life;
        let tokens = &self.core.tokens;
        tokens
            .sign_user(&self.core.world, life, &id, REGISTRAR, scopes)
            .unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_deliver_everything_once_and_at_its_time() {
    let database = Database::new().unwrap();
    let country = CountryUnderTest::start().await;
    // It takes nothing at the first attempt.
    let seen = Mutex::new(HashMap::<String, u32>::new());
    country.answer(move |received| {
        let id = received.header("webhook-id").to_owned();
        let mut seen = seen.lock().unwrap();
        let times = seen.entry(id).or_default();
        *times += 1;
        match *times {
            1 => Answer::With(503, json!({})),
            _ => Answer::With(200, json!({})),
        }
    });
    let first = Node::start("one", &database, &country).await;
    let second = Node::start("other", &database, &country).await;
    let apart = first
        .core
        .world
        .now()
        .duration_since(second.core.world.now());
    assert!(apart.abs() < SignedDuration::from_mins(1), "{apart}");
    let places = small_country::places();
    first.core.store.save_places(places).await.unwrap();
    for node in [&first, &second] {
        let store = node.core.store.as_ref();
        node.core.places.refresh(store).await.unwrap();
    }
    // One key signs on both.
    let token = first.registrar().await;
    let declared = join_all((0..12).map(|n| {
        let node = if n % 2 == 0 { &first } else { &second };
        node.declared(&token)
    }))
    .await;
    for (n, event) in declared.iter().enumerate() {
        // Read where it was not declared.
        let node = if n % 2 == 0 { &second } else { &first };
        let document = node
            .call(&token, "event.get", json!({ "eventId": event }))
            .await;
        let story = story(&document);
        assert_eq!(story.last().unwrap(), "DECLARE Accepted", "{story:?}");
    }
    let store = &first.core.store;
    let all = DeliveryFilter {
        kinds: vec!["DECLARE".to_owned()],
        ..DeliveryFilter::default()
    };
    let deliveries = store.deliveries(&all, None, 100).await.unwrap().deliveries;
    assert_eq!(deliveries.len(), declared.len());
    for delivery in deliveries {
        assert_eq!(delivery.state, DeliveryState::Delivered);
        let attempts = store.attempts(delivery.new.id).await.unwrap();
        assert_eq!(attempts.len(), 2, "{attempts:?}");
        let ended = attempts[0].started_at
            + SignedDuration::from_millis(attempts[0].duration_ms.try_into().unwrap());
        assert!(attempts[1].started_at >= ended, "{attempts:?}");
        let late = attempts[1].started_at.duration_since(ended);
        assert!(late < SignedDuration::from_mins(10), "{attempts:?}");
    }
    let arrived = country.arrived();
    let declares = arrived
        .iter()
        .filter(|received| received.path.ends_with("/DECLARE"));
    assert_eq!(declares.count(), 2 * declared.len());
}

/// Two nodes, one of which answers a listener; and a token of the registrar who listens.
async fn listened_to(
    database: &Database,
    country: &CountryUnderTest,
    change: impl Fn(&mut Settings),
) -> (Node, Node, String) {
    let first = Node::start_with("one", database, country, &change).await;
    let second = Node::start_with("other", database, country, &change).await;
    let places = small_country::places();
    first.core.store.save_places(places).await.unwrap();
    for node in [&first, &second] {
        let store = node.core.store.as_ref();
        node.core.places.refresh(store).await.unwrap();
    }
    let token = first.registrar().await;
    (first, second, token)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_listens_to_one_node_is_told_what_happens_on_another() {
    let database = Database::new().unwrap();
    let country = CountryUnderTest::start().await;
    let (first, second, token) = listened_to(&database, &country, |_| {}).await;
    let mut listener = Listener::at(&second.url, &token).await.unwrap();
    listener.until("configuration", |_| true).await;
    // The first node has yet to hear that somebody listens: what happens before is found by looking,
    // later than this test waits.
    let telling = async {
        loop {
            first.declared(&token).await;
        }
    };
    let told = listener.until("transaction", |told| told["status"] == "Accepted");
    let told = tokio::select! {
        told = told => told,
        () = telling => unreachable!(),
    };
    assert_eq!(told["type"], "DECLARE");
    listener.until("workqueues", |_| true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_asked_before_one_listened_is_found_by_looking_when_no_news_come() {
    let database = Database::new().unwrap();
    let country = CountryUnderTest::start().await;
    let often = |settings: &mut Settings| {
        settings.stream.heartbeat = Duration::from_millis(50);
        settings.stream.look = Duration::from_millis(50);
    };
    let (first, second, token) = listened_to(&database, &country, often).await;
    country.answer(|_| Answer::With(202, json!(null)));
    let event = first.declared(&token).await;
    let trigger = country.arrived().pop().unwrap();
    let mut listener = Listener::at(&second.url, &token).await.unwrap();
    listener.until("configuration", |_| true).await;
    let (_, action) = trigger.ids();
    let accept = json!({
        "eventId": event, "actionId": action, "transactionId": "accept",
    });
    first
        .call(&trigger.token(), "event.actions.declare.accept", accept)
        .await;
    let told = listener.until("transaction", |told| told["status"] == "Accepted");
    assert_eq!(told.await["eventId"], *event);
}
