//! A clock that goes like the machine's, can be held still, and can be moved.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use world::{Clock, SystemClock};

#[derive(Debug, Default)]
struct State {
    ahead: SignedDuration,
    held_at: Option<Timestamp>,
}

/// The clock of a Core under test.
#[derive(Debug, Default)]
pub struct TestClock(Mutex<State>);

impl TestClock {
    /// Stops the clock, so that a test sees no time go by but what it says.
    pub fn hold(&self) {
        let now = self.now();
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .held_at = Some(now);
    }

    /// Stops the clock at this moment.
    pub fn hold_at(&self, moment: Timestamp) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .held_at = Some(moment);
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: SignedDuration) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.ahead += by;
        state.held_at = state.held_at.map(|at| at + by);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state
            .held_at
            .unwrap_or_else(|| SystemClock.now() + state.ahead)
    }
}
