//! `countersign openapi`: the description of the REST API, without starting anything.

use crate::print::print;

/// Prints the document.
///
/// # Errors
/// When it cannot be written.
pub fn run() -> anyhow::Result<()> {
    let document = serde_json::to_string_pretty(&countersign_core::api::openapi())?;
    print(&format!("{document}\n"))?;
    Ok(())
}
