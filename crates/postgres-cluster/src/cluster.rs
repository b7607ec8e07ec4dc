//! A server of one's own.

use std::{
    fs::{self, File, Permissions},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tempfile::TempDir;

use crate::{
    ClusterError,
    guard::{self, USERS, lock_file},
    programs::Programs,
    tried,
};

/// What a server does to keep what it has promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// As in production: what was committed is on the disk.
    Real,
    /// Nothing: a crash of the machine loses everything, and tests are fast.
    None,
}

/// A running server, which goes with this.
#[derive(Debug)]
pub struct Cluster {
    server: Server,
    /// The server's first process: ours, so that it is over when we have seen it end, also where
    /// nobody collects orphans (in a container, often).
    process: Mutex<Option<Child>>,
    /// Locked as long as the server is to live.
    _users: File,
    /// Removed last.
    directory: TempDir,
}

/// A server's files, and how it is reached.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    programs: Programs,
    directory: PathBuf,
    pub(crate) port: u16,
}

/// A port may be taken between its choice and the server's start, and what a killed server leaves
/// behind takes a moment to end.
const TRIES: u32 = 10;
const MOMENT: Duration = Duration::from_millis(20);
/// How many moments a server may take to start: a minute.
const MOMENTS: u32 = 3000;

impl Cluster {
    /// Makes a new cluster and starts its server.
    ///
    /// # Errors
    /// [`ClusterError::Missing`] when PostgreSQL is not installed, or whatever its programs or the
    /// system say.
    pub fn start(durability: Durability) -> Result<Self, ClusterError> {
        let (directory, users) = guarded_directory()?;
        let mut server = Server::make(Programs::find()?, directory.path(), durability)?;
        let process = server.start_somewhere(Server::spawn)?;
        Ok(Self::of(server, process, users, directory))
    }

    fn of(server: Server, process: Child, users: File, directory: TempDir) -> Self {
        Self {
            server,
            process: Mutex::new(Some(process)),
            _users: users,
            directory,
        }
    }

    /// Where a database of the server is, for clients.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.server.url(database)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.server.port
    }

    /// The process of the server, while it runs.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        self.held().as_ref().map(Child::id)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the end of the server's first process.
    fn wait(&self) -> Result<(), ClusterError> {
        match self.held().take() {
            Some(mut process) => process
                .wait()
                .map(drop)
                .map_err(tried("the server's end can't be seen")),
            None => Ok(()),
        }
    }

    /// Makes a database, empty or a copy of another to which nobody is connected.
    ///
    /// # Errors
    /// What the server says.
    pub fn create_database(&self, name: &str, template: Option<&str>) -> Result<(), ClusterError> {
        self.server.create_database(name, template)
    }

    /// Runs SQL in a database, as the server's owner, and answers what comes of it: columns are
    /// separated by `|`.
    ///
    /// # Errors
    /// What the server says.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String, ClusterError> {
        self.server.sql(database, sql)
    }

    /// Stops the server as an operator would: sessions are ended, everything is written.
    ///
    /// # Errors
    /// What the server's programs say.
    pub fn stop(&self) -> Result<(), ClusterError> {
        self.server.control(&["stop", "-w", "-m", "fast"])?;
        self.wait()
    }

    /// Kills the server, all its processes at once, as a machine does that loses its power.
    ///
    /// # Errors
    /// What the system says.
    pub fn kill(&self) -> Result<(), ClusterError> {
        if let Some(first) = self.process() {
            // Without the first, the others would end, but in their own time.
            let others = fs::read_to_string(format!("/proc/{first}/task/{first}/children"));
            let mut kill = Command::new("sh");
            kill.args(["-c", "kill -9 \"$@\" || kill -9 \"$1\"", "kill"])
                .arg(first.to_string())
                .args(others.unwrap_or_default().split_whitespace());
            // Some may have ended by themselves.
            let _ = kill.stderr(Stdio::null()).status();
        }
        self.wait()
    }

    /// Starts the server again, on the same port, after [`Self::stop`] or [`Self::kill`].
    ///
    /// # Errors
    /// What the server's programs say.
    pub fn start_again(&self) -> Result<(), ClusterError> {
        let mut tries = 1;
        let process = loop {
            match self.server.spawn() {
                Ok(process) => break process,
                Err(_) if tries < TRIES => {
                    tries += 1;
                    std::thread::sleep(10 * MOMENT);
                }
                Err(error) => return Err(error),
            }
        };
        *self.held() = Some(process);
        Ok(())
    }

    /// Makes a standby that follows this server, and waits until it is there. With `synchronous`,
    /// this server promises nothing from now on that the standby has not written down, too.
    ///
    /// # Errors
    /// What the servers' programs say.
    pub fn standby(&self, synchronous: bool) -> Result<Self, ClusterError> {
        let (directory, users) = guarded_directory()?;
        let mut server = self.server.follow(directory.path())?;
        let process = server.start_somewhere(Server::spawn)?;
        if synchronous {
            let wait = "ALTER SYSTEM SET synchronous_standby_names = '*'";
            self.sql("postgres", wait)?;
            self.sql("postgres", "SELECT pg_reload_conf()")?;
            let wanted = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
            while self.sql("postgres", wanted)?.trim() == "0" {
                std::thread::sleep(MOMENT);
            }
        }
        Ok(Self::of(server, process, users, directory))
    }

    /// Makes a standby a server of its own, which takes writes.
    ///
    /// # Errors
    /// What the server's programs say; it may not be a standby.
    pub fn promote(&self) -> Result<(), ClusterError> {
        self.server.control(&["promote", "-w"])
    }

    /// The server's own log.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The guard would do the same; this way it is done when the next test begins.
        if self.process().is_some() {
            let _ = self.server.control(&["stop", "-w", "-m", "immediate"]);
        }
        let mut left = self.held().take();
        if let Some(process) = left.as_mut() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// A directory that goes with this process, and the lock that says it is in use.
