//! How far a script may go.

use std::time::Duration;

/// What one run may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Steps: turns of a loop, calls, tries of a regular expression. Counted in thousands of ten.
    /// They are the limit that ends a script at the same place on every machine.
    pub steps: u64,
    /// Time of computing.
    pub time: Duration,
    /// Bytes, the interpreter's own 200 KiB or so among them.
    pub memory: usize,
    /// How long the answer is waited for. Some single steps of the interpreter (searching one
    /// huge text for another) cannot be broken off, and a thread may have to wait for a processor.
    pub patience: Duration,
}

impl Limits {
    /// 50 ms and 16 MiB.
    pub const STANDARD: Self = Self {
        steps: 1_000_000,
        time: Duration::from_millis(50),
        memory: 16 << 20,
        patience: Duration::from_secs(2),
    };
}
