//! `countersign standins`: the outside world, for the demo and for trying things out.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use standins::StandinsSettings;
use tokio_util::sync::CancellationToken;
use world::World;

use super::data_folder;

/// Never on a real network: whoever reaches the stand-ins can read every message.
#[derive(Debug, Args)]
pub struct StandinsArgs {
    /// Where the national ID system, the SMS gateway and the page of messages listen
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "COUNTERSIGN_STANDINS_LISTEN",
        default_value = "127.0.0.1:3050"
    )]
    listen: SocketAddr,
    /// Where mail is taken
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "COUNTERSIGN_STANDINS_SMTP",
        default_value = "127.0.0.1:3025"
    )]
    smtp: SocketAddr,
    /// Folder of everything they keep
    #[arg(
        long,
        value_name = "FOLDER",
        env = "COUNTERSIGN_DATA",
        default_value = "data"
    )]
    data: PathBuf,
}

/// Serves the stand-ins until told to stop.
///
/// # Errors
/// When an address is taken or the data cannot be opened.
pub async fn run(args: StandinsArgs, world: World, stop: CancellationToken) -> anyhow::Result<()> {
    data_folder(&args.data)?;
    let settings = StandinsSettings {
        http: args.listen,
        smtp: args.smtp,
        data: args.data,
    };
    standins::serve(settings, world, stop)
        .await?
        .stopped()
        .await;
    Ok(())
}
