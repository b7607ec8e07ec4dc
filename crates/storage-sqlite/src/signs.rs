//! Signs of life while something takes long.

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

/// Does some work on this thread, and as long as it goes on, tells so again and again, with how
/// often it has.
pub(crate) fn while_telling<T>(
    every: Duration,
    mut tell: impl FnMut(u32) + Send,
    work: impl FnOnce() -> T,
) -> T {
    let (at_work, is_over) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut times = 0;
            // Nothing is ever sent: the channel closes when the work is over, however it ends.
            while let Err(RecvTimeoutError::Timeout) = is_over.recv_timeout(every) {
                times += 1;
                tell(times);
            }
        });
        let done = work();
        drop(at_work);
        done
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_is_told_of_while_it_does_and_not_after() {
        let (told, heard) = mpsc::channel();
        let tell = move |times| told.send(times).unwrap();
        let third = while_telling(Duration::from_millis(1), tell, || heard.iter().nth(2));
        assert_eq!(third, Some(3), "it is told while the work waits for that");
        let rest: Vec<u32> = heard.iter().collect();
        assert_eq!(
            rest,
            Vec::from_iter((4..).take(rest.len())),
            "and then it is over"
        );
    }

    #[test]
    fn what_is_quick_is_not_told_of() {
        let told = |_| panic!("nobody is told");
        assert_eq!(while_telling(Duration::from_secs(3600), told, || 7), 7);
    }
}
