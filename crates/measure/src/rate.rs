//! Actions at a steady rate, whatever becomes of those before: what people feel on a normal day.

use std::{sync::Arc, time::Duration};

use faults::work::birth;
use futures::future::try_join_all;
use serde_json::json;
use tokio::time::{Instant, MissedTickBehavior, interval};
use world::World;

use crate::{
    country::bare_call,
    flows::{created, declare},
    house::House,
    process::cpu,
    report::Times,
};

/// What was measured.
#[derive(Debug, Clone, Default)]
pub struct Steady {
    /// From the request to the country's acknowledgement and the answer.
    pub actions: Times,
    /// The same body, posted to the same country by this process itself.
    pub bare: Times,
    /// Milliseconds on a core of Core and database for one action.
    pub cpu: f64,
}

/// Declares so many a second for this long.
///
/// # Errors
/// The first call that failed.
pub async fn run(
    house: &Arc<House>,
    world: &World,
    per_second: u32,
    lasting: Duration,
) -> anyhow::Result<Steady> {
    let many = usize::try_from(u64::from(per_second) * lasting.as_secs())?;
    let records = created(house, world, many).await?;
    let mut ticks = interval(Duration::from_secs(1) / per_second);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let before = cpu(&house.processes());
    let mut under_way = Vec::new();
    for record in records {
        // Late ones count from when they should have begun.
        let due = ticks.tick().await;
        let (house, world) = (Arc::clone(house), world.clone());
        under_way.push(tokio::spawn(async move {
            declare(&house, &world, &record, birth(&world, "0612345678")).await?;
            anyhow::Ok(Instant::now() - due)
        }));
    }
    let mut actions = Times::default();
    for took in try_join_all(under_way).await? {
        actions.add(took?);
    }
    let used = cpu(&house.processes()).saturating_sub(before);

    let mut bare = Times::default();
    let body = json!({ "actions": [{ "declaration": birth(world, "0612345678") }] });
    // At the same rate: on a machine that does nothing else, calls without a pause between them find
    // everything awake and in the processor's caches, and take a fraction of what any call takes.
    let mut ticks = interval(Duration::from_secs(1) / per_second);
    for _ in 0..many.min(1000) {
        ticks.tick().await;
        bare.add(bare_call(&house.caller, &house.country, &body).await?);
    }
    Ok(Steady {
        cpu: used.as_secs_f64() * 1000.0 / actions.count().max(1) as f64,
        actions,
        bare,
    })
}
