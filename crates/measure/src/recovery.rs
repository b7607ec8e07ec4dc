//! How long deliveries lie still when whoever was at them is killed.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::ensure;
use faults::work::birth;
use serde_json::json;
use world::World;

use crate::{
    country::SLOW,
    flows::{created, declare},
    house::House,
};

/// Deliveries under way when the node dies.
const UNDER_WAY: usize = 20;
/// How long the country takes over them, so that they are.
const SLOWNESS: Duration = Duration::from_secs(20);

/// Kills the first node in the midst of deliveries. With `again`, it is started at once; otherwise
/// another node must take them over. Answers how long it took until the last of them went out again.
///
/// # Errors
/// When a call fails, or deliveries do not go out again within a minute.
pub async fn run(house: &mut Arc<House>, world: &World, again: bool) -> anyhow::Result<Duration> {
    let records = created(house, world, UNDER_WAY).await?;
    house.country.forget();
    house.country.set_slowness(SLOWNESS);
    let first = house.cores.first().map(|core| core.url.clone());
    let first = first.unwrap_or_default();
    let calls: Vec<_> = records
        .into_iter()
        .map(|record| {
            let input = json!({
                "transactionId": world.new_id(),
                "declaration": slow_birth(world),
                "annotation": {},
            });
            let (house, first) = (Arc::clone(house), first.clone());
            // Nobody is answered: the node dies first.
            tokio::spawn(async move {
                let path = format!("/events/{record}/actions/declare");
                let _ = house.post_to(&first, &path, &input).await;
            })
        })
        .collect();
    until("all deliveries are under way", || {
        house.country.arrivals().len() == UNDER_WAY
    })
    .await?;
    for call in calls {
        call.abort();
        let _ = call.await;
    }
    let Some(inner) = Arc::get_mut(house) else {
        anyhow::bail!("somebody still calls");
    };
    let Some(core) = inner.cores.first_mut() else {
        anyhow::bail!("there is no Core");
    };
    core.kill().await;
    let killed = Instant::now();
    if again {
        core.start();
    }
    let all_again = || {
        let arrivals = house.country.arrivals();
        arrivals.values().all(|(_, last)| *last > killed)
    };
    until("all deliveries go out again", all_again).await?;
    let last = house
        .country
        .arrivals()
        .values()
        .map(|(_, last)| *last)
        .max();
    house.country.set_slowness(Duration::ZERO);
    Ok(last.map_or(Duration::ZERO, |last| last - killed))
}

/// A birth over which the country takes its time.
#[must_use]
pub fn slow_birth(world: &World) -> serde_json::Value {
    let mut birth = birth(world, "0612345678");
    birth["mother.name"]["surname"] = json!(SLOW);
    birth
}

/// Declares slow births, and forgets them.
pub async fn declare_slow(house: Arc<House>, world: World, record: String) {
    let declaration = slow_birth(&world);
    let _ = declare(&house, &world, &record, declaration).await;
}

async fn until(what: &str, is_so: impl Fn() -> bool) -> anyhow::Result<()> {
    let started = Instant::now();
    while !is_so() {
        ensure!(
            started.elapsed() < Duration::from_secs(60),
            "waited in vain until {what}"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
