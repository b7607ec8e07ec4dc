//! What many measurements come to.

use std::time::Duration;

use serde::Serialize;

/// Durations of one thing that was done many times.
#[derive(Debug, Clone, Default)]
pub struct Timings(Vec<Duration>);

impl Timings {
    /// Adds one.
    pub fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// What they come to; all zero when there are none.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let millis = |at: Duration| at.as_secs_f64() * 1000.0;
        let total: Duration = sorted.iter().sum();
        Summary {
            count: sorted.len(),
            mean: millis(total) / sorted.len().max(1) as f64,
            p50: millis(percentile(&sorted, 50)),
            p90: millis(percentile(&sorted, 90)),
            p99: millis(percentile(&sorted, 99)),
            max: millis(percentile(&sorted, 100)),
        }
    }
}

/// Milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Summary {
    pub count: usize,
    pub mean: f64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub max: f64,
}

/// Nearest rank: the smallest value that at least `percent` of all values do not exceed. Always one
/// of the values themselves; zero when there are none.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timings(millis: impl IntoIterator<Item = u64>) -> Timings {
        Timings(millis.into_iter().map(Duration::from_millis).collect())
    }

    #[test]
    fn percentiles_are_by_nearest_rank_whatever_the_order() {
        let summary = timings((1..=200).rev()).summary();
        assert_eq!(
            (summary.p50, summary.p90, summary.p99, summary.max),
            (100.0, 180.0, 198.0, 200.0)
        );
        assert_eq!((summary.count, summary.mean), (200, 100.5));
    }

    #[test]
    fn one_value_is_every_percentile() {
        let summary = timings([7]).summary();
        assert_eq!((summary.p50, summary.p99, summary.mean), (7.0, 7.0, 7.0));
    }

    #[test]
    fn a_high_percentile_of_few_values_is_the_largest() {
        assert_eq!(timings([1, 2, 3]).summary().p99, 3.0);
    }

    #[test]
    fn nothing_measured_comes_to_zero() {
        let summary = Timings::default().summary();
        assert_eq!((summary.count, summary.mean, summary.max), (0, 0.0, 0.0));
    }

    #[test]
    fn merging_counts_both() {
        let mut all = timings([1]);
        all.merge(timings([3]));
        assert_eq!(all.summary().mean, 2.0);
    }
}
