//! `measure`: what Countersign promises, measured on this machine in one run, beside what the same
//! disk and database can do at all.
//!
//! Clients, country config and everything measured share the machine; figures of different
//! machines do not compare, ratios within one run do.

mod backlog;
mod caller;
mod country;
mod flows;
mod house;
mod lanes;
mod limits;
mod process;
mod rate;
mod recovery;
mod report;

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::{Parser, ValueEnum};
use world::World;

use self::{
    house::{House, Kind, Plan},
    report::{Goal, Report},
};

/// Clients in a closed loop.
const AT_ONCE: usize = 16;
/// Transactions of one flow: one creates, and each of two actions is written down and decided.
const TRANSACTIONS: f64 = 5.0;
/// Attempts at once that Core makes unless it is told otherwise.
const LIMIT: f64 = 32.0;
/// Seconds between probes of a country config that has been away for long, and a little more.
const LONGEST_PROBING: f64 = 11.0;
const KINDS: [(Kind, &str); 2] = [(Kind::Sqlite, "SQLite"), (Kind::Postgres, "PostgreSQL")];

/// Measure throughput, delay, recovery, fairness and backlogs; print a table and write JSON
#[derive(Parser)]
struct Args {
    /// The countersign program to measure, built for release
    #[arg(long, value_name = "FILE")]
    program: PathBuf,
    /// Only these chapters
    #[arg(long, value_enum)]
    only: Vec<Chapter>,
    /// Only on these stores
    #[arg(long, value_enum)]
    on: Vec<Kind>,
    /// How long each thing is measured
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How many deliveries wait for a country config that was away
    #[arg(long, default_value_t = 100_000)]
    backlog: usize,
    /// Where the figures are written
    #[arg(long, value_name = "FILE", default_value = "target/bench.json")]
    json: PathBuf,
    /// Folder on the disk to be measured
    #[arg(long, value_name = "FOLDER", default_value = "target")]
    folder: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Chapter {
    /// Flows a second, beside plain commits
    Throughput,
    /// Delay and processor time at 100 actions a second
    Steady,
    /// A node is killed
    Recovery,
    /// Fast records beside slow ones
    Lanes,
    /// The country config was away for a week
    Backlog,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let world = World::real();
    let wanted = |chapter| args.only.is_empty() || args.only.contains(&chapter);
    let mut report = Report::default();
    std::fs::create_dir_all(&args.folder)?;
    if wanted(Chapter::Throughput) {
        throughput(&args, &world, &mut report).await?;
    }
    if wanted(Chapter::Steady) {
        steady(&args, &world, &mut report).await?;
    }
    if wanted(Chapter::Recovery) {
        recovered(&args, &world, &mut report).await?;
    }
    if wanted(Chapter::Lanes) {
        lanes(&args, &world, &mut report).await?;
    }
    if wanted(Chapter::Backlog) {
        backlog(&args, &world, &mut report).await?;
    }
    report.write(&args.json)
}

impl Args {
    fn plan(&self, kind: Kind, nodes: usize) -> Plan {
        Plan {
            program: self.program.clone(),
            folder: self.folder.clone(),
            kind,
            nodes,
            options: Vec::new(),
        }
    }

    fn is_on(&self, kind: Kind) -> bool {
        self.on.is_empty() || self.on.contains(&kind)
    }

