//! One test a file of vectors: every row must give what is expected.

use std::collections::HashSet;

use forms::{Conditional, Context, EventConfig};
use serde_json::{Map, Value, json};

use crate::shared;

/// Counts the rows that came out right; fails with the first that did not.
fn judge(name: &str, rows: &[Value], mut compute: impl FnMut(&Value) -> Value) {
    let mut wrong = Vec::new();
    for row in rows {
        let computed = compute(row);
        if computed != row["expected"] {
            wrong.push((row["id"].clone(), computed, row["expected"].clone()));
        }
    }
    println!(
        "{name}: {} passed, {} failed",
        rows.len() - wrong.len(),
        wrong.len()
    );
    if let Some((id, computed, expected)) = wrong.first() {
        panic!(
            "{name}: {} failed, first {id}:\ncomputed {computed}\nexpected {expected}",
            wrong.len()
        );
    }
}

/// The parts of a row a context borrows from.
struct Surroundings {
    leaves: HashSet<String>,
    flags: Option<Vec<String>>,
}

impl Surroundings {
    fn of(data: &Value, leaves: &str) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let leaves = data[leaves]
            .as_array()
            .into_iter()
            .flatten()
            .map(|leaf| text(&leaf["id"]));
        let flags = data
            .get("$flags")
            .map(|flags| flags.as_array().unwrap().iter().map(text));
        Self {
            leaves: leaves.collect(),
            flags: flags.map(Iterator::collect),
        }
    }
}

#[test]
fn conditionals_hold_when_they_should() {
    let Some(rows) = shared::rows("vectors/conditionals.jsonl") else {
        return;
    };
    let Some(schemas) = shared::json("vectors/conditionals.schemas.json") else {
        return;
    };
    let compile = |schema| Conditional::compile(schema).unwrap_or_else(|why| panic!("{why}"));
    let schemas: Vec<_> = schemas.as_array().unwrap().iter().map(compile).collect();
    judge("conditionals", &rows, |row| {
        let data = &row["data"];
        let surroundings = Surroundings::of(data, "$leafAdminStructureLocationIds");
        let context = Context {
            form: data["$form"].as_object().unwrap(),
            now: data["$now"].as_str().unwrap(),
            online: data["$online"].as_bool().unwrap(),
            user: data.get("$user"),
            leaf_locations: &surroundings.leaves,
            flags: surroundings.flags.as_deref(),
            status: data.get("$status").and_then(Value::as_str),
            event: data.get("$event"),
        };
        let schema = usize::try_from(row["schema"].as_u64().unwrap()).unwrap();
        schemas[schema].holds(&context).into()
    });
}

#[test]
fn values_are_refused_for_the_right_reasons() {
    let Some(rows) = shared::rows("vectors/field-values.jsonl") else {
        return;
    };
    let Some((written, _)) = shared::events() else {
        return;
    };
    judge("field-values", &rows, |row| {
        let field = written.pointer(row["field"].as_str().unwrap()).unwrap();
        let field = forms::Field::compile(field).unwrap_or_else(|why| panic!("{why}"));
        let value = row.get("value").filter(|_| row["absent"] != true);
        let partial = row["actionType"] == "NOTIFY";
        let messages = field.check_value(value, partial);
        messages.into_iter().map(|message| message.id).collect()
    });
}

#[test]
fn declarations_are_cleaned_and_judged() {
    let Some(rows) = shared::rows("vectors/declarations.jsonl") else {
        return;
    };
    let Some((_, events)) = shared::events() else {
        return;
    };
    judge("declarations", &rows, |row| {
        let event = events
            .iter()
            .find(|event| row["eventType"] == event.id())
            .unwrap();
        let surroundings = Surroundings::of(row, "leafAdminStructureLocationIds");
        report(event, row, &surroundings)
    });
}

fn report(event: &EventConfig, row: &Value, surroundings: &Surroundings) -> Value {
    let nothing = Map::new();
    let context = Context {
        form: &nothing,
        now: row["now"].as_str().unwrap(),
        online: true,
        user: row.get("user"),
        leaf_locations: &surroundings.leaves,
        flags: None,
        status: None,
        event: None,
    };
    let report = event.check_declaration(row["declaration"].as_object().unwrap(), &context);
    let error =
        |problem: &forms::Problem| json!({ "field": problem.field, "message": problem.message.id });
    json!({
        "cleaned": report.cleaned,
        "visiblePages": report.visible_pages,
        "errors": report.problems.iter().map(error).collect::<Value>(),
    })
}
