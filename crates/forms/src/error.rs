//! What is wrong with a configuration, and where.

use std::fmt;

/// A part of a country's configuration that cannot be used as it stands. Shown to the country's
/// administrator, so it names the place as a JSON pointer and the reason in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}", self.path())]
pub struct ConfigError {
    /// Innermost segment first: each level on the way out adds its own.
    segments: Vec<String>,
    reason: String,
}

impl ConfigError {
    /// An error at the value in hand.
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self {
            segments: Vec::new(),
            reason: reason.into(),
        }
    }

    /// The same error, seen from the object or array that holds the value under `segment`.
    #[must_use]
    pub(crate) fn under(mut self, segment: impl fmt::Display) -> Self {
        self.segments.push(segment.to_string());
        self
    }

    /// Where, as a JSON pointer into what was compiled; `/` for the whole.
    #[must_use]
    pub fn path(&self) -> String {
        if self.segments.is_empty() {
            return "/".to_owned();
        }
        self.segments
            .iter()
            .rev()
            .fold(String::new(), |path, segment| {
                path + "/" + &segment.replace('~', "~0").replace('/', "~1")
            })
    }

    /// Why, in words.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}
