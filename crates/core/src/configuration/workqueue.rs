//! Workqueues: named queries whose finds people work through.

use serde_json::{Value, json};
use storage::ConfigurationKind;

use super::ConfigurationProblem;
use crate::search::Query;

/// A workqueue of the country's.
#[derive(Debug, Clone)]
pub struct Workqueue {
    /// Such as `in-external-validation`; scopes name it by this.
    pub slug: String,
    /// What it shows.
    pub query: Query,
    /// As the country wrote it, with what it may leave out filled in.
    pub json: Value,
}

impl Workqueue {
    /// Reads a workqueue at this place in the document.
    pub(super) fn read(at: usize, mut json: Value) -> Result<Self, ConfigurationProblem> {
        let problem = |path: &str, reason: &str| {
            let path = format!("/{at}{path}");
            ConfigurationProblem::new(ConfigurationKind::Workqueues, path, reason)
        };
        let slug = json.get("slug").and_then(Value::as_str).unwrap_or_default();
        if slug.is_empty() {
            return Err(problem("/slug", "must be text"));
        }
        let slug = slug.to_owned();
        let written = json
            .get("query")
            .ok_or_else(|| problem("/query", "is missing"))?;
        let query = Query::read(written).map_err(|error| {
            let path = match error.pointer().as_str() {
                "/" => "/query".to_owned(),
                within => format!("/query{within}"),
            };
            problem(&path, error.message())
        })?;
        if !json.get("name").is_some_and(Value::is_object) {
            return Err(problem("/name", "must be a text to translate"));
        }
        if written.get("clauses").is_none() {
            let whole = json!({"type": "and", "clauses": [written]});
            json["query"] = whole;
        }
        if json.get("columns").is_none() {
            json["columns"] = columns();
        }
        Ok(Self { slug, query, json })
    }
}

/// The columns of a workqueue that names none, as clients of the protocol expect them.
fn columns() -> Value {
    json!([
        {
            "label": {
                "id": "workqueues.dateOfEvent",
                "defaultMessage": "Date of Event",
                "description": "Heading of the column with the date of the event",
            },
            "value": {"$event": "dateOfEvent"},
        },
        {
            "label": {
                "id": "workqueue.default.column.modifiedAt",
                "defaultMessage": "Last updated",
                "description": "Heading of the column with the time of the last change",
            },
            "value": {"$event": "updatedAt"},
        },
    ])
}
