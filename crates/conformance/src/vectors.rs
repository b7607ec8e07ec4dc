//! Runs a folder of vectors, file by file.

use std::{fmt, path::Path};

use forms::Conditional;
use serde_json::Value;

use crate::{
    Country, Folder, VectorError, folder,
    rows::{
        Astray, Given, Row, conditionals::ConditionalRow, declarations::DeclarationRow,
        field_values::FieldValueRow, record_access::RecordAccessRow, scopes::ScopeRow,
        states::StateRow, user_access::UserAccessRow,
    },
};

/// How the rows of one file came out.
#[derive(Debug, Clone, PartialEq)]
pub struct FileReport {
    /// The file, without `.jsonl`.
    pub name: &'static str,
    /// Rows that gave what they expect.
    pub passed: usize,
    /// Rows that did not.
    pub failed: usize,
    /// The first of these.
    pub first: Option<Disagreement>,
}

/// A row that did not give what it expects.
#[derive(Debug, Clone, PartialEq)]
pub struct Disagreement {
    /// The row's id, or its line when it has none.
    pub id: String,
    /// What the row expects.
    pub expected: Value,
    /// What the rules gave, or why they would not have the row.
    pub computed: Value,
}

/// Runs those of the seven files of vectors that `folder` has, with the configurations in `data`.
/// One report a file, in an order that does not change.
///
/// # Errors
/// When there is nothing to run, or a file is not what it must be.
pub fn run_vectors(folder: &Path, data: &Path) -> Result<Vec<FileReport>, VectorError> {
    let folder = Folder::open(folder)?;
    let given = Given::read(&folder, data)?;
    let reports: Vec<FileReport> = [
        run::<ConditionalRow>(&folder, &given)?,
        run::<FieldValueRow>(&folder, &given)?,
        run::<DeclarationRow>(&folder, &given)?,
        run::<StateRow>(&folder, &given)?,
        run::<ScopeRow>(&folder, &given)?,
        run::<RecordAccessRow>(&folder, &given)?,
        run::<UserAccessRow>(&folder, &given)?,
    ]
    .into_iter()
    .flatten()
    .collect();
    if reports.is_empty() {
        let files = [
            ConditionalRow::NAME,
            FieldValueRow::NAME,
            DeclarationRow::NAME,
            StateRow::NAME,
            ScopeRow::NAME,
            RecordAccessRow::NAME,
            UserAccessRow::NAME,
        ];
        return Err(VectorError::Nothing {
            folder: folder.path(""),
            files: files.map(|name| format!("{name}.jsonl")).to_vec(),
        });
    }
    Ok(reports)
}

impl Given {
    /// Reads the country, and the schemas when there are rows that need them.
    pub(crate) fn read(folder: &Folder, data: &Path) -> Result<Self, VectorError> {
        let rows = folder.path("conditionals.jsonl");
        let schemas: Vec<Value> = if rows.exists() {
            folder::json(&folder.path("conditionals.schemas.json"))?
        } else {
            Vec::new()
        };
        let compile = |schema| Conditional::compile(schema).map_err(|why| why.to_string());
        Ok(Self {
            country: Country::read(data)?,
            schemas: schemas.iter().map(compile).collect(),
        })
    }
}

fn run<R: Row>(folder: &Folder, given: &Given) -> Result<Option<FileReport>, VectorError> {
    let Some(lines) = folder.rows::<R>(R::NAME)? else {
        return Ok(None);
    };
    let mut report = FileReport {
        name: R::NAME,
        passed: 0,
        failed: 0,
        first: None,
    };
    for line in lines {
        let judged = line.row.judge(given).map_err(|Astray(reason)| {
            let path = folder.path(&format!("{}.jsonl", R::NAME));
            let id = line.id.clone();
            VectorError::Astray { path, id, reason }
        })?;
        // The order of an object's members does not count, that of a list's does.
        if judged.computed == judged.expected {
            report.passed += 1;
        } else {
            report.failed += 1;
            report.first.get_or_insert(Disagreement {
                id: line.id,
                expected: judged.expected,
                computed: judged.computed,
            });
        }
    }
    Ok(Some(report))
}

impl fmt::Display for FileReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            passed,
            failed,
            first,
        } = self;
        write!(f, "{name}: {passed} passed, {failed} failed")?;
        match first {
            Some(first) => write!(f, ", first {first}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id,
            expected,
            computed,
        } = self;
        write!(f, "{id}\n  expected {expected}\n  computed {computed}")
    }
}
