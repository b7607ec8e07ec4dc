//! How often something may be tried: a bucket per name that fills up again steadily.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::error::{ApiError, ErrorCode};

const WINDOW: SignedDuration = SignedDuration::from_mins(1);
/// Past this many names those that nobody has tried lately are forgotten.
const MANY: usize = 10_000;
/// Looking through all names at every try would let a flood of new ones hold up everybody else's.
const BETWEEN_PRUNINGS: SignedDuration = SignedDuration::from_secs(1);

/// Counts tries by name on this node. Names are kept as digests: they may be long, and may be
/// something that somebody typed into the wrong field.
#[derive(Debug)]
pub(super) struct Limits {
    /// What one try costs.
    step: SignedDuration,
    buckets: Mutex<Buckets>,
}

#[derive(Debug, Default)]
struct Buckets {
    /// When each one will be full again.
    full_at: HashMap<[u8; 32], Timestamp>,
    pruned_at: Option<Timestamp>,
}

impl Buckets {
    /// Forgets the names that nobody has tried lately, when there are many.
    fn prune(&mut self, now: Timestamp) {
        let lately = |at: Timestamp| now.duration_since(at).abs() < BETWEEN_PRUNINGS;
        if self.full_at.len() < MANY || self.pruned_at.is_some_and(lately) {
            return;
        }
        self.full_at.retain(|_, at| *at > now);
        self.pruned_at = Some(now);
    }
}

impl Limits {
    /// So many tries a minute, and so many at once.
    pub(super) fn new(per_minute: u32) -> Self {
        let per_minute = i32::try_from(per_minute.max(1)).unwrap_or(i32::MAX);
        Self {
            step: WINDOW / per_minute,
            buckets: Mutex::default(),
        }
    }

    /// Forgets who has tried.
    #[cfg(feature = "test-control")]
    pub(super) fn forget(&self) {
        *self.buckets.lock().unwrap_or_else(PoisonError::into_inner) = Buckets::default();
    }

    /// Counts a try under this name.
    ///
    /// # Errors
    /// 429 with the time to wait, and then the try does not count.
    pub(super) fn count(&self, name: &str, now: Timestamp) -> Result<(), ApiError> {
        let key: [u8; 32] = Sha256::digest(name).into();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.prune(now);
        let at = buckets.full_at.get(&key).map_or(now, |at| (*at).max(now));
        let next = at.checked_add(self.step).unwrap_or(Timestamp::MAX);
        let over = next.duration_since(now) - WINDOW;
        if over > SignedDuration::ZERO {
            let wait = Duration::try_from(over).unwrap_or(Duration::ZERO);
            return Err(
                ApiError::new(ErrorCode::TooManyRequests, "Too many tries; wait a little")
                    .retry_after(wait),
            );
        }
        buckets.full_at.insert(key, next);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_tries_a_minute_and_then_one_every_six_seconds() {
        let limits = Limits::new(10);
        let start = Timestamp::UNIX_EPOCH;
        for _ in 0..10 {
            limits.count("k.mweene", start).unwrap();
        }
        let refused = limits.count("k.mweene", start).unwrap_err();
        assert_eq!(refused.retry_after, Some(Duration::from_secs(6)));
        limits.count("someone.else", start).unwrap();
        let later = start + SignedDuration::from_secs(6);
        limits.count("k.mweene", later).unwrap();
        limits.count("k.mweene", later).unwrap_err();
    }

    #[test]
    fn names_nobody_tries_any_more_are_forgotten() {
        let limits = Limits::new(10);
        for number in 0..MANY {
            limits
                .count(&number.to_string(), Timestamp::UNIX_EPOCH)
                .unwrap();
        }
        let later = Timestamp::UNIX_EPOCH + WINDOW;
        limits.count("someone", later).unwrap();
        assert_eq!(limits.buckets.lock().unwrap().full_at.len(), 1);
    }

    #[test]
    fn a_flood_of_names_is_looked_through_once_a_second() {
        let limits = Limits::new(600);
        let at = |millisecond| Timestamp::from_millisecond(millisecond).unwrap();
        let flood = |from: usize, now| {
            for number in from..from + MANY {
                limits.count(&number.to_string(), now).unwrap();
            }
        };
        let known = || limits.buckets.lock().unwrap().full_at.len();
        flood(0, at(0));
        limits.count("first", at(200)).unwrap();
        assert_eq!(known(), 1);
        flood(MANY, at(300));
        limits.count("soon", at(600)).unwrap();
        assert_eq!(known(), MANY + 2);
        limits.count("later", at(1_300)).unwrap();
        assert_eq!(known(), 1);
    }
}
