//! Databases for tests, from one server that all of them share, whichever process they run in.

use std::{
    fs::{self, File},
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::{
    ClusterError,
    cluster::{Durability, Server},
    guard::{self, STARTING, USERS, lock_file},
    programs::Programs,
    tried,
};

/// How long the server waits for the next test before it goes: tests that run in processes of their
/// own come one after the other.
const LINGER_SECONDS: u32 = 3;

/// An empty database of one's own, which goes with this.
#[derive(Debug)]
pub struct Database {
    name: String,
    server: Server,
    /// Locked as long as the server is needed.
    _users: File,
}

impl Database {
    /// Makes a database, and starts the shared server where it does not run.
    ///
    /// # Errors
    /// As [`crate::Cluster::start`].
    pub fn new() -> Result<Self, ClusterError> {
        Self::from(None)
    }

    /// A database that begins as a copy of this one, to which nobody may be connected.
    ///
    /// # Errors
    /// What the server says.
    pub fn copy(&self) -> Result<Self, ClusterError> {
        Self::from(Some(&self.name))
    }

    fn from(template: Option<&str>) -> Result<Self, ClusterError> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let (server, users) = server()?;
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        server.create_database(&name, template)?;
        Ok(Self {
            name,
            server,
            _users: users,
        })
    }

    /// Where it is, for clients.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url(&self.name)
    }

    /// Runs SQL in it; see [`crate::Cluster::sql`].
    ///
    /// # Errors
    /// What the server says.
    pub fn sql(&self, sql: &str) -> Result<String, ClusterError> {
        self.server.sql(&self.name, sql)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", self.name);
        // What is left goes with the server.
        let _ = self.server.sql("postgres", &drop);
    }
}

/// The shared server, and the lock that keeps it.
fn server() -> Result<(Server, File), ClusterError> {
    let programs = Programs::find()?;
    let directory = directory();
    fs::create_dir_all(&directory).map_err(tried("the shared server's directory can't be made"))?;
    let starting = lock_file(&directory.join(STARTING))?;
    starting.lock().map_err(tried("a lock can't be had"))?;
    let users = lock_file(&directory.join(USERS))?;
    users.lock_shared().map_err(tried("a lock can't be had"))?;
    if let Some(server) = Server::running(&programs, &directory) {
        return Ok((server, users));
    }
    // Of one that died, or whose guard was killed.
    for left in ["data", "socket"] {
        let _ = fs::remove_dir_all(directory.join(left));
    }
    let mut server = Server::make(programs, &directory, Durability::None)?;
    server.start_somewhere(Server::start)?;
    guard::post(&directory, LINGER_SECONDS)?;
    Ok((server, users))
}

/// The same for everybody who runs tests of this crate as it is now.
fn directory() -> PathBuf {
    let user = fs::metadata("/proc/self").map(|own| {
        use std::os::unix::fs::MetadataExt as _;
        own.uid()
    });
    std::env::temp_dir().join(format!(
        "countersign-tests-postgres-{}-{}",
        user.unwrap_or_default(),
        env!("CARGO_PKG_VERSION")
    ))
}
