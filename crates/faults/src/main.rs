//! `faults`: kills and cuts real parts for as long as one likes; see the library.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, ValueEnum};
use faults::{Disk, Enough, Faults, On, Plan, Proven, run};
use world::World;

/// Kill Cores, PostgreSQL and country config, cut and corrupt what passes between them, fill the
/// disk up and let it fail while registrars work; then look whether anything was lost or happened
/// twice
#[derive(Parser)]
struct Args {
    /// The countersign program to try
    #[arg(long, value_name = "FILE")]
    program: PathBuf,
    /// On which store; all of them one after the other when not given
    #[arg(long, value_enum)]
    on: Vec<Store>,
    /// How long registrars work at least on each store
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// How many actions they have acknowledged at least on each store
    #[arg(long, default_value_t = 200)]
    actions: usize,
    /// How many registrars work at once
    #[arg(long, default_value_t = 6)]
    registrars: u64,
    /// Decides what is random; drawn and told when not given
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Store {
    /// Three Cores on PostgreSQL with a standby
    Postgres,
    /// One Core on a file
    Sqlite,
    /// One Core on a file on a disk that fills up and fails (as root)
    Disk,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let seed = args.seed.unwrap_or_else(|| World::real().below(1_000_000));
    println!("seed {seed} (--seed {seed} draws the same faults again)");
    let stores = match args.on.as_slice() {
        [] => Store::value_variants(),
        some => some,
    };
    let mut all = Proven::default();
    for store in stores {
        let (on, name) = match store {
            Store::Postgres => (On::Postgres, "three Cores on PostgreSQL with a standby"),
            Store::Sqlite => (On::Sqlite, "one Core on SQLite"),
            Store::Disk => (On::SmallDisk, "one Core on SQLite, on a disk that fails"),
        };
        if on == On::SmallDisk && !Disk::is_possible() {
            println!("── {name}: skipped, only root can mount such a disk");
            continue;
        }
        println!("── {name}");
        let plan = Plan {
            program: args.program.clone(),
            on,
            enough: Enough {
                actions: args.actions,
                time: Duration::from_secs(args.seconds),
            },
            faults: Faults {
                kills: 5,
                storms: 5,
                database: 3,
                full: 3,
                failed: 3,
            },
            registrars: args.registrars,
            seed,
            progress: true,
        };
        let proven = run(&plan).await;
        println!("{proven}");
        all = all.and(proven);
    }
    println!(
        "acknowledged {}, delivered {}, resolved {}, lost {}, twice {}",
        all.acknowledged,
        all.delivered,
        all.resolved,
        all.lost.len(),
        all.twice.len()
    );
    if all.holds() && all.acknowledged > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
