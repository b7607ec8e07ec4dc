//! One running Core: what it is made of, and how it starts and stops.

use std::{ops::Deref, sync::Arc, time::Duration};

use axum::{Router, serve::ListenerExt as _};
use delivery::{Backoff, Engine, EngineSettings};
use storage::Store;
use tokio::{net::TcpListener, sync::mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, info, warn};
use world::World;

#[cfg(feature = "test-control")]
use crate::test_control;
use crate::{
    accounts::{Accounts, BadPublicKey, tokens::Tokens},
    actions::{Carried, Courier},
    api,
    audit::{Noted, ReadTrail},
    configuration::Configuration,
    country_files::CountryFiles,
    deliveries::Orders,
    error::{ApiError, ErrorCode},
    measure,
    peer::{Peer, PeerError},
    places::Places,
    search::Rebuilding,
    settings::Settings,
    stream::Stream,
};

/// The longest a stopping node waits for clients to finish.
const DRAIN: Duration = Duration::from_secs(15);

/// Core, cheap to clone.
#[derive(Clone)]
pub struct Core(Arc<Inner>);

/// What Core is made of.
pub struct Inner {
    /// Everything durable.
    pub store: Arc<dyn Store>,
    /// Time, ids, randomness.
    pub world: World,
    /// What the operator set.
    pub settings: Settings,
    /// Country config.
    pub peer: Peer,
    /// What the country says of itself.
    pub configuration: Configuration,
    /// What the country serves for people's screens.
    pub(crate) country_files: CountryFiles,
    /// The administrative hierarchy.
    pub places: Places,
    /// Signs and verifies.
    pub tokens: Tokens,
    /// What signing in needs besides.
    pub accounts: Accounts,
    /// Delivers to country config.
    pub engine: Engine,
    /// What is handed from requests to deliveries and back.
    pub(crate) carried: Carried,
    /// Brings projections up to date.
    pub rebuilding: Rebuilding,
    /// Who listens to what happens.
    pub(crate) stream: Stream,
    /// Orders to send many deliveries.
    pub(crate) orders: Orders,
    /// The audit of reads.
    pub reads: ReadTrail,
    /// Told when this node begins to stop.
    pub stopping: CancellationToken,
    /// Who is at work on a request.
    #[cfg(feature = "test-control")]
    pub(crate) at_work: test_control::AtWork,
}

impl Deref for Core {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Core could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Country config's address is wrong.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// The key of whoever else may sign tokens is none.
    #[error(transparent)]
    PublicKey(#[from] BadPublicKey),
    /// The store failed, or holds what cannot be read.
    #[error("Core could not start from its store")]
    Store(#[from] ApiError),
    /// The listener failed.
    #[error("Core could not serve")]
    Serve(#[from] std::io::Error),
}

impl StartError {
    /// Whether the store was away for the moment, so that trying again may help.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Store(error) if error.code == ErrorCode::ServiceUnavailable)
    }
}

/// A Core that has read its store and is ready to run.
pub struct Ready {
    core: Core,
    reads: mpsc::Receiver<Noted>,
    /// What is served beside Core's own.
    more: Router,
}

impl Core {
    /// Reads what it needs from the store; nothing is served nor delivered yet.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn open(
        store: Arc<dyn Store>,
        world: World,
        settings: Settings,
    ) -> Result<Ready, StartError> {
        let peer = Peer::new(&settings)?;
        Self::open_with(store, world, settings, peer).await
    }

    /// [`Core::open`], with country config somewhere else than behind HTTP: see [`Peer::over`].
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn open_with(
        store: Arc<dyn Store>,
        world: World,
        settings: Settings,
        peer: Peer,
    ) -> Result<Ready, StartError> {
        measure::install();
        measure::process::begin(&settings.node, world.now());
        let store = measure::Measured::over(store);
        let tokens = Tokens::load(store.as_ref(), &world).await?;
        let tokens = match &settings.trusted_public_key {
            Some(pem) => tokens.trusting(pem)?,
            None => tokens,
        };
        let configuration = Configuration::load(store.as_ref()).await?;
        let country_files = CountryFiles::load(store.as_ref()).await?;
        let places = Places::load(store.as_ref()).await?;
        let engine = Engine::new(
            Arc::clone(&store),
            world.clone(),
            EngineSettings {
                owner: settings.node.clone(),
                concurrency: settings.delivery_concurrency,
                attempt_timeout: settings.attempt_timeout,
                backoff: Backoff {
                    first: settings.backoff_first,
                    cap: settings.backoff_cap,
                },
                rules: settings.delivery_rules.clone(),
            },
        );
        let accounts = Accounts::new(&settings);
        let (trail, reads) = ReadTrail::new();
        let core = Self(Arc::new(Inner {
            store,
            world,
            settings,
            peer,
            configuration,
            country_files,
            places,
            tokens,
            accounts,
            engine,
            carried: Carried::default(),
            rebuilding: Rebuilding::default(),
            orders: Orders::default(),
            stream: Stream::default(),
            reads: trail,
            stopping: CancellationToken::new(),
            #[cfg(feature = "test-control")]
            at_work: test_control::AtWork::default(),
        }));
        Ok(Ready {
            core,
            reads,
            more: Router::new(),
        })
    }
}

impl Ready {
    /// The Core that will run.
    #[must_use]
    pub fn core(&self) -> &Core {
        &self.core
    }

