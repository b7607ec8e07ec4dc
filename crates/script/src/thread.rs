//! Work that may never end, on a thread that can be left behind.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use crate::ScriptError;

/// How many threads may be left behind at a time, each keeping a processor busy.
const LEFT_BEHIND: usize = 4;
/// Twice what a script's own calls may take of it.
const STACK: usize = 1 << 20;

static LEFT: AtomicUsize = AtomicUsize::new(0);

const RUNNING: u8 = 0;
const ABANDONED: u8 = 1;
const ENDED: u8 = 2;

/// Does the work, or gives up waiting for it. The thread then goes on until the work ends, if it
/// does, and is counted in `behind` for so long; when too many go on, no new work is begun.
pub(crate) fn within<T: Send + 'static>(
    patience: Duration,
    behind: &Arc<AtomicUsize>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ScriptError> {
    if LEFT.load(Ordering::Relaxed) >= LEFT_BEHIND {
        return Err(ScriptError::Busy);
    }
    let (sender, answer) = mpsc::sync_channel(1);
    let state = Arc::new(AtomicU8::new(RUNNING));
    let its_state = Arc::clone(&state);
    let its_behind = Arc::clone(behind);
    let run = move || {
        // Nobody may be waiting any more.
        let _ = sender.send(work());
        if its_state.swap(ENDED, Ordering::AcqRel) == ABANDONED {
            its_behind.fetch_sub(1, Ordering::Relaxed);
            LEFT.fetch_sub(1, Ordering::Relaxed);
        }
    };
    let started = thread::Builder::new()
        .name("script".to_owned())
        .stack_size(STACK)
        .spawn(run);
    started.map_err(|_| ScriptError::Busy)?;
    answer.recv_timeout(patience).map_err(|_| {
        LEFT.fetch_add(1, Ordering::Relaxed);
        behind.fetch_add(1, Ordering::Relaxed);
        if state.swap(ABANDONED, Ordering::AcqRel) == ENDED {
            behind.fetch_sub(1, Ordering::Relaxed);
            LEFT.fetch_sub(1, Ordering::Relaxed);
        }
        ScriptError::TooLong
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_left_behind_for_as_long_as_it_goes_on() {
        let behind = Arc::default();
        let (go_on, told) = mpsc::sync_channel(0);
        let waiting = move || told.recv();
        let answer = within(Duration::ZERO, &behind, waiting);
        assert_eq!(answer, Err(ScriptError::TooLong));
        assert_eq!(behind.load(Ordering::Relaxed), 1);
        go_on.send(()).unwrap();
        while behind.load(Ordering::Relaxed) > 0 {
            thread::yield_now();
        }
    }
}
