//! How much memory a process holds, as Linux tells it.

use std::{fs, time::Duration};

use serde::Serialize;

/// Bytes of memory in use by one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Memory {
    /// When last looked at.
    pub resident: u64,
    /// The most it was while looking.
    pub peak: u64,
}

impl Memory {
    /// Looks at process `pid` until the future that runs beside it is done.
    pub async fn while_running<T>(
        pid: Option<u32>,
        work: impl Future<Output = T>,
    ) -> (T, Option<Self>) {
        let mut seen: Option<Self> = None;
        let mut look = || {
            if let Some(resident) = pid.and_then(resident) {
                let peak = seen.map_or(resident, |memory| memory.peak.max(resident));
                seen = Some(Self { resident, peak });
            }
        };
        let mut work = std::pin::pin!(work);
        let mut every = tokio::time::interval(Duration::from_millis(100));
        let result = loop {
            tokio::select! {
                result = &mut work => break result,
                _ = every.tick() => look(),
            }
        };
        look();
        (result, seen)
    }

    /// The larger of two looks, the later one being `self`.
    #[must_use]
    pub fn after(self, earlier: Option<Self>) -> Self {
        Self {
            peak: self.peak.max(earlier.map_or(0, |memory| memory.peak)),
            ..self
        }
    }
}

/// What the process holds now; `None` where that cannot be told.
#[must_use]
pub fn resident(pid: u32) -> Option<u64> {
    parse(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

fn parse(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_bytes() {
        assert_eq!(
            parse("Name:\tx\nVmRSS:\t   2048 kB\nThreads:\t1\n"),
            Some(2048 * 1024)
        );
    }

    #[test]
    fn a_process_that_tells_nothing_has_no_figure() {
        assert_eq!(parse("Name:\tkernel thread\n"), None);
    }
}
