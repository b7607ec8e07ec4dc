//! What is done to the parts while registrars work.

use std::{ops::Range, time::Duration};

use tokio::time::{Instant, sleep};
use world::World;

use crate::{
    database::Database,
    disk::Disk,
    process::Part,
    proxy::{Proxy, Weather},
    work::{Story, pause},
};

/// How often each thing is done at least.
#[derive(Debug, Clone, Copy)]
pub struct Faults {
    /// Kills of each process.
    pub kills: u32,
    /// Storms on each network.
    pub storms: u32,
    /// Kills of the database; one more is answered by going over to its standby.
    pub database: u32,
    /// Times that the disk is full.
    pub full: u32,
    /// Times that the disk fails.
    pub failed: u32,
}

/// Something that must still be done so many times.
struct Due<'a> {
    story: &'a Story,
    left: u32,
}

impl<'a> Due<'a> {
    fn new(story: &'a Story, times: u32) -> Self {
        story.to_come.set(story.to_come.get() + times);
        Self { story, left: times }
    }

    fn done(&mut self, what: &str) {
        self.story.fault(what);
        if self.left > 0 {
            self.left -= 1;
            self.story.to_come.set(self.story.to_come.get() - 1);
        }
    }
}

/// Kills the part at random moments, so many milliseconds apart, some of them while it starts, until the work is done; then it
/// is up.
pub async fn kills(part: &mut Part, story: &Story, times: u32, between: Range<u64>, world: &World) {
    let mut due = Due::new(story, times);
    let what = format!("kills of {}", part.name);
    while !story.over.get() {
        if world.below(4) > 0 {
            part.until_ready().await;
        }
        pause(world, between.clone()).await;
        part.kill().await;
        due.done(&what);
        pause(world, 0..1000).await;
        part.start();
    }
    part.until_ready().await;
}

/// Lets storms pass over a network, and cuts it off altogether now and then.
pub async fn weather(network: &Proxy, name: &str, story: &Story, times: u32, world: &World) {
    let mut due = Due::new(story, times);
    let what = format!("storms on the way to {name}");
    while !story.over.get() {
        pause(world, 200..2000).await;
        let weather = match world.below(4) {
            0 => Weather::Gone,
            _ => Weather::Stormy,
        };
        network.set(weather);
        pause(world, 500..2000).await;
        network.set(Weather::Fair);
        due.done(&what);
    }
}

/// Kills the database and starts it again, and once gives it up and goes over to its standby.
pub async fn database(database: &mut Database, story: &Story, times: u32, world: &World) {
    let mut due = Due::new(story, times);
    let mut fail_over = Due::new(story, 1);
    let mut gone_over = false;
    while !story.over.get() {
        pause(world, 2000..7000).await;
        if !gone_over && due.left <= times / 2 {
            database.fail_over(world).await;
            fail_over.done("times over to the standby");
            gone_over = true;
        } else {
            database.kill_and_start(world).await;
            due.done("kills of PostgreSQL");
        }
    }
}

/// Fills the disk up and makes room again; lets it fail and replaces it.
///
/// While the disk is full, Core must answer with errors and stay up, and go on by itself when there
/// is room. A Core whose disk has failed is stopped, as an operator would to replace the disk;
/// started on the failed disk, it must say why it cannot, and end.
pub async fn disk(
    disk: &Disk,
    core: &mut Part,
    story: &Story,
    (full, failed): (u32, u32),
    world: &World,
) {
    let mut full = Due::new(story, full);
    let mut failed = Due::new(story, failed);
    while !story.over.get() {
        pause(world, 500..1500).await;
        disk.fill_up();
        pause(world, 1000..2000).await;
        disk.make_room();
        full.done("times the disk was full");
        until_it_writes(core).await;

        pause(world, 300..1000).await;
        disk.fail();
        pause(world, 500..1500).await;
        core.kill().await;
        core.start();
        let said = core.until_it_gives_up().await;
        assert!(
            said.to_lowercase().contains("read-only") || said.contains("readonly"),
            "an operator cannot tell from this that the disk is read-only:\n{said}"
        );
        disk.recover();
        core.start();
        core.until_ready().await;
        failed.done("times the disk turned read-only");
    }
}

/// Waits until Core, which was not restarted, says that all is well again.
async fn until_it_writes(core: &mut Part) {
    let started = Instant::now();
    while !core.is_ready().await {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "Core does not recover by itself once there is room again:\n{}",
            core.last_words()
        );
        sleep(Duration::from_millis(100)).await;
    }
}
