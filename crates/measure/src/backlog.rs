//! A country config that was away while very many deliveries came to wait.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use faults::{process::Part, work::birth};
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
    process::{cpu, memory},
    report::Report,
};

/// For how long Core is let settle on an empty queue.
const LONGEST_BEFORE: Duration = Duration::from_secs(3);
/// Between lines about how far it has come.
const BETWEEN_LINES: Duration = Duration::from_secs(10);
/// Records written at once while the backlog is made.
const AT_ONCE: usize = 256;
/// The longest that nothing may reach a country that is back.
const STANDSTILL: Duration = Duration::from_secs(60);

/// What was measured.
#[derive(Debug, Clone, Copy, Default)]
pub struct Backlog {
    /// Megabytes of Core on an empty queue.
    pub before: f64,
    /// The most while everything waited.
    pub waiting: f64,
    /// The most while the first half drained.
    pub first_half: f64,
    /// The most while the second half did.
    pub second_half: f64,
    /// Seconds from the country's return to the first delivery.
    pub noticed: f64,
    /// Seconds from the first delivery to the last.
    pub seconds: f64,
    /// Milliseconds on a core of Core for one delivery.
    pub cpu: f64,
    /// Calls that the country had at once at most.
    pub most_at_once: usize,
    /// Calls about deliveries that the country had, or was at just then.
    pub needless: usize,
    /// Attempts that failed: those by which Core found out that the country was away.
    pub in_vain: usize,
}

/// Lets so many deliveries wait, each on a record of its own, and then the country come back.
///
/// Their rows are as old as if they had waited for a week. Core itself is only watched for
/// `watching` while they wait: a whole week of it passes in the tests of the crate `delivery`, on
/// a made-up clock.
///
/// No two deliveries of a record ever wait at once: whatever else is asked for on it has to wait
/// until the first is decided. So order on a record comes down to this: no call about a delivery
/// while the country is at another call about it, and none once it has answered.
///
/// # Errors
/// When a call fails, or the backlog does not drain.
pub async fn run(
    house: &mut Arc<House>,
    world: &World,
    report: &Report,
    how_many: usize,
    watching: Duration,
) -> anyhow::Result<Backlog> {
    let template = template(house, world).await?;
    let file = house.file();
    let country = house.country.clone();
    let core = Arc::get_mut(house)
        .and_then(|house| house.cores.first_mut())
        .context("somebody still calls")?;
    let process = |core: &Part| core.process().unwrap_or_default();
    // Started anew: whoever brings people in hashes passwords, which takes much memory once.
    core.kill().await;
    core.start();
    core.until_ready().await;
    tokio::time::sleep(watching.min(LONGEST_BEFORE)).await;
    let mut backlog = Backlog {
        before: memory(process(core)),
        ..Backlog::default()
    };
    core.kill().await;
    country.set_undecided(false);
    country.forget();
    country.goes().await?;
    fill(&file, &template, world, report, how_many).await?;

    core.start();
    core.until_ready().await;
    let process = process(core);
    let started = Instant::now();
    while started.elapsed() < watching {
        backlog.waiting = backlog.waiting.max(memory(process));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let used = cpu(&[process]);
    country.comes_back().await?;
    let back = Instant::now();
    let mut first = None;
    let mut latest = (back, 0);
    let mut line = back;
    while latest.1 < how_many {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let (now, answered) = (Instant::now(), country.answered());
        let half = match answered * 2 <= how_many {
            true => &mut backlog.first_half,
            false => &mut backlog.second_half,
        };
        *half = half.max(memory(process));
        if answered > latest.1 {
            first.get_or_insert(now);
            latest = (now, answered);
        }
        ensure!(
            now - latest.0 < STANDSTILL,
            "the backlog stands still at {answered} of {how_many}"
        );
        if now - line >= BETWEEN_LINES {
            line = now;
            report.say(&format!("{answered} of {how_many} drained"));
        }
    }
    let first = first.unwrap_or(back);
    backlog.noticed = (first - back).as_secs_f64();
    backlog.seconds = (latest.0 - first).as_secs_f64();
    backlog.cpu = (cpu(&[process]) - used).as_secs_f64() * 1000.0 / how_many.max(1) as f64;
    backlog.most_at_once = country.most_at_once();
    backlog.needless = country.needless_calls();
    // The last ones are written down.
    core.kill().await;
    backlog.in_vain = attempts_in_vain(&file)?;
    Ok(backlog)
}

/// Writes what waits, as Core itself would have done a week ago.
async fn fill(
    file: &Path,
    template: &Template,
    world: &World,
    report: &Report,
    how_many: usize,
) -> anyhow::Result<()> {
    let week_ago = world
        .now()
        .checked_sub(SignedDuration::from_hours(7 * 24))?;
    let store = SqliteStore::open(file, world.clone())?;
    let (mut written, mut line) = (0, Instant::now());
    while written < how_many {
        let some = (how_many - written).min(AT_ONCE);
        try_join_all((written..written + some).map(|number| {
            let (store, record) = (&store, copy(template, world, number, week_ago));
            async move {
                store.create_record(record?).await?;
                anyhow::Ok(())
            }
        }))
        .await?;
        written += some;
        if line.elapsed() >= BETWEEN_LINES {
            line = Instant::now();
            report.say(&format!("{written} of {how_many} written"));
        }
    }
    Ok(())
}

/// How many attempts Core made beside the ones that were answered.
fn attempts_in_vain(file: &Path) -> anyhow::Result<usize> {
    let connection = rusqlite::Connection::open(file)?;
    let sql = "SELECT coalesce(sum(attempts - 1), 0) FROM deliveries WHERE kind = 'DECLARE'";
    let attempts: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(usize::try_from(attempts)?)
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

/// The same record with a number, of other people, with its delivery as it began.
fn copy(
    template: &Template,
    world: &World,
    number: usize,
    at: Timestamp,
) -> anyhow::Result<NewRecord> {
    let Template {
        mut document,
        mut index,
    } = Template {
        document: template.document.clone(),
        index: template.index.clone(),
    };
    document.id = world.new_id().into();
    document.tracking_id = tracking_id(number);
    for action in &mut document.actions {
        action.id = world.new_id().into();
        action.transaction_id = world.new_id().to_string();
    }
    if let (Some(action), Value::Object(birth)) = (document.actions.last_mut(), child(world)?) {
        action.declaration = Some(birth);
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
            attachments: BTreeSet::new(),
        },
        deliveries: vec![delivery],
        audit: Vec::new(),
        document,
    })
}

