//! `countersign demo`: everything on this machine, and a walk-through of an action's life.
//!
//! [`house`] starts the parts as processes of their own, so that they can be killed; [`steps`]
//! plays six steps with real calls, each of which must hold. What they leave behind stays in the
//! data folder, and a second start goes on from there.

mod house;
mod registrar;
mod say;
mod steps;

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::Args;
use tokio_util::sync::CancellationToken;
use toolkit::Secret;
use world::World;

use self::{house::House, say::Say, steps::Walk};
use crate::{commands, remote, talvera::REGISTRAR};

/// Everything listens on this machine only.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// End after the walk-through, with status 0 only if every step held
    #[arg(long)]
    exit: bool,
    /// Folder of everything the parts keep, and of their logs
    #[arg(long, value_name = "FOLDER", default_value = "data")]
    data: PathBuf,
    /// Port of Core
    #[arg(long, value_name = "PORT", default_value_t = 7070)]
    core_port: u16,
    /// Port of country config
    #[arg(long, value_name = "PORT", default_value_t = 3040)]
    country_port: u16,
    /// Port of the national ID, SMS and mail stand-ins
    #[arg(long, value_name = "PORT", default_value_t = 3050)]
    standins_port: u16,
    /// Port of the mail server
    #[arg(long, value_name = "PORT", default_value_t = 3025)]
    smtp_port: u16,
}

/// Starts everything, plays the walk-through, and stays until told to stop.
///
/// # Errors
/// When a part does not come up, or a step does not hold.
pub async fn run(args: DemoArgs, world: World, stop: CancellationToken) -> anyhow::Result<()> {
    let say = Say::new();
    commands::data_folder(&args.data)?;
    let http = remote::http(Duration::from_secs(30))?;
    let secret = webhook_secret(&args.data, &world)?;
    let mut house = House::new(&args, http, &secret, say);
    // Whatever comes, nothing is left running.
    let result = stop
        .run_until_cancelled(show(&mut house, world, say, &args, &stop))
        .await;
    house.stop().await;
    if stop.is_cancelled() {
        say.line("Stopped; a second start goes on from here");
    }
    match result {
        Some(shown) => shown,
        // Asked to play to the end, it did not.
        None if args.exit => bail!("the walk-through was interrupted"),
        None => Ok(()),
    }
}

async fn show(
    house: &mut House,
    world: World,
    say: Say,
    args: &DemoArgs,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    say.heading("Countersign: Core, a country config and the outside world, on this machine");
    house.start().await?;
    addresses(house, say);

    let mut walk = Walk::new(house, world, say);
    let played = walk.play().await;
    let (token, records) = (walk.token, walk.records);
    if let Err(error) = played {
        say.failed(format_args!("{error:#}"));
        say.line(format_args!(
            "What the parts said is in {}/*.log",
            house.data().display()
        ));
        bail!("the walk-through did not hold");
    }
    say.heading("Every step held");
    if args.exit {
        return Ok(());
    }
    try_it(
        house,
        say,
        &token,
        records.last().map_or("", String::as_str),
    )?;
    watch(house, stop).await
}

fn addresses(house: &House, say: Say) {
    say.heading("Where things are");
    let rows = [
        (
            "The desk, in a browser",
            format!("{}/desk/", house.core.url),
        ),
        ("API, to browse", format!("{}/docs", house.core.url)),
        ("Metrics", format!("{}/metrics", house.core.url)),
        (
            "Inbox with sign-in codes",
            format!("{}/", house.standins.url),
        ),
        ("Logs", format!("{}/*.log", house.data().display())),
    ];
    for (what, place) in rows {
        say.line(format_args!("{what:<26} {place}"));
    }
    say.heading("Who can sign in, with the password demo-only");
    for (username, role) in [
        (
            REGISTRAR.0,
            "registrar in Port-Ormeau, plays the walk-through",
        ),
        ("b.tessier", "registration agent in the same office"),
        ("r.coste", "clerk in Port-Ormeau General Hospital"),
        ("n.duroy", "national registrar"),
        ("s.amarin", "national system administrator"),
    ] {
        say.line(format_args!("{username:<12} {role}"));
    }
}

/// Leaves the registrar's token in a file of their own, and says how to look around with it.
fn try_it(house: &House, say: Say, token: &str, record: &str) -> anyhow::Result<()> {
    let file = house.data().join("registrar.token");
    write_private(&file, token)?;
    say.line(format_args!(
        "Everything is still running. Open the desk and sign in as {}; the code is in the inbox:",
        REGISTRAR.0
    ));
    say.line(format_args!("  {}/desk/", house.core.url));
    say.line("Or look at the last record with the registrar's token:");
    say.line(format_args!(
        "  curl -H \"Authorization: Bearer $(cat {})\" {}/events/{record}",
        file.display(),
        house.core.url
    ));
    say.line("Ctrl-C stops everything.");
    Ok(())
}

/// What Core signs triggers with, drawn at the first start and kept beside the parts' folders.
fn webhook_secret(data: &Path, world: &World) -> anyhow::Result<Secret> {
    let file = data.join("webhook.secret");
    match fs::read_to_string(&file) {
        Ok(secret) => return Ok(Secret::new(secret)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read {}", file.display()));
        }
    }
    let mut bytes = [0; 32];
    world.fill(&mut bytes);
    let secret = format!("whsec_{}", STANDARD.encode(bytes));
    // Beside it first, so that an interruption never leaves half a secret.
    let draft = file.with_extension("secret.new");
    write_private(&draft, &secret)?;
    fs::rename(&draft, &file).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(Secret::new(secret))
}

/// Writes a file that only its owner can read.
fn write_private(file: &Path, text: &str) -> anyhow::Result<()> {
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut open| open.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", file.display()))
}

/// Waits until told to stop; a part that ends by itself is told.
async fn watch(house: &mut House, stop: &CancellationToken) -> anyhow::Result<()> {
    loop {
        for part in house.parts() {
            if let Some(status) = part.ended() {
                bail!(
                    "{} ended by itself ({status}):\n{}",
                    part.name,
                    part.last_words()
                );
            }
        }
        let pause = tokio::time::sleep(Duration::from_millis(500));
        if stop.run_until_cancelled(pause).await.is_none() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_of_triggers_is_drawn_once_and_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;

        let [one, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let world = World::real();
        let drawn = webhook_secret(one.path(), &world).unwrap();
        assert!(drawn.reveal().starts_with("whsec_"));
        assert_eq!(webhook_secret(one.path(), &world).unwrap(), drawn);
        assert_ne!(webhook_secret(other.path(), &world).unwrap(), drawn);
        let kept = fs::metadata(one.path().join("webhook.secret")).unwrap();
        assert_eq!(kept.permissions().mode() & 0o777, 0o600);
    }
}
