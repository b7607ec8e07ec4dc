//! How far seeding has come: a bar for people, lines for logs.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressStyle};

/// How far it has come.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Counts up to `total`; silent unless asked to say anything.
    pub(super) fn new(say: bool, total: usize) -> Self {
        if !say || total == 0 {
            return Self(ProgressBar::hidden());
        }
        if !std::io::stderr().is_terminal() {
            eprintln!("Bringing in {total} places and users");
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(total.try_into().unwrap_or(u64::MAX));
        let style = "Places and users {bar:40} {pos}/{len} {elapsed}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// So many more are done.
    pub(super) fn advance(&self, by: usize) {
        self.0.inc(by.try_into().unwrap_or(u64::MAX));
    }

    /// All are done; the bar goes.
    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
