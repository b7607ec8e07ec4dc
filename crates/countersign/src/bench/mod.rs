//! `countersign bench`: how fast a Core takes actions from request to Accepted.
//!
//! It drives any Core that speaks OpenCRVS 2.0's tRPC, so that two can be measured in one run:
//! they take turns, in rounds, so that whatever else the machine is doing hits both alike. Start at
//! [`run`]; one flow is in [`flow`].

mod declaration;
mod flow;
mod memory;
mod report;
mod statistics;

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
    declaration::Template,
    flow::STEPS,
    memory::Memory,
    report::{CoreReport, Errors, Report},
    statistics::Timings,
};
use crate::{
    print::print,
    remote::{self, Remote},
};

/// How many times the Cores take turns.
const ROUNDS: u64 = 4;

/// What to measure. Options marked * are given once, or once for each --core.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Origin of a Core, such as http://127.0.0.1:7070; several are measured side by side
    #[arg(long = "core", value_name = "URL", required = true)]
    cores: Vec<String>,
    /// * Bearer token of a person who may declare and register
    #[arg(
        long = "token",
        value_name = "JWT",
        required = true,
        hide_env_values = true
    )]
    tokens: Vec<String>,
    /// * Event type, such as birth
    #[arg(long = "event-type", value_name = "TYPE", required = true)]
    event_types: Vec<String>,
    /// * JSON file with the declaration; in every flow {{number}} and {{letters}} in it stand for
    /// something new, and {{recent}} for a date three days ago
    #[arg(long = "declaration", value_name = "FILE", required = true)]
    declarations: Vec<PathBuf>,
    /// * Where the procedures are, such as /events; at the root when not given
    #[arg(long = "path-prefix", value_name = "PATH")]
    prefixes: Vec<String>,
    /// * What to call the Core in the report
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// * Process of the Core on this machine, to measure its memory
    #[arg(long = "pid", value_name = "PID")]
    pids: Vec<u32>,
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

/// One Core under measurement.
struct Subject {
    name: String,
    url: String,
    remote: Remote,
    event_type: String,
    template: Arc<Template>,
    pid: Option<u32>,
    measured: Measured,
    seconds: f64,
    memory: Option<Memory>,
}

/// What a round, or all of them, came to.
#[derive(Default)]
struct Measured {
    completed: u64,
    steps: [Timings; STEPS.len()],
    flow: Timings,
    errors: std::collections::BTreeMap<String, Errors>,
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
    let mut subjects = subjects(&args, &world)?;
    // Numbers go on from run to run, so that no run declares whom an earlier one declared.
    let next = AtomicU64::new(u64::try_from(world.now().as_millisecond()).unwrap_or(0) * 1000);
    let next = Arc::new(next);
    let patience = Duration::from_secs(args.patience);

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

    let report = Report {
        event_type: args.event_types.join(", "),
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

fn subjects(args: &BenchArgs, world: &World) -> anyhow::Result<Vec<Subject>> {
    let count = args.cores.len();
    let http = remote::http(Duration::from_secs(args.patience))?;
    let mut subjects = Vec::with_capacity(count);
    for (at, url) in args.cores.iter().enumerate() {
        let missing = |flag: &str| format!("--{flag} is missing");
        let prefix = one("path-prefix", &args.prefixes, at, count)?.map_or("", String::as_str);
        let token = one("token", &args.tokens, at, count)?.with_context(|| missing("token"))?;
        let event_type = one("event-type", &args.event_types, at, count)?;
        let declaration = one("declaration", &args.declarations, at, count)?;
        let name = if args.names.is_empty() {
            None
        } else {
            args.names.get(at)
        };
        ensure!(
            args.names.is_empty() || args.names.len() == count,
            "give one --name for each --core"
        );
        ensure!(
            args.pids.is_empty() || args.pids.len() == count,
            "give one --pid for each --core"
        );
        subjects.push(Subject {
            name: name.cloned().unwrap_or_else(|| {
                url.split("//")
                    .last()
                    .unwrap_or(url)
                    .trim_end_matches('/')
                    .to_owned()
            }),
            url: url.clone(),
            remote: Remote::new(http.clone(), url, prefix).with_token(token),
            event_type: event_type.with_context(|| missing("event-type"))?.clone(),
            template: Arc::new(Template::read(
                declaration.with_context(|| missing("declaration"))?,
                world,
            )?),
            pid: args.pids.get(at).copied(),
            measured: Measured::default(),
            seconds: 0.0,
            memory: None,
        });
    }
    Ok(subjects)
}

/// The value for the Core at `at`, of an option given once or once for each Core.
fn one<'a, T>(
    flag: &str,
    values: &'a [T],
    at: usize,
    count: usize,
) -> anyhow::Result<Option<&'a T>> {
    match values {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        all if all.len() == count => Ok(all.get(at)),
        all => bail!(
            "--{flag} is given {} times for {count} Cores: once or {count} times",
            all.len()
        ),
    }
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

impl Measured {
    fn add(&mut self, flow: Result<[Duration; STEPS.len()], flow::Failed>) {
        match flow {
            Ok(times) => {
                self.completed += 1;
                self.flow.add(times.iter().sum());
                for (timings, took) in self.steps.iter_mut().zip(times) {
                    timings.add(took);
                }
            }
            Err(failed) => self.count(
                format!("{}: {}", failed.step, failed.error.kind()),
                Errors {
                    count: 1,
                    first: failed.error.to_string(),
                },
            ),
        }
    }

    fn count(&mut self, kind: String, errors: Errors) {
        self.errors
            .entry(kind)
            .and_modify(|known| known.count += errors.count)
            .or_insert(errors);
    }

    fn merge(&mut self, other: Self) {
        self.completed += other.completed;
        self.flow.merge(other.flow);
        for (mine, theirs) in self.steps.iter_mut().zip(other.steps) {
            mine.merge(theirs);
        }
        for (kind, errors) in other.errors {
            self.count(kind, errors);
        }
    }
}

impl Subject {
    fn report(self) -> CoreReport {
        let mut steps: Vec<_> = STEPS
            .into_iter()
            .zip(self.measured.steps.iter().map(Timings::summary))
            .collect();
        steps.push(("flow", self.measured.flow.summary()));
        let decided = self.measured.completed as f64 * flow::DECIDED as f64;
        CoreReport {
            name: self.name,
            url: self.url,
            completed: self.measured.completed,
            seconds: self.seconds,
            actions_per_second: if self.seconds > 0.0 {
                decided / self.seconds
            } else {
                0.0
            },
            steps,
            errors: self.measured.errors,
            memory: self.memory,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_given_once_for_all_or_once_for_each() {
        assert_eq!(one("token", &["a"], 1, 2).unwrap(), Some(&"a"));
        assert_eq!(one("token", &["a", "b"], 1, 2).unwrap(), Some(&"b"));
        assert_eq!(one::<&str>("token", &[], 1, 2).unwrap(), None);
        assert!(one("token", &["a", "b", "c"], 1, 2).is_err());
    }

    #[test]
    fn errors_of_one_kind_are_counted_together_and_the_first_words_kept() {
        let mut all = Measured::default();
        for words in ["first", "second"] {
            all.count(
                "kind".to_owned(),
                Errors {
                    count: 1,
                    first: words.to_owned(),
                },
            );
        }
        let kept = all.errors.get("kind").unwrap();
        assert_eq!((kept.count, kept.first.as_str()), (2, "first"));
    }
}
