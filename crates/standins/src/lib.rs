//! The outside world, for the demo and for tests: a national ID system, an SMS gateway and a mail
//! server, with a page to read what they were given.
//!
//! They behave as the real ones do where it matters to a country config: answers that come late,
//! refusals, outages, callbacks that are repeated until they are taken, and numbers that stay the
//! same when asked for again, also after a restart. Knobs make each of these happen on demand.
//! Start at [`serve`]; then one module a system: `national_id`, `sms`, `smtp`, and `page` for
//! people.
//!
//! Nothing here may know of Core, of a country config, or of each other's protocols: whoever uses
//! a stand-in does so over the network, as they would the real system. Nothing here is safe to
//! offer to a real network either: whoever reaches it can read every message.

mod failure;
mod inbox;
mod knobs;
mod national_id;
mod page;
mod sms;
mod smtp;
mod store;

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};

use axum::Router;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use world::World;

pub use store::StoreError;

/// Where the stand-ins listen and keep what they know.
#[derive(Debug, Clone)]
pub struct StandinsSettings {
    /// National ID, SMS and the page. Port 0 takes a free one; [`Running`] tells which.
    pub http: SocketAddr,
    /// Mail, over SMTP. Port 0 takes a free one.
    pub smtp: SocketAddr,
    /// The folder for `standins.sqlite`, made when missing.
    pub data: PathBuf,
}

/// Why the stand-ins could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not this machine's.
    #[error("cannot listen on {address}: choose another address or stop what uses it")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// What was kept could not be opened.
    #[error("cannot open the stand-ins' data")]
    Store(#[from] StoreError),
    /// No HTTP client for the callbacks.
    #[error("cannot set up the client that sends callbacks")]
    Client(#[from] reqwest::Error),
}

/// Stand-ins that are up.
#[derive(Debug)]
pub struct Running {
    /// Where HTTP is really served.
    pub http: SocketAddr,
    /// Where SMTP is really served.
    pub smtp: SocketAddr,
    tasks: JoinSet<()>,
}

impl Running {
    /// Waits until everything has stopped, which begins when `shutdown` is cancelled.
    pub async fn stopped(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// What every part of the stand-ins shares.
struct Shared {
    world: World,
    store: store::Store,
    /// Rung when an answer may have become due, so that nobody waits for the next look.
    due: tokio::sync::Notify,
}

/// Starts all stand-ins; they are ready when this returns, and stop when `shutdown` is cancelled.
///
/// # Errors
/// When an address cannot be listened on or the data cannot be opened.
pub async fn serve(
    settings: StandinsSettings,
    world: World,
    shutdown: CancellationToken,
) -> Result<Running, StartError> {
    let store = store::Store::open(&settings.data)?;
    let shared = Arc::new(Shared {
        world,
        store,
        due: tokio::sync::Notify::new(),
    });
    let answerer = national_id::Answerer::new(shared.clone())?;
    let web = listen(settings.http).await?;
    let mail = listen(settings.smtp).await?;
    let (http, smtp) = (
        address(&web, settings.http)?,
        address(&mail, settings.smtp)?,
    );

    let router = Router::new()
        .merge(national_id::routes())
        .merge(sms::routes())
        .merge(smtp::routes())
        .merge(page::routes())
        .with_state(shared.clone());

    let mut tasks = JoinSet::new();
    let stop = shutdown.clone();
    tasks.spawn(async move {
        let served = axum::serve(web, router)
            .with_graceful_shutdown(stop.cancelled_owned())
            .await;
        if let Err(error) = served {
            tracing::error!(%error, "the stand-ins' web server stopped");
        }
    });
    tasks.spawn(smtp::serve(mail, shared, shutdown.clone()));
    tasks.spawn(answerer.run(shutdown));
    tracing::info!(%http, %smtp, "stand-ins are up");
    Ok(Running { http, smtp, tasks })
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen { address, source })
}

fn address(listener: &TcpListener, asked: SocketAddr) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(|source| StartError::Listen {
        address: asked,
        source,
    })
}
