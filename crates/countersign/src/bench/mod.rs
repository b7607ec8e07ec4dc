//! `countersign bench`: how fast a Core takes actions from request to Accepted.
//!
//! It drives any Core that speaks OpenCRVS 2.0's tRPC, so that two can be measured in one run:
//! they take turns, in rounds, so that whatever else the machine is doing hits both alike. Start at
//! [`run`]; one flow is in [`flow`].

mod declaration;
mod flow;
mod local;
mod measured;
mod memory;
mod report;
mod statistics;
mod subject;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;
use world::World;

use self::{
    local::Local,
    measured::Measured,
    memory::Memory,
    report::Report,
    subject::{Subject, subjects},
};
use crate::print::print;

/// How many times the Cores take turns.
const ROUNDS: u64 = 4;

/// What to measure. Options marked (*) are given once, or once for each --core.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Origin of a Core, such as http://127.0.0.1:7070; several are measured side by side
    #[arg(long = "core", value_name = "URL", required_unless_present = "local")]
    cores: Vec<String>,
    /// (*) Bearer token of a person who may declare and register
    #[arg(long = "token", value_name = "JWT")]
    tokens: Vec<String>,
    /// (*) Event type, such as birth
    #[arg(long = "event-type", value_name = "TYPE")]
    event_types: Vec<String>,
    /// (*) JSON file with the declaration; in every flow {{number}} and {{letters}} in it stand for
    /// something new, and {{recent}} for a date three days ago
    #[arg(long = "declaration", value_name = "FILE")]
    declarations: Vec<PathBuf>,
    /// (*) Where the procedures are, such as /events; at the root when not given
    #[arg(long = "path-prefix", value_name = "PATH")]
    prefixes: Vec<String>,
    /// (*) What to call the Core in the report
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// (*) Process of the Core on this machine, to measure its memory
    #[arg(long = "pid", value_name = "PID")]
    pids: Vec<u32>,
    /// Start a Core of this program, on an empty store and beside a country config that accepts
    /// at once, and measure it (first, when other Cores are named as well)
    #[arg(long)]
    local: bool,
    /// Folder that gets that Core's store for as long as it is measured: on the disk to be measured
    #[arg(long, value_name = "FOLDER", default_value = ".", requires = "local")]
    data: PathBuf,
    /// Flows to measure, each one create, one declare and one register
    #[arg(long, default_value_t = 200)]
    flows: u64,
    /// Flows under way at once
    #[arg(long, default_value_t = 16)]
    concurrency: usize,
    /// Flows that run before and are not measured
    #[arg(long, value_name = "FLOWS", default_value_t = 20)]
    warm_up: u64,
    /// Longest wait for one action to be accepted, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    patience: u64,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

/// Measures and prints.
///
/// # Errors
/// When the options do not fit together, or some flow did not go through.
pub async fn run(args: BenchArgs, world: World) -> anyhow::Result<()> {
    ensure!(
        args.flows > 0 && args.concurrency > 0,
        "--flows and --concurrency must be at least 1"
    );
    let patience = Duration::from_secs(args.patience);
    let mut subjects = subjects(&args, &world)?;
    let mut local = if args.local {
        Some(Local::start(&args.data, &world).await?)
    } else {
        None
    };
    if let Some(local) = &local {
        subjects.insert(0, Subject::local(local, patience, &world)?);
    }
    // Numbers go on from run to run, so that no run declares whom an earlier one declared.
    let next = AtomicU64::new(u64::try_from(world.now().as_millisecond()).unwrap_or(0) * 1000);
    let next = Arc::new(next);

    let bar = ProgressBar::new((args.flows + args.warm_up) * subjects.len() as u64);
    bar.set_style(ProgressStyle::with_template(
        "{msg:<24} {wide_bar} {pos}/{len} {eta}",
    )?);
    for subject in &subjects {
        bar.set_message(format!("{}: warming up", subject.name));
        let round = Round {
            flows: args.warm_up,
            concurrency: args.concurrency,
            patience,
        };
        round.run(subject, &world, &next, &bar).await?;
    }
    for turn in 0..ROUNDS {
        // The flows that do not divide evenly go to the first rounds.
        let flows = args.flows / ROUNDS + u64::from(turn < args.flows % ROUNDS);
        let round = Round {
            flows,
            concurrency: args.concurrency,
            patience,
        };
        for subject in &mut subjects {
            bar.set_message(subject.name.clone());
            let started = Instant::now();
            let work = round.run(subject, &world, &next, &bar);
            let (measured, memory) = Memory::while_running(subject.pid, work).await;
            subject.seconds += started.elapsed().as_secs_f64();
            subject.measured.merge(measured?);
            subject.memory = memory.map(|memory| memory.after(subject.memory));
        }
    }
    bar.finish_and_clear();
    if let Some(local) = &mut local {
        local.core.stop().await;
    }

    let report = Report {
        flows: args.flows,
        concurrency: args.concurrency,
        cores: subjects.into_iter().map(Subject::report).collect(),
    };
    let text = if args.json {
        format!("{}\n", serde_json::to_string_pretty(&report)?)
    } else {
        report.to_string()
    };
    print(&text)?;
    if !report.is_clean() {
        bail!("some flows did not go through");
    }
    Ok(())
}

/// A number of flows that run side by side.
#[derive(Clone, Copy)]
struct Round {
    flows: u64,
    concurrency: usize,
    patience: Duration,
}

impl Round {
    async fn run(
        self,
        subject: &Subject,
        world: &World,
        next: &Arc<AtomicU64>,
        bar: &ProgressBar,
    ) -> anyhow::Result<Measured> {
        let left = Arc::new(AtomicU64::new(self.flows));
        let mut workers = JoinSet::new();
        for _ in 0..self.concurrency {
            let (left, next, bar, world) = (left.clone(), next.clone(), bar.clone(), world.clone());
            let (remote, template) = (subject.remote.clone(), subject.template.clone());
            let event_type = subject.event_type.clone();
            workers.spawn(async move {
                let mut measured = Measured::default();
                let take = |left: u64| left.checked_sub(1);
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                    .is_ok()
                {
                    let declared = template.fill(next.fetch_add(1, Ordering::Relaxed))?;
                    let result =
                        flow::run(&remote, &world, &event_type, declared, self.patience).await;
                    measured.add(result);
                    bar.inc(1);
                }
                anyhow::Ok(measured)
            });
        }
        let mut all = Measured::default();
        while let Some(worker) = workers.join_next().await {
            all.merge(worker.context("a worker of the benchmark ended badly")??);
        }
        Ok(all)
    }
}
