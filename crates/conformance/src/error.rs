//! Why vectors cannot be run at all. A row that gives another outcome than expected is no error:
//! it is counted.

use std::{io, path::PathBuf};

use forms::ConfigError;

/// Why vectors cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum VectorError {
    /// A path given does not lead to a folder.
    #[error("{} is not a folder", .0.display())]
    NoFolder(PathBuf),
    /// The folder holds no file of vectors.
    #[error("no vectors in {}: none of {} is there", folder.display(), files.join(", "))]
    Nothing {
        /// The folder.
        folder: PathBuf,
        /// The files looked for.
        files: Vec<String>,
    },
    /// A file that is needed cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not the JSON it must be.
    #[error("{} is not what it must be", path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
    /// An event of the country's configuration was refused.
    #[error("{}, event {number}: the configuration is refused", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Which event, counted from 1.
        number: usize,
        /// What is wrong, and where.
        source: ConfigError,
    },
    /// A line is not a row of its file.
    #[error("{}, line {line}: not a row of this file", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Which line, counted from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A row names something that is not there: a schema, a field, a kind of event.
    #[error("{}, row {id}: {reason}", path.display())]
    Astray {
        /// The file.
        path: PathBuf,
        /// The row.
        id: String,
        /// What it names.
        reason: String,
    },
}