    fn lasting(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

async fn throughput(args: &Args, world: &World, report: &mut Report) -> anyhow::Result<()> {
    report.chapter(
        "Flows (create, declare, register; 16 clients, a country config that accepts at once)",
    );
    for (kind, name, nodes) in [
        (Kind::Sqlite, "SQLite", 1),
        (Kind::Postgres, "PostgreSQL", 1),
        (Kind::Postgres, "PostgreSQL", 3),
    ] {
        if !args.is_on(kind) {
            continue;
        }
        let house = House::start(&args.plan(kind, nodes)).await?;
        let flows = flows::run(&house, world, AT_ONCE, args.lasting()).await?;
        let plain = match &house.cluster {
            None => {
                let (folder, lasting) = (args.folder.clone(), args.lasting());
                tokio::task::spawn_blocking(move || limits::sqlite(&folder, lasting)).await??
            }
            Some(cluster) => {
                let (cluster, lasting) = (Arc::clone(cluster), args.lasting());
                let folder = house.folder().to_owned();
                let plain = move || limits::postgres(&cluster, &folder, AT_ONCE, lasting);
                tokio::task::spawn_blocking(plain).await??
            }
        };
        let on = format!("{name}, {nodes} node{}", if nodes == 1 { "" } else { "s" });
        report.figure(
            &format!("{on}: flows"),
            flows.per_second,
            "flows/s",
            Goal::None,
        );
        report.figure(
            &format!("{on}: plain commits"),
            plain,
            "commits/s",
            Goal::None,
        );
        report.figure(
            &format!("{on}: of what plain commits would allow"),
            flows.per_second * TRANSACTIONS / plain * 100.0,
            "%",
            Goal::AtLeast(50.0),
        );
        report.figure(
            &format!("{on}: an action, p50"),
            flows.actions.percentile(50),
            "ms",
            Goal::None,
        );
        report.figure(
            &format!("{on}: an action, p99"),
            flows.actions.percentile(99),
            "ms",
            Goal::None,
        );
        report.figure(
            &format!("{on}: processor, an action"),
            flows.cpu,
            "ms",
            Goal::None,
        );
    }
    Ok(())
}

async fn steady(args: &Args, world: &World, report: &mut Report) -> anyhow::Result<()> {
    report.chapter("100 declarations a second, from the request to the country's acknowledgement");
    report
        .say("(Svix, a webhook server in Rust: p50 4 ms, p99 97 ms, 4 ms of processor a message)");
    for (kind, name) in KINDS {
        if !args.is_on(kind) {
            continue;
        }
        let house = Arc::new(House::start(&args.plan(kind, 1)).await?);
        let steady = rate::run(&house, world, 100, args.lasting()).await?;
        let (actions, bare) = (&steady.actions, &steady.bare);
        report.figure(
            &format!("{name}: p50"),
            actions.percentile(50),
            "ms",
            Goal::AtMost(5.0),
        );
        report.figure(
            &format!("{name}: p99"),
            actions.percentile(99),
            "ms",
            Goal::None,
        );
        report.figure(
            &format!("{name}: a bare call, p50"),
            bare.percentile(50),
            "ms",
            Goal::None,
        );
        report.figure(
            &format!("{name}: a bare call, p99"),
            bare.percentile(99),
            "ms",
            Goal::None,
        );
        for percent in [50, 99] {
            let added = actions.percentile(percent) - bare.percentile(percent);
            report.figure(
                &format!("{name}: added, p{percent}"),
                added,
                "ms",
                Goal::None,
            );
        }
        report.figure(
            &format!("{name}: processor, a message"),
            steady.cpu,
            "ms",
            Goal::AtMost(1.0),
        );
    }
    Ok(())
}

async fn recovered(args: &Args, world: &World, report: &mut Report) -> anyhow::Result<()> {
    report.chapter(
        "kill -9 of a node with 20 deliveries under way, until all are sent again (Svix: 45 s)",
    );
    let mut house = Arc::new(House::start(&args.plan(Kind::Sqlite, 1)).await?);
    let took = recovery::run(&mut house, world, true).await?;
    let seconds = took.as_secs_f64();
    report.figure(
        "SQLite, the node starts again",
        seconds,
        "s",
        Goal::AtMost(5.0),
    );
    drop(house);
    let mut house = Arc::new(House::start(&args.plan(Kind::Postgres, 2)).await?);
    let took = recovery::run(&mut house, world, false).await?;
    let seconds = took.as_secs_f64();
    report.figure(
        "PostgreSQL, another node takes over",
        seconds,
        "s",
        Goal::AtMost(5.0),
    );
    Ok(())
}

async fn lanes(args: &Args, world: &World, report: &mut Report) -> anyhow::Result<()> {
    report.chapter("Fast records beside 100 over which the country takes 5 s (Svix: p50 2.6 s)");
    for limit in ["1", "4", "32"] {
        let mut plan = args.plan(Kind::Sqlite, 1);
        plan.options = vec!["--delivery-concurrency".to_owned(), limit.to_owned()];
        let house = Arc::new(House::start(&plan).await?);
        let (alone, beside) = lanes::run(&house, world, 8, args.lasting()).await?;
        report.figure(
            &format!("limit {limit}: alone, p50"),
            alone.percentile(50),
            "ms",
            Goal::None,
        );
        report.figure(
            &format!("limit {limit}: beside slow ones, p50"),
            beside.percentile(50),
            "ms",
            Goal::None,
        );
        report.figure(
            &format!("limit {limit}: beside slow ones, p99"),
            beside.percentile(99),
            "ms",
            Goal::None,
        );
        report.figure(
            &format!("limit {limit}: times as long beside slow ones, p50"),
            beside.percentile(50) / alone.percentile(50).max(0.001),
            "times",
            Goal::AtMost(1.5),
        );
    }
    Ok(())
}

async fn backlog(args: &Args, world: &World, report: &mut Report) -> anyhow::Result<()> {
    let many = args.backlog;
    report.chapter(&format!(
        "{many} deliveries waited a week for a country config that was away (SQLite)"
    ));
    report.say("(rows that are a week old; Core itself is watched for a while)");
    let mut house = Arc::new(House::start(&args.plan(Kind::Sqlite, 1)).await?);
    let backlog = backlog::run(&mut house, world, report, many, args.lasting()).await?;
    report.say("(SQLite keeps at most 4 MB of the file for each of its connections, once used)");
    let like = |other: f64, more: f64| Goal::AtMost((other + more).round());
    for (when, memory, goal) in [
        ("before", backlog.before, Goal::None),
        (
            "while it waits",
            backlog.waiting,
            like(backlog.before, 64.0),
        ),
        (
            "while its first half drains",
            backlog.first_half,
            Goal::None,
        ),
        (
            "while its second half drains",
            backlog.second_half,
            like(backlog.first_half, 32.0),
        ),
    ] {
        let name = format!("backlog: memory of Core {when}");
        report.figure(&name, memory, "MB", goal);
    }
    report.figure(
        "backlog: attempts in vain while the country was away",
        backlog.in_vain as f64,
        "attempts",
        Goal::AtMost(LIMIT),
    );
    report.figure(
        "backlog: calls at once at most",
        backlog.most_at_once as f64,
        "calls",
        Goal::AtMost(LIMIT),
    );
    report.figure(
        "backlog: calls about what the country had, or was at",
        backlog.needless as f64,
        "calls",
        Goal::AtMost(0.0),
    );
    report.figure(
        "backlog: from the country's return to the first call",
        backlog.noticed,
        "s",
        Goal::AtMost(LONGEST_PROBING),
    );
    report.figure("backlog: drained in", backlog.seconds, "s", Goal::None);
    let per_second = many as f64 / backlog.seconds.max(0.001);
    report.figure("backlog: drained", per_second, "a second", Goal::None);
    report.figure(
        "backlog: processor, a delivery",
        backlog.cpu,
        "ms",
        Goal::None,
    );
    let alone = match backlog.needless {
        0 => ", each record called about once",
        _ => "",
    };
    report.say(&format!(
        "{many} waiting for a week drained in {:.1} s: {per_second:.0} a second{alone}",
        backlog.seconds
    ));
    Ok(())
}
