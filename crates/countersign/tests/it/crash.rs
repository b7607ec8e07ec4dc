//! Core and country config are killed again and again while registrars work. Nothing they were
//! told is safe may be lost, and nothing may happen twice.

use std::{
    cell::{Cell, RefCell},
    ops::Range,
    sync::Arc,
    time::Duration,
};

use futures::future::join_all;
use jiff::{ToSpan as _, tz::TimeZone};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::time::sleep;
use world::{SystemClock, World};

use crate::{
    deployment::{Deployment, Part},
    desk::{Asked, Desk},
    proof,
};

/// At least so many actions that country config must hear of are acknowledged.
const ACTIONS: usize = 200;
/// At least so often each side is killed meanwhile.
const KILLS: u32 = 15;
/// How many registrars work at once.
const WORKERS: u64 = 4;
/// Chooses what is random, to play a run again.
const SEED: &str = "COUNTERSIGN_CRASH_SEED";
const BIRTH: &str = include_str!("../../../country/samples/birth.json");

/// A record that was begun.
pub struct Record {
    pub id: String,
    /// The informant's own.
    pub phone: String,
}

/// An action that a registrar was told is safe.
pub struct Acknowledged {
    pub event: String,
    pub action_type: &'static str,
    pub transaction: String,
}

/// What happened so far.
#[derive(Default)]
struct Story {
    records: RefCell<Vec<Record>>,
    /// Declarations and registrations.
    acknowledged: RefCell<Vec<Acknowledged>>,
    /// Registrations that somebody asked for once, was not told about, and forgot.
    forgotten: Cell<u32>,
    core_kills: Cell<u32>,
    country_kills: Cell<u32>,
    /// Nobody works any more.
    over: Cell<bool>,
}

impl Story {
    /// Notes a new record, and gives it an informant with a phone of their own.
    fn begin(&self, id: &str) -> String {
        let mut records = self.records.borrow_mut();
        let phone = format!("06{:08}", records.len());
        records.push(Record {
            id: id.to_owned(),
            phone: phone.clone(),
        });
        phone
    }

    fn is_enough(&self) -> bool {
        self.acknowledged.borrow().len() >= ACTIONS
            && self.core_kills.get() >= KILLS
            && self.country_kills.get() >= KILLS
    }
}

#[tokio::test]
async fn what_was_acknowledged_happens_once_however_often_core_and_country_config_are_killed() {
    let seed = seed();
    println!("crash test: seed {seed}; play it again with {SEED}={seed}");
    let nth = |n: u64| World::seeded(Arc::new(SystemClock), seed.wrapping_add(n));
    let builder = Client::builder().no_proxy();
    let builder = builder.timeout(Duration::from_secs(10));
    let http = builder.build().unwrap();
    let mut deployment = Deployment::start(&http, &nth(0)).await;
    let desk = Desk::sign_in(&http, &deployment).await;
    // Long enough that many a kill hits country config while it waits for an answer itself.
    let knobs = format!("{}/national-id/knobs", deployment.standins.url);
    let turned = http
        .put(knobs)
        .json(&json!({ "delayMs": 150 }))
        .send()
        .await;
    assert!(turned.unwrap().status().is_success());

    let story = Story::default();
    let (chaos, more_chaos) = (nth(1), nth(2));
    let work = async {
        join_all((0..WORKERS).map(|n| work(&desk, &story, nth(3 + n)))).await;
        story.over.set(true);
    };
    tokio::join!(
        work,
        havoc(&mut deployment.core, &story, &story.core_kills, &chaos),
        havoc(
            &mut deployment.country,
            &story,
            &story.country_kills,
            &more_chaos
        ),
    );

    let (begun, acknowledged) = (story.records.take(), story.acknowledged.take());
    // Stops at the first thing that was lost or happened twice.
    let proven = proof::of(&begun, &acknowledged, &desk, &deployment, &http).await;
    deployment.end().await;
    println!(
        "crash test: seed {seed}, {} actions acknowledged, {} found delivered, {} found resolved \
         once, kills core {} country {} ({} records, {} numbers, {} forgotten)",
        acknowledged.len(),
        proven.delivered,
        proven.resolved,
        story.core_kills.get(),
        story.country_kills.get(),
        begun.len(),
        proven.registered,
        story.forgotten.get(),
    );
}

