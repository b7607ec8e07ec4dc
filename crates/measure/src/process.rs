//! What processes of this machine use, as Linux tells it.

use std::{fs, time::Duration};

/// Ticks of a second in `/proc`, which has always said a hundred.
const TICKS: u64 = 100;

/// Time on a core of these processes and of those children of theirs that are gone.
#[must_use]
pub fn cpu(processes: &[u32]) -> Duration {
    let ticks: u64 = processes.iter().filter_map(|&id| ticks(id)).sum();
    Duration::from_millis(ticks * 1000 / TICKS)
}

fn ticks(process: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before may hold anything, but ends with the last parenthesis.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    // utime, stime, cutime, cstime.
    (11..15)
        .map(|at| fields.get(at)?.parse::<u64>().ok())
        .sum::<Option<u64>>()
}

/// The processes whose parent this is.
#[must_use]
pub fn children_of(parent: u32) -> Vec<u32> {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let children = fs::read_to_string(path).unwrap_or_default();
    children
        .split_whitespace()
        .filter_map(|id| id.parse().ok())
        .collect()
}

/// Megabytes of memory that a process holds.
#[must_use]
pub fn memory(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line
        .and_then(|line| line.trim().strip_suffix("kB"))
        .and_then(|number| number.trim().parse::<f64>().ok());
    kilobytes.unwrap_or_default() / 1024.0
}
