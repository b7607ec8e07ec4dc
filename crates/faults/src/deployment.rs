//! Several Cores on one database (or one on a file), a country config and the outside world, each a
//! process of its own; all that passes between Core and country config passes through bad networks.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::Duration,
};

use reqwest::Client;
use tempfile::TempDir;
use world::World;

use crate::{
    database::Database,
    disk::Disk,
    process::{Part, log_file, program},
    proxy::Proxy,
};

/// Where Core keeps its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// One Core on a file in an ordinary folder.
    Sqlite,
    /// One Core on a file on a disk of its own, which can fill up and turn read-only.
    SmallDisk,
    /// Three Cores on one PostgreSQL with a standby.
    Postgres,
}

/// All parts, in a folder of their own.
pub struct Deployment {
    pub cores: Vec<Part>,
    pub country: Part,
    pub standins: Part,
    /// What country config is reached through.
    pub to_country: Proxy,
    /// What country config reaches the Cores through, whichever lives.
    pub to_cores: Proxy,
    pub database: Option<Database>,
    pub disk: Option<Disk>,
    folder: Option<TempDir>,
}

impl Deployment {
    /// Starts everything with this in its environment, and brings in the country's places and users.
    pub async fn start(
        program_path: &Path,
        on: On,
        http: &Client,
        world: &World,
        environment: &[(&str, &str)],
    ) -> Self {
        let folder = TempDir::new().unwrap();
        let nodes = if on == On::Postgres { 3 } else { 1 };
        let ports = free_ports(3 + nodes, world);
        let at = |nth: usize| SocketAddr::from(([127, 0, 0, 1], ports[nth]));
        let (country_at, standins_at, smtp_at) = (at(0), at(1), at(2));
        let cores_at: Vec<SocketAddr> = (3..3 + nodes).map(at).collect();

        let to_country = Proxy::start(vec![country_at], fork(world)).await.unwrap();
        let to_cores = Proxy::start(cores_at.clone(), fork(world)).await.unwrap();
        let database = match on {
            On::Postgres => Some(Database::start().await),
            On::Sqlite | On::SmallDisk => None,
        };
        let disk = (on == On::SmallDisk).then(|| Disk::mount(folder.path()));
        let core_data = match &disk {
            Some(disk) => disk.path().join("core"),
            None => folder.path().join("core"),
        };

        let standins_url = format!("http://{standins_at}");
        let part = |name: &str, address: SocketAddr, ready, options: Vec<String>| {
            Part::new(
                program_path,
                name,
                address,
                ready,
                options,
                folder.path(),
                http,
            )
        };
        let words =
            |words: &[&str]| -> Vec<String> { words.iter().map(|&word| word.to_owned()).collect() };
        let data = |path: &Path| path.display().to_string();
        let standins = part(
            "standins",
            standins_at,
            "/inbox",
            words(&[
                "standins",
                "--data",
                &data(&folder.path().join("standins")),
                "--smtp",
                &smtp_at.to_string(),
            ]),
        );
        let country = part(
            "country",
            country_at,
            "/ping",
            words(&[
                "country",
                "--data",
                &data(&folder.path().join("country")),
                "--core-url",
                &to_cores.url(),
                "--national-id-url",
                &standins_url,
                "--sms-url",
                &standins_url,
                "--smtp",
                &smtp_at.to_string(),
            ]),
        );
        let cores = cores_at.iter().enumerate().map(|(nth, &address)| {
            let name = format!("core-{}", nth + 1);
            let mut options = words(&[
                "core",
                "--data",
                &data(&core_data),
                "--country-url",
                &to_country.url(),
                "--node",
                &name,
                // What takes minutes in production takes seconds here.
                "--user-wait",
                "2s",
                "--attempt-timeout",
                "4s",
                "--backoff-first",
                "100ms",
                "--backoff-cap",
                "1s",
                "--development",
            ]);
            if let Some(database) = &database {
                options.extend(["--database-url".to_owned(), database.url()]);
            }
            part(&name, address, "/health/ready", options)
        });
        let mut deployment = Self {
            cores: cores.collect(),
            country,
            standins,
            to_country,
            to_cores,
            database,
            disk,
            folder: Some(folder),
        };
        for part in deployment.parts() {
            part.environment(environment);
        }
        deployment.standins.start();
        deployment.standins.until_ready().await;
        deployment.country.start();
        deployment.country.until_ready().await;
        deployment.cores[0].start();
        deployment.cores[0].until_ready().await;
        deployment.seed(program_path, &core_data).await;
        // Started afterwards, so that they know the places at once.
        for core in &mut deployment.cores[1..] {
            core.start();
            core.until_ready().await;
        }
        deployment
    }

    /// Origins of the Cores.
    #[must_use]
    pub fn core_urls(&self) -> Vec<String> {
        self.cores.iter().map(|core| core.url.clone()).collect()
    }

    /// Where everything is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.as_ref().unwrap().path()
    }

    /// Kills everything, so that nobody writes any more when the folder goes.
    pub async fn end(mut self) {
        for part in self.parts() {
            part.kill().await;
        }
    }

    fn parts(&mut self) -> impl Iterator<Item = &mut Part> {
        let others = [&mut self.country, &mut self.standins];
        self.cores.iter_mut().chain(others)
    }

    async fn seed(&self, program_path: &Path, core_data: &Path) {
        let folder = self.folder.as_ref().unwrap().path();
        let log = folder.join("seed.log");
        let mut seed = program(program_path);
        seed.args(["seed", "--core", &self.cores[0].url])
            .args(["--country-url", &self.country.url, "--data"])
            .arg(core_data)
            .arg("--activate-users")
            .stdin(Stdio::null())
            .stdout(log_file(&log))
            .stderr(log_file(&log));
        if let Some(database) = &self.database {
            seed.args(["--database-url", &database.url()]);
        }
        let status = seed.status().await.unwrap();
        assert!(
            status.success(),
            "places and users were not brought in:\n{}",
            fs::read_to_string(&log).unwrap_or_default()
        );
    }
}

impl Deployment {
    /// Leaves files and logs to whoever wants to know what went wrong.
    pub fn keep_files(&mut self) {
        if let Some(folder) = self.folder.take() {
            println!("files and logs are kept in {}", folder.keep().display());
        }
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.keep_files();
        }
    }
}

/// A world with randomness of its own, decided by this one's.
pub(crate) fn fork(world: &World) -> World {
    World::seeded(
        std::sync::Arc::new(world::SystemClock),
        world.below(u64::MAX),
    )
}

/// Ports that nobody listens on. They lie below those that operating systems give to outgoing
/// connections: one of these could otherwise sit on a port while the part that owns it is down.
fn free_ports(wanted: usize, world: &World) -> Vec<u16> {
    const LOWEST: u64 = 12_000;
    const HIGHEST: u64 = 32_000;
    // Held until all are found, so that none is found twice.
    let mut held = Vec::new();
    while held.len() < wanted {
        let port = LOWEST + world.below(HIGHEST - LOWEST);
        let port = u16::try_from(port).unwrap();
        held.extend(TcpListener::bind(("127.0.0.1", port)));
    }
    held.iter()
        .map(|listener| listener.local_addr().unwrap().port())
        .collect()
}

/// How long a run may take to come to rest when everything is well again.
pub const PATIENCE: Duration = Duration::from_secs(120);
