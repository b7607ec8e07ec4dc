//! A real PostgreSQL with a standby that it waits for, so that going over to it loses nothing that
//! was promised.

use std::{sync::Arc, time::Duration};

use postgres_cluster::{Cluster, ClusterError, Durability};
use tokio::{task::spawn_blocking, time::sleep};
use world::World;

/// The database's name.
const NAME: &str = "countersign";

/// The server that is written to, and the one that would take its place.
pub struct Database {
    primary: Arc<Cluster>,
    standby: Option<Arc<Cluster>>,
    /// Of both servers, as a deployment would name them.
    url: String,
}

impl Database {
    /// Starts both.
    pub async fn start() -> Self {
        spawn_blocking(|| {
            let primary = Cluster::start(Durability::Real)?;
            primary.create_database(NAME, None)?;
            let standby = primary.standby(true)?;
            let (ours, theirs) = (primary.port(), standby.port());
            let host = format!("127.0.0.1:{ours}");
            let url = primary.url(NAME);
            assert!(url.contains(&host), "{url}");
            let url = url.replace(&host, &format!("{host},127.0.0.1:{theirs}"));
            let separator = if url.contains('?') { '&' } else { '?' };
            Ok::<_, ClusterError>(Self {
                primary: Arc::new(primary),
                standby: Some(Arc::new(standby)),
                url: format!("{url}{separator}target_session_attrs=read-write"),
            })
        })
        .await
        .unwrap()
        .unwrap()
    }

    /// Where Cores find it.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// `kill -9`, and after a while a start on the same files.
    pub async fn kill_and_start(&mut self, world: &World) {
        on(&self.primary, Cluster::kill).await;
        sleep(Duration::from_millis(world.below(2000))).await;
        on(&self.primary, Cluster::start_again).await;
    }

    /// `kill -9` for good; after a while the standby takes over.
    pub async fn fail_over(&mut self, world: &World) {
        let standby = self.standby.take().expect("there is a standby");
        on(&self.primary, Cluster::kill).await;
        sleep(Duration::from_millis(world.below(2000))).await;
        on(&standby, Cluster::promote).await;
        self.primary = standby;
    }
}

/// Servers take their time, which must not hold up the networks of this process.
async fn on(cluster: &Arc<Cluster>, what: fn(&Cluster) -> Result<(), ClusterError>) {
    let cluster = Arc::clone(cluster);
    spawn_blocking(move || what(&cluster))
        .await
        .unwrap()
        .unwrap();
}
