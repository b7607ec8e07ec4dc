//! A country config that was away while very many deliveries came to wait.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use faults::work::birth;
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use records::{DeliveryId, EventDocument};
use serde_json::{Value, json};
use storage::{NewDelivery, NewRecord, Projection, RecordStore as _, Subject};
use storage_sqlite::SqliteStore;
use world::World;

use crate::{
    flows::{create, declare},
    house::House,
    process::memory,
};

/// What was measured.
#[derive(Debug, Clone, Copy, Default)]
pub struct Backlog {
    /// Megabytes of Core, started on an empty queue.
    pub before: f64,
    /// The most while everything waited.
    pub waiting: f64,
    /// The most while it drained.
    pub draining: f64,
    /// Seconds from the country's return to the last delivery.
    pub seconds: f64,
    /// Calls that the country had at once at most.
    pub most_at_once: usize,
}

/// Lets so many deliveries wait, a week old, and then the country come back.
///
/// # Errors
/// When a call fails, or the backlog does not drain.
pub async fn run(
    house: &mut Arc<House>,
    world: &World,
    how_many: usize,
    watching: Duration,
) -> anyhow::Result<Backlog> {
    let template = template(house, world).await?;
    let file = house.file();
    let country = house.country.clone();
    country.set_undecided(false);
    country.set_down(true);
    let core = Arc::get_mut(house)
        .and_then(|house| house.cores.first_mut())
        .context("somebody still calls")?;
    let process = |core: &faults::process::Part| core.process().unwrap_or_default();
    let mut backlog = Backlog {
        before: memory(process(core)),
        ..Backlog::default()
    };
    core.kill().await;
    // As Core itself would have written them, a week ago.
    let week_ago = world
        .now()
        .checked_sub(SignedDuration::from_hours(7 * 24))?;
    let store = SqliteStore::open(&file, world.clone())?;
    let mut left = how_many;
    while left > 0 {
        let some = left.min(256);
        try_join_all((0..some).map(|_| async {
            let record = copy(&template, world, week_ago)?;
            store.create_record(record).await?;
            anyhow::Ok(())
        }))
        .await?;
        left -= some;
    }
    drop(store);
    country.forget();
    core.start();
    core.until_ready().await;
    let started = Instant::now();
    while started.elapsed() < watching {
        backlog.waiting = backlog.waiting.max(memory(process(core)));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    country.set_down(false);
    let back = Instant::now();
    let mut latest = (back, 0);
    while country.answered() < how_many {
        backlog.draining = backlog.draining.max(memory(process(core)));
        if country.answered() > latest.1 {
            latest = (Instant::now(), country.answered());
        }
        ensure!(
            latest.0.elapsed() < Duration::from_secs(120),
            "the backlog stands still at {} of {how_many}",
            latest.1
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    backlog.seconds = back.elapsed().as_secs_f64();
    backlog.most_at_once = country.most_at_once();
    Ok(backlog)
}

/// A declared record that waits, and what it comes to.
struct Template {
    document: EventDocument,
    index: Value,
}

async fn template(house: &House, world: &World) -> anyhow::Result<Template> {
    house.country.set_undecided(true);
    let id = create(house, world).await?;
    declare(house, world, &id, birth(world, "0612345678")).await?;
    let core = house.cores.first().context("there is a Core")?;
    let answer = house
        .http
        .get(format!("{}/events/{id}", core.url))
        .bearer_auth(&house.token);
    let mut document: Value = answer.send().await?.json().await?;
    if let Some(actions) = document.get_mut("actions").and_then(Value::as_array_mut) {
        actions.retain(|action| action["type"] != "READ");
    }
    let query = json!({ "query": { "flags": { "anyOf": ["declare:requested"] } }, "limit": 1 });
    let found = house.post("/events/search", &query).await?;
    let index = found.pointer("/results/0").context("it is found")?.clone();
    Ok(Template {
        document: serde_json::from_value(document)?,
        index,
    })
}

/// The same record, of other people, with its delivery as it began.
fn copy(template: &Template, world: &World, at: Timestamp) -> anyhow::Result<NewRecord> {
    let Template {
        mut document,
        mut index,
    } = Template {
        document: template.document.clone(),
        index: template.index.clone(),
    };
    document.id = world.new_id().into();
    document.tracking_id = tracking_id(world);
    for action in &mut document.actions {
        action.id = world.new_id().into();
        action.transaction_id = world.new_id().to_string();
    }
    index["id"] = json!(document.id);
    index["trackingId"] = json!(document.tracking_id);
    let action = document.actions.last().context("it has actions")?;
    let delivery = NewDelivery {
        id: DeliveryId(action.id.0),
        kind: action.action_type.to_string(),
        path: format!("/trigger/events/birth/actions/{}", action.action_type),
        subject: Subject::Action {
            event_id: document.id,
            action_id: action.id,
        },
        correlation: world.new_id().simple().to_string(),
        created_at: at,
        expires_at: None,
        lease: None,
    };
    Ok(NewRecord {
        transaction_id: world.new_id().to_string(),
        projection: Projection {
            index,
            registration_number: None,
            texts: Vec::new(),
            duplicate_keys: BTreeSet::new(),
        },
        deliveries: vec![delivery],
        audit: Vec::new(),
        document,
    })
}

fn tracking_id(world: &World) -> String {
    const LETTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let letter = |_| {
        let at = usize::try_from(world.below(36)).unwrap_or(0);
        char::from(LETTERS.get(at).copied().unwrap_or(b'0'))
    };
    (0..6).map(letter).collect()
}