fn guarded_directory() -> Result<(TempDir, File), ClusterError> {
    let directory = tempfile::Builder::new()
        .prefix("countersign-postgres-")
        .tempdir()
        .map_err(tried("a directory can't be made"))?;
    let users = lock_file(&directory.path().join(USERS))?;
    users.lock_shared().map_err(tried("a lock can't be had"))?;
    guard::post(directory.path(), 0)?;
    Ok((directory, users))
}

impl Server {
    /// Makes a cluster in this directory, whose server is yet to be started.
    pub(crate) fn make(
        programs: Programs,
        directory: &Path,
        durability: Durability,
    ) -> Result<Self, ClusterError> {
        let server = Self::at(programs, directory)?;
        server.run(
            server
                .programs
                .command("initdb")
                .args([
                    "--no-sync",
                    "--no-locale",
                    "--encoding=UTF8",
                    "--auth=trust",
                ])
                .arg("--username=postgres")
                .arg("--pgdata")
                .arg(server.data()),
        )?;
        let settings = match durability {
            Durability::Real => "",
            Durability::None => "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n",
        };
        server.configure(&format!(
            "listen_addresses = '127.0.0.1'\nmax_connections = 400\nshared_buffers = 128MB\n\
             max_wal_size = 2GB\nwal_keep_size = 256MB\n{settings}"
        ))?;
        Ok(server)
    }

    /// Makes a standby of this server in another directory.
    fn follow(&self, directory: &Path) -> Result<Self, ClusterError> {
        let standby = Self::at(self.programs.clone(), directory)?;
        standby.run(
            standby
                .programs
                .command("pg_basebackup")
                .args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync"])
                .args(["--host=127.0.0.1", "--username=postgres"])
                .arg(format!("--port={}", self.port))
                .arg("--pgdata")
                .arg(standby.data()),
        )?;
        Ok(standby)
    }

    /// A server to be, whose directory its account may enter.
    fn at(programs: Programs, directory: &Path) -> Result<Self, ClusterError> {
        let can_not = || format!("{} can't be prepared", directory.display());
        fs::set_permissions(directory, Permissions::from_mode(0o755)).map_err(tried(can_not()))?;
        for (name, mode) in [("data", 0o700), ("socket", 0o755)] {
            let path = directory.join(name);
            fs::create_dir(&path).map_err(tried(can_not()))?;
            fs::set_permissions(&path, Permissions::from_mode(mode)).map_err(tried(can_not()))?;
            programs.give(&path)?;
        }
        let log = directory.join("log");
        File::create(&log).map_err(tried(can_not()))?;
        programs.give(&log)?;
        Ok(Self {
            programs,
            directory: directory.to_owned(),
            port: 0,
        })
    }

