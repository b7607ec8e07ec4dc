//! A country config: its settings, its handlers, its configuration, and how it is served.

use std::{fmt, future::Future, io};

use axum::Router;
use records::{ActionType, EventDocument};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use world::World;

use crate::{
    account::AccountTrigger,
    completion,
    configuration::Configuration,
    core_client::{self, CoreClient},
    decision::{Decision, TriggerError},
    handlers::{Handlers, handler},
    server,
    settings::Settings,
    signature::{BadSecret, Signatures},
    store::{Answers, Numbers, Pending, Received, Store, StoreError},
    tokens::TokenVerifier,
    trigger::Trigger,
};

/// A country config could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The country's file could not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The HTTP client could not be built.
    #[error("the HTTP client cannot be built")]
    Http(#[from] reqwest::Error),
    /// A webhook secret is not one.
    #[error(transparent)]
    Secret(#[from] BadSecret),
}

/// A country config in the making. Open it, say what happens on which trigger, serve it.
pub struct CountryConfig {
    pub(crate) settings: Settings,
    pub(crate) world: World,
    pub(crate) core: CoreClient,
    pub(crate) verifier: TokenVerifier,
    pub(crate) signatures: Signatures,
    pub(crate) received: Received,
    pub(crate) answers: Answers,
    pub(crate) pending: Pending,
    pub(crate) numbers: Numbers,
    pub(crate) handlers: Handlers,
    pub(crate) configuration: Configuration,
    pub(crate) routes: Router,
}

impl CountryConfig {
    /// Opens the country's file and gets ready. Core need not be there yet.
    ///
    /// # Errors
    /// When the file or its key cannot be used, or a webhook secret is malformed.
    pub async fn open(settings: Settings, world: World) -> Result<Self, StartError> {
        let store = Store::open(&settings, world.clone()).await?;
        let http = core_client::http()?;
        let core = CoreClient::new(http.clone(), &settings.core, world.clone());
        let verifier = TokenVerifier::new(http, core.base(), world.clone());
        let signatures = Signatures::new(&settings.webhook_secrets, world.clone())?;
        Ok(Self {
            verifier,
            signatures,
            received: Received::new(store.clone()),
            answers: Answers::new(store.clone()),
            pending: Pending::new(store.clone()),
            numbers: Numbers::new(store),
            handlers: Handlers::default(),
            configuration: Configuration::default(),
            routes: Router::new(),
            settings,
            world,
            core,
        })
    }

    /// Decides about one kind of action on one type of event.
    ///
    /// An action without a handler is accepted as it is; only a REGISTER, which needs a number
    /// that nobody but the country can give, stays undelivered and says why.
    #[must_use]
    pub fn on<F, Fut>(mut self, event: &str, action: ActionType, function: F) -> Self
    where
        F: Fn(Trigger) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Decision, TriggerError>> + Send + 'static,
    {
        self.handlers.on(event, action, handler(function));
        self
    }

    /// Decides about one custom action on one type of event.
    #[must_use]
    pub fn on_custom<F, Fut>(mut self, event: &str, custom: &str, function: F) -> Self
    where
        F: Fn(Trigger) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Decision, TriggerError>> + Send + 'static,
    {
        self.handlers.on_custom(event, custom, handler(function));
        self
    }

    /// Decides about one kind of action on every type of event that has no handler of its own.
    #[must_use]
    pub fn on_any<F, Fut>(mut self, action: ActionType, function: F) -> Self
    where
        F: Fn(Trigger) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Decision, TriggerError>> + Send + 'static,
    {
        self.handlers.on_any(action, handler(function));
        self
    }

    /// Tells people: codes, invitations, reminders. Without it, account triggers answer 501, so
    /// that Core keeps them.
    #[must_use]
    pub fn on_account<F, Fut>(mut self, function: F) -> Self
    where
        F: Fn(AccountTrigger) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), TriggerError>> + Send + 'static,
    {
        self.handlers.account = Some(handler(function));
        self
    }

    /// Runs once after Core was set up; the client holds the token Core sent, which may create
    /// system clients.
    #[must_use]
    pub fn on_ready<F, Fut>(mut self, function: F) -> Self
    where
        F: Fn(CoreClient) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), TriggerError>> + Send + 'static,
    {
        self.handlers.ready = Some(handler(function));
        self
    }

    /// Takes batches of records for the country's own analytics (`POST /reindex`).
    #[must_use]
    pub fn on_reindex<F, Fut>(mut self, function: F) -> Self
    where
        F: Fn(Vec<EventDocument>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), TriggerError>> + Send + 'static,
    {
        self.handlers.reindex = Some(handler(function));
        self
    }

    /// Serves these documents to Core.
    #[must_use]
    pub fn configuration(mut self, configuration: Configuration) -> Self {
        self.configuration = configuration;
        self
    }

    /// Serves routes of the country's own, such as the one a national ID system calls back. They
    /// must not repeat a path of the protocol, they guard themselves, and a fallback among them
    /// is not kept.
    #[must_use]
    pub fn routes(mut self, routes: Router) -> Self {
        self.routes = self.routes.merge(routes);
        self
    }

    /// The pending store: clone it into whatever learns the answers.
    #[must_use]
    pub const fn pending(&self) -> &Pending {
        &self.pending
    }

    /// The country's stable numbers.
    #[must_use]
    pub const fn numbers(&self) -> &Numbers {
        &self.numbers
    }

    /// Checks Core's tokens, for routes of the country's own.
    #[must_use]
    pub const fn verifier(&self) -> &TokenVerifier {
        &self.verifier
    }

    /// A client for Core without a token.
    #[must_use]
    pub const fn core(&self) -> &CoreClient {
        &self.core
    }

    /// A client for Core that signs in as the country's system client, if it has one.
    #[must_use]
    pub fn client(&self) -> Option<CoreClient> {
        let credentials = self.settings.credentials.clone()?;
        Some(self.core.with_credentials(credentials))
    }

    /// Serves until `shutdown`, then lets requests under way finish. What was decided and not yet
    /// told to Core goes on at the next start.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve<S>(self, listener: TcpListener, shutdown: S) -> io::Result<()>
    where
        S: Future<Output = ()> + Send + 'static,
    {
        if !self.signatures.required() {
            tracing::warn!(
                "no webhook secret is set: triggers are believed by their token alone, and one that \
                 was overheard can be repeated"
            );
        }
        let stop = CancellationToken::new();
        let worker = tokio::spawn(completion::run(completion::Worker::of(&self), stop.clone()));
        let served = axum::serve(listener, server::router(self))
            .with_graceful_shutdown(shutdown)
            .await;
        stop.cancel();
        if let Err(error) = worker.await {
            tracing::error!(%error, "the worker that tells Core decisions ended badly");
        }
        served
    }
}

impl fmt::Debug for CountryConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CountryConfig")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
