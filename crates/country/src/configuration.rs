//! What Talvera configures: the documents in `config/`, built into the program.

use serde_json::Value;
use toolkit::Configuration;

/// A built-in document cannot be read. The tests read them all, so this means a broken build.
#[derive(Debug, thiserror::Error)]
#[error("the built-in config/{file} cannot be read")]
pub struct ConfigurationError {
    file: &'static str,
    source: serde_json::Error,
}

/// The text of a built-in document.
macro_rules! document {
    ($file:literal) => {
        $crate::configuration::parse(
            $file,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/config/", $file)),
        )
    };
}
pub(crate) use document;

/// The drawing of a certificate.
macro_rules! drawing {
    ($file:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/config/certificates/",
            $file
        ))
    };
}

/// Reads a built-in document as whatever the caller makes of it.
pub(crate) fn parse<T: serde::de::DeserializeOwned>(
    file: &'static str,
    text: &str,
) -> Result<T, ConfigurationError> {
    serde_json::from_str(text).map_err(|source| ConfigurationError { file, source })
}

/// Everything Core and its clients read from Talvera.
///
/// # Errors
/// When a built-in document is broken, which the tests rule out.
#[expect(
    clippy::field_reassign_with_default,
    reason = "the toolkit keeps some fields to itself"
)]
pub fn configuration() -> Result<Configuration, ConfigurationError> {
    let mut all = Configuration::default();
    all.events = document!("events.json")?;
    all.workqueues = document!("workqueues.json")?;
    all.roles = document!("roles.json")?;
    all.application = document!("application.json")?;
    all.deadlines = document!("deadlines.json")?;
    all.locations = document!("locations.json")?;
    all.users = document!("users.json")?;
    let client: Value = document!("content-client.json")?;
    let login: Value = document!("content-login.json")?;
    let notification: Value = document!("content-notification.json")?;
    all.certificates = document!("certificates.json")?;
    Ok(all
        .certificate("birth-certificate", drawing!("birth-certificate.svg"))
        .certificate("death-certificate", drawing!("death-certificate.svg"))
        .certificate("marriage-certificate", drawing!("marriage-certificate.svg"))
        .texts("client", client)
        .texts("login", login)
        .texts("notification", notification))
}
