//! Short runs of what `make faults` does for as long as one likes.

use std::{path::PathBuf, time::Duration};

use faults::{Disk, Enough, Faults, On, Plan, run};
use world::World;

use crate::deployment::PROGRAM;

/// Chooses what is random, to play a run again.
const SEED: &str = "COUNTERSIGN_CRASH_SEED";

fn plan(on: On, actions: usize, faults: Faults) -> Plan {
    let seed = match std::env::var(SEED) {
        Ok(text) => text.parse().expect("the seed is a number"),
        Err(_) => World::real().below(1_000_000),
    };
    println!("seed {seed}; play it again with {SEED}={seed}");
    Plan {
        program: PathBuf::from(PROGRAM),
        on,
        enough: Enough {
            actions,
            time: Duration::ZERO,
        },
        faults,
        registrars: 4,
        seed,
        progress: true,
    }
}

async fn holds(plan: Plan) {
    let proven = run(&plan).await;
    println!("{proven}");
    assert!(proven.holds(), "seed {}: {proven}", plan.seed);
}

const NOTHING: Faults = Faults {
    kills: 0,
    storms: 0,
    database: 0,
    full: 0,
    failed: 0,
};

#[tokio::test]
async fn what_was_acknowledged_happens_once_however_often_core_and_country_config_are_killed() {
    let faults = Faults {
        kills: 10,
        storms: 4,
        ..NOTHING
    };
    holds(plan(On::Sqlite, 80, faults)).await;
}

#[tokio::test]
async fn three_nodes_lose_nothing_when_any_of_them_or_the_database_dies_and_a_standby_takes_over() {
    let faults = Faults {
        kills: 4,
        storms: 4,
        database: 2,
        ..NOTHING
    };
    holds(plan(On::Postgres, 60, faults)).await;
}

#[tokio::test]
async fn a_disk_that_is_full_or_fails_costs_errors_and_loses_nothing() {
    if !Disk::is_possible() {
        println!("skipped: only root can mount a disk that fails");
        return;
    }
    let faults = Faults {
        kills: 1,
        storms: 1,
        full: 2,
        failed: 2,
        ..NOTHING
    };
    holds(plan(On::SmallDisk, 40, faults)).await;
}
