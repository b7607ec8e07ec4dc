//! Real faults on real parts.
//!
//! Registrars work at Cores that are killed, on a database that is killed and replaced, beside a
//! country config that is killed, through networks that delay, corrupt and cut; or at one Core on a
//! disk that fills up and fails. When everything is well again, every record and every message is
//! looked at: nothing that anybody was told is safe may be lost, and nothing may have happened
//! twice. Start at [`run`].
//!
//! This is test support: a part that breaks a promise in the midst of it ends the run with a panic
//! that says which. It knows Core by its command line and its API alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test that cannot go on has failed, and what is public is so for tests"
)]

mod database;
pub mod deployment;
pub mod desk;
mod disk;
mod havoc;
pub mod process;
mod proof;
mod proxy;
pub mod work;

use std::{path::PathBuf, sync::Arc, time::Duration};

use futures::future::join_all;
use reqwest::Client;
use world::{SystemClock, World};

use self::{deployment::Deployment, desk::Desk, work::Story};
pub use self::{deployment::On, disk::Disk, havoc::Faults, proof::Proven, work::Enough};

/// What is tried.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The `countersign` program.
    pub program: PathBuf,
    /// Where Core keeps its data.
    pub on: On,
    /// How much work there is at least.
    pub enough: Enough,
    /// How often each fault happens at least.
    pub faults: Faults,
    /// How many registrars work at once.
    pub registrars: u64,
    /// Decides what is random; what threads and networks do is not.
    pub seed: u64,
    /// Whether to tell how it goes.
    pub progress: bool,
}

/// Plays a plan, and looks at everything afterwards.
///
/// # Panics
/// When a part does not come up, ends by itself, refuses what is right, or is not acknowledging
/// after two minutes.
pub async fn run(plan: &Plan) -> Proven {
    let nth = |n: u64| World::seeded(Arc::new(SystemClock), plan.seed.wrapping_add(n << 32));
    let http = Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap();
    let mut deployment = Deployment::start(&plan.program, plan.on, &http, &nth(0), &[]).await;
    let desk = Desk::sign_in(&http, &deployment).await;
    // Long enough that many a kill hits country config while it waits for an answer itself.
    let knobs = format!("{}/national-id/knobs", deployment.standins.url);
    let knobs = http.put(knobs).json(&serde_json::json!({ "delayMs": 150 }));
    assert!(knobs.send().await.unwrap().status().is_success());

    let story = Story::new(plan.enough);
    let (faults, worlds) = (plan.faults, (1..16).map(nth).collect::<Vec<_>>());
    let Deployment {
        cores,
        country,
        to_country,
        to_cores,
        database,
        disk,
        ..
    } = &mut deployment;
    let work = async {
        join_all((0..plan.registrars).map(|n| work::work(&desk, &story, nth(100 + n)))).await;
        story.over.set(true);
    };
    // Where there are several, some are up most of the time.
    let between = match cores.len() {
        1 => 300..2500,
        _ => 1000..6000,
    };
    let core_faults = async {
        match disk {
            // The disk's failures kill Core often enough.
            Some(disk) => {
                let times = (faults.full, faults.failed);
                havoc::disk(disk, &mut cores[0], &story, times, &worlds[0]).await;
            }
            None => {
                let kills = cores.iter_mut().zip(&worlds[1..]);
                join_all(kills.map(|(core, world)| {
                    havoc::kills(core, &story, faults.kills, between.clone(), world)
                }))
                .await;
            }
        }
    };
    let database_faults = async {
        if let Some(database) = database {
            havoc::database(database, &story, faults.database, &worlds[8]).await;
        }
    };
    let telling = async {
        while plan.progress && !story.over.get() {
            tokio::time::sleep(Duration::from_secs(5)).await;
            println!("{}", story.so_far());
        }
    };
    tokio::join!(
        work,
        core_faults,
        database_faults,
        havoc::kills(country, &story, faults.kills, 300..2500, &worlds[9]),
        havoc::weather(
            to_country,
            "country config",
            &story,
            faults.storms,
            &worlds[10]
        ),
        havoc::weather(to_cores, "Core", &story, faults.storms, &worlds[11]),
        telling,
    );
    if plan.progress {
        println!("{}", story.so_far());
        println!(
            "damage on the way to country config: {:?}, to Core: {:?}",
            deployment.to_country.damage(),
            deployment.to_cores.damage()
        );
        println!("all parts are well again; looking at every record and every message");
    }
    let proven = proof::of(&story, &desk, &deployment, &http).await;
    if !proven.holds() {
        deployment.keep_files();
    }
    deployment.end().await;
    proven
}
