//! Registrars at work: births from nothing to registered, and what they were told is safe.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    ops::Range,
    time::Duration,
};

use jiff::{ToSpan as _, tz::TimeZone};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use world::World;

use crate::desk::{Asked, Desk};

const BIRTH: &str = include_str!("../../country/samples/birth.json");

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

/// When there was enough of everything: both must be so, and every fault seen as often as wanted.
#[derive(Debug, Clone, Copy)]
pub struct Enough {
    /// Actions acknowledged that country config must hear of.
    pub actions: usize,
    /// Time passed.
    pub time: Duration,
}

/// What happened so far.
pub struct Story {
    pub records: RefCell<Vec<Record>>,
    /// Declarations and registrations.
    pub acknowledged: RefCell<Vec<Acknowledged>>,
    /// Registrations that somebody asked for once, was not told about, and forgot.
    pub forgotten: Cell<u32>,
    /// What was done to the parts, newest last.
    pub faults: RefCell<Vec<(String, u32)>>,
    /// Faults that must still come.
    pub to_come: Cell<u32>,
    /// Nobody works any more.
    pub over: Cell<bool>,
    began: Instant,
    enough: Enough,
    /// The last few times it took to be told, for whoever watches.
    latest: RefCell<VecDeque<Duration>>,
}

impl Story {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(enough: Enough) -> Self {
        Self {
            records: RefCell::default(),
            acknowledged: RefCell::default(),
            forgotten: Cell::default(),
            faults: RefCell::default(),
            to_come: Cell::default(),
            over: Cell::default(),
            began: Instant::now(),
            enough,
            latest: RefCell::default(),
        }
    }

    /// Notes a fault.
    pub fn fault(&self, name: &str) {
        let mut faults = self.faults.borrow_mut();
        match faults.iter_mut().find(|(known, _)| known == name) {
            Some((_, times)) => *times += 1,
            None => faults.push((name.to_owned(), 1)),
        }
    }

    /// How far it is, in a line.
    #[must_use]
    pub fn so_far(&self) -> String {
        let latest = self.latest.borrow();
        let slowest = latest.iter().max().copied().unwrap_or_default();
        format!(
            "{:>4} s  {:>5} actions acknowledged (slowest of the last {}: {:.1} s)  {}",
            self.began.elapsed().as_secs(),
            self.acknowledged.borrow().len(),
            latest.len(),
            slowest.as_secs_f64(),
            self.faults_in_words(),
        )
    }

    /// What was done, in words.
    #[must_use]
    pub fn faults_in_words(&self) -> String {
        let faults = self.faults.borrow();
        let words = faults.iter().map(|(name, times)| format!("{name} {times}"));
        words.collect::<Vec<_>>().join(", ")
    }

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

    fn acknowledge(&self, action: Acknowledged, asked: Instant) {
        self.acknowledged.borrow_mut().push(action);
        let mut latest = self.latest.borrow_mut();
        latest.push_back(asked.elapsed());
        if latest.len() > 20 {
            latest.pop_front();
        }
    }

    fn is_enough(&self) -> bool {
        self.acknowledged.borrow().len() >= self.enough.actions
            && self.began.elapsed() >= self.enough.time
            && self.to_come.get() == 0
    }
}

/// Takes births from nothing to registered, one after the other, until there were enough.
pub async fn work(desk: &Desk, story: &Story, world: World) {
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
        let asked = Instant::now();
        desk.insist(&format!("/events/{id}/actions/declare"), &input)
            .await;
        let declared = Acknowledged {
            event: id.clone(),
            action_type: "DECLARE",
            transaction,
        };
        story.acknowledge(declared, asked);
        pause(&world, 0..400).await;
        register(desk, story, &world, id).await;
    }
}

/// Most registrars insist; one in eight asks twice at once, and one in eight asks once and leaves.
async fn register(desk: &Desk, story: &Story, world: &World, id: String) {
    let transaction = world.new_id().to_string();
    let input = json!({ "transactionId": transaction, "declaration": {}, "annotation": {} });
    let path = format!("/events/{id}/actions/register");
    let asked = Instant::now();
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
    let registered = Acknowledged {
        event: id,
        action_type: "REGISTER",
        transaction,
    };
    story.acknowledge(registered, asked);
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

pub(crate) async fn pause(world: &World, millis: Range<u64>) {
    let millis = millis.start + world.below(millis.end - millis.start);
    sleep(Duration::from_millis(millis)).await;
}
