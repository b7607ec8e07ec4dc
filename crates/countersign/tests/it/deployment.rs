//! Deployments of the program that is tested; what they are made of is in the crate `faults`.

use std::path::Path;

use faults::{On, deployment::Deployment};
use reqwest::Client;
use tokio::process::Command;
use world::World;

/// Where the program is.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_countersign");

/// One Core on a file, with this in the environment of every part.
pub async fn start(http: &Client, world: &World, environment: &[(&str, &str)]) -> Deployment {
    Deployment::start(Path::new(PROGRAM), On::Sqlite, http, world, environment).await
}

/// The program, on its own.
pub fn program() -> Command {
    faults::process::program(Path::new(PROGRAM))
}
