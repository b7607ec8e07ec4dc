//! For tests: how SQLite means to go about a statement.

use rusqlite::{Connection, params_from_iter, types::Value};
use tempfile::TempDir;

/// The writer's connection to a new file.
pub(crate) fn new_file() -> (TempDir, Connection) {
    let directory = TempDir::new().unwrap();
    let opened = crate::file::open(&directory.path().join("store.sqlite")).unwrap();
    (directory, opened.writer)
}

/// The plan, a line a step.
pub(crate) fn plan(connection: &Connection, sql: &str, values: Vec<Value>) -> String {
    let mut explain = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap();
    let steps = explain.query_map(params_from_iter(values), |row| {
        row.get::<_, String>("detail")
    });
    steps
        .unwrap()
        .collect::<Result<Vec<_>, _>>()
        .unwrap()
        .join("\n")
}
