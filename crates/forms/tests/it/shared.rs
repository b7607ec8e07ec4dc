//! Finding and reading what is shared beside the checkout.

use std::{
    fs,
    path::{Path, PathBuf},
};

use forms::EventConfig;
use serde_json::Value;

/// A shared file's path, or `None` (and a line on the terminal) when it is not there.
pub fn path(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared")
        .join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

pub fn json(name: &str) -> Option<Value> {
    Some(serde_json::from_str(&fs::read_to_string(path(name)?).unwrap()).unwrap())
}

/// The events of a real country, as written and compiled.
pub fn events() -> Option<(Value, Vec<EventConfig>)> {
    let written = json("data/farajaland-2.0.0/events.json")?;
    let compiled = written
        .as_array()
        .unwrap()
        .iter()
        .cloned()
        .map(EventConfig::compile);
    let compiled = compiled
        .map(|event| event.unwrap_or_else(|why| panic!("{why}")))
        .collect();
    Some((written, compiled))
}
