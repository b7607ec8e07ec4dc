//! What happened, in order: the last of it to read, all of it as one number to compare.

use std::{collections::VecDeque, fmt};

/// The trace of one world.
#[derive(Debug)]
pub(crate) struct Trace {
    /// How many lines are kept.
    most: usize,
    last: VecDeque<String>,
    digest: Digest,
    events: u64,
}

/// FNV-1a, of all lines.
#[derive(Debug)]
struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl Trace {
    pub fn keeping(most: usize) -> Self {
        Self {
            most,
            last: VecDeque::new(),
            digest: Digest::default(),
            events: 0,
        }
    }

    /// Writes a line down, at this millisecond of the world.
    pub fn note(&mut self, at: u128, line: fmt::Arguments<'_>) {
        let line = format!("{:>9.3} {line}", at as f64 / 1000.0);
        self.digest.add(line.as_bytes());
        self.events += 1;
        self.last.push_back(line);
        if self.last.len() > self.most {
            self.last.pop_front();
        }
    }

    /// Two worlds went the same way if these are equal.
    pub fn digest(&self) -> u64 {
        self.digest.0
    }

    /// How many lines there were.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The last lines.
    pub fn last(&self) -> Vec<String> {
        self.last.iter().cloned().collect()
    }
}
