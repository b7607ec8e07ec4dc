//! Records taken from nothing to registered, as fast as it goes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context as _;
use faults::work::birth;
use futures::future::try_join_all;
use serde_json::{Value, json};
use world::World;

use crate::{house::House, process::cpu, report::Times};

/// What was measured.
#[derive(Debug, Clone, Default)]
pub struct Flows {
    /// Flows a second.
    pub per_second: f64,
    /// Milliseconds on a core of Core and database for one delivery.
    pub cpu: f64,
    /// Each declaration and registration, from the request to the decision.
    pub actions: Times,
}

/// Runs flows, `at_once` of them, for this long.
///
/// # Errors
/// The first call that failed.
pub async fn run(
    house: &House,
    world: &World,
    at_once: usize,
    lasting: Duration,
) -> anyhow::Result<Flows> {
    warm_up(house, world, at_once).await?;
    let (before, started) = (cpu(&house.processes()), Instant::now());
    let done = AtomicU64::new(0);
    let work = (0..at_once).map(|_| async {
        let mut times = Times::default();
        while started.elapsed() < lasting {
            flow(house, world, &mut times).await?;
            done.fetch_add(1, Ordering::Relaxed);
        }
        anyhow::Ok(times)
    });
    let all = try_join_all(work).await?;
    let took = started.elapsed().as_secs_f64();
    let used = cpu(&house.processes()).saturating_sub(before);
    let done = done.into_inner() as f64;
    Ok(Flows {
        per_second: done / took,
        cpu: used.as_secs_f64() * 1000.0 / (done * 2.0).max(1.0),
        actions: all.into_iter().fold(Times::default(), Times::and),
    })
}

async fn warm_up(house: &House, world: &World, at_once: usize) -> anyhow::Result<()> {
    let work = (0..at_once).map(|_| async {
        for _ in 0..5 {
            flow(house, world, &mut Times::default()).await?;
        }
        anyhow::Ok(())
    });
    try_join_all(work).await?;
    Ok(())
}

/// Creates, declares, registers.
async fn flow(house: &House, world: &World, times: &mut Times) -> anyhow::Result<()> {
    let event = create(house, world).await?;
    times
        .time(declare(house, world, &event, birth(world, "0612345678")))
        .await?;
    let input = json!({ "transactionId": world.new_id(), "declaration": {}, "annotation": {} });
    times
        .time(house.send(&format!("/events/{event}/actions/register"), &input))
        .await?;
    Ok(())
}

/// Begins a record; its id.
///
/// # Errors
/// When the call fails.
pub async fn create(house: &House, world: &World) -> anyhow::Result<String> {
    let input = json!({ "type": "birth", "transactionId": world.new_id() });
    let record = house.post("/events", &input).await?;
    let id = record.get("id").and_then(Value::as_str);
    Ok(id.context("the record has no id")?.to_owned())
}

/// Declares a record.
///
/// # Errors
/// When the call fails.
pub async fn declare(
    house: &House,
    world: &World,
    event: &str,
    declaration: Value,
) -> anyhow::Result<()> {
    let input = json!({
        "transactionId": world.new_id(),
        "declaration": declaration,
        "annotation": {},
        "keepAssignmentIfAccepted": true,
    });
    house
        .send(&format!("/events/{event}/actions/declare"), &input)
        .await
}

/// Records that wait to be declared.
///
/// # Errors
/// When a call fails.
pub async fn created(
    house: &Arc<House>,
    world: &World,
    how_many: usize,
) -> anyhow::Result<Vec<String>> {
    let mut all = Vec::new();
    while all.len() < how_many {
        let some = (0..16.min(how_many - all.len())).map(|_| create(house, world));
        all.extend(try_join_all(some).await?);
    }
    Ok(all)
}
