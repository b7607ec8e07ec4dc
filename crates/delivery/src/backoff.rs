//! When to try again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use world::World;

/// No `Retry-After` may hold a delivery back longer than this: a peer's clumsy header must not
/// turn into a lost day.
const RETRY_AFTER_CAP: Duration = Duration::from_secs(60 * 60);

/// Exponential growth with full jitter: the wait before attempt *n*+1 is drawn evenly from nothing
/// to `first · 2ⁿ⁻¹`, which is capped. Jitter keeps a backlog from returning as one wave.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// Upper end of the first wait.
    pub first: Duration,
    /// Upper end of every later one.
    pub cap: Duration,
}

impl Backoff {
    /// When the attempt after attempt number `attempts`, which was made at `last`, may begin. What
    /// the peer asked for with `Retry-After` is a floor. Two attempts are never made within the same
    /// second: their signatures tell seconds, and a peer that refuses what is replayed tells the
    /// second attempt from the first by that.
    #[must_use]
    pub fn next(
        &self,
        attempts: u32,
        last: Timestamp,
        asked: Option<Duration>,
        world: &World,
    ) -> Timestamp {
        let doublings = attempts.saturating_sub(1).min(30);
        let ceiling = self.first.saturating_mul(1 << doublings).min(self.cap);
        let ceiling = u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX);
        let drawn = Duration::from_millis(world.below(ceiling.saturating_add(1)));
        let wait = drawn.max(asked.unwrap_or_default().min(RETRY_AFTER_CAP));
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_hours(1));
        let now = world.now();
        let next = now.checked_add(wait).unwrap_or(now);
        let next_second = Timestamp::from_second(last.as_second().saturating_add(1));
        next.max(next_second.unwrap_or(next))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use world::SetClock;

    use super::*;

    const BACKOFF: Backoff = Backoff {
        first: Duration::from_secs(1),
        cap: Duration::from_secs(300),
    };

    fn waits(attempts: u32, asked: Option<Duration>) -> Vec<i128> {
        let world = World::seeded(Arc::new(SetClock::at(Timestamp::UNIX_EPOCH)), 1);
        let earlier = Timestamp::from_second(-60).unwrap();
        let wait = |_| {
            let next = BACKOFF.next(attempts, earlier, asked, &world);
            next.as_nanosecond() / 1_000_000
        };
        (0..1000).map(wait).collect()
    }

    #[test]
    fn no_two_attempts_are_made_within_the_same_second() {
        let now = Timestamp::from_millisecond(10_700).unwrap();
        let world = World::seeded(Arc::new(SetClock::at(now)), 1);
        let last = Timestamp::from_millisecond(10_100).unwrap();
        for _ in 0..1000 {
            let next = BACKOFF.next(1, last, None, &world);
            assert!(next.as_second() > last.as_second());
        }
    }

    #[test]
    fn waits_grow_and_stop_growing_at_the_cap() {
        assert!(
            waits(1, None)
                .into_iter()
                .all(|ms| (0..=1000).contains(&ms))
        );
        assert!(waits(4, None).into_iter().any(|ms| ms > 7000));
        assert!(waits(4_000_000, None).into_iter().all(|ms| ms <= 300_000));
        assert!(waits(40, None).into_iter().any(|ms| ms > 290_000));
    }

    #[test]
    fn jitter_spreads_a_backlog_evenly() {
        let early = waits(10, None)
            .into_iter()
            .filter(|ms| *ms < 150_000)
            .count();
        assert!(
            (400..600).contains(&early),
            "{early} of 1000 in the first half"
        );
    }

    #[test]
    fn the_peer_may_ask_for_more_time_but_not_for_a_lost_day() {
        assert!(
            waits(1, Some(Duration::from_secs(30)))
                .into_iter()
                .all(|ms| ms >= 30_000)
        );
        assert!(
            waits(1, Some(Duration::MAX))
                .into_iter()
                .all(|ms| ms == 3_600_000)
        );
    }
}
