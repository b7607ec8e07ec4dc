//! Bringing a database up to date, forward only, while older nodes may still be running.
//!
//! A migration is a file in `migrations/`; its number is its place. It must be safe while a node of
//! an older program works on the same database: it adds (a column with a default, a table, an index),
//! and what an older program still uses is taken away only by a later migration, once that program
//! may not run any more. Each therefore says, in its first line, which program may still run once it
//! is done: `-- oldest program: 3` is the one that knows migrations up to the third. The database
//! keeps these numbers, so a node can tell a database that is merely newer, with which it works,
//! from one that needs a newer program, which it leaves alone.

use std::time::Duration;

use storage::StoreError;
use tokio_postgres::Client;

use crate::{
    code,
    failure::Failure,
    server::{Purpose, SCHEMA, Server},
};

/// Whether connecting may change what the database is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migrate {
    /// It is brought up to date.
    Yes,
    /// It must be up to date already.
    Check,
}

struct Migration {
    name: &'static str,
    sql: &'static str,
}

macro_rules! migrations {
    ($($name:literal),* $(,)?) => {
        &[$(Migration { name: $name, sql: include_str!(concat!("../migrations/", $name, ".sql")) }),*]
    };
}

/// All, in their order. One that was released is never changed.
const MIGRATIONS: &[Migration] = migrations![
    "0001_records",
    "0002_deliveries",
    "0003_accounts",
    "0004_moves",
    "0005_cost",
    "0006_attachments",
    "0007_audit_of_operations"
];

/// Of all locks that somebody may take in the database, the one that whoever changes what it is like
/// holds. Any number, as long as it stays the same.
const LOCK: i64 = 0x436f_756e_7465_7273;
/// A migration that waits for older transactions makes all later ones wait behind it: it gives up
/// after this, and tries again.
const WAITS_FOR: Duration = Duration::from_secs(3);
const TRIES: u32 = 20;

/// Sees that the database is as this program needs it.
pub(crate) async fn run(server: &Server, migrate: Migrate) -> Result<(), StoreError> {
    let client = connect(server).await?;
    Ok(bring_up_to_date(&client, migrate).await?)
}

/// How many migrations were applied before the database is brought up to date, and how many are
/// afterwards.
pub(crate) async fn versions(server: &Server) -> Result<(usize, usize), StoreError> {
    let client = connect(server).await?;
    let before = applied(&client).await?;
    bring_up_to_date(&client, Migrate::Yes).await?;
    Ok((before, applied(&client).await?))
}

/// A connection of one's own.
pub(crate) async fn connect(server: &Server) -> Result<Client, StoreError> {
    let (client, connection) = server
        .config(Purpose::Apart)
        .connect(server.tls())
        .await
        .map_err(|error| match Failure::from(error) {
            Failure::Connection { source, .. } => Failure::no_connection(server, source),
            refused => refused,
        })?;
    // Ends by itself with the client.
    tokio::spawn(connection);
    Ok(client)
}

async fn bring_up_to_date(client: &Client, migrate: Migrate) -> Result<(), Failure> {
    let row = client
        .query_one("SELECT current_setting('server_encoding')", &[])
        .await?;
    let encoding: String = row.get(0);
    if encoding != "UTF8" {
        return Err(Failure::unreadable(
            "the database",
            format!("its encoding is {encoding}; make it with ENCODING 'UTF8'"),
        ));
    }
    let mut tries = 0;
    loop {
        match next_step(client, migrate).await {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(failure) if waited_too_long(&failure) && tries < TRIES => {
                tries += 1;
                client.batch_execute("ROLLBACK").await?;
                tracing::info!("a migration waits for older transactions to end");
                tokio::time::sleep(WAITS_FOR / 3).await;
            }
            Err(failure) => return Err(failure),
        }
    }
}

