//! `countersign migrate`: a database's tables, brought up to what this program needs.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use storage_postgres::PostgresStore;
use storage_sqlite::SqliteStore;

use crate::{
    database::{Database, Written},
    print::print,
};

/// A Core brings its database up to date when it starts. Done by itself, before the first node of a
/// newer version starts, nobody waits for it.
#[derive(Debug, Clone, Args)]
pub struct MigrateArgs {
    /// The database: sqlite:FILE or postgres://USER:PASSWORD@HOST:PORT/NAME; made where there is
    /// none yet in a file
    #[arg(
        long,
        value_name = "URL",
        env = "COUNTERSIGN_DATABASE_URL",
        hide_env_values = true
    )]
    database_url: Option<Written>,
    /// Folder of what a node keeps, where no database is named
    #[arg(
        long,
        value_name = "FOLDER",
        env = "COUNTERSIGN_DATA",
        default_value = "data"
    )]
    data: PathBuf,
}

/// Brings the database up to date, and says what that took.
///
/// # Errors
/// When it is not ours, newer than this program, in use, or cannot be reached.
pub async fn run(args: MigrateArgs) -> anyhow::Result<()> {
    let database = args
        .database_url
        .map(|written| written.database())
        .transpose()?
        .unwrap_or_else(|| Database::in_folder(&args.data));
    let (before, now) = match &database {
        Database::Sqlite(file) => SqliteStore::migrate(file),
        Database::Postgres(url) => PostgresStore::migrate(url).await,
    }
    .with_context(|| format!("cannot bring {database} up to date"))?;
    print(&match before {
        0 => format!("{database} was made, at version {now}\n"),
        before if before == now => format!("{database} is up to date, at version {now}\n"),
        before => format!("{database} was brought from version {before} to version {now}\n"),
    })?;
    Ok(())
}
