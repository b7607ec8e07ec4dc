//! Runs cases, in a process of its own.

use std::{
    fs::File,
    io::{self, Seek as _, Write as _},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use crate::Target;

/// As much as a thread of the service has.
const STACK: usize = 2 << 20;

/// Runs the cases of a seed, one after another, for so long; says how many. Before each, its number
/// is written to the start of `progress` (eight bytes, little end first), so that whoever looks
/// after this process knows which one it died of.
///
/// # Errors
/// When a case panics (which has been told on standard error), or `progress` cannot be written.
pub fn work(target: Target, seed: u64, time: Duration, progress: &Path) -> io::Result<u64> {
    let mut progress = File::create(progress)?;
    let work = move || {
        let started = Instant::now();
        let mut number = 0;
        while started.elapsed() < time {
            progress.rewind()?;
            progress.write_all(&u64::to_le_bytes(number))?;
            target.try_numbered(seed, number);
            number += 1;
        }
        Ok(number)
    };
    let worker = thread::Builder::new().stack_size(STACK).spawn(work)?;
    let panicked = |_| Err(io::Error::other("a case panicked"));
    worker.join().unwrap_or_else(panicked)
}

/// Runs one case again, printing what its bytes come to.
pub fn replay(target: Target, bytes: &[u8]) {
    target.try_case(bytes, &mut |what, value| println!("{what}: {value}"));
}