fn seed() -> u64 {
    match std::env::var(SEED) {
        Ok(text) => text.parse().expect("the seed is a number"),
        Err(_) => World::real().below(1_000_000),
    }
}

/// Kills the part at random moments, some of them while it starts, until the work is done; then it
/// is up.
async fn havoc(part: &mut Part, story: &Story, kills: &Cell<u32>, world: &World) {
    while !story.over.get() {
        if world.below(4) > 0 {
            part.until_ready().await;
        }
        pause(world, 300..2000).await;
        part.kill().await;
        kills.set(kills.get() + 1);
        pause(world, 0..1000).await;
        part.start();
    }
    part.until_ready().await;
}

/// Takes births from nothing to registered, one after the other, until there were enough.
async fn work(desk: &Desk, story: &Story, world: World) {
    while !story.is_enough() {
        let transaction = world.new_id().to_string();
        let input = json!({ "type": "birth", "transactionId": transaction });
        let record = desk.insist("/events", &input).await;
        let id = record["id"].as_str().unwrap().to_owned();
        let phone = story.begin(&id);
        pause(&world, 0..400).await;

        let transaction = world.new_id().to_string();
        let input = json!({
            "transactionId": transaction,
            "declaration": birth(&world, &phone),
            "annotation": {},
            "keepAssignmentIfAccepted": true,
        });
        desk.insist(&format!("/events/{id}/actions/declare"), &input)
            .await;
        story.acknowledged.borrow_mut().push(Acknowledged {
            event: id.clone(),
            action_type: "DECLARE",
            transaction,
        });
        pause(&world, 0..400).await;
        register(desk, story, &world, id).await;
    }
}

/// Most registrars insist; one in eight asks twice at once, and one in eight asks once and leaves.
async fn register(desk: &Desk, story: &Story, world: &World, id: String) {
    let transaction = world.new_id().to_string();
    let input = json!({ "transactionId": transaction, "declaration": {}, "annotation": {} });
    let path = format!("/events/{id}/actions/register");
    match world.below(8) {
        0 => {
            if let Asked::Unknown(_) = desk.ask(&path, &input).await {
                story.forgotten.set(story.forgotten.get() + 1);
                return;
            }
        }
        1 => {
            tokio::join!(desk.insist(&path, &input), desk.insist(&path, &input));
        }
        _ => {
            desk.insist(&path, &input).await;
        }
    }
    story.acknowledged.borrow_mut().push(Acknowledged {
        event: id,
        action_type: "REGISTER",
        transaction,
    });
}

/// A birth three days ago: in a hospital, where the national ID comes at once; one in four at
/// home, where it comes later and by itself.
pub fn birth(world: &World, phone: &str) -> Value {
    let mut birth: Value = serde_json::from_str(BIRTH).unwrap();
    let today = world.now().to_zoned(TimeZone::UTC).date();
    birth["child.dob"] = json!(today.checked_sub(3.days()).unwrap().to_string());
    birth["informant.phone"] = json!(phone);
    // Each child a name of its own: the same one born twice is held back as a duplicate.
    let letter = |_| char::from(b'a' + world.below(26) as u8);
    let name: String = (0..13).map(letter).collect();
    birth["child.name"] = json!({"firstname": name, "surname": name});
    if world.below(4) == 0 {
        let home = birth["mother.address"].clone();
        birth["child.place"] = json!("HOME");
        birth["child.placeId"] = home["administrativeArea"].clone();
        birth["child.home"] = home;
        birth.as_object_mut().unwrap().remove("child.facility");
    }
    birth
}

async fn pause(world: &World, millis: Range<u64>) {
    let millis = millis.start + world.below(millis.end - millis.start);
    sleep(Duration::from_millis(millis)).await;
}