/// A birth of the last month, of a child with a name as long as names are: what is kept to find
/// possible duplicates by grows with a name's length, and whoever is called as another child of the
/// same days is held back as one.
fn child(world: &World) -> anyhow::Result<Value> {
    let mut birth = birth(world, "0612345678");
    let days = i64::try_from(world.below(30))? + 3;
    let born = world
        .now()
        .checked_sub(SignedDuration::from_hours(days * 24))?;
    birth["child.dob"] = json!(born.strftime("%F").to_string());
    birth["child.name"] = json!({ "firstname": name(world, 2), "surname": name(world, 3) });
    Ok(birth)
}

fn name(world: &World, syllables: usize) -> String {
    const CONSONANTS: &[u8] = b"bcdfghjklmnpqrstvwxz";
    const VOWELS: &[u8] = b"aeiou";
    let one_of = |letters: &[u8]| {
        let at = usize::try_from(world.below(letters.len() as u64)).unwrap_or(0);
        char::from(letters.get(at).copied().unwrap_or(b'a'))
    };
    (0..syllables)
        .flat_map(|_| [one_of(CONSONANTS), one_of(VOWELS)])
        .collect()
}

/// A number in figures of 36, as tracking ids are. Drawn by lot, two of a hundred thousand would be
/// the same.
fn tracking_id(mut number: usize) -> String {
    const FIGURES: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut figures = [b'0'; 6];
    for figure in figures.iter_mut().rev() {
        *figure = FIGURES.get(number % 36).copied().unwrap_or(b'0');
        number /= 36;
    }
    String::from_utf8_lossy(&figures).into_owned()
}
