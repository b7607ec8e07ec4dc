//! What was measured, while it is added up.

use std::{collections::BTreeMap, time::Duration};

use super::{
    flow::{self, STEPS},
    report::Errors,
    statistics::Timings,
};

/// What a round, or all of them, came to.
#[derive(Default)]
pub(super) struct Measured {
    pub(super) completed: u64,
    pub(super) steps: [Timings; STEPS.len()],
    pub(super) flow: Timings,
    pub(super) errors: BTreeMap<String, Errors>,
}

impl Measured {
    /// Adds one flow.
    pub(super) fn add(&mut self, flow: Result<[Duration; STEPS.len()], flow::Failed>) {
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

    /// Adds everything of another.
    pub(super) fn merge(&mut self, other: Self) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
