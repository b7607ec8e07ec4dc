//! Core, a country config and the outside world, each a process that can be killed at any moment
//! and started again at the same address, on the same files.

use std::{
    fs::{self, File, OpenOptions},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use reqwest::Client;
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::sleep,
};
use world::World;

/// Longest time a part may take to come up, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);
/// What Core signs triggers with.
const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// Between looks at whether it has.
const LOOK: Duration = Duration::from_millis(25);

/// All parts, in a folder of their own.
pub struct Deployment {
    pub core: Part,
    pub country: Part,
    pub standins: Part,
    folder: Option<TempDir>,
}

impl Deployment {
    /// Starts everything, and brings in the country's places and users.
    pub async fn start(http: &Client, world: &World) -> Self {
        Self::start_with(http, world, &[]).await
    }

    /// As [`Deployment::start`], with this in the environment of every part.
    pub async fn start_with(http: &Client, world: &World, environment: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let [core, country, standins, smtp] = free_ports(world);
        let at = |port: u16| format!("127.0.0.1:{port}");
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        let part = |name, port, ready, options: &[&str]| {
            Part::new(name, url(port), ready, &at(port), options, &folder, http)
        };
        let mut deployment = Self {
            standins: part("standins", standins, "/inbox", &["--smtp", &at(smtp)]),
            country: part(
                "country",
                country,
                "/ping",
                &[
                    "--core-url",
                    &url(core),
                    "--national-id-url",
                    &url(standins),
                    "--sms-url",
                    &url(standins),
                    "--smtp",
                    &at(smtp),
                ],
            ),
            core: part(
                "core",
                core,
                "/health/ready",
                &[
                    "--country-url",
                    &url(country),
                    // What takes minutes in production takes seconds here.
                    "--user-wait",
                    "2s",
                    "--backoff-first",
                    "100ms",
                    "--backoff-cap",
                    "1s",
                    "--development",
                ],
            ),
            folder: Some(folder),
        };
        for part in deployment.parts() {
            for (name, value) in environment {
                let (name, value) = ((*name).to_owned(), (*value).to_owned());
                part.environment.push((name, value));
            }
            part.start();
            part.until_ready().await;
        }
        deployment.seed().await;
        deployment
    }

    /// All parts, in the order in which they can start.
    fn parts(&mut self) -> [&mut Part; 3] {
        [&mut self.standins, &mut self.country, &mut self.core]
    }

    /// Where everything is.
    pub fn folder(&self) -> &Path {
        self.folder.as_ref().unwrap().path()
    }

    /// Kills everything, so that nobody writes any more when the folder goes.
    pub async fn end(mut self) {
        for part in [&mut self.core, &mut self.country, &mut self.standins] {
            part.kill().await;
        }
    }

    async fn seed(&self) {
        let folder = self.folder.as_ref().unwrap().path();
        let log = folder.join("seed.log");
        let status = program()
            .args(["seed", "--core", &self.core.url])
            .args(["--country-url", &self.country.url, "--data"])
            .arg(folder.join("core"))
            .arg("--activate-users")
            .stdin(Stdio::null())
            .stdout(log_file(&log))
            .stderr(log_file(&log))
            .status()
            .await
            .unwrap();
        assert!(
            status.success(),
            "places and users were not brought in:\n{}",
            last_words(&log)
        );
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(folder) = self.folder.take()
        {
            println!("files and logs are kept in {}", folder.keep().display());
        }
    }
}

/// One process: how to start it, and the process while it runs.
pub struct Part {
    pub name: &'static str,
    pub url: String,
    ready: &'static str,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    log: PathBuf,
    http: Client,
    child: Option<Child>,
}

impl Part {
    fn new(
        name: &'static str,
        url: String,
        ready: &'static str,
        listen: &str,
        options: &[&str],
        folder: &TempDir,
        http: &Client,
    ) -> Self {
        let data = folder.path().join(name).display().to_string();
        let common = [name, "--listen", listen, "--data", &data];
        Self {
            name,
            url,
            ready,
            arguments: common
                .iter()
                .chain(options)
                .map(|&s| s.to_owned())
                .collect(),
            environment: Vec::new(),
            log: folder.path().join(format!("{name}.log")),
            http: http.clone(),
            child: None,
        }
    }

    /// Starts the process, and does not wait for it.
    pub fn start(&mut self) {
        let child = program()
            .env("COUNTERSIGN_WEBHOOK_SECRETS", WEBHOOK_SECRET)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .arg("--stop-at-end-of-input")
            .args(&self.arguments)
            // Held open by the test: however that ends, no process is left behind.
            .stdin(Stdio::piped())
            .stdout(log_file(&self.log))
            .stderr(log_file(&self.log))
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    /// Waits until it serves.
    pub async fn until_ready(&mut self) {
        let url = format!("{}{}", self.url, self.ready);
        let started = Instant::now();
        loop {
            let answer = self.http.get(&url).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            self.must_run();
            assert!(
                started.elapsed() < PATIENCE,
                "{} is not ready after {PATIENCE:?}:\n{}",
                self.name,
                last_words(&self.log)
            );
            sleep(LOOK).await;
        }
    }

    /// `kill -9`: it gets no chance to finish or to tidy up.
    pub async fn kill(&mut self) {
        self.must_run();
        self.child.take().unwrap().kill().await.unwrap();
    }

    /// Says where its data is from its next start on.
    pub fn moves_to(&mut self, data: &Path) {
        let at = self.arguments.iter().position(|name| name == "--data");
        self.arguments[at.unwrap() + 1] = data.display().to_string();
    }

    /// Says in which database its data is from its next start on.
    pub fn moves_to_database(&mut self, url: &str) {
        let at = ["--database-url", url].map(str::to_owned);
        self.arguments.extend(at);
    }

    /// A part that ends by itself has failed the test, whatever it was about.
    fn must_run(&mut self) {
        if let Some(status) = self.child.as_mut().unwrap().try_wait().unwrap() {
            panic!(
                "{} ended by itself ({status}):\n{}",
                self.name,
                last_words(&self.log)
            );
        }
    }
}

/// The real program, free of what the environment may set for another deployment, and of proxies
/// to the internet: all it calls is on this machine.
pub fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_countersign"));
    for (name, _) in std::env::vars_os() {
        let upper = name.to_string_lossy().to_uppercase();
        if upper.starts_with("COUNTERSIGN_")
            || upper.starts_with("OTEL_")
            || upper.ends_with("_PROXY")
        {
            program.env_remove(name);
        }
    }
    program
}

fn log_file(path: &Path) -> File {
    let mut options = OpenOptions::new();
    options.create(true).append(true).open(path).unwrap()
}

fn last_words(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

/// Ports that nobody listens on. They lie below those that operating systems give to outgoing
/// connections: one of these could otherwise sit on a port while the part that owns it is down.
fn free_ports<const N: usize>(world: &World) -> [u16; N] {
    const LOWEST: u64 = 12_000;
    const HIGHEST: u64 = 32_000;
    // Held until all are found, so that none is found twice.
    let mut held = Vec::new();
    while held.len() < N {
        let port = LOWEST + world.below(HIGHEST - LOWEST);
        let port = u16::try_from(port).unwrap();
        held.extend(TcpListener::bind(("127.0.0.1", port)));
    }
    std::array::from_fn(|at| held[at].local_addr().unwrap().port())
}
