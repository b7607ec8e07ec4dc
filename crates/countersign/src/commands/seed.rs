//! `countersign seed`: a country's places and people, into a Core that runs on this machine.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use clap::Args;
use countersign_core::accounts::tokens::{DATA_SEEDER, Tokens};
use storage_postgres::{Migrate, PostgresStore};
use storage_sqlite::SqliteStore;
use world::World;

use crate::{
    database::{Database, Written},
    print::print,
    seed::{SeedOptions, seed},
};

/// How long seeding may take.
const TOKEN_LIFE: Duration = Duration::from_secs(60 * 60);

/// Run it where Core's data is: what proves to Core that an operator is at work is signed with the
/// key kept there. Core may go on running, and has to.
#[derive(Debug, Args)]
pub struct SeedArgs {
    /// Origin of Core
    #[arg(
        long,
        value_name = "URL",
        env = "COUNTERSIGN_CORE_URL",
        default_value = "http://127.0.0.1:7070"
    )]
    core: String,
    /// Origin of country config
    #[arg(
        long,
        value_name = "URL",
        env = "COUNTERSIGN_COUNTRY_URL",
        default_value = "http://127.0.0.1:3040"
    )]
    country_url: String,
    /// Core's data folder
    #[arg(
        long,
        value_name = "FOLDER",
        env = "COUNTERSIGN_DATA",
        default_value = "data"
    )]
    data: PathBuf,
    /// Core's database, where it is not a file in that folder: sqlite:FILE or
    /// postgres://USER:PASSWORD@HOST:PORT/NAME
    #[arg(
        long,
        value_name = "URL",
        env = "COUNTERSIGN_DATABASE_URL",
        hide_env_values = true
    )]
    database_url: Option<Written>,
    /// Let users sign in at once with the passwords country config serves; otherwise each sets
    /// their account up first
    #[arg(long)]
    activate_users: bool,
}

/// Brings in what is not there yet, and says what that was.
///
/// # Errors
/// When Core's key cannot be read, or Core or country config refuses.
pub async fn run(args: SeedArgs, world: World) -> anyhow::Result<()> {
    let database = match &args.database_url {
        Some(written) => written.database()?,
        None => Database::in_folder(&args.data),
    };
    let report = seed(SeedOptions {
        core_url: args.core,
        country_url: args.country_url,
        service_token: service_token(&database, &world).await?,
        activate_users: args.activate_users,
        progress: true,
        world,
    })
    .await?;
    print(&format!("{report}\n"))?;
    Ok(())
}

/// A token for the data seeder, signed with the key of the Core whose data this is.
///
/// # Errors
/// When the key cannot be read.
pub async fn service_token(database: &Database, world: &World) -> anyhow::Result<String> {
    let unreadable = || format!("cannot read Core's keys in {database}");
    let tokens = match database {
        Database::Sqlite(file) => {
            let store =
                SqliteStore::open_read_only(file, world.clone()).with_context(unreadable)?;
            Tokens::load(&store, world).await
        }
        Database::Postgres(url) => {
            let store = PostgresStore::connect(url, Migrate::Check, world.clone()).await;
            Tokens::load(&store.with_context(unreadable)?, world).await
        }
    };
    let tokens = tokens.with_context(unreadable)?;
    Ok(tokens.sign_service(world, TOKEN_LIFE, DATA_SEEDER)?)
}
