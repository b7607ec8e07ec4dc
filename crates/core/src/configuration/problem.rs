//! Why a configuration cannot be used, for the country's administrator.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use storage::ConfigurationKind;

/// One thing wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigurationProblem {
    /// Which document.
    pub document: ConfigurationKind,
    /// Where in it, as a JSON pointer; `/` for the whole.
    pub path: String,
    /// Why, in words.
    pub reason: String,
}

impl ConfigurationProblem {
    pub(super) fn new(
        document: ConfigurationKind,
        path: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            document,
            path: path.into(),
            reason: reason.into(),
        }
    }
}

impl fmt::Display for ConfigurationProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let document = self.document.as_str();
        write!(f, "/config/{document} at {}: {}", self.path, self.reason)
    }
}

/// A configuration that was not taken into use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// When it was fetched.
    pub at: Timestamp,
    /// Everything that is wrong with it.
    pub problems: Vec<ConfigurationProblem>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}