    /// With other routes beside Core's own, such as the desk's; none may be one of Core's.
    #[must_use]
    pub fn beside(mut self, routes: Router) -> Self {
        self.more = self.more.merge(routes);
        self
    }

    /// Serves, delivers and refreshes until `stop`, then finishes what is under way.
    ///
    /// # Errors
    /// [`StartError::Serve`].
    pub async fn run(
        self,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> Result<(), StartError> {
        let app = api::router_with(self.core.clone(), self.more.clone());
        info!(address = ?listener.local_addr().ok(), "Core is listening");
        // Answers are small and whole: none gains by waiting for more to be sent with it.
        let listener = listener.tap_io(|connection| {
            if let Err(error) = connection.set_nodelay(true) {
                debug!(%error, "a connection may be slow to answer");
            }
        });
        let serving = axum::serve(listener, app)
            .with_graceful_shutdown(stop.clone().cancelled_owned())
            .into_future();
        let drained = async {
            stop.cancelled().await;
            tokio::time::sleep(DRAIN).await;
        };
        let served = async {
            tokio::select! {
                biased;
                result = serving => result,
                () = drained => {
                    warn!("some connections were still open and are cut; nothing of theirs is lost");
                    Ok(())
                }
            }
        };
        Ok(self.run_beside(served, stop.clone()).await?)
    }

    /// Does everything that [`Ready::run`] does but for serving, which is left to `serving`: it
    /// hands requests to [`api::router`] and ends, once told to `stop`, when they are answered.
    pub async fn run_beside<T>(
        self,
        serving: impl Future<Output = T>,
        stop: CancellationToken,
    ) -> T {
        let core = self.core;
        let background = TaskTracker::new();
        let courier = Arc::new(Courier::new(core.clone()));
        background.spawn(core.engine.clone().run(courier, stop.clone()));
        background.spawn(measure::keep_sorted(stop.clone()));
        background.spawn(Configuration::keep_fresh(core.clone(), stop.clone()));
        background.spawn(core.clone().keep_sending(stop.clone()));
        background.spawn(core.clone().keep_forgetting_files(stop.clone()));
        let (watching, told) = (core.clone(), stop.clone());
        background.spawn(async move { watching.watch_pending(told).await });
        background.spawn(core.clone().keep_country_files(stop.clone()));
        background.spawn(core.clone().hear(stop.clone()));
        background.spawn(core.clone().keep_telling(stop.clone()));
        let (told, stopping) = (stop, core.stopping.clone());
        background.spawn(async move {
            told.cancelled().await;
            stopping.cancel();
        });
        // The audit writer stops last: requests that are still being answered note their reads.
        let served = CancellationToken::new();
        background.spawn(ReadTrail::write_behind(
            Arc::clone(&core.store),
            self.reads,
            served.clone(),
        ));
        let result = serving.await;
        served.cancel();
        background.close();
        background.wait().await;
        result
    }
}
