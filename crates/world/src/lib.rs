//! The outside, passed in: what time it is, the next id, and randomness.
//!
//! Nothing else in Countersign asks the operating system for these (clippy's `disallowed-methods`
//! guards it), so the same code runs in production, in tests with a clock that stands still, and
//! under a simulation that replays from a seed. Start at [`World`].
//!
//! This crate may not know what anything else in Countersign is for.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::Uuid;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present moment, UTC.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that moves only when told to.
#[derive(Debug)]
pub struct SetClock(Mutex<Timestamp>);

impl SetClock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self(Mutex::new(start))
    }

    /// Moves the clock; negative durations move it back, as real clocks sometimes do.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.checked_add(by).unwrap_or(*now);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Clock, ids and randomness in one handle; cheap to clone.
#[derive(Clone)]
pub struct World {
    clock: Arc<dyn Clock>,
    drawn: Arc<Mutex<Drawn>>,
}

/// Where randomness comes from, and what came of it.
struct Drawn {
    random: StdRng,
    /// The last id.
    last: Uuid,
}

impl Drawn {
    fn from(random: StdRng) -> Arc<Mutex<Self>> {
        let last = Uuid::nil();
        Arc::new(Mutex::new(Self { random, last }))
    }
}

impl World {
    /// The real world: the machine's clock, and a generator seeded by the operating system.
    #[must_use]
    pub fn real() -> Self {
        Self::by(Arc::new(SystemClock))
    }

    /// The real world by another clock than the machine's.
    #[must_use]
    pub fn by(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            drawn: Drawn::from(rand::make_rng()),
        }
    }

    /// A world that repeats itself: the given clock, and everything random from `seed`.
    #[must_use]
    pub fn seeded(clock: Arc<dyn Clock>, seed: u64) -> Self {
        Self {
            clock,
            drawn: Drawn::from(StdRng::seed_from_u64(seed)),
        }
    }

    /// The present moment, UTC.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new id: a version 7 UUID, so that ids made later sort later, within a millisecond, too.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        let millis = u64::try_from(self.now().as_millisecond()).unwrap_or(0);
        let mut bytes = [0; 10];
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        drawn.random.fill_bytes(&mut bytes);
        let mut id = uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid();
        let same_millisecond = id.as_u128() >> 80 == drawn.last.as_u128() >> 80;
        if same_millisecond && id <= drawn.last {
            // Still not to be guessed from the one before.
            let further = u128::from(drawn.random.next_u32()) + 1;
            id = Uuid::from_u128(drawn.last.as_u128() + further);
        }
        drawn.last = id;
        id
    }

    /// Fills `bytes` with randomness good enough for secrets (the generator is cryptographic).
    pub fn fill(&self, bytes: &mut [u8]) {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        drawn.random.fill_bytes(bytes);
    }

    /// A number from `0` up to but not including `bound`, evenly spread; `0` when `bound` is `0`.
    #[must_use]
    pub fn below(&self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        // The widening multiply keeps the bias under 2^-64 * bound, far below what any caller sees.
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        ((u128::from(u64::from_le_bytes(bytes)) * u128::from(bound)) >> 64) as u64
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("now", &self.now())
            .finish_non_exhaustive()
    }
}

/// ISO 8601, UTC, three digits of milliseconds and a `Z`: how every time stands on the wire.
#[must_use]
pub fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seeded_world_repeats_itself() {
        let world = |seed| World::seeded(Arc::new(SetClock::at(Timestamp::UNIX_EPOCH)), seed);
        assert_eq!(world(7).new_id(), world(7).new_id());
        assert_ne!(world(7).new_id(), world(8).new_id());
    }

    #[test]
    fn of_two_ids_the_later_one_sorts_later_even_within_a_millisecond() {
        let world = World::seeded(Arc::new(SetClock::at(Timestamp::UNIX_EPOCH)), 7);
        let ids: Vec<Uuid> = (0..1000).map(|_| world.new_id()).collect();
        assert!(ids.is_sorted_by(|one, next| one < next));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }

    #[test]
    fn times_have_three_digits_of_milliseconds() {
        assert_eq!(iso(Timestamp::UNIX_EPOCH), "1970-01-01T00:00:00.000Z");
    }
}
