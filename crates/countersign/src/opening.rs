//! Opening the database that a Core works on.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use countersign_core::{Core, Ready, Settings};
use storage::Store;
use storage_postgres::{DatabaseClock, Migrate, PostgresStore, Reached, reach};
use storage_sqlite::SqliteStore;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use world::World;

use crate::{commands::data_folder, database::Database};

/// The first and the longest pause between two tries to reach a server.
const PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// A store, and the world that goes with it.
pub struct Opened {
    /// What is kept.
    pub store: Arc<dyn Store>,
    /// The same store, which test control empties.
    #[cfg(feature = "test-control")]
    pub forgets: Arc<dyn storage::Forget>,
    /// With the time that all nodes on this database have.
    pub world: World,
}

impl Opened {
    fn new(store: impl Kind, world: World) -> Self {
        let store = Arc::new(store);
        Self {
            #[cfg(feature = "test-control")]
            forgets: Arc::clone(&store) as _,
            store,
            world,
        }
    }
}

#[cfg(feature = "test-control")]
trait Kind: Store + storage::Forget + 'static {}
#[cfg(feature = "test-control")]
impl<T: Store + storage::Forget + 'static> Kind for T {}
#[cfg(not(feature = "test-control"))]
trait Kind: Store + 'static {}
#[cfg(not(feature = "test-control"))]
impl<T: Store + 'static> Kind for T {}

/// Opens a database and brings it up to date. A server that cannot be reached is waited for: Core
/// may start before it does. `None` when told to stop meanwhile.
///
/// # Errors
/// When waiting does not help: the file is in use, not ours or newer than this program; the server
/// refuses the user, the password or the database, or the URL is none.
pub async fn open(
    database: &Database,
    world: World,
    stop: &CancellationToken,
) -> anyhow::Result<Option<Opened>> {
    match database {
        Database::Sqlite(file) => {
            if let Some(folder) = file.parent().filter(|it| !it.as_os_str().is_empty()) {
                data_folder(folder)?;
            }
            let store = SqliteStore::open(file, world.clone())
                .with_context(|| format!("cannot open Core's data in {}", file.display()))?;
            Ok(Some(Opened::new(store, world)))
        }
        Database::Postgres(url) => {
            let opened = async {
                loop {
                    wait_for(url).await?;
                    match connect(url).await {
                        Ok(opened) => return Ok(opened),
                        // It went away again.
                        Err(reason) => match reach(url).await {
                            Ok(Reached::NotYet { .. }) => {}
                            _ => return Err(reason),
                        },
                    }
                }
            };
            tokio::select! {
                opened = opened => Ok(Some(
                    opened.with_context(|| format!("cannot open Core's data in {database}"))?,
                )),
                () = stop.cancelled() => Ok(None),
            }
        }
    }
}

/// Opens Core on what [`open`] opened. A server that went away again meanwhile is waited for, as it
/// was before. `None` when told to stop meanwhile.
///
/// # Errors
/// When waiting does not help.
pub async fn open_core(
    database: &Database,
    opened: &Opened,
    settings: Settings,
    stop: &CancellationToken,
) -> anyhow::Result<Option<Ready>> {
    loop {
        let (store, world) = (Arc::clone(&opened.store), opened.world.clone());
        match Core::open(store, world, settings.clone()).await {
            Ok(ready) => return Ok(Some(ready)),
            Err(error) if error.may_pass() && matches!(database, Database::Postgres(_)) => {
                warn!(%error, "the database went away; waiting for it");
            }
            Err(error) => return Err(error.into()),
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = stop.cancelled() => return Ok(None),
        }
    }
}

async fn connect(url: &str) -> anyhow::Result<Opened> {
    let clock = DatabaseClock::connect(url).await?;
    let world = World::by(Arc::new(clock));
    let store = PostgresStore::connect(url, Migrate::Yes, world.clone()).await?;
    info!(database = store.place(), "working on a PostgreSQL database");
    Ok(Opened::new(store, world))
}

async fn wait_for(url: &str) -> anyhow::Result<()> {
    let mut pause = PAUSE;
    while let Reached::NotYet { reason } = reach(url).await? {
        warn!(
            reason,
            "the database cannot be reached; waiting for it: start the server, or see host and \
             port in the database's URL"
        );
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    Ok(())
}

/// What a node is called that nobody named: on a file of its own, there is no other; nodes on one
/// server are told apart by where they listen.
pub fn node_name(database: &Database, listens: Option<SocketAddr>) -> String {
    match database {
        Database::Sqlite(_) => "core".to_owned(),
        Database::Postgres(_) => {
            let machine = whoami::hostname().unwrap_or_else(|_| "core".to_owned());
            match listens {
                Some(address) => format!("{machine}:{}", address.port()),
                None => machine,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_on_one_database_have_names_of_their_own() {
        let file = Database::Sqlite("data".into());
        let server = Database::Postgres("postgres://ada:secret@host/registry".to_owned());
        let address = "127.0.0.1:7070".parse().ok();
        assert_eq!(node_name(&file, address), "core");
        let name = node_name(&server, address);
        assert!(name.ends_with(":7070") && name.len() > 5, "{name}");
    }

    #[tokio::test]
    async fn what_waiting_does_not_help_against_is_told_at_once_and_without_the_password() {
        let stop = CancellationToken::new();
        let wrong = Database::Postgres("postgres://ada:secret@host:port/registry".to_owned());
        let refused = open(&wrong, World::real(), &stop).await;
        let refused = format!("{:#}", refused.err().unwrap());
        assert!(!refused.contains("secret"), "{refused}");
    }

    #[tokio::test]
    async fn a_server_that_does_not_answer_is_waited_for_until_core_is_to_stop() {
        // Nobody listens there: the port was given, and given back.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let away = Database::Postgres(format!("postgres://ada:secret@{address}/registry"));
        let stop = CancellationToken::new();
        let mut opening = Box::pin(open(&away, World::real(), &stop));
        let a_while = tokio::time::timeout(Duration::from_millis(100), &mut opening);
        assert!(a_while.await.is_err(), "it waits");
        stop.cancel();
        assert!(opening.await.unwrap().is_none());
    }
}
