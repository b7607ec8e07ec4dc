//! All parts of the system on this machine: where they are, and how they are started.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use tokio::process::Command;
use toolkit::Secret;

use super::{DemoArgs, say::Say};
use crate::part::Part;

/// The parts, and where they keep what they know.
pub struct House {
    /// Core.
    pub core: Part,
    /// The country config.
    pub country: Part,
    /// The outside world.
    pub standins: Part,
    http: reqwest::Client,
    say: Say,
    data: PathBuf,
}

impl House {
    /// The parts as the options want them; nothing runs yet. `secret` is what Core signs its
    /// triggers with, so that country config knows them.
    #[must_use]
    pub fn new(args: &DemoArgs, http: reqwest::Client, secret: &Secret, say: Say) -> Self {
        let signing = || vec![("COUNTERSIGN_WEBHOOK_SECRETS", secret.clone())];
        let at = |port: u16| format!("127.0.0.1:{port}");
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        let folder = |name: &str| args.data.join(name).display().to_string();
        let log = |name: &str| args.data.join(format!("{name}.log"));
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        let standins = Part {
            name: "Stand-ins for national ID, SMS and mail",
            url: url(args.standins_port),
            ready: "/inbox",
            arguments: words(&[
                "standins",
                "--listen",
                &at(args.standins_port),
                "--smtp",
                &at(args.smtp_port),
                "--data",
                &folder("standins"),
            ]),
            secrets: Vec::new(),
            ports: vec![
                (args.standins_port, "--standins-port"),
                (args.smtp_port, "--smtp-port"),
            ],
            log: log("standins"),
            child: None,
        };
        let country = Part {
            name: "Country config",
            url: url(args.country_port),
            ready: "/ping",
            arguments: words(&[
                "country",
                "--listen",
                &at(args.country_port),
                "--core-url",
                &url(args.core_port),
                "--national-id-url",
                &url(args.standins_port),
                "--sms-url",
                &url(args.standins_port),
                "--smtp",
                &at(args.smtp_port),
                "--data",
                &folder("country"),
            ]),
            secrets: signing(),
            ports: vec![(args.country_port, "--country-port")],
            log: log("country"),
            child: None,
        };
        let core = Part {
            name: "Core",
            url: url(args.core_port),
            ready: "/health/ready",
            arguments: words(&[
                "core",
                "--listen",
                &at(args.core_port),
                "--country-url",
                &url(args.country_port),
                "--data",
                &folder("core"),
                // A person waits less, and retries follow faster, than they would in production:
                // so that the walk-through does not keep its audience waiting.
                "--user-wait",
                "3s",
                "--backoff-cap",
                "4s",
                "--development",
            ]),
            secrets: signing(),
            ports: vec![(args.core_port, "--core-port")],
            log: log("core"),
            child: None,
        };
        Self {
            core,
            country,
            standins,
            http,
            say,
            data: args.data.clone(),
        }
    }

    /// Starts everything and, the first time, brings in the country's places and users.
    ///
    /// # Errors
    /// When a part does not come up.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        for part in [&mut self.standins, &mut self.country, &mut self.core] {
            part.start(&self.http).await?;
            self.say
                .held(format_args!("{:<42} {}", part.name, part.url));
        }
        self.seed().await
    }

    /// The parts in the order they are started.
    pub fn parts(&mut self) -> [&mut Part; 3] {
        [&mut self.standins, &mut self.country, &mut self.core]
    }

    /// The HTTP client.
    #[must_use]
    pub const fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Where the parts keep what they know.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Kills country config as a power cut would.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn kill_country(&mut self) -> anyhow::Result<()> {
        kill(&mut self.country, self.say).await
    }

    /// Starts country config again.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn restart_country(&mut self) -> anyhow::Result<()> {
        restart(&mut self.country, &self.http, self.say).await
    }

    /// Kills Core as a power cut would.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn kill_core(&mut self) -> anyhow::Result<()> {
        kill(&mut self.core, self.say).await
    }

    /// Starts Core again.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn restart_core(&mut self) -> anyhow::Result<()> {
        restart(&mut self.core, &self.http, self.say).await
    }

    /// Stops everything: Core first, so that it is not left talking to nobody.
    pub async fn stop(&mut self) {
        for part in [&mut self.core, &mut self.country, &mut self.standins] {
            part.stop().await;
        }
    }

    async fn seed(&self) -> anyhow::Result<()> {
        // Beside what was seeded, so that it goes when that goes.
        let done = self.data.join("core").join("seeded");
        if done.exists() {
            self.say
                .held("Places and users are there from an earlier start");
            return Ok(());
        }
        let status = Command::new(std::env::current_exe().context("where is this program?")?)
            .args([
                "seed",
                "--core",
                &self.core.url,
                "--country-url",
                &self.country.url,
                // The demo's accounts are there to be used at once.
                "--activate-users",
                "--data",
            ])
            .arg(self.data.join("core"))
            .status()
            .await
            .context("seeding could not be started")?;
        ensure!(status.success(), "places and users could not be brought in");
        std::fs::write(&done, "").with_context(|| format!("cannot write {}", done.display()))?;
        self.say
            .held("The country's places and users are brought in");
        Ok(())
    }
}

async fn kill(part: &mut Part, say: Say) -> anyhow::Result<()> {
    let pid = part.pid().map_or_else(String::new, |pid| pid.to_string());
    part.kill().await?;
    say.happens(format_args!("{} is killed: kill -9 {pid}", part.name));
    Ok(())
}

async fn restart(part: &mut Part, http: &reqwest::Client, say: Say) -> anyhow::Result<()> {
    part.start(http).await?;
    let pid = part.pid().map_or_else(String::new, |pid| pid.to_string());
    say.happens(format_args!(
        "{} is started again, as process {pid}",
        part.name
    ));
    Ok(())
}
