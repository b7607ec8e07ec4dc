//! `countersign copy`: a deployment that outgrew one machine moves to another database.

mod progress;

use anyhow::Context as _;
use clap::Args;
use storage::moving::{self, MovingStore};
use storage_postgres::{Migrate, PostgresStore};
use storage_sqlite::SqliteStore;
use world::World;

use self::progress::Progress;
use crate::{
    database::{Database, Written},
    print::print,
};

/// Core must be stopped, and stay so: it starts again on the copy. A copy that was broken off goes
/// on where it was when it is asked for again.
#[derive(Debug, Clone, Args)]
pub struct CopyArgs {
    /// The database to read: sqlite:FILE or postgres://USER:PASSWORD@HOST:PORT/NAME; nothing in it
    /// is changed
    #[arg(
        long,
        value_name = "URL",
        env = "COUNTERSIGN_COPY_FROM",
        hide_env_values = true
    )]
    from: Written,
    /// The database to fill, written likewise; it holds nothing yet, or an earlier copy that was
    /// broken off
    #[arg(
        long,
        value_name = "URL",
        env = "COUNTERSIGN_COPY_TO",
        hide_env_values = true
    )]
    to: Written,
}

/// Copies everything, compares it, and prints what was compared.
///
/// # Errors
/// When a database cannot be opened or fails, when the target holds something else, or when the two
/// are not the same in the end.
pub async fn run(args: CopyArgs, world: World) -> anyhow::Result<()> {
    let (from_here, to_there) = (args.from.database()?, args.to.database()?);
    anyhow::ensure!(from_here != to_there, "source and target are the same");
    let from = source(&from_here, &world)
        .await
        .with_context(|| format!("cannot read {from_here}: is Core stopped?"))?;
    let to = target(&to_there, &world)
        .await
        .with_context(|| format!("cannot fill {to_there}"))?;
    let mut progress = Progress::new();
    let copied = moving::copy(from.as_ref(), to.as_ref(), &mut |step| progress.tell(&step)).await;
    // Also when it failed: what differs stands among it.
    print(&progress.end())?;
    copied?;
    print(&format!(
        "{to_there} keeps the same as {from_here}: start Core on it, and leave the other stopped\n"
    ))?;
    Ok(())
}

async fn source(database: &Database, world: &World) -> anyhow::Result<Box<dyn MovingStore>> {
    match database {
        Database::Sqlite(file) => Ok(Box::new(SqliteStore::open_at_rest(file, world.clone())?)),
        Database::Postgres(url) => Ok(Box::new(
            PostgresStore::connect_at_rest(url, world.clone()).await?,
        )),
    }
}

async fn target(database: &Database, world: &World) -> anyhow::Result<Box<dyn MovingStore>> {
    match database {
        Database::Sqlite(file) => Ok(Box::new(SqliteStore::open_to_fill(file, world.clone())?)),
        Database::Postgres(url) => Ok(Box::new(
            PostgresStore::connect_to_fill(url, Migrate::Yes, world.clone()).await?,
        )),
    }
}
