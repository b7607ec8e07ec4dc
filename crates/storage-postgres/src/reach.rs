//! Whether it is any use to wait for a database.

use storage::StoreError;

use crate::{
    failure::Failure,
    server::{Purpose, Server},
};

/// What came of an attempt to reach a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reached {
    /// It answers, and lets us in.
    Yes,
    /// No server answers, or one that is starting, stopping, only reading or overrun: it may soon.
    NotYet {
        /// Why, for the operator; never a password.
        reason: String,
    },
}

/// Tries to reach the database that a URL names, once.
///
/// # Errors
/// What no waiting helps against: [`StoreError::Unavailable`] when the URL is none, when the server
/// refuses user, password or database, or when TLS does not come about.
pub async fn reach(url: &str) -> Result<Reached, StoreError> {
    let server = Server::parse(url)?;
    let failure = match server.config(Purpose::Apart).connect(server.tls()).await {
        Ok(_) => return Ok(Reached::Yes),
        Err(error) => Failure::from(error),
    };
    if !failure.passes() {
        return Err(failure.into());
    }
    let reason = match failure {
        Failure::Connection { source, .. } => {
            StoreError::from(Failure::no_connection(&server, source))
        }
        refused => refused.into(),
    };
    Ok(Reached::NotYet {
        reason: reason.to_string(),
    })
}
