//! A folder of vectors: which files it has, and their rows.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::VectorError;

/// A folder of vectors.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

/// One line of a file: what names it in a report, and what it holds.
pub(crate) struct Line<R> {
    /// Its own id, or its number when it has none.
    pub(crate) id: String,
    pub(crate) row: R,
}

impl Folder {
    /// # Errors
    /// When the path does not lead to a folder.
    pub fn open(path: &Path) -> Result<Self, VectorError> {
        must_be_folder(path)?;
        Ok(Self(path.to_owned()))
    }

    /// Where a file of it is, or would be.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    /// The rows of the file `name`.jsonl; `None` when there is no such file. Empty lines are passed
    /// over.
    pub(crate) fn rows<R: DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Option<Vec<Line<R>>>, VectorError> {
        let path = self.path(&format!("{name}.jsonl"));
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(VectorError::Unreadable { path, source }),
        };
        let read = |(at, line): (usize, &str)| {
            Line::read(line, at + 1).map_err(|source| VectorError::Malformed {
                path: path.clone(),
                line: at + 1,
                source,
            })
        };
        let lines = text.lines().enumerate();
        lines
            .filter(|(_, line)| !line.trim().is_empty())
            .map(read)
            .collect::<Result<_, _>>()
            .map(Some)
    }
}

impl<R: DeserializeOwned> Line<R> {
    fn read(line: &str, number: usize) -> Result<Self, serde_json::Error> {
        let written: Value = serde_json::from_str(line)?;
        let id = match written.get("id") {
            Some(Value::String(id)) => id.clone(),
            _ => number.to_string(),
        };
        let row = R::deserialize(written)?;
        Ok(Self { id, row })
    }
}

pub(crate) fn must_be_folder(path: &Path) -> Result<(), VectorError> {
    if path.is_dir() {
        Ok(())
    } else {
        Err(VectorError::NoFolder(path.to_owned()))
    }
}

/// A file that must be there, as JSON of the shape asked for.
pub(crate) fn json<T: DeserializeOwned>(path: &Path) -> Result<T, VectorError> {
    let text = fs::read_to_string(path).map_err(|source| VectorError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    serde_json::from_str(&text).map_err(|source| VectorError::NotJson {
        path: path.to_owned(),
        source,
    })
}
