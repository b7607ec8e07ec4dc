//! A Core that listens on a port of its own, with a real store in a directory that goes with it.

use std::{sync::Arc, time::Duration};

use countersign_core::{
    Core, Settings, StartError,
    accounts::{NewUser, create_user},
    test_control,
};
use reqwest::{Client, header::HeaderMap};
use serde_json::{Value, json};
use storage::{AccountStatus, PersonName, Store, User};
use storage_sqlite::SqliteStore;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use world::World;

use crate::{clock::TestClock, country_under_test::CountryUnderTest, small_country};

/// The password of everyone here.
pub const PASSWORD: &str = "Correct horse 7";
/// Where sign-in codes go.
pub const CODE_TRIGGER: &str = "/triggers/user/2fa";

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// What a procedure answered.
    pub fn result(&self) -> &Value {
        assert_eq!(self.status, 200, "{}", self.body);
        &self.body["result"]["data"]["json"]
    }

    /// The message with which a procedure failed.
    pub fn message(&self) -> &str {
        self.body["error"]["json"]["message"]
            .as_str()
            .unwrap_or_default()
    }
}

/// The Core, its country config and its clock.
pub struct CoreUnderTest {
    pub core: Core,
    pub url: String,
    pub country: CountryUnderTest,
    pub clock: Arc<TestClock>,
    http: Client,
    settings: Settings,
    running: Running,
    store: SqliteStore,
    directory: TempDir,
    /// Seeds what is random, so that no life draws the ids of an earlier one.
    life: u64,
}

/// Stops a Core that a test leaves behind.
struct Running {
    stop: CancellationToken,
    task: JoinHandle<Result<(), StartError>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl CoreUnderTest {
    /// Starts with the small country and the default settings.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts with other settings; answers once the configuration is in use.
    pub async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let country = CountryUnderTest::start().await;
        let mut settings = Settings::new(&country.url);
        settings.backoff_first = Duration::from_millis(20);
        settings.backoff_cap = Duration::from_millis(100);
        settings.production = false;
        change(&mut settings);
        let core = Self::open(
            country,
            Arc::new(TestClock::default()),
            settings,
            TempDir::new().unwrap(),
            1,
        )
        .await;
        core.core
            .store
            .save_places(small_country::places())
            .await
            .unwrap();
        core.core
            .places
            .refresh(core.core.store.as_ref())
            .await
            .unwrap();
        core
    }

    /// Tells it to stop, as SIGTERM does.
    pub fn begin_to_stop(&self) {
        self.running.stop.cancel();
    }

    /// Stops it in an orderly way, and starts another on the same store, at another address.
    pub async fn restart(self) -> Self {
        let Self {
            core,
            country,
            clock,
            settings,
            mut running,
            store,
            directory,
            life,
            ..
        } = self;
        drop((core, store));
        running.stop.cancel();
        (&mut running.task).await.unwrap().unwrap();
        Self::open(country, clock, settings, directory, life + 1).await
    }

    async fn open(
        country: CountryUnderTest,
        clock: Arc<TestClock>,
        settings: Settings,
        directory: TempDir,
        life: u64,
    ) -> Self {
        let world = World::seeded(Arc::clone(&clock) as Arc<dyn world::Clock>, life);
        let store = SqliteStore::in_directory(directory.path(), world.clone()).unwrap();
        let shared: Arc<dyn Store> = Arc::new(store.clone());
        let ready = Core::open(shared, world, settings.clone()).await.unwrap();
        let core = ready.core().clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let task = tokio::spawn(ready.run(listener, stop.clone()));
        let loaded = async {
            while !core.configuration.is_loaded() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let loaded = tokio::time::timeout(Duration::from_secs(20), loaded).await;
        assert!(
            loaded.is_ok(),
            "the configuration was refused: {:?}",
            core.configuration.problem()
        );
        Self {
            core,
            url,
            country,
            clock,
            http: Client::builder().no_proxy().build().unwrap(),
            settings,
            running: Running { stop, task },
            store,
            directory,
            life,
        }
    }

    /// Makes an account in use, at the office, with [`PASSWORD`].
    pub async fn user(&self, username: &str, role: &str) -> User {
        let new = NewUser {
            username: username.to_owned(),
            name: PersonName {
                firstname: "Ama".to_owned(),
                surname: username.to_owned(),
            },
            role: role.to_owned(),
            primary_office_id: small_country::OFFICE,
            mobile: None,
            email: Some(format!("{username}@example.org")),
            full_honorific_name: None,
            device: None,
            status: Some(AccountStatus::Active),
            password: Some(PASSWORD.to_owned()),
        };
        let made = create_user(&self.core, new, "test", "0").await.unwrap();
        made.user().clone()
    }

    /// A token for a new user with this role, without the way through signing in.
    pub async fn token_of(&self, username: &str, role: &str) -> String {
        let user = self.user(username, role).await;
        let scopes = self.core.configuration.role_scopes(role).unwrap();
        let life = self.core.settings.user_token_life;
        let id = user.id.to_string();
        self.core
            .tokens
            .sign_user(&self.core.world, life, &id, role, scopes)
            .unwrap()
    }

    /// A token with these scopes for a user that there is.
    pub fn token_with(&self, user: &User, scopes: &[&str]) -> String {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let life = self.core.settings.user_token_life;
        let id = user.id.to_string();
        self.core
            .tokens
            .sign_user(&self.core.world, life, &id, &user.role, scopes)
            .unwrap()
    }

    /// The account with this username.
    pub async fn account(&self, username: &str) -> User {
        let found = self.core.store.user_to_sign_in(username).await.unwrap();
        found.unwrap().0
    }

    /// GETs a path.
    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.http
            .get(format!("{}{path}", self.url))
            .send()
            .await
            .unwrap()
    }

