//! Commands that serve one part of the system, or print something about it.

pub mod copy;
pub mod core;
pub mod country;
pub mod migrate;
pub mod openapi;
pub mod seed;
pub mod standins;
#[cfg(feature = "test-control")]
mod test_control;

use std::{net::SocketAddr, path::Path};

use anyhow::Context as _;
use tokio::net::TcpListener;

/// Listens, or says in words why that does not work.
async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}: choose another address or stop what uses it")
    })
}

/// Makes a folder for data, unless it is there; only its owner may look inside.
///
/// # Errors
/// When it cannot be made.
pub fn data_folder(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("cannot make the data folder {}", folder.display()))
}
