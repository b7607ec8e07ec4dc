//! Looks after the workers: one a target, one after another.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use crate::{Target, cases};

/// No case takes this long on any machine; one that does will never end.
const PATIENCE: Duration = Duration::from_secs(60);

/// What to run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// These, one after another.
    pub targets: Vec<Target>,
    /// Which cases.
    pub seed: u64,
    /// How long in all.
    pub time: Duration,
    /// Where a case that failed is written to.
    pub failures: PathBuf,
}

/// Why a run ended before its time.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A case failed.
    #[error(
        "case {number} of {} with seed {seed} {how}; run it again with: \
         cargo run -p fuzz -- replay {} {}",
        target.name(),
        target.name(),
        saved.display()
    )]
    Failed {
        /// What was run.
        target: Target,
        /// The seed.
        seed: u64,
        /// The case.
        number: u64,
        /// `ended with …`, or that it never ended.
        how: String,
        /// The case's bytes.
        saved: PathBuf,
    },
    /// A worker could not be run, or a failed case not be written.
    #[error("cannot {what}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// Why not.
        source: io::Error,
    },
}

/// Turns an I/O failure into one that says what was tried.
fn trying(what: &'static str) -> impl Fn(io::Error) -> RunError {
    move |source| RunError::Io { what, source }
}

/// Runs every target of the plan for its share of the time; each worker prints how far it came.
///
/// # Errors
/// With the first case that fails.
pub fn run(plan: &Plan) -> Result<(), RunError> {
    let share = u32::try_from(plan.targets.len().max(1)).unwrap_or(u32::MAX);
    fs::create_dir_all(&plan.failures).map_err(trying("make the folder for failures"))?;
    for &target in &plan.targets {
        run_target(plan, target, plan.time / share)?;
    }
    Ok(())
}

fn run_target(plan: &Plan, target: Target, time: Duration) -> Result<(), RunError> {
    let progress = plan.failures.join(format!("{}.progress", target.name()));
    let mut worker = Command::new(env::current_exe().map_err(trying("find this program"))?)
        .args(["work", target.name()])
        .args(["--seed", &plan.seed.to_string()])
        .args(["--milliseconds", &time.as_millis().to_string()])
        .arg("--progress")
        .arg(&progress)
        .spawn()
        .map_err(trying("start a worker"))?;
    let ended = watch(&mut worker, &progress).map_err(trying("watch a worker"))?;
    let how = match ended {
        Some(status) if status.success() => {
            return fs::remove_file(&progress).map_err(trying("clean up"));
        }
        Some(status) => format!("ended its process ({status})"),
        None => format!("did not end within {} s", PATIENCE.as_secs()),
    };
    let number = reached(&progress).unwrap_or_default();
    let name = format!("{}-{}-{number}", target.name(), plan.seed);
    let saved = plan.failures.join(name);
    fs::write(&saved, cases::bytes(plan.seed, number)).map_err(trying("write the case"))?;
    Err(RunError::Failed {
        target,
        seed: plan.seed,
        number,
        how,
        saved,
    })
}

/// Waits for a worker to end; `None` when it was ended because it came no further.
fn watch(worker: &mut Child, progress: &Path) -> io::Result<Option<ExitStatus>> {
    let mut at = None;
    let mut since = Instant::now();
    loop {
        if let Some(status) = worker.try_wait()? {
            return Ok(Some(status));
        }
        let now_at = reached(progress);
        if now_at != at {
            at = now_at;
            since = Instant::now();
        }
        if since.elapsed() > PATIENCE {
            worker.kill()?;
            worker.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// The case a worker is at.
fn reached(progress: &Path) -> Option<u64> {
    let written = fs::read(progress).ok()?;
    Some(u64::from_le_bytes(written.get(..8)?.try_into().ok()?))
}