    /// GETs a path, unless it is what this entity tag names.
    pub async fn get_if_new(&self, path: &str, tag: &str) -> reqwest::Response {
        let request = self.http.get(format!("{}{path}", self.url));
        request.header("if-none-match", tag).send().await.unwrap()
    }

    /// Has Core ask the country for what it serves for people's screens.
    pub async fn ask_for_files(&self) -> Result<(), countersign_core::ApiError> {
        self.core.refresh_country_files().await
    }

    /// POSTs JSON to a path.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.http.post(format!("{}{path}", self.url)).json(&body))
            .await
    }

    /// POSTs JSON to a path, with a token.
    pub async fn post_as(&self, token: &str, path: &str, body: Value) -> Answer {
        let request = self.http.post(format!("{}{path}", self.url)).json(&body);
        self.send(request.bearer_auth(token)).await
    }

    /// Asks a path for something without a body, with a token.
    pub async fn ask_path(&self, token: &str, method: reqwest::Method, path: &str) -> Answer {
        let request = self.http.request(method, format!("{}{path}", self.url));
        self.send(request.bearer_auth(token)).await
    }

    /// POSTs a form to a path.
    pub async fn post_form(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(self.http.post(format!("{}{path}", self.url)).form(form))
            .await
    }

    /// Calls a procedure over tRPC.
    pub async fn call(&self, token: &str, procedure: &str, input: Value) -> Answer {
        self.call_at(token, &format!("/events/{procedure}"), input)
            .await
    }

    /// Calls a procedure over tRPC, wherever it is served.
    pub async fn call_at(&self, token: &str, path: &str, input: Value) -> Answer {
        let request = self
            .http
            .post(format!("{}{path}", self.url))
            .bearer_auth(token)
            .json(&json!({"json": input}));
        self.send(request).await
    }

    /// The number of the latest code that was sent, from 0, and the code.
    pub async fn code(&self, number: usize) -> String {
        let received = self.country.received(CODE_TRIGGER, number).await;
        received.body["code"].as_str().unwrap().to_owned()
    }

    /// Has the store refuse, or keep again, what the audit trail says of this operation.
    pub fn refuse_audit_of(&self, operation: &str, refused: bool) {
        let file = self.directory.path().join(SqliteStore::FILE_NAME);
        let file = rusqlite::Connection::open(file).unwrap();
        let change = if refused {
            format!(
                "CREATE TRIGGER audit_fails BEFORE INSERT ON audit
                 WHEN new.operation = '{operation}' BEGIN SELECT raise(ABORT, 'full'); END"
            )
        } else {
            "DROP TRIGGER audit_fails".to_owned()
        };
        file.execute_batch(&change).unwrap();
    }

    /// Makes a record unreadable, as a failing disk might.
    pub fn damage(&self, event: records::EventId) {
        let file = self.directory.path().join(SqliteStore::FILE_NAME);
        let file = rusqlite::Connection::open(file).unwrap();
        file.execute_batch("DROP TRIGGER actions_are_never_changed")
            .unwrap();
        let damage = "UPDATE actions SET document = '{}' WHERE event_id = ?1";
        assert_ne!(file.execute(damage, [event.0.as_bytes()]).unwrap(), 0);
    }

    /// Takes a document of the configuration out of the store, as if it had never been there.
    pub fn forget_document(&self, kind: &str) {
        let file = self.directory.path().join(SqliteStore::FILE_NAME);
        let file = rusqlite::Connection::open(file).unwrap();
        let forgotten = file.execute("DELETE FROM configuration WHERE kind = ?1", [kind]);
        assert_eq!(forgotten.unwrap(), 1);
    }

    /// Serves its test control; answers where.
    pub async fn test_control(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = test_control::router(self.core.clone(), Arc::new(self.store.clone()));
        tokio::spawn(async move { axum::serve(listener, app).await });
        url
    }

    /// POSTs to any address.
    pub async fn post_to(&self, url: &str, body: impl Into<reqwest::Body>) -> Answer {
        self.send(self.http.post(url).body(body)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.bytes().await.unwrap();
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Answer {
            status,
            headers,
            body,
        }
    }
}
