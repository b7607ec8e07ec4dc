//! The reference country config: the policy of Talvera, a country that does not exist.
//!
//! It is what a ministry would write and run: forms, roles, queues, places and texts (as data in
//! `config/`), registration numbers, the connection to a national ID system in two modes, and
//! messages to users and informants. It is built on the toolkit alone and may know nothing of
//! Core beyond what the toolkit shows, so that it works against any Core of this contract.
//!
//! Start at [`serve`], then `register`, which is the policy itself. `national_id` asks for IDs at
//! once or lets them come later; `messages` tells people. Everything that must outlive a restart
//! and is not the toolkit's to keep is in `file`.

mod configuration;
mod file;
mod messages;
mod national_id;
mod places;
mod reconcile;
mod register;
mod registration_number;
mod settings;

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};

use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use toolkit::{ActionType, CountryConfig, World};

pub use self::{
    configuration::{ConfigurationError, configuration},
    file::FileError,
    messages::{Language, MailAddressError},
    settings::CountrySettings,
};

/// Why the country config could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder could not be made.
    #[error("cannot make the data folder {path}")]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The address is taken, or not this machine's.
    #[error("cannot listen on {address}: choose another address or stop what uses it")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// The country's own file could not be opened.
    #[error(transparent)]
    File(#[from] FileError),
    /// The built-in configuration is broken.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// The mail settings make no sense.
    #[error(transparent)]
    Mail(#[from] MailAddressError),
    /// The HTTP client could not be built.
    #[error("cannot set up the client for other systems")]
    Client(#[from] reqwest::Error),
    /// The toolkit could not start.
    #[error(transparent)]
    Toolkit(#[from] toolkit::StartError),
}

/// A country config that is up.
#[derive(Debug)]
pub struct Running {
    /// Where it is really served.
    pub address: SocketAddr,
    tasks: JoinSet<()>,
}

impl Running {
    /// Waits until everything has stopped, which begins when `shutdown` is cancelled.
    pub async fn stopped(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Starts the country config; it is ready when this returns, and stops when `shutdown` is
/// cancelled. Work that was put off goes on at the next start on the same data folder.
///
/// # Errors
/// When it cannot listen, or its files cannot be opened.
pub async fn serve(
    settings: CountrySettings,
    world: World,
    shutdown: CancellationToken,
) -> Result<Running, StartError> {
    file::make_folder(&settings.data).map_err(|source| StartError::Folder {
        path: settings.data.clone(),
        source,
    })?;
    let listener =
        TcpListener::bind(settings.listen)
            .await
            .map_err(|source| StartError::Listen {
                address: settings.listen,
                source,
            })?;
    let address = listener.local_addr().map_err(|source| StartError::Listen {
        address: settings.listen,
        source,
    })?;
    let public = settings
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{address}"));

    let toolkit = CountryConfig::open(settings.toolkit(), world.clone()).await?;
    let file = file::File::open(&settings.data.join("country.sqlite"), world.clone()).await?;
    let http = reqwest::Client::builder()
        .timeout(settings.patience)
        .redirect(reqwest::redirect::Policy::none())
        .build()?;

    let messages = messages::Messages::new(&settings, file.clone(), http.clone())?;
    let national_id =
        national_id::NationalId::new(&settings, &public, file, http, &toolkit, messages.clone());
    let policy = Arc::new(register::Policy {
        places: places::Places::read()?,
        national_id: national_id.clone(),
        messages: messages.clone(),
    });

    let mut tasks = JoinSet::new();
    tasks.spawn(
        messages
            .clone()
            .deliver(toolkit.pending().clone(), shutdown.clone()),
    );
    tasks.spawn(national_id.clone().follow(shutdown.clone()));
    if let Some(core) = toolkit.client() {
        let (pending, every) = (toolkit.pending().clone(), settings.reconcile_every);
        tasks.spawn(reconcile::reconcile(pending, core, every, shutdown.clone()));
    }

    let (declared, births, others) = (policy.clone(), policy.clone(), policy);
    let routes = national_id.routes(toolkit.verifier().clone());
    let serving = toolkit
        .configuration(configuration()?)
        .on_any(ActionType::Declare, move |trigger| {
            declared.clone().declare(trigger)
        })
        .on("birth", ActionType::Register, move |trigger| {
            births.clone().register_birth(trigger)
        })
        .on_any(ActionType::Register, move |trigger| {
            others.clone().register(trigger)
        })
        .on_account(move |trigger| messages.clone().tell_account(trigger))
        .routes(routes)
        .serve(listener, shutdown.cancelled_owned());
    tasks.spawn(async move {
        if let Err(error) = serving.await {
            tracing::error!(%error, "the country config stopped");
        }
    });
    tracing::info!(%address, "country config is up");
    Ok(Running { address, tasks })
}