    /// The server that runs in this directory, if one does.
    pub(crate) fn running(programs: &Programs, directory: &Path) -> Option<Self> {
        let server = Self {
            programs: programs.clone(),
            directory: directory.to_owned(),
            port: port_of(directory)?,
        };
        server.control(&["status"]).ok()?;
        Some(server)
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!(
            "postgres://postgres@127.0.0.1:{}/{database}?sslmode=disable",
            self.port
        )
    }

    pub(crate) fn sql(&self, database: &str, sql: &str) -> Result<String, ClusterError> {
        self.run(
            self.programs
                .command("psql")
                .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
                .args(["--set=ON_ERROR_STOP=1", "--username=postgres"])
                .arg(format!(
                    "--host={}",
                    self.directory.join("socket").display()
                ))
                .arg(format!("--port={}", self.port))
                .arg(format!("--dbname={database}"))
                .arg(format!("--command={sql}")),
        )
    }

    pub(crate) fn create_database(
        &self,
        name: &str,
        template: Option<&str>,
    ) -> Result<(), ClusterError> {
        let template = template.unwrap_or("template0");
        self.sql(
            "postgres",
            &format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\""),
        )
        .map(drop)
    }

    /// Starts the server on a port that is free.
    pub(crate) fn start_somewhere<T>(
        &mut self,
        start: impl Fn(&Self) -> Result<T, ClusterError>,
    ) -> Result<T, ClusterError> {
        let mut tries = 1;
        loop {
            let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
            self.port = free.map_err(tried("no port is free"))?.port();
            self.configure(&format!(
                "port = {}\nunix_socket_directories = '{}'\n",
                self.port,
                self.directory.join("socket").display()
            ))?;
            match start(self) {
                Ok(started) => return Ok(started),
                Err(_) if tries < TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Starts the server as a process of its own, which its guard ends.
    pub(crate) fn start(&self) -> Result<(), ClusterError> {
        self.run(
            self.programs
                .command("pg_ctl")
                .args(["start", "-w", "-t", "60", "--silent", "--pgdata"])
                .arg(self.data())
                .arg("--log")
                .arg(self.log()),
        )
        .map(drop)
    }

    /// Starts the server as a process of ours, and waits until it takes connections.
    fn spawn(&self) -> Result<Child, ClusterError> {
        let can_not = "the server can't be started";
        let log = File::options().append(true).open(self.log());
        let log = log.map_err(tried(can_not))?;
        let mut server = self.programs.command("postgres");
        server
            .arg("-D")
            .arg(self.data())
            .stdout(Stdio::null())
            .stderr(log);
        let mut process = server.spawn().map_err(tried(can_not))?;
        for _ in 0..MOMENTS {
            if self.is_ready(process.id()) {
                return Ok(process);
            }
            if let Some(status) = process.try_wait().map_err(tried(can_not))? {
                return Err(self.programs.failed("postgres", status, "", &self.log()));
            }
            std::thread::sleep(MOMENT);
        }
        let _ = process.kill();
        let status = process.wait().map_err(tried(can_not))?;
        Err(self
            .programs
            .failed("postgres", status, "it took too long", &self.log()))
    }

    /// Whether the server says that it takes connections.
    fn is_ready(&self, process: u32) -> bool {
        let told = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let mut lines = told.lines().map(str::trim);
        lines.next() == Some(process.to_string().as_str()) && lines.nth(6) == Some("ready")
    }

    fn control(&self, what: &[&str]) -> Result<(), ClusterError> {
        self.run(
            self.programs
                .command("pg_ctl")
                .args(what)
                .arg("--pgdata")
                .arg(self.data()),
        )
        .map(drop)
    }

    fn run(&self, command: &mut Command) -> Result<String, ClusterError> {
        self.programs.run(command, &self.log())
    }

    /// Adds settings; the last of each name counts.
    fn configure(&self, settings: &str) -> Result<(), ClusterError> {
        use std::io::Write as _;
        let path = self.data().join("postgresql.conf");
        File::options()
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(settings.as_bytes()))
            .map_err(tried("the server can't be configured"))
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn log(&self) -> PathBuf {
        self.directory.join("log")
    }
}

/// The port that the server in this directory was started on.
fn port_of(directory: &Path) -> Option<u16> {
    let file = fs::read_to_string(directory.join("data/postmaster.pid")).ok()?;
    file.lines().nth(3)?.trim().parse().ok()
}
