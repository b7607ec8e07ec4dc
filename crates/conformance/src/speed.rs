//! How fast the rules are, on one core, on the rows of the vectors.

use std::{fmt, hint::black_box, path::Path, time::Duration};

use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::{
    Folder, VectorError,
    rows::{
        Astray, Given, Row,
        conditionals::ConditionalRow,
        declarations::DeclarationRow,
        states::{self, StateRow},
    },
};

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Subject {
    /// A record's state, and what may come next.
    States,
    /// The full check of a declaration: what is shown, what is wrong.
    Declarations,
    /// A compiled conditional, on a context that borrows what Core has at hand.
    Conditionals,
}

impl Subject {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::States, Self::Declarations, Self::Conditionals];
}

/// How often a second the rules did something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed {
    /// What.
    pub subject: Subject,
    /// How often a second.
    pub per_second: f64,
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.subject {
            Subject::States => StateRow::NAME,
            Subject::Declarations => DeclarationRow::NAME,
            Subject::Conditionals => ConditionalRow::NAME,
        };
        write!(f, "{name}: {:.0}/s", self.per_second)
    }
}

/// Measures the rules on this thread, `at_least` as long as said, after going through all rows
/// once. What is counted is the time the thread is on a core: what else runs on the machine takes
/// nothing off. Reading the rows is not counted.
///
/// # Errors
/// As [`run_vectors`](crate::run_vectors); also when the subject's file is not there.
pub fn measure(
    folder: &Path,
    data: &Path,
    subject: Subject,
    at_least: Duration,
) -> Result<Speed, VectorError> {
    let folder = Folder::open(folder)?;
    let given = Given::read(&folder, data)?;
    let per_second = match subject {
        Subject::States => {
            let ready = needed::<StateRow, _>(&folder, |row| {
                let config = row.config(&given)?;
                Ok((row.event().map_err(Astray)?, config))
            })?;
            rate(&ready, at_least, |(event, config)| {
                states::compute(event, config)
            })
        }
        Subject::Declarations => {
            let ready = needed::<DeclarationRow, _>(&folder, |row| {
                let config = row.config(&given)?;
                Ok((row, config))
            })?;
            rate(&ready, at_least, |(row, config)| row.check(config))
        }
        Subject::Conditionals => {
            let ready = needed::<ConditionalRow, _>(&folder, |row| {
                let conditional = row.conditional(&given)?.clone().map_err(Astray)?;
                Ok((row, conditional))
            })?;
            rate(&ready, at_least, |(row, conditional)| {
                conditional.holds(&row.context())
            })
        }
    };
    Ok(Speed {
        subject,
        per_second,
    })
}

/// The rows of a file that must be there, made ready.
fn needed<R: Row, T>(
    folder: &Folder,
    ready: impl Fn(R) -> Result<T, Astray>,
) -> Result<Vec<T>, VectorError> {
    let file = format!("{}.jsonl", R::NAME);
    let lines = folder.rows::<R>(R::NAME)?.unwrap_or_default();
    if lines.is_empty() {
        return Err(VectorError::Nothing {
            folder: folder.path(""),
            files: vec![file],
        });
    }
    let ready = lines.into_iter().map(|line| {
        ready(line.row).map_err(|Astray(reason)| VectorError::Astray {
            path: folder.path(&file),
            id: line.id,
            reason,
        })
    });
    ready.collect()
}

/// Whole rounds over the inputs, after one that is not counted.
#[expect(clippy::cast_precision_loss, reason = "nobody counts to 2^53 here")]
fn rate<I, O>(inputs: &[I], at_least: Duration, work: impl Fn(&I) -> O) -> f64 {
    let round = || {
        for input in inputs {
            black_box(work(black_box(input)));
        }
    };
    round();
    let started = seconds_on_core();
    let mut done = 0_usize;
    loop {
        round();
        done += inputs.len();
        let spent = seconds_on_core() - started;
        if spent > 0.0 && spent >= at_least.as_secs_f64() {
            return done as f64 / spent;
        }
    }
}

/// How long this thread has been on a core.
#[expect(
    clippy::cast_precision_loss,
    reason = "seconds and nanoseconds since the thread began"
)]
fn seconds_on_core() -> f64 {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::ThreadCPUTime);
    tv_sec as f64 + tv_nsec as f64 / 1e9
}
