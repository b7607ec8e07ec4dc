//! A moment on two clocks.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use world::World;

/// Now: on the clock that only goes forward, by which the engine waits, and on everybody's, by
/// which it tells people.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) tick: Instant,
    pub(crate) wall: Timestamp,
}

impl Moment {
    pub(crate) fn now(world: &World) -> Self {
        Self {
            tick: Instant::now(),
            wall: world.now(),
        }
    }

    /// What everybody's clock will say then.
    pub(crate) fn wall_at(self, then: Instant) -> Timestamp {
        let wait = then.saturating_duration_since(self.tick);
        let wait = SignedDuration::try_from(wait).unwrap_or_default();
        self.wall.checked_add(wait).unwrap_or(self.wall)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use super::*;

    /// Some time into a test.
    pub(crate) fn at(start: Instant, millis: u64) -> Moment {
        Moment {
            tick: start + Duration::from_millis(millis),
            wall: Timestamp::from_millisecond(i64::try_from(millis).unwrap()).unwrap(),
        }
    }
}
