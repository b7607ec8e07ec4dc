use std::{fs, path::Path};

use access::{Person, RecordView, Scope, UserView, may_access_record, may_access_user};
use serde_json::Value;

/// Runs every row of a file; skips, saying so, where the shared vectors are not at hand.
fn rows(file: &str, check: impl Fn(&Value) -> Result<(), String>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/vectors")
        .join(file);
    let Ok(text) = fs::read_to_string(&path) else {
        println!("skipped: no {}", path.display());
        return;
    };
    let mut wrong = Vec::new();
    let mut passed = 0;
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        match check(&row) {
            Ok(()) => passed += 1,
            Err(why) => wrong.push(format!("{}: {why}", row["id"])),
        }
    }
    println!("{file}: {passed} passed, {} failed", wrong.len());
    assert!(
        wrong.is_empty(),
        "{} failed, first: {}",
        wrong.len(),
        wrong[0]
    );
}

fn same<T: PartialEq + std::fmt::Debug>(found: T, expected: T) -> Result<(), String> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{found:?} rather than {expected:?}"))
    }
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn scopes_decode_and_encode() {
    rows("scopes.jsonl", |row| {
        let scope = Scope::decode(row["encoded"].as_str().unwrap());
        same(
            serde_json::to_value(&scope).unwrap(),
            row["expected"].clone(),
        )?;
        same(
            scope.map(|scope| scope.encode()).as_deref(),
            row["reencoded"].as_str(),
        )
    });
}

#[test]
fn scopes_reach_records() {
    rows("record-access.jsonl", |row| {
        let scope = Scope::decode(row["scope"].as_str().unwrap());
        same(
            serde_json::to_value(&scope).unwrap(),
            row["decoded"].clone(),
        )?;
        let person: Person = read(&row["user"]);
        let record: RecordView = read(&row["event"]);
        let custom = row["customActionType"].as_str();
        let found = scope.map(|scope| may_access_record(&scope, &person, &record, custom));
        same(found, row["expected"].as_bool())
    });
}

#[test]
fn scopes_reach_users() {
    rows("user-access.jsonl", |row| {
        let scope = Scope::decode(row["scope"].as_str().unwrap());
        let person: Person = read(&row["user"]);
        let other: UserView = read(&row["userToAccess"]);
        same(
            scope.map(|scope| may_access_user(&scope, &person, &other)),
            row["expected"].as_bool(),
        )
    });
}
