//! Real PostgreSQL servers for tests and benchmarks, and nothing left of them afterwards.
//!
//! A [`Cluster`] is a server of one's own, made from the programs that Debian's package installs, in
//! a directory for temporary files. It can be stopped, killed, started again, followed by a standby
//! and failed over to it. Tests that only want a database take one from the server that all of them
//! share ([`Database::new`]), since making a cluster takes seconds and a database only milliseconds.
//!
//! Whatever becomes of a process that uses a server, the server goes too: a guard ([`guard`]) waits
//! for a lock that the system itself takes away from the dead.
//!
//! This crate may not know what anybody keeps in these databases. It is for development alone:
//! nothing that is shipped depends on it.

mod cluster;
mod guard;
mod programs;
mod shared;

pub use cluster::{Cluster, Durability};
pub use shared::Database;

/// A server could not be made to do what it should.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// PostgreSQL is not installed.
    #[error(
        "PostgreSQL's server programs are missing (looked in {looked_in}): install Debian's package \
         `postgresql`, as scripts/setup.sh test does"
    )]
    Missing {
        /// Where they were looked for.
        looked_in: String,
    },
    /// A program of PostgreSQL's failed.
    #[error("{program} failed ({status}): {output}")]
    Program {
        /// Which.
        program: String,
        /// How it ended.
        status: std::process::ExitStatus,
        /// What it wrote, and the end of the server's log.
        output: String,
    },
    /// A file, a lock or a process could not be had.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: String,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
}

/// Tells what was tried when it failed.
fn tried(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> ClusterError {
    let what = what.into();
    move |source| ClusterError::System { what, source }
}
