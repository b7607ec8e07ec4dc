//! How far a copy has come, and what was compared in its end.

use std::{fmt::Write as _, io::IsTerminal as _};

use indicatif::{ProgressBar, ProgressStyle};
use storage::moving::{Compared, Kept, Step};

/// Shows a bar for each kind where somebody looks on, and writes two lines for each to a log.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    /// What is copied or compared just now.
    at: Option<Kept>,
    compared: Vec<Compared>,
}

impl Progress {
    pub fn new() -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::new(0)
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("{msg:24} {bar:40} {pos}/{len} {elapsed}") {
            bar.set_style(style);
        }
        Self {
            bar,
            at: None,
            compared: vec![],
        }
    }

    /// Shows a step.
    pub fn tell(&mut self, step: &Step) {
        match step {
            Step::Copied { kind, items, of } => {
                if self.at != Some(*kind) {
                    self.at = Some(*kind);
                    self.bar.set_message(kind.as_str());
                    self.bar.set_length(*of);
                    if self.bar.is_hidden() {
                        eprintln!("copying {}: {items} of {of}", kind.as_str());
                    }
                }
                self.bar.set_position(*items);
                if items == of && self.bar.is_hidden() {
                    eprintln!("copied {}: {of}", kind.as_str());
                }
            }
            Step::Compared(pair) => {
                let kinds = Kept::ALL.len().try_into().unwrap_or(u64::MAX);
                self.bar.set_message("comparing");
                self.bar.set_length(kinds);
                self.compared.push(pair.clone());
                let done = self.compared.len().try_into().unwrap_or(u64::MAX);
                self.bar.set_position(done);
            }
        }
    }

    /// What was compared, as a table.
    pub fn end(&self) -> String {
        self.bar.finish_and_clear();
        let mut table = String::new();
        for pair in &self.compared {
            // Writing to a text does not fail.
            let _ = writeln!(
                table,
                "{:<16} {:>12}  {}  {}",
                pair.kind.as_str(),
                pair.items,
                pair.from,
                if pair.from == pair.to {
                    "the same in both".to_owned()
                } else {
                    format!("but {} in the target", pair.to)
                }
            );
        }
        table
    }
}
