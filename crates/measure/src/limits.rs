//! What disk and database can do at all: commits of one small row each, with nothing else to do.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use postgres_cluster::Cluster;

/// About as much as an action and its delivery.
const ROW: usize = 1024;

/// Commits a second of one writer to an SQLite file, as safe as Core's.
///
/// # Errors
/// SQLite's.
pub fn sqlite(folder: &Path, lasting: Duration) -> anyhow::Result<f64> {
    let file = tempfile::Builder::new().tempdir_in(folder)?;
    let connection = rusqlite::Connection::open(file.path().join("plain.sqlite"))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE plain (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;",
    )?;
    let body = "x".repeat(ROW);
    let (started, mut commits) = (Instant::now(), 0_u32);
    while started.elapsed() < lasting {
        connection
            .prepare_cached("INSERT INTO plain (body) VALUES (?1)")?
            .execute([&body])?;
        commits += 1;
    }
    Ok(f64::from(commits) / started.elapsed().as_secs_f64())
}

/// Commits a second of this many clients of a PostgreSQL, as `pgbench` counts them.
///
/// # Errors
/// When it cannot be run.
pub fn postgres(
    cluster: &Cluster,
    folder: &Path,
    clients: usize,
    lasting: Duration,
) -> anyhow::Result<f64> {
    cluster.create_database("plain", None)?;
    cluster.sql(
        "plain",
        "CREATE TABLE plain (id bigserial PRIMARY KEY, body text NOT NULL)",
    )?;
    let script = folder.join("plain.sql");
    std::fs::write(
        &script,
        format!("INSERT INTO plain (body) VALUES (repeat('x', {ROW}));\n"),
    )?;
    let output = Command::new(pgbench()?)
        .args(["--no-vacuum", "--jobs=2", "--protocol=prepared"])
        .arg(format!("--client={clients}"))
        .arg(format!("--time={}", lasting.as_secs().max(1)))
        .arg("--file")
        .arg(&script)
        .arg(cluster.url("plain"))
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success(),
        "pgbench: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let line = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.context("pgbench says no tps")?.parse()?)
}

/// Debian keeps it beside the server's programs.
fn pgbench() -> anyhow::Result<std::path::PathBuf> {
    let mut found = Vec::new();
    for version in
        std::fs::read_dir("/usr/lib/postgresql").context("PostgreSQL is not installed")?
    {
        let program = version?.path().join("bin/pgbench");
        if program.exists() {
            found.push(program);
        }
    }
    found.sort();
    found
        .pop()
        .context("pgbench is not installed: it comes with Debian's postgresql package")
}
