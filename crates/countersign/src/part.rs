//! One part of the system, as a process of its own.

use std::{
    fs::{self, File, OpenOptions},
    net::TcpListener,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use tokio::process::{Child, Command};
use toolkit::Secret;

use crate::remote::Remote;

/// Longest time a part may take to come up.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest time a part may take to finish what is under way.
const FAREWELL: Duration = Duration::from_secs(15);

/// What a part reaches without the proxy that the environment may name: all of this machine,
/// besides what the environment excepts itself.
fn without_proxy() -> String {
    let excepted = ["NO_PROXY", "no_proxy"].map(|name| std::env::var(name).unwrap_or_default());
    let here = "127.0.0.1,localhost,::1".to_owned();
    excepted
        .into_iter()
        .filter(|hosts| !hosts.is_empty())
        .fold(here, |all, hosts| format!("{all},{hosts}"))
}

/// How to run a part, and the process while it runs.
#[derive(Debug)]
pub struct Part {
    /// For people, such as `Core`.
    pub name: &'static str,
    /// Where it is served.
    pub url: String,
    /// The path that answers 2xx once it is ready.
    pub ready: &'static str,
    /// What it is started with, the command first.
    pub arguments: Vec<String>,
    /// What it is told through the environment, which only its owner can read.
    pub secrets: Vec<(&'static str, Secret)>,
    /// Ports that must be free, each with the option that chooses another.
    pub ports: Vec<(u16, &'static str)>,
    /// Where it logs.
    pub log: PathBuf,
    /// The process, while it runs.
    pub child: Option<Child>,
}

impl Part {
    /// Starts the process and waits until it is ready.
    ///
    /// # Errors
    /// When a port is taken, or the process ends or is not ready in time.
    pub async fn start(&mut self, http: &reqwest::Client) -> anyhow::Result<()> {
        for (port, option) in &self.ports {
            ensure!(
                TcpListener::bind(("127.0.0.1", *port)).is_ok(),
                "port {port}, wanted for {}, is taken: stop what uses it, or choose another with \
                 {option}",
                self.name
            );
        }
        let log = self.open_log()?;
        let child = Command::new(std::env::current_exe().context("where is this program?")?)
            .args(["--log", "json", "--stop-at-end-of-input"])
            .args(&self.arguments)
            .envs(self.secrets.iter().map(|(name, it)| (name, it.reveal())))
            .envs(["NO_PROXY", "no_proxy"].map(|name| (name, without_proxy())))
            // Held open by this process: when it ends, however it ends, so does the part.
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            // Ctrl-C in the terminal is this process's to handle.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} could not be started", self.name))?;
        self.child = Some(child);
        let started = Instant::now();
        let remote = Remote::new(http.clone(), &self.url, "");
        while remote.get(self.ready).await.is_err() {
            if let Some(status) = self.ended() {
                bail!(
                    "{} ended at once ({status}):\n{}",
                    self.name,
                    self.last_words()
                );
            }
            ensure!(
                started.elapsed() < PATIENCE,
                "{} is not ready after {PATIENCE:?}:\n{}",
                self.name,
                self.last_words()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Kills the process on the spot, as a power cut would: SIGKILL.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        let mut child = self
            .child
            .take()
            .with_context(|| format!("{} does not run", self.name))?;
        child
            .kill()
            .await
            .with_context(|| format!("{} could not be killed", self.name))
    }

    /// Lets the process finish what is under way, and ends it when that takes too long.
    pub async fn stop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        drop(child.stdin.take());
        if tokio::time::timeout(FAREWELL, child.wait()).await.is_err() {
            // Nothing more can be done if even this fails.
            let _ = child.kill().await;
        }
    }

    /// How the process ended, if it has although nobody asked it to.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.as_mut()?.try_wait().ok().flatten()
    }

    /// The process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref()?.id()
    }

    /// The end of its log.
    #[must_use]
    pub fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines
            .get(lines.len().saturating_sub(10)..)
            .unwrap_or_default()
            .join("\n")
    }

    fn open_log(&self) -> anyhow::Result<File> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .with_context(|| format!("cannot write {}", self.log.display()))
    }
}
