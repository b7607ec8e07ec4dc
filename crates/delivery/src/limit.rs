//! How many attempts may be under way, learnt from how country config fares.
//!
//! The limit grows by about one for each round of good answers, and shrinks by a third when country
//! config says that it has too much (429, 503), when an attempt times out, and when answers slow
//! down as a whole (see [`crate::lanes`] for how that is told from single slow records). What began
//! before it shrank says nothing new about the smaller limit, so one wave of failures shrinks it
//! once. When country config is back after it was down, the limit starts at one, and doubles with
//! each round of answers until it is where it was.
//!
//! "Slow" is measured against what is usual: a country whose answers always take a second is not
//! slowing down.

use std::time::Duration;

use tokio::time::Instant;

/// What is left of the limit when it shrinks.
const SHRINKS_TO: f64 = 2.0 / 3.0;
/// How much of a faster answer goes into what is usual.
const FASTER: f64 = 0.2;
/// How much of a slower one: slowness must last before it is usual.
const SLOWER: f64 = 0.05;

/// The limit.
#[derive(Debug)]
pub(crate) struct Limit {
    most: f64,
    now: f64,
    /// Where it grows to quickly.
    ramp: Option<f64>,
    /// In seconds.
    usual: Option<f64>,
    shrunk_at: Option<Instant>,
    patience: Duration,
    longest_patience: Duration,
}

impl Limit {
    /// At most `most`; `patience` is the least there is, and half of `timeout` the most.
    pub(crate) fn new(most: usize, patience: Duration, timeout: Duration) -> Self {
        let most = most.max(1) as f64;
        Self {
            most,
            now: most,
            ramp: None,
            usual: None,
            shrunk_at: None,
            patience,
            longest_patience: (timeout / 2).max(patience),
        }
    }

    /// This many at once.
    pub(crate) fn get(&self) -> usize {
        // Between 1 and what a usize has held.
        self.now as usize
    }

    /// An attempt that takes longer than this is slow.
    pub(crate) fn patience(&self) -> Duration {
        let usual = Duration::try_from_secs_f64(self.usual.unwrap_or_default() * 2.0);
        usual
            .unwrap_or(self.longest_patience)
            .clamp(self.patience, self.longest_patience)
    }

    /// An answer took this long.
    pub(crate) fn took(&mut self, took: Duration) {
        let took = took.as_secs_f64();
        self.usual = Some(match self.usual {
            None => took,
            Some(usual) if took < usual => usual + (took - usual) * FASTER,
            Some(usual) => usual + (took - usual) * SLOWER,
        });
    }

    /// A delivery got through in good time. Nothing is learnt from that about a limit which was not
    /// made use of. `true` when this was the end of a ramp.
    pub(crate) fn grow(&mut self, made_use_of: bool) -> bool {
        if let Some(goal) = self.ramp {
            self.now = (self.now + 1.0).min(self.most);
            if self.now >= goal {
                self.ramp = None;
                return true;
            }
        } else if made_use_of {
            self.now = (self.now + 1.0 / self.now).min(self.most);
        }
        false
    }

    /// Country config has too much to do, as an attempt that began then shows. `true` when it
    /// shrank.
    pub(crate) fn shrink(&mut self, began: Instant, now: Instant) -> bool {
        if self.shrunk_at.is_some_and(|shrunk| began < shrunk) {
            return false;
        }
        self.shrunk_at = Some(now);
        self.now = (self.now * SHRINKS_TO).max(1.0);
        if let Some(goal) = &mut self.ramp {
            *goal = (*goal * SHRINKS_TO).max(1.0);
        }
        true
    }

    /// Country config is back: start at one.
    pub(crate) fn restart(&mut self) {
        self.ramp = Some(self.ramp.map_or(self.now, |goal| goal.max(self.now)));
        self.now = 1.0;
        self.usual = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_millis(250);

    fn limit(most: usize) -> (Limit, Instant) {
        (
            Limit::new(most, PATIENCE, Duration::from_secs(30)),
            Instant::now(),
        )
    }

    fn after(start: Instant, millis: u64) -> Instant {
        start + Duration::from_millis(millis)
    }

    #[test]
    fn one_wave_of_failures_shrinks_it_once() {
        let (mut limit, start) = limit(32);
        for _ in 0..32 {
            limit.shrink(start, after(start, 100));
        }
        assert_eq!(limit.get(), 21);
        limit.shrink(after(start, 101), after(start, 200));
        assert_eq!(limit.get(), 14);
    }

    #[test]
    fn it_never_shrinks_to_nothing_and_never_grows_beyond_what_the_operator_set() {
        let (mut limit, start) = limit(8);
        for round in 0..100 {
            limit.shrink(after(start, round), after(start, round));
        }
        assert_eq!(limit.get(), 1);
        for _ in 0..1_000 {
            limit.grow(true);
        }
        assert_eq!(limit.get(), 8);
    }

    #[test]
    fn it_grows_by_one_in_a_round_and_only_where_it_is_made_use_of() {
        let (mut limit, start) = limit(32);
        for round in 0..3 {
            limit.shrink(after(start, round), after(start, round));
        }
        let before = limit.get();
        for _ in 0..1_000 {
            limit.grow(false);
        }
        assert_eq!(limit.get(), before);
        for _ in 0..=before {
            limit.grow(true);
        }
        assert_eq!(limit.get(), before + 1);
    }

    #[test]
    fn on_return_it_starts_at_one_and_doubles_with_each_round_until_it_is_where_it_was() {
        let (mut limit, _) = limit(32);
        limit.restart();
        let mut rounds = vec![limit.get()];
        loop {
            let ended = (0..limit.get()).any(|_| limit.grow(true));
            rounds.push(limit.get());
            if ended {
                break;
            }
        }
        assert_eq!(rounds, [1, 2, 4, 8, 16, 32]);
    }

    #[test]
    fn one_that_goes_down_while_it_recovers_grows_to_where_it_was_before() {
        let (mut limit, _) = limit(32);
        limit.restart();
        limit.grow(true);
        limit.restart();
        assert_eq!(limit.get(), 1);
        assert!((1..32).any(|_| limit.grow(true)));
        assert_eq!(limit.get(), 32);
    }

    #[test]
    fn patience_follows_what_is_usual_within_bounds() {
        let (mut limit, _) = limit(32);
        assert_eq!(limit.patience(), PATIENCE);
        limit.took(Duration::from_millis(20));
        assert_eq!(limit.patience(), PATIENCE);
        for _ in 0..100 {
            limit.took(Duration::from_secs(1));
        }
        assert!(limit.patience() > Duration::from_millis(1_900));
        for _ in 0..100 {
            limit.took(Duration::from_secs(300));
        }
        assert_eq!(limit.patience(), Duration::from_secs(15));
        for _ in 0..100 {
            limit.took(Duration::from_millis(20));
        }
        assert_eq!(limit.patience(), PATIENCE);
    }
}
