//! How fast the rules are, on one core, on the rows of the vectors.

use std::{
    fmt,
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    Folder, VectorError,
    rows::{
        Astray, Given, Row,
        conditionals::ConditionalRow,
        declarations::DeclarationRow,
        states::{self, StateRow},
    },
};

/// How often a second the rules did something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed {
    /// What: `states`, `declarations` or `conditionals`.
    pub name: &'static str,
    /// How often a second; nothing when there are no rows for it.
    pub per_second: f64,
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:.0}/s", self.name, self.per_second)
    }
}

/// Measures the rules on this thread, `at_least` as long each, after going through all rows once:
/// a record's state and what may come next, the full check of a declaration, a compiled
/// conditional on a context that holds what Core has at hand. Reading the rows is not counted.
///
/// # Errors
/// As [`run_vectors`](crate::run_vectors); also when one of the three files is not there.
pub fn measure(folder: &Path, data: &Path, at_least: Duration) -> Result<[Speed; 3], VectorError> {
    let folder = Folder::open(folder)?;
    let given = Given::read(&folder, data)?;
    let states = needed::<StateRow, _>(&folder, |row| {
        let config = row.config(&given)?;
        Ok((row.event().map_err(Astray)?, config))
    })?;
    let declarations = needed::<DeclarationRow, _>(&folder, |row| {
        let config = row.config(&given)?;
        Ok((row, config))
    })?;
    let conditionals = needed::<ConditionalRow, _>(&folder, |row| {
        let conditional = row.conditional(&given)?.clone().map_err(Astray)?;
        Ok((row, conditional))
    })?;
    let speed = |name, per_second| Speed { name, per_second };
    Ok([
        speed(
            StateRow::NAME,
            rate(&states, at_least, |(event, config)| {
                states::compute(event, config)
            }),
        ),
        speed(
            DeclarationRow::NAME,
            rate(&declarations, at_least, |(row, config)| row.check(config)),
        ),
        speed(
            ConditionalRow::NAME,
            rate(&conditionals, at_least, |(row, conditional)| {
                conditional.holds(&row.context())
            }),
        ),
    ])
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
    let started = Instant::now();
    let mut done = 0_usize;
    loop {
        round();
        done += inputs.len();
        let spent = started.elapsed();
        if spent >= at_least {
            return done as f64 / spent.as_secs_f64();
        }
    }
}
