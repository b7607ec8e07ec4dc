//! What lies beside the checkout.

use std::path::{Path, PathBuf};

/// A shared path, or `None` (and a line on the terminal) where it is not at hand.
pub fn path(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared")
        .join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no {}", path.display());
    None
}

/// The vectors, and the configuration they were made with.
pub fn vectors() -> Option<(PathBuf, PathBuf)> {
    Some((path("vectors")?, path("data/farajaland-2.0.0")?))
}
