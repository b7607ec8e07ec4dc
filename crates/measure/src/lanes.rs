//! Fast records beside slow ones.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use faults::work::birth;
use futures::future::try_join_all;
use world::World;

use crate::{
    flows::{create, created, declare},
    house::House,
    recovery::declare_slow,
    report::Times,
};

/// How long the country takes over a slow record.
const SLOWNESS: Duration = Duration::from_secs(5);
/// How many slow ones are under way.
const SLOW: usize = 100;

/// Declarations of fast records, alone and then beside slow ones.
///
/// # Errors
/// The first call about a fast record that failed.
pub async fn run(
    house: &Arc<House>,
    world: &World,
    at_once: usize,
    lasting: Duration,
) -> anyhow::Result<(Times, Times)> {
    let alone = fast(house, world, at_once, lasting).await?;
    let records = created(house, world, SLOW).await?;
    house.country.set_slowness(SLOWNESS);
    let slow: Vec<_> = records
        .into_iter()
        .map(|record| tokio::spawn(declare_slow(Arc::clone(house), world.clone(), record)))
        .collect();
    // They are there first.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let beside = fast(house, world, at_once, lasting).await?;
    house.country.set_slowness(Duration::ZERO);
    for call in slow {
        call.abort();
    }
    Ok((alone, beside))
}

async fn fast(
    house: &House,
    world: &World,
    at_once: usize,
    lasting: Duration,
) -> anyhow::Result<Times> {
    let started = Instant::now();
    let work = (0..at_once).map(|_| async {
        let mut times = Times::default();
        while started.elapsed() < lasting {
            let record = create(house, world).await?;
            times
                .time(declare(house, world, &record, birth(world, "0612345678")))
                .await?;
        }
        anyhow::Ok(times)
    });
    let all = try_join_all(work).await?;
    Ok(all.into_iter().fold(Times::default(), Times::and))
}
