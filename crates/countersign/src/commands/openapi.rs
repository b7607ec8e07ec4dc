//! `countersign openapi`: the description of the REST API, without starting anything.

/// Prints the document.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn run() -> anyhow::Result<()> {
    println!(
        "{}",
        serde_json::to_string_pretty(&countersign_core::api::openapi())?
    );
    Ok(())
}
