//! One part of a deployment: a process that can be killed at any moment and started again at the
//! same address, on the same files.

use std::{
    fs::{self, File, OpenOptions},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use reqwest::Client;
use tokio::{
    process::{Child, Command},
    time::sleep,
};

/// Longest time a part may take to come up, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(90);
/// What Core signs triggers with.
const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// Between looks at whether it has.
const LOOK: Duration = Duration::from_millis(25);

/// One process: how to start it, and the process while it runs.
pub struct Part {
    pub name: String,
    pub url: String,
    program: PathBuf,
    ready: &'static str,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    log: PathBuf,
    http: Client,
    child: Option<Child>,
}

impl Part {
    /// A part that is not started yet; `options` begin with its command.
    pub fn new(
        program: &Path,
        name: &str,
        address: SocketAddr,
        ready: &'static str,
        options: Vec<String>,
        folder: &Path,
        http: &Client,
    ) -> Self {
        let mut arguments = options;
        arguments.extend(["--listen".to_owned(), address.to_string()]);
        Self {
            name: name.to_owned(),
            url: format!("http://{address}"),
            program: program.to_owned(),
            ready,
            arguments,
            environment: Vec::new(),
            log: folder.join(format!("{name}.log")),
            http: http.clone(),
            child: None,
        }
    }

    /// Adds to what it finds in its environment at its next start.
    pub fn environment(&mut self, environment: &[(&str, &str)]) {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.environment.extend(environment.iter().map(owned));
    }

    /// Starts the process, and does not wait for it.
    pub fn start(&mut self) {
        let child = program(&self.program)
            .env("COUNTERSIGN_WEBHOOK_SECRETS", WEBHOOK_SECRET)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .arg("--stop-at-end-of-input")
            .args(&self.arguments)
            // Held open by whoever tries it: however that ends, no process is left behind.
            .stdin(Stdio::piped())
            .stdout(log_file(&self.log))
            .stderr(log_file(&self.log))
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    /// The process, while it runs.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Waits until it serves.
    pub async fn until_ready(&mut self) {
        let started = Instant::now();
        while !self.is_ready().await {
            self.must_run();
            assert!(
                started.elapsed() < PATIENCE,
                "{} is not ready after {PATIENCE:?}:\n{}",
                self.name,
                self.last_words()
            );
            sleep(LOOK).await;
        }
    }

    /// Whether it says that it serves.
    pub async fn is_ready(&self) -> bool {
        let url = format!("{}{}", self.url, self.ready);
        let answer = self.http.get(&url).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// `kill -9`: it gets no chance to finish or to tidy up.
    pub async fn kill(&mut self) {
        self.must_run();
        self.child.take().unwrap().kill().await.unwrap();
    }

    /// Waits until it has ended by itself, badly, and answers what it said last.
    pub async fn until_it_gives_up(&mut self) -> String {
        let mut child = self.child.take().unwrap();
        let ended = tokio::time::timeout(PATIENCE, child.wait()).await;
        let status = ended.expect("it would not end by itself").unwrap();
        assert!(!status.success(), "{} ended as if all were well", self.name);
        self.last_words()
    }

    /// The last lines of its log.
    #[must_use]
    pub fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
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

    /// A part that ends by itself has failed, whatever is tried.
    fn must_run(&mut self) {
        if let Some(status) = self.child.as_mut().unwrap().try_wait().unwrap() {
            panic!(
                "{} ended by itself ({status}):\n{}",
                self.name,
                self.last_words()
            );
        }
    }
}

/// The real program, free of what the environment may set for another deployment, and of proxies
/// to the internet: all it calls is on this machine.
pub fn program(path: &Path) -> Command {
    let mut program = Command::new(path);
    for (name, _) in std::env::vars_os() {
        let upper = name.to_string_lossy().to_uppercase();
        let ours = ["COUNTERSIGN_", "OTEL_"];
        if ours.iter().any(|prefix| upper.starts_with(prefix)) || upper.ends_with("_PROXY") {
            program.env_remove(name);
        }
    }
    program
}

pub(crate) fn log_file(path: &Path) -> File {
    let mut options = OpenOptions::new();
    options.create(true).append(true).open(path).unwrap()
}
