//! `simulate`: worlds, from the command line.

use std::{
    ops::Range,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use clap::Parser;
use mimalloc::MiMalloc;
use simulation::{Fault, Outcome, run, run_on_faulty};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How often it is told how far it has come.
const TOLD_EVERY: Duration = Duration::from_secs(5);

/// How much is told of what led to a failure, where a seed is one of many.
const LINES: usize = 100;

/// Lets whole deployments happen in deterministic worlds, with everything going wrong that can, and
/// holds the laws against them. Exit status: 0 when none was broken, 1 when one was
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    /// The world of this seed alone, and what happened in it
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Those of all seeds from the first up to, and without, the second
    #[arg(long, value_parser = seeds, default_value = "0..10000")]
    seeds: Range<u64>,
    /// How many at once; all cores when not given
    #[arg(long)]
    jobs: Option<usize>,
    /// Go on after a law was broken
    #[arg(long)]
    keep_going: bool,
    /// On a store that does this wrong: whether the laws notice
    #[arg(long)]
    fault: Option<Fault>,
}

impl Cli {
    fn play(&self, seed: u64, lines: usize) -> Outcome {
        match self.fault {
            None => run(seed, lines),
            Some(fault) => run_on_faulty(fault, seed, lines),
        }
    }
}

fn seeds(text: &str) -> Result<Range<u64>, String> {
    let (from, to) = text.split_once("..").ok_or("two numbers with .. between")?;
    let number = |text: &str| text.parse::<u64>().map_err(|error| error.to_string());
    Ok(number(from)?..number(to)?)
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.seed {
        Some(seed) => one(&cli, seed),
        None => many(&cli),
    }
}

fn one(cli: &Cli, seed: u64) -> ExitCode {
    let outcome = cli.play(seed, usize::MAX);
    for line in &outcome.trace {
        println!("{line}");
    }
    println!(
        "seed {seed}: {} events, digest {:016x}",
        outcome.events, outcome.digest
    );
    tell(&outcome)
}

/// Tells of a law that was broken.
fn tell(outcome: &Outcome) -> ExitCode {
    let Some(failure) = &outcome.failure else {
        return ExitCode::SUCCESS;
    };
    println!(
        "seed {} breaks {} at step {}: {}\nagain: simulate --seed {}",
        outcome.seed, failure.law, failure.step, failure.what, outcome.seed
    );
    ExitCode::FAILURE
}

/// What all workers share.
struct Shared {
    next: AtomicU64,
    done: AtomicU64,
    broken: AtomicU64,
    screen: Mutex<Instant>,
}

fn many(cli: &Cli) -> ExitCode {
    let began = clock();
    let shared = Shared {
        next: AtomicU64::new(cli.seeds.start),
        done: AtomicU64::new(0),
        broken: AtomicU64::new(0),
        screen: Mutex::new(began),
    };
    let jobs = cli
        .jobs
        .or_else(|| thread::available_parallelism().ok().map(usize::from));
    thread::scope(|scope| {
        for _ in 0..jobs.unwrap_or(1).max(1) {
            scope.spawn(|| work(cli, &shared, began));
        }
    });
    let (done, broken) = (
        shared.done.load(Ordering::Relaxed),
        shared.broken.load(Ordering::Relaxed),
    );
    println!(
        "{done} seeds, {broken} broken, {:.0} a second",
        rate(done, began)
    );
    if broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn work(cli: &Cli, shared: &Shared, began: Instant) {
    loop {
        let seed = shared.next.fetch_add(1, Ordering::Relaxed);
        let stop = shared.broken.load(Ordering::Relaxed) > 0 && !cli.keep_going;
        if seed >= cli.seeds.end || stop {
            return;
        }
        let outcome = cli.play(seed, LINES);
        let done = shared.done.fetch_add(1, Ordering::Relaxed) + 1;
        let mut told = shared.screen.lock().unwrap_or_else(PoisonError::into_inner);
        if outcome.failure.is_some() {
            shared.broken.fetch_add(1, Ordering::Relaxed);
            for line in &outcome.trace {
                println!("{line}");
            }
            tell(&outcome);
        }
        if told.elapsed() >= TOLD_EVERY {
            *told = clock();
            println!("{done} seeds, {:.0} a second", rate(done, began));
        }
    }
}

fn clock() -> Instant {
    Instant::now()
}

fn rate(done: u64, began: Instant) -> f64 {
    done as f64 / began.elapsed().as_secs_f64().max(0.001)
}
