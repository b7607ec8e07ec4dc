//! What lies beside the checkout: vectors, and a real country's configuration.

use std::{fs, path::Path};

use forms::EventConfig;
use serde_json::Value;

/// A file's text, or `None` with a word about it where the shared folder is not at hand.
pub fn text(file: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared")
        .join(file);
    let text = fs::read_to_string(&path).ok();
    if text.is_none() {
        println!("skipped: no {}", path.display());
    }
    text
}

/// The event configurations of that country.
pub fn configurations() -> Option<Vec<EventConfig>> {
    let events: Vec<Value> =
        serde_json::from_str(&text("data/farajaland-2.0.0/events.json")?).unwrap();
    Some(
        events
            .into_iter()
            .map(|event| EventConfig::compile(event).unwrap())
            .collect(),
    )
}