/// Takes one step in a transaction of its own; `false` when there was none to take.
async fn next_step(client: &Client, migrate: Migrate) -> Result<bool, Failure> {
    // What is up to date is seen without waiting for anybody.
    let applied = applied(client).await?;
    let has_code = has_schema(client, code::schema()).await?;
    if applied >= MIGRATIONS.len() && has_code {
        return Ok(false);
    }
    if migrate == Migrate::Check {
        let known = MIGRATIONS.len();
        return Err(Failure::unreadable(
            "the database",
            format!(
                "it is not prepared for this program (it has {applied} of {known} migrations): \
                 run `countersign migrate` first"
            ),
        ));
    }
    let wait = WAITS_FOR.as_millis();
    client
        .batch_execute(&format!(
            "BEGIN; SET LOCAL lock_timeout = {wait}; SELECT pg_advisory_xact_lock({LOCK})"
        ))
        .await?;
    let step = step(client).await;
    match &step {
        Ok(_) => client.batch_execute("COMMIT").await?,
        // The first failure is the one to tell.
        Err(_) => drop(client.batch_execute("ROLLBACK").await),
    }
    step.map(|()| true)
}

/// Whatever is to be done next now that nobody else does.
async fn step(client: &Client) -> Result<(), Failure> {
    if !has_schema(client, SCHEMA).await? {
        let make = format!("CREATE SCHEMA {SCHEMA}");
        client.batch_execute(&make).await?;
    }
    client
        .batch_execute(&format!(
            "CREATE TABLE IF NOT EXISTS {SCHEMA}.migrations (
               number         integer PRIMARY KEY,
               name           text NOT NULL,
               oldest_program integer NOT NULL,
               at             timestamptz NOT NULL DEFAULT now()
             )"
        ))
        .await?;
    let done = applied(client).await?;
    if let Some(next) = MIGRATIONS.get(done) {
        client.batch_execute(next.sql).await?;
        let number = i32::try_from(done + 1).unwrap_or(i32::MAX);
        let oldest = oldest_program(next.sql).unwrap_or(number);
        client
            .execute(
                "INSERT INTO migrations (number, name, oldest_program) VALUES ($1, $2, $3)",
                &[&number, &next.name, &oldest],
            )
            .await?;
        tracing::info!(migration = next.name, "the database was migrated");
    } else if !has_schema(client, code::schema()).await? {
        client.batch_execute(&code::make()).await?;
    }
    Ok(())
}

/// How many of the migrations were applied; fails when the database needs a newer program.
async fn applied(client: &Client) -> Result<usize, Failure> {
    let row = client
        .query_one(
            "SELECT EXISTS (
               SELECT FROM pg_tables WHERE schemaname = $1 AND tablename = 'migrations'
             )",
            &[&SCHEMA],
        )
        .await?;
    if !row.get::<_, bool>(0) {
        return Ok(0);
    }
    let row = client
        .query_one(
            "SELECT count(*), coalesce(max(oldest_program), 0) FROM migrations",
            &[],
        )
        .await?;
    let (applied, oldest): (i64, i32) = (row.get(0), row.get(1));
    let known = MIGRATIONS.len();
    if usize::try_from(oldest).unwrap_or(0) > known {
        return Err(Failure::unreadable(
            "the database",
            format!(
                "it was migrated for a newer program: this one knows {known} migrations, and \
                 {oldest} must be known"
            ),
        ));
    }
    Ok(usize::try_from(applied).unwrap_or(0))
}

async fn has_schema(client: &Client, name: &str) -> Result<bool, Failure> {
    // Read from the catalogue: `to_regnamespace` may answer by what it remembers.
    let row = client
        .query_one(
            "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)",
            &[&name],
        )
        .await?;
    Ok(row.get(0))
}

/// What a migration's first line says.
fn oldest_program(sql: &str) -> Option<i32> {
    let first = sql.lines().next()?;
    first.strip_prefix("-- oldest program: ")?.parse().ok()
}

fn waited_too_long(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused(refusal)
        if refusal.code == tokio_postgres::error::SqlState::LOCK_NOT_AVAILABLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_says_which_program_may_run_beside_it() {
        for (at, migration) in MIGRATIONS.iter().enumerate() {
            let number = i32::try_from(at + 1).unwrap();
            let oldest = oldest_program(migration.sql);
            assert!(
                oldest.is_some_and(|oldest| (1..=number).contains(&oldest)),
                "{}: {oldest:?}",
                migration.name
            );
            assert!(migration.name.starts_with(&format!("{number:04}_")));
        }
    }
}
