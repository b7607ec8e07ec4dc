//! The runner itself: a row that fails is told, and so is a file that cannot be run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use conformance::{VectorError, run_vectors};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The configuration of the country in this checkout: always at hand.
fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../country/config")
}

/// A folder of vectors with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn lines(rows: &[Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

fn scope(id: &str, reencoded: &str) -> Value {
    json!({
        "id": id,
        "encoded": "type=record.read",
        "expected": {"type": "record.read", "options": {}},
        "reencoded": reencoded,
    })
}

fn conformance(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    command.args(arguments).output().unwrap()
}

fn printed(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn rows_that_pass_are_counted() {
    let rows = lines(&[
        scope("a", "type=record.read"),
        scope("b", "type=record.read"),
    ]);
    let folder = folder(&[("scopes.jsonl", &rows)]);
    let reports = run_vectors(folder.path(), &data()).unwrap();
    assert_eq!(reports.len(), 1, "only the files there are");
    assert_eq!(reports[0].to_string(), "scopes: 2 passed, 0 failed");
}

#[test]
fn the_first_wrong_row_is_shown_with_both_values() {
    let rows = lines(&[
        scope("a", "type=record.read"),
        scope("b", "type=record.write"),
        scope("c", "type=record.write"),
    ]);
    let folder = folder(&[("scopes.jsonl", &rows)]);
    let run = conformance(&[
        "vectors",
        folder.path().to_str().unwrap(),
        "--data",
        data().to_str().unwrap(),
    ]);
    assert_eq!(run.status.code(), Some(1));
    assert_eq!(
        printed(&run.stdout),
        "scopes: 1 passed, 2 failed, first b\n  \
         expected {\"decoded\":{\"type\":\"record.read\",\"options\":{}},\"reencoded\":\"type=record.write\"}\n  \
         computed {\"decoded\":{\"type\":\"record.read\",\"options\":{}},\"reencoded\":\"type=record.read\"}\n"
    );
}

#[test]
fn a_row_of_every_kind_can_fail() {
    let person = json!({"id": "p", "type": "user"});
    let wrong = json!("certainly not");
    let conditional = json!({
        "schema": 0, "data": {"$form": {}, "$now": "2026-01-15", "$online": true}, "expected": wrong,
    });
    let declaration = json!({
        "eventType": "birth", "now": "2026-01-15", "declaration": {}, "expected": wrong,
    });
    let value = json!({"field": "/0/declaration/pages/0/fields/0", "expected": wrong});
    let state = json!({"event": {"type": "birth"}, "expected": wrong});
    let record = json!({
        "scope": "type=record.read", "decoded": null, "user": person, "event": {"type": "birth"},
        "expected": wrong,
    });
    let user = json!({
        "scope": "type=user.read", "user": person, "userToAccess": {}, "expected": wrong,
    });
    let file = |row: &Value| lines(std::slice::from_ref(row));
    let folder = folder(&[
        ("conditionals.schemas.json", "[true]"),
        ("conditionals.jsonl", &file(&conditional)),
        ("declarations.jsonl", &file(&declaration)),
        ("field-values.jsonl", &file(&value)),
        ("states.jsonl", &file(&state)),
        ("record-access.jsonl", &file(&record)),
        ("user-access.jsonl", &file(&user)),
        ("scopes.jsonl", &file(&scope("a", "type=record.write"))),
    ]);
    let reports = run_vectors(folder.path(), &data()).unwrap();
    assert_eq!(reports.len(), 7);
    for report in reports {
        assert_eq!((report.passed, report.failed), (0, 1), "{report}");
    }
}

#[test]
fn a_row_without_an_id_is_named_by_its_line() {
    let mut row = scope("", "type=record.write");
    row.as_object_mut().unwrap().remove("id");
    let rows = format!("\n{}", lines(&[row]));
    let folder = folder(&[("scopes.jsonl", &rows)]);
    let reports = run_vectors(folder.path(), &data()).unwrap();
    assert_eq!(reports[0].first.as_ref().unwrap().id, "2");
}

#[test]
fn a_malformed_row_is_an_error_that_names_file_and_line() {
    let good = scope("a", "type=record.read");
    for bad in ["{\"id\":", "{\"id\":\"b\"}", "[]"] {
        let folder = folder(&[("scopes.jsonl", &format!("{good}\n{bad}\n"))]);
        let error = run_vectors(folder.path(), &data()).unwrap_err();
        assert!(
            matches!(error, VectorError::Malformed { line: 2, .. }),
            "{error}"
        );
    }
}

#[test]
fn a_row_that_names_what_is_not_there_is_an_error() {
    let row = json!({
        "id": "far", "eventType": "coronation", "now": "2026-01-15", "declaration": {},
        "expected": {},
    });
    let folder = folder(&[("declarations.jsonl", &lines(&[row]))]);
    let error = run_vectors(folder.path(), &data()).unwrap_err().to_string();
    assert!(
        error.ends_with("declarations.jsonl, row far: there is no event 'coronation'"),
        "{error}"
    );
}

#[test]
fn what_is_absent_is_an_error_and_ends_with_2() {
    let empty = folder(&[]);
    let no_schemas = folder(&[("conditionals.jsonl", "")]);
    let (empty, no_schemas) = (empty.path(), no_schemas.path());
    let here = data();
    let nowhere = empty.join("nowhere");
    let wrong = [
        (nowhere.as_path(), here.as_path(), "nowhere is not a folder"),
        (no_schemas, here.as_path(), "conditionals.schemas.json"),
        (empty, here.as_path(), "no vectors in"),
        (empty, nowhere.as_path(), "nowhere is not a folder"),
        (empty, empty, "cannot read"),
    ];
    for (vectors, data, why) in wrong {
        let run = conformance(&[
            "vectors",
            vectors.to_str().unwrap(),
            "--data",
            data.to_str().unwrap(),
        ]);
        assert_eq!(run.status.code(), Some(2), "{why}");
        let told = printed(&run.stderr);
        assert!(told.contains(why), "{told:?} rather than {why:?}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
fn an_unknown_argument_ends_with_2() {
    let run = conformance(&["vectors", "somewhere", "--date", "elsewhere"]);
    assert_eq!(run.status.code(), Some(2));
    assert!(printed(&run.stderr).contains("--date"));
}
