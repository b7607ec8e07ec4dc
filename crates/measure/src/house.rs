//! What is measured: Cores of the given program on an empty store, beside a country config of this
//! process.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, ensure};
use faults::process::{Part, program};
use postgres_cluster::{Cluster, Durability};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    caller::{Answer, Caller},
    country::Country,
};

/// Whom to sign in as: the reference country's registrar.
const REGISTRAR: (&str, &str) = ("a.sorel", "demo-only");

/// On what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// SQLite
    Sqlite,
    /// PostgreSQL
    Postgres,
}

/// A deployment.
pub struct House {
    /// Its Cores.
    pub cores: Vec<Part>,
    /// Its country config.
    pub country: Country,
    /// Its database, where it has one.
    pub cluster: Option<Arc<Cluster>>,
    /// Looks after its parts.
    pub http: Client,
    /// Calls its Cores, and the country.
    pub caller: Caller,
    /// A registrar's token.
    pub token: String,
    turn: AtomicUsize,
    folder: TempDir,
}

/// How to start it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The program.
    pub program: PathBuf,
    /// Where its files go: on the disk to be measured.
    pub folder: PathBuf,
    /// On what.
    pub kind: Kind,
    /// How many Cores.
    pub nodes: usize,
    /// More options of each.
    pub options: Vec<String>,
}

impl House {
    /// Starts everything and signs a registrar in.
    ///
    /// # Errors
    /// When something does not come up.
    pub async fn start(plan: &Plan) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("countersign-measure-")
            .tempdir_in(&plan.folder)?;
        let country = Country::start().await?;
        let cluster = match plan.kind {
            Kind::Sqlite => None,
            Kind::Postgres => {
                let cluster = tokio::task::spawn_blocking(|| {
                    let cluster = Cluster::start(Durability::Real)?;
                    cluster.create_database("countersign", None)?;
                    Ok::<_, postgres_cluster::ClusterError>(cluster)
                })
                .await??;
                Some(Arc::new(cluster))
            }
        };
        let http = Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(60))
            .build()?;
        let data = folder.path().join("core");
        let database = cluster.as_ref().map(|cluster| cluster.url("countersign"));
        let mut cores = Vec::new();
        for nth in 0..plan.nodes {
            let name = format!("core-{}", nth + 1);
            let mut options: Vec<String> = ["core", "--node", &name, "--country-url", &country.url]
                .into_iter()
                .map(str::to_owned)
                .collect();
            options.extend(["--data".to_owned(), data.display().to_string()]);
            if let Some(url) = &database {
                options.extend(["--database-url".to_owned(), url.clone()]);
            }
            options.extend(plan.options.iter().cloned());
            let mut core = Part::new(
                &plan.program,
                &name,
                free_port()?,
                "/health/ready",
                options,
                folder.path(),
                &http,
            );
            core.start();
            core.until_ready().await;
            cores.push(core);
        }
        let mut house = Self {
            cores,
            country,
            cluster,
            http,
            caller: Caller::default(),
            token: String::new(),
            turn: AtomicUsize::new(0),
            folder,
        };
        house
            .seed(&plan.program, &data, database.as_deref())
            .await?;
        house.sign_in().await?;
        Ok(house)
    }

    /// The folder of all its files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the file of a Core on SQLite is.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.folder().join("core").join("countersign.sqlite")
    }

    async fn seed(&self, path: &Path, data: &Path, database: Option<&str>) -> anyhow::Result<()> {
        let core = self.cores.first().context("there is a Core")?;
        let mut seed = program(path);
        seed.args(["seed", "--core", &core.url])
            .args([
                "--country-url",
                &self.country.url,
                "--activate-users",
                "--data",
            ])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if let Some(url) = database {
            seed.args(["--database-url", url]);
        }
        ensure!(
            seed.status().await?.success(),
            "the places were not brought in"
        );
        Ok(())
    }

    async fn sign_in(&mut self) -> anyhow::Result<()> {
        let (username, password) = REGISTRAR;
        let credentials = json!({ "username": username, "password": password });
        let challenge = self.post("/auth/authenticate", &credentials).await?;
        let code = self.country.code().await?;
        let proof = json!({ "nonce": challenge.get("nonce"), "code": code });
        let verified = self.post("/auth/verifyCode", &proof).await?;
        let token = verified.get("token").and_then(Value::as_str);
        token
            .context("Core gave no token")?
            .clone_into(&mut self.token);
        Ok(())
    }

    /// Posts to whichever Core comes next; anything but a 2xx is an error.
    ///
    /// # Errors
    /// What came instead.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.post_to(self.next_core()?, path, body).await
    }

    /// Posts to one Core.
    ///
    /// # Errors
    /// What came instead of a 2xx.
    pub async fn post_to(&self, core: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(
            &self.ask(core, path, body).await?.body,
        )?)
    }

    /// Posts to whichever Core comes next, and only looks whether it answers with a 2xx.
    ///
    /// # Errors
    /// What came instead.
    pub async fn send(&self, path: &str, body: &Value) -> anyhow::Result<()> {
        self.ask(self.next_core()?, path, body).await.map(drop)
    }

    async fn ask(&self, core: &str, path: &str, body: &Value) -> anyhow::Result<Answer> {
        let body = serde_json::to_vec(body)?;
        let answer = self.caller.post(core, path, &self.token, &body).await?;
        ensure!(
            (200..300).contains(&answer.status),
            "{path}: {} {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
        Ok(answer)
    }

    fn next_core(&self) -> anyhow::Result<&str> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let core = self.cores.get(turn % self.cores.len().max(1));
        Ok(&core.context("there is a Core")?.url)
    }

    /// Process ids of everything of the deployment but this process.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        let cores = self.cores.iter().filter_map(Part::process);
        cores.chain(self.database_processes()).collect()
    }

    fn database_processes(&self) -> Vec<u32> {
        let Some(first) = self.cluster.as_ref().and_then(|cluster| cluster.process()) else {
            return Vec::new();
        };
        let mut all = vec![first];
        all.extend(crate::process::children_of(first));
        all
    }
}

fn free_port() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
