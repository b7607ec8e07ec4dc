//! What this process uses of its machine, as other programs' metrics call it. Where there is no
//! `/proc`, less is known.

use std::fs;

use jiff::Timestamp;
use metrics::gauge;
use rustix::time::{ClockId, clock_gettime};

/// What does not change: which program this is, and since when.
pub(crate) fn begin(node: &str, now: Timestamp) {
    let version = env!("CARGO_PKG_VERSION");
    gauge!("countersign_build_info", "version" => version, "node" => node.to_owned()).set(1.0);
    gauge!("process_start_time_seconds").set(now.as_second() as f64);
}

/// Looks at everything that changes.
pub(crate) fn look() {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    gauge!("process_cpu_seconds_total").set(used.tv_sec as f64 + used.tv_nsec as f64 / 1e9);
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        if let Some(kilobytes) = number_after(&status, "VmRSS:") {
            gauge!("process_resident_memory_bytes").set(kilobytes * 1024.0);
        }
        if let Some(threads) = number_after(&status, "Threads:") {
            gauge!("process_threads").set(threads);
        }
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        gauge!("process_open_fds").set(open.count() as f64);
    }
    if let Ok(limits) = fs::read_to_string("/proc/self/limits")
        && let Some(most) = number_after(&limits, "Max open files")
    {
        gauge!("process_max_fds").set(most);
    }
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        gauge!("countersign_tasks").set(runtime.metrics().num_alive_tasks() as f64);
    }
}

/// The first number of the line that begins so.
fn number_after(text: &str, name: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_by_what_stands_before_it() {
        let status = "Name:\tcountersign\nVmRSS:\t   10240 kB\nThreads:\t9\n";
        assert_eq!(number_after(status, "VmRSS:"), Some(10240.0));
        assert_eq!(number_after(status, "Threads:"), Some(9.0));
        assert_eq!(number_after(status, "VmSwap:"), None);
        assert_eq!(
            number_after("Max open files  unlimited", "Max open files"),
            None
        );
    }
}
